/* Numbers with units, as in 100us and 400Gbps.
 *
 * A unit is a power of ten, which is added to the exponent before anything
 * becomes binary, and a factor: 100us is the same double as 1e-4. */
#ifndef DS_TOPOLOGY_NUMBER_H
#define DS_TOPOLOGY_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ds__unit {
    const char *name;
    int power;
    double factor;
} ds__unit;

/* They end with a name of NULL. */
extern const ds__unit ds__unit_bytes[];   /* a second: k, M, G, T, kbit... */
extern const ds__unit ds__unit_seconds[]; /* s, ms, us, ns */

/* What the two allow, for messages. */
#define DS__ALLOWED_BYTES                                                      \
    "bytes a second above 0, also with k, M, G, T, kbit, Mbit, Gbit, Tbit"
#define DS__ALLOWED_SECONDS "seconds from 0 on, also with s, ms, us, ns"

/* Reads all of a text as a plain decimal number, which is finite and has no
 * sign, and a unit if units are allowed (not NULL).  False: it is something
 * else. */
bool ds__number_read(const char *text, size_t length, const ds__unit *units,
                     double *value);

/* Reads all of a text as a whole number in decimal digits, from 0 to max. */
bool ds__number_whole(const char *text, size_t length, uint64_t max,
                      uint64_t *value);

#endif
