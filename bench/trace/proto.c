/* See proto.h. */

#include "bench/trace/proto.h"

#include <string.h>

#include "bench/common/args.h"
#include "bench/trace/output.h"

enum { VARINT = 0, I64 = 1, LEN = 2, MOST_VARINT = 10 };

/* Room for so many bytes more. */
static uint8_t *reserve(proto *p, size_t n)
{
    while (p->n + n > p->room) {
        p->room = p->room == 0 ? 256 : p->room * 2;
        p->bytes = args_realloc(p->bytes, p->room, 1);
    }
    return p->bytes + p->n;
}

static void put_varint(proto *p, uint64_t value)
{
    uint8_t *to = reserve(p, MOST_VARINT);

    for (; value >= 128; value >>= 7)
        *to++ = (uint8_t)(value | 128);
    *to++ = (uint8_t)value;
    p->n = (size_t)(to - p->bytes);
}

static void put_tag(proto *p, unsigned field, unsigned type)
{
    put_varint(p, (uint64_t)field << 3 | type);
}

void proto_number(proto *p, unsigned field, uint64_t value)
{
    put_tag(p, field, VARINT);
    put_varint(p, value);
}

void proto_fixed64(proto *p, unsigned field, uint64_t value)
{
    put_tag(p, field, I64);
    uint8_t *to = reserve(p, 8);
    for (int i = 0; i < 8; i++)
        to[i] = (uint8_t)(value >> 8 * i);
    p->n += 8;
}

void proto_double(proto *p, unsigned field, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    proto_fixed64(p, field, bits);
}

void proto_text(proto *p, unsigned field, const char *text)
{
    size_t bytes = 0;
    unsigned c;

    for (const char *at = text; (c = trace_character(&at)) != 0;)
        bytes += trace_encode(NULL, c);
    put_tag(p, field, LEN);
    put_varint(p, bytes);
    uint8_t *to = reserve(p, bytes);
    while ((c = trace_character(&text)) != 0)
        to += trace_encode(to, c);
    p->n += bytes;
}

void proto_message(proto *p, unsigned field, proto *inner)
{
    put_tag(p, field, LEN);
    put_varint(p, inner->n);
    if (inner->n > 0)
        memcpy(reserve(p, inner->n), inner->bytes, inner->n);
    p->n += inner->n;
    inner->n = 0;
}
