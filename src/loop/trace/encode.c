/* From records in memory to the bytes of a file; see format.h. */

#include "loop/trace/encode.h"

#include <assert.h>

static void put(ds__encoder *e, uint64_t value, size_t bytes)
{
    assert(bytes <= sizeof(value) && e->used + bytes <= sizeof(e->bytes));
    for (size_t i = 0; i < bytes; i++)
        e->bytes[e->used++] = (uint8_t)(value >> 8 * i);
}

/* Seven bits a byte, the lowest first; the last byte is below 128. */
static void put_varint(ds__encoder *e, uint64_t value)
{
    for (; value >= 128; value >>= 7)
        e->bytes[e->used++] = (uint8_t)(value | 128);
    e->bytes[e->used++] = (uint8_t)value;
}

/* A difference that is small either way is small. */
static void put_difference(ds__encoder *e, uint64_t now, uint64_t before)
{
    const uint64_t ahead = now - before;

    put_varint(e, ahead << 1 ^ (ahead >> 63 ? UINT64_MAX : 0));
}

void ds__encoder_init(ds__encoder *encoder)
{
    ds__crc_init(&encoder->crc);
    encoder->used = 0;
}

void ds__encode_head(ds__encoder *encoder, uint32_t flags)
{
    encoder->used = sizeof(DS__TRACE_MAGIC) - 1;
    memcpy(encoder->bytes, DS__TRACE_MAGIC, encoder->used);
    put(encoder, DS__TRACE_VERSION, 4);
    put(encoder, DS__TRACE_ORDER, 4);
    put(encoder, flags, 4);
    memset(encoder->bytes + encoder->used, 0, DS__TRACE_HEAD - encoder->used);
    encoder->used = DS__TRACE_HEAD;
}

static void put_record(ds__encoder *e, const ds__raw *raw, const ds__raw *last,
                       double time)
{
    unsigned mask = 0;

    mask |= ds__bits(raw->time) != ds__bits(time) ? DS__HAS_TIME : 0;
    mask |= raw->flag != last->flag ? DS__HAS_FLAG : 0;
    mask |= raw->aux != last->aux ? DS__HAS_AUX : 0;
    mask |= raw->who != last->who ? DS__HAS_WHO : 0;
    mask |= raw->a != last->a ? DS__HAS_A : 0;
    mask |= raw->b != last->b ? DS__HAS_B : 0;
    mask |= raw->value != last->value ? DS__HAS_VALUE : 0;
    mask |= raw->has_text ? DS__HAS_TEXT : 0;
    e->bytes[e->used++] = raw->kind;
    e->bytes[e->used++] = (uint8_t)mask;
    if (mask & DS__HAS_TIME)
        put_difference(e, ds__bits(raw->time), ds__bits(time));
    if (mask & DS__HAS_FLAG)
        e->bytes[e->used++] = raw->flag;
    if (mask & DS__HAS_AUX)
        put_varint(e, raw->aux);
    if (mask & DS__HAS_WHO)
        put_difference(e, raw->who, last->who);
    if (mask & DS__HAS_A)
        put_difference(e, raw->a, last->a);
    if (mask & DS__HAS_B)
        put_difference(e, raw->b, last->b);
    if (mask & DS__HAS_VALUE)
        put_difference(e, raw->value, last->value);
}

static void put_text(ds__encoder *e, const ds__raw *raw)
{
    uint32_t bytes;

    memcpy(&bytes, raw + 1, sizeof(bytes));
    put_varint(e, bytes);
    memcpy(e->bytes + e->used, (const char *)(raw + 1) + sizeof(bytes), bytes);
    e->used += bytes;
}

static void put_records(ds__encoder *e, const ds__chunk *chunk)
{
    static const ds__raw none;
    const ds__raw *last[DS__TELL_LAST];
    double time = 0;

    for (size_t i = 0; i < DS__TELL_LAST; i++)
        last[i] = &none;
    for (size_t i = 0; i < chunk->slots;) {
        const ds__raw *raw = &chunk->raw[i];
        assert(raw->kind < DS__TELL_LAST);
        put_record(e, raw, last[raw->kind], time);
        if (raw->has_text)
            put_text(e, raw);
        last[raw->kind] = raw;
        time = raw->time;
        i += ds__slots_of(raw);
    }
}

void ds__encode_chunk(ds__encoder *encoder, const ds__chunk *chunk,
                      uint32_t flags)
{
    encoder->used = DS__CHUNK_HEAD;
    put_records(encoder, chunk);

    const size_t used = encoder->used;
    encoder->used = 0;
    put(encoder, DS__CHUNK_MAGIC, 4);
    put(encoder, flags, 4);
    put(encoder, used - DS__CHUNK_HEAD, 4);
    put(encoder, chunk->records, 4);
    put(encoder, chunk->first, 8);
    put(encoder, chunk->sends, 8);

    /* Of what comes before it, and then of the records. */
    uint32_t crc = ds__crc_of(&encoder->crc, 0, encoder->bytes, encoder->used);
    crc = ds__crc_of(&encoder->crc, crc, encoder->bytes + DS__CHUNK_HEAD,
                     used - DS__CHUNK_HEAD);
    put(encoder, crc, 4);
    put(encoder, 0, 4);
    assert(encoder->used == DS__CHUNK_HEAD);
    encoder->used = used;
}
