/* Small payloads that the library copies, so that a network can copy them too.
 */

#include <stdlib.h>
#include <string.h>

#include "net/net.h"

/* The payload of a message points to the bytes; how many there are stands in
 * front of them. */
typedef struct parcel {
    size_t size;
    max_align_t bytes[];
} parcel;

static parcel *parcel_of(const void *bytes)
{
    return ds__container((void *)bytes, parcel, bytes);
}

static void *wrap(const void *bytes, size_t size)
{
    parcel *p = size > SIZE_MAX - sizeof(*p) ? NULL : malloc(sizeof(*p) + size);

    if (p == NULL)
        return NULL;
    p->size = size;
    if (size > 0)
        memcpy(p->bytes, bytes, size);
    return p->bytes;
}

static void unwrap(void *bytes)
{
    free(parcel_of(bytes));
}

static void *copy(const void *bytes)
{
    return wrap(bytes, parcel_of(bytes)->size);
}

void ds_send_bytes(ds_handle *h, ds_net *net, ds_port *from, ds_port *to,
                   const void *bytes, size_t size)
{
    void *data = NULL;

    if (bytes == NULL && size > 0) {
        if (ds__enter(h, "ds_send_bytes"))
            ds__fail(ds_handle_loop(h), DS_EMISUSE,
                     "ds_send_bytes: bytes is NULL, but size is %zu", size);
        return;
    }
    data = wrap(bytes, size);
    if (data == NULL) {
        ds__fail_memory(ds_handle_loop(h), "ds_send_bytes");
        return;
    }
    ds_msg msg = {
        .source = from,
        .dest = to,
        .data = data,
        .free = unwrap,
        .size = (double)size,
        .clone = copy,
    };
    ds__send(h, net, &msg, "ds_send_bytes");
}
