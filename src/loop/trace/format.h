/* The file of a trace, which distsys-trace(5) documents to the byte.
 *
 * In memory a record is 32 bytes, and a text lies in the slots behind its
 * record.  In a file a record is what differs from the last one of its kind, so
 * that whoever does not know a kind can skip it.  The kinds, and what their
 * fields mean, are those of loop/probe.h.  All numbers are little-endian,
 * whatever the machine. */
#ifndef DS_TRACE_FORMAT_H
#define DS_TRACE_FORMAT_H

#include <stdint.h>
#include <string.h>

#include "loop/probe.h"

#define DS__TRACE_MAGIC   "dstrace\n"
#define DS__TRACE_VERSION 1
#define DS__TRACE_ORDER   0x01020304u
#define DS__TRACE_HEAD    32 /* bytes: magic, version, order, flags, zeros */

/* A bit of the flags of a file. */
#define DS__TRACE_LAST                                                         \
    1u /* a flight recorder wrote it: the beginning may be                     \
        * forgotten */

#define DS__CHUNK_MAGIC 0x48435344u /* "DSCH" */
#define DS__CHUNK_HEAD                                                         \
    40 /* bytes: magic, flags, bytes, records, first,                          \
        * sends, crc, zero */

/* A bit of the flags of a chunk. */
#define DS__CHUNK_KEPT                                                         \
    1u /* out of what is forgotten else: what things are                       \
        * called, and how they stood */

#define DS__CHUNK_SLOTS 2048 /* of a record or a part of a text */
#define DS__SLOT        32   /* bytes */

/* The most bytes that a record without a text takes in a file. */
#define DS__RECORD_MAX 48

/* What a record begins with: its kind, and which of its fields follow, each as
 * a difference.  A field that does not follow is as in the last record of its
 * kind in this chunk, or, the time, as in the last record. */
enum {
    DS__HAS_TIME = 1,
    DS__HAS_FLAG = 2,
    DS__HAS_AUX = 4,
    DS__HAS_WHO = 8,
    DS__HAS_A = 16,
    DS__HAS_B = 32,
    DS__HAS_VALUE = 64,
    DS__HAS_TEXT = 128,
};

/* Names of words, to which aux of a record refers, are names like others. */
enum { DS__NAMED_WORD = 3 };

/* A record in memory.  value is a double or a number, by its kind; if has_text,
 * the next slots hold a uint32_t, how many bytes there are, and the bytes. */
typedef struct ds__raw {
    double time;
    uint8_t kind;
    uint8_t flag;
    uint16_t aux : 15;
    uint16_t has_text : 1;
    uint32_t who;
    uint32_t a;
    uint32_t b;
    uint64_t value;
} ds__raw;

_Static_assert(sizeof(ds__raw) == DS__SLOT, "a record is one slot");

#define DS__WORDS_MAX 32767 /* what aux can say */

static inline uint64_t ds__bits(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof(bits));
    return bits;
}

static inline double ds__from_bits(uint64_t bits)
{
    double x;

    memcpy(&x, &bits, sizeof(x));
    return x;
}

/* How many slots a text takes. */
static inline size_t ds__text_slots(size_t bytes)
{
    return (sizeof(uint32_t) + bytes + DS__SLOT - 1) / DS__SLOT;
}

/* Returns how many slots a record of a chunk and its text take. */
static inline size_t ds__slots_of(const ds__raw *raw)
{
    uint32_t bytes;

    if (!raw->has_text)
        return 1;
    memcpy(&bytes, raw + 1, sizeof(bytes));
    return 1 + ds__text_slots(bytes);
}

/* Records as they are made.  Invariant: slots <= DS__CHUNK_SLOTS, and each text
 * is in the chunk of its record. */
typedef struct ds__chunk {
    bool stands; /* some of its records mean something later, see standing.h */
    uint64_t first; /* number of its first record, from 0 */
    uint64_t sends; /* how many messages had been sent before it */
    size_t records;
    size_t slots;
    ds__raw raw[DS__CHUNK_SLOTS];
} ds__chunk;

#endif
