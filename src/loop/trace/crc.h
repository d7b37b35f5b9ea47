/* CRC-32 as in Ethernet, zip and PNG, four bytes at a time. */
#ifndef DS_TRACE_CRC_H
#define DS_TRACE_CRC_H

#include <stddef.h>
#include <stdint.h>

/* table[k][i] is the remainder of byte i with k zeros behind it. */
typedef struct ds__crc {
    uint32_t table[4][256];
} ds__crc;

static inline void ds__crc_init(ds__crc *crc)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t rest = i;
        for (int bit = 0; bit < 8; bit++)
            rest = rest >> 1 ^ (rest & 1 ? 0xedb88320u : 0);
        crc->table[0][i] = rest;
    }
    for (int k = 1; k < 4; k++)
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t rest = crc->table[k - 1][i];
            crc->table[k][i] = rest >> 8 ^ crc->table[0][rest & 255];
        }
}

/* Goes on with `before`, which is 0 at first. */
static inline uint32_t ds__crc_of(const ds__crc *crc, uint32_t before,
                                  const uint8_t *bytes, size_t n)
{
    uint32_t rest = ~before;

    for (; n >= 4; n -= 4, bytes += 4) {
        rest ^= (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 |
                (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
        rest = crc->table[3][rest & 255] ^ crc->table[2][rest >> 8 & 255] ^
               crc->table[1][rest >> 16 & 255] ^ crc->table[0][rest >> 24];
    }
    for (; n > 0; n--, bytes++)
        rest = rest >> 8 ^ crc->table[0][(rest ^ *bytes) & 255];
    return ~rest;
}

#endif
