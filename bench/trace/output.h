/* A file that an output goes to, and what its bytes are made of. */
#ifndef BENCH_TRACE_OUTPUT_H
#define BENCH_TRACE_OUTPUT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "bench/common/failure.h"

/* Opens it for writing; "-" is standard output. */
failure trace_output_open(FILE **file, const char *name);

/* Closes it; if not all of it could be written, that goes before what went well
 * otherwise. */
failure trace_output_close(FILE *file, const char *name, failure why);

/* Takes the next character off a text that ought to be UTF-8: its number, and
 * 0xfffd for what is none; 0: the end. */
unsigned trace_character(const char **text);

/* How many characters a text has. */
size_t trace_characters(const char *text);

/* Prints at most so many characters, the last of them an ellipsis if there are
 * more; escape prints one of them. */
typedef void trace_escape_fn(FILE *file, unsigned character);
void trace_put_text(FILE *file, const char *text, size_t most,
                    trace_escape_fn *escape);

/* For text and attributes of XML, which knows no control characters. */
void trace_escape_xml(FILE *file, unsigned character);

/* As UTF-8. */
void trace_put_character(FILE *file, unsigned character);

/* Returns how many bytes that takes, at most 4; to: where they go, or NULL. */
size_t trace_encode(uint8_t *to, unsigned character);

#endif
