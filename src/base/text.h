/* Text built up piece by piece in memory of a fixed size, for messages that
 * must get through when there is no memory left.  What does not fit is cut.
 *
 * Numbers are written and read as in the locale "C", with a point, so that
 * reports and what the environment asks for mean the same in every program,
 * also after setlocale().  All of the library that formats or reads a double
 * does it here. */
#ifndef DS_BASE_TEXT_H
#define DS_BASE_TEXT_H

#include <stdarg.h>
#include <stddef.h>

/* Invariant: size > 0 and buf[used] == '\0', used < size. */
typedef struct ds__text {
    char *buf;
    size_t size;
    size_t used;
} ds__text;

void ds__text_init(ds__text *text, char *buf, size_t size);
void ds__text_addv(ds__text *text, const char *format, va_list args);
__attribute__((format(printf, 2, 3))) void
ds__text_add(ds__text *text, const char *format, ...);

/* Do what snprintf() and vsnprintf() do.  If they cannot, buf is empty. */
int ds__vformat(char *buf, size_t size, const char *format, va_list args);
__attribute__((format(printf, 3, 4))) int ds__format(char *buf, size_t size,
                                                     const char *format, ...);

/* Does what strtod() does. */
double ds__to_double(const char *text, char **end);

#endif
