/* Messages of Protocol Buffers, as bytes: fields with a number and a value,
 * after https://protobuf.dev/programming-guides/encoding. */
#ifndef BENCH_TRACE_PROTO_H
#define BENCH_TRACE_PROTO_H

#include <stddef.h>
#include <stdint.h>

/* All zero: nothing.  Free the bytes at the end. */
typedef struct proto {
    uint8_t *bytes;
    size_t n;
    size_t room;
} proto;

void proto_number(proto *p, unsigned field, uint64_t value);
void proto_fixed64(proto *p, unsigned field, uint64_t value);
void proto_double(proto *p, unsigned field, double value);

/* What is no UTF-8 becomes U+FFFD. */
void proto_text(proto *p, unsigned field, const char *text);

/* A message in it, which is emptied. */
void proto_message(proto *p, unsigned field, proto *inner);

#endif
