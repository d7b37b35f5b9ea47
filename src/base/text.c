/* Text built up piece by piece; see the header. */

#include "base/text.h"

#include <stdio.h>

void ds__text_init(ds__text *text, char *buf, size_t size)
{
    *text = (ds__text){ .buf = buf, .size = size };
    buf[0] = '\0';
}

void ds__text_addv(ds__text *text, const char *format, va_list args)
{
    size_t room = text->size - text->used;
    int length = vsnprintf(text->buf + text->used, room, format, args);

    if (length < 0)
        text->buf[text->used] = '\0';
    else
        text->used += (size_t)length < room ? (size_t)length : room - 1;
}

void ds__text_add(ds__text *text, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    ds__text_addv(text, format, args);
    va_end(args);
}
