/* What is asked of a trace; see the header. */

#include "loop/trace/spec.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Takes a unit off, if one is there. */
static unsigned shift_of(const char **end)
{
    static const char units[] = "KMGT";
    const char *unit = **end == '\0' ? NULL : strchr(units, **end);

    if (unit == NULL)
        return 0;
    ++*end;
    return 10 * (unsigned)(unit - units + 1);
}

/* Reads bytes such as 64M; n is where the text ends. */
static bool read_size(const char *text, size_t n, size_t *size)
{
    char *digits_end;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    const unsigned long long count = strtoull(text, &digits_end, 10);
    const char *end = digits_end;
    const unsigned shift = shift_of(&end);
    if (errno != 0 || end != text + n || count > SIZE_MAX >> shift)
        return false;
    *size = (size_t)count << shift;
    return *size >= DS__LAST_LEAST;
}

static bool read_option(ds__spec *spec, const char *text, size_t n)
{
    static const char last[] = "last=", steps[] = "steps";
    const size_t head = sizeof(last) - 1;

    if (n == sizeof(steps) - 1 && memcmp(text, steps, n) == 0) {
        spec->steps = true;
        return true;
    }
    return n > head && memcmp(text, last, head) == 0 &&
           read_size(text + head, n - head, &spec->last);
}

/* The first n bytes of a text; NULL: no memory. */
static char *copy(const char *text, size_t n)
{
    char *bytes = malloc(n + 1);

    if (bytes == NULL)
        return NULL;
    memcpy(bytes, text, n);
    bytes[n] = '\0';
    return bytes;
}

ds__spec_fault ds__spec_read(ds__spec *spec, const char *text)
{
    size_t n = strcspn(text, ",");
    const char *option = text + n;

    *spec = (ds__spec){ 0 };
    if (n == 0)
        return DS__SPEC_NO_FILE;
    while (*option == ',') {
        const size_t len = strcspn(++option, ",");
        if (!read_option(spec, option, len))
            return DS__SPEC_UNKNOWN;
        option += len;
    }
    spec->text = copy(text, strlen(text));
    spec->file = copy(text, n);
    if (spec->text != NULL && spec->file != NULL)
        return DS__SPEC_SOUND;
    ds__spec_free(spec);
    return DS__SPEC_NO_MEMORY;
}

void ds__spec_free(ds__spec *spec)
{
    free(spec->text);
    free(spec->file);
}
