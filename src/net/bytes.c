/* Small payloads that the library copies, so that a network can copy them too.
 */

#include "net/net.h"

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
    data = ds__parcel_new(net == NULL ? NULL : net->loop, bytes, size);
    if (data == NULL) {
        ds__fail_memory(ds_handle_loop(h), "ds_send_bytes");
        return;
    }
    ds_msg msg = {
        .source = from,
        .dest = to,
        .data = data,
        .free = ds__parcel_drop,
        .size = (double)size,
        .clone = ds__parcel_clone,
    };
    ds__send(h, net, &msg, "ds_send_bytes");
}
