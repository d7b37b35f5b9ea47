/* Text and numbers, whatever the locale; see the header. */

#include "base/text.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

/* Takes the calling thread out of the locale of the program, and returns that.
 * The C library has the locale "C" ready: asking for all of it takes no memory,
 * cannot fail, and leaves nothing to free. */
static locale_t leave_locale(void)
{
    return uselocale(newlocale(LC_ALL_MASK, "C", (locale_t)0));
}

static int format_plainly(char *buf, size_t size, const char *format,
                          va_list args)
{
    locale_t own = leave_locale();
    int length = vsnprintf(buf, size, format, args);

    uselocale(own);
    return length;
}

int ds__vformat(char *buf, size_t size, const char *format, va_list args)
{
    va_list again;
    int length;

    va_copy(again, args);
    length = format_plainly(buf, size, format, args);
    /* Wide characters, which a user may have in a name, can be more than "C"
     * can write; the locale of the program may do better. */
    if (length < 0)
        length = vsnprintf(buf, size, format, again);
    va_end(again);
    if (length < 0)
        buf[0] = '\0';
    return length;
}

int ds__format(char *buf, size_t size, const char *format, ...)
{
    va_list args;
    int length;

    va_start(args, format);
    length = ds__vformat(buf, size, format, args);
    va_end(args);
    return length;
}

double ds__to_double(const char *text, char **end)
{
    locale_t own = leave_locale();
    double value = strtod(text, end);

    uselocale(own);
    return value;
}

void ds__text_init(ds__text *text, char *buf, size_t size)
{
    *text = (ds__text){ .buf = buf, .size = size };
    buf[0] = '\0';
}

void ds__text_addv(ds__text *text, const char *format, va_list args)
{
    size_t room = text->size - text->used;
    int length = ds__vformat(text->buf + text->used, room, format, args);

    if (length >= 0)
        text->used += (size_t)length < room ? (size_t)length : room - 1;
}

void ds__text_add(ds__text *text, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    ds__text_addv(text, format, args);
    va_end(args);
}
