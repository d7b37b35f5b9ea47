/* Headers and bytes. */
#include "proto/payload.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void ds__payload_send(ds_handle *h, ds__links *l, size_t to, const void *header,
                      size_t header_size, const void *bytes, size_t size)
{
    unsigned char *both = malloc(header_size + size);

    assert(header_size >= sizeof(ds__head));
    if (both == NULL) {
        ds_fail(h, "ds__payload_send: there is no memory for %zu bytes",
                header_size + size);
        return;
    }
    memcpy(both, header, header_size);
    if (size > 0)
        memcpy(both + header_size, bytes, size);
    ds__links_send(h, l, to, both, header_size + size);
    free(both);
}

void ds__payload_strip(ds_msg *m, size_t header_size)
{
    size_t size = (size_t)m->size - header_size;

    assert(m->size >= (double)header_size);
    memmove(m->data, (const unsigned char *)m->data + header_size, size);
    m->size = (double)size;
}
