/* Bytes of a program behind the header of an algorithm, on links. */
#ifndef PROTO_PAYLOAD_H
#define PROTO_PAYLOAD_H

#include "proto/links.h"

/* Sends both, the header first, which begins with a ds__head. */
void ds__payload_send(ds_handle *h, ds__links *l, size_t to, const void *header,
                      size_t header_size, const void *bytes, size_t size);

/* Leaves the bytes only, in the place of all. */
void ds__payload_strip(ds_msg *m, size_t header_size);

#endif
