/* From records in memory to the bytes of a file. */
#ifndef DS_TRACE_ENCODE_H
#define DS_TRACE_ENCODE_H

#include "loop/trace/crc.h"
#include "loop/trace/format.h"

/* Room for one chunk of a file: each slot is a record, or 32 bytes of a text.
 */
#define DS__ENCODED_MAX (DS__CHUNK_HEAD + DS__CHUNK_SLOTS * DS__RECORD_MAX)

typedef struct ds__encoder {
    ds__crc crc;
    size_t used;
    uint8_t bytes[DS__ENCODED_MAX];
} ds__encoder;

void ds__encoder_init(ds__encoder *encoder);

/* Puts what a file begins with into the encoder's bytes. */
void ds__encode_head(ds__encoder *encoder, uint32_t flags);

/* Puts a chunk there. */
void ds__encode_chunk(ds__encoder *encoder, const ds__chunk *chunk,
                      uint32_t flags);

#endif
