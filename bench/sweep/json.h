/* Objects of JSON (RFC 8259) in a line: whether one is right, what it has, and
 * strings to be written.
 *
 * Nothing is built: a value is a piece of the text. */
#ifndef BENCH_SWEEP_JSON_H
#define BENCH_SWEEP_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A value as it stands in the text, without blanks around it. */
typedef struct json_part {
    const char *at;
    size_t n;
} json_part;

/* Whether all of a text is one object.  It nests at most 64 deep. */
bool json_is_object(const char *text, size_t n);

/* Walks over the members of an object, which is right; *next is 0 at first.
 * The key is between quotes, as it stands there.  False: that was the last. */
bool json_next(json_part object, size_t *next, json_part *key,
               json_part *value);

/* The same for the elements of an array. */
bool json_next_element(json_part array, size_t *next, json_part *value);

/* Finds a member of an object by its key, which needs no escapes. */
bool json_find(json_part object, const char *key, json_part *value);

/* Read a value; false: it is not one of these.  A string that is too long is
 * cut. */
bool json_word(json_part value, uint64_t *word);
bool json_real(json_part value, double *real);
bool json_text(json_part value, char *text, size_t size);

/* Writes a text as a string.  What is no UTF-8 becomes U+FFFD. */
void json_put_text(FILE *file, const char *text, size_t n);

/* Whether a text reads as a number of JSON. */
bool json_is_number(const char *text);

#endif
