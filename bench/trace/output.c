/* See output.h. */

#include "bench/trace/output.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

failure trace_output_open(FILE **file, const char *name)
{
    if (strcmp(name, "-") == 0) {
        *file = stdout;
        return SUCCESS;
    }
    *file = fopen(name, "wb");
    if (*file == NULL)
        return failure_new(BAD_USAGE, "%s: %s", name, strerror(errno));
    return SUCCESS;
}

failure trace_output_close(FILE *file, const char *name, failure why)
{
    const bool spoilt = ferror(file) != 0;

    errno = 0;
    if (spoilt) /* long ago, and why is forgotten: it will be the same now */
        putc('\n', file);
    const bool written =
        (file == stdout ? fflush(file) : fclose(file)) == 0 && !spoilt;

    if (written || why.status != 0)
        return why;
    return failure_new(EXIT_FAILURE, "%s: cannot write it: %s", name,
                       errno != 0 ? strerror(errno) : "unknown reason");
}

/* ---- Characters -----------------------------------------------------------*/

enum { NO_CHARACTER = 0xfffd, ELLIPSIS = 0x2026 };

/* How many bytes follow the first, and the least character that needs them. */
static int followers(unsigned char first, unsigned *least)
{
    if (first >= 0xc2 && first < 0xe0) {
        *least = 0x80;
        return 1;
    }
    if (first >= 0xe0 && first < 0xf0) {
        *least = 0x800;
        return 2;
    }
    if (first >= 0xf0 && first < 0xf5) {
        *least = 0x10000;
        return 3;
    }
    return -1;
}

unsigned trace_character(const char **text)
{
    const unsigned char *p = (const unsigned char *)*text;
    unsigned least;

    if (*p == '\0')
        return 0;
    ++*text;
    if (*p < 0x80)
        return *p;
    const int more = followers(*p, &least);
    unsigned c = more < 0 ? 0 : *p & (0x3fu >> more);
    for (int i = 1; i <= more; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return NO_CHARACTER;
        c = c << 6 | (p[i] & 0x3f);
    }
    if (more < 0 || c < least || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return NO_CHARACTER;
    *text += more;
    return c;
}

size_t trace_characters(const char *text)
{
    size_t n = 0;

    while (trace_character(&text) != 0)
        n++;
    return n;
}

size_t trace_encode(uint8_t *to, unsigned c)
{
    const int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned first[] = { 0, 0xc0, 0xe0, 0xf0 };

    for (int i = more; to != NULL && i >= 0; i--)
        *to++ = (uint8_t)(i == more ? first[more] | c >> 6 * more
                                    : 0x80 | (c >> 6 * i & 0x3f));
    return (size_t)more + 1;
}

void trace_put_character(FILE *file, unsigned c)
{
    uint8_t bytes[4];

    fwrite(bytes, 1, trace_encode(bytes, c), file);
}

void trace_put_text(FILE *file, const char *text, size_t most,
                    trace_escape_fn *escape)
{
    const size_t n = trace_characters(text);

    for (size_t i = 0; i < n && i < most; i++) {
        const unsigned c = trace_character(&text);
        escape(file, n > most && i == most - 1 ? ELLIPSIS : c);
    }
}

void trace_escape_xml(FILE *file, unsigned c)
{
    switch (c) {
    case '&':
        fputs("&amp;", file);
        return;
    case '<':
        fputs("&lt;", file);
        return;
    case '>':
        fputs("&gt;", file);
        return;
    case '"':
        fputs("&quot;", file);
        return;
    case '\'':
        fputs("&#39;", file);
        return;
    default:
        if (c < 32)
            c = ' ';
        else if (c == 127 || c == 0xfffe || c == 0xffff)
            c = NO_CHARACTER;
        trace_put_character(file, c);
    }
}
