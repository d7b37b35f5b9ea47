/* See json.h.  Each skip_ function returns what comes behind, or NULL. */

#include "bench/sweep/json.h"

#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 64 };

typedef struct input {
    const char *at;
    const char *end;
} input;

static const char *skip_blanks(input in)
{
    while (in.at < in.end && strchr(" \t\r\n", *in.at) != NULL &&
           *in.at != '\0')
        in.at++;
    return in.at;
}

/* How many bytes of UTF-8 a character has that begins there; 0: it is none. */
static size_t length_of(const char *text, size_t n)
{
    const unsigned char *c = (const unsigned char *)text;
    size_t length = c[0] < 0x80                    ? 1
                    : c[0] >= 0xc2 && c[0] < 0xe0  ? 2
                    : (c[0] & 0xf0) == 0xe0        ? 3
                    : c[0] >= 0xf0 && c[0] <= 0xf4 ? 4
                                                   : 0;

    if (length > n)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    if (length == 3 && ((c[0] == 0xe0 && c[1] < 0xa0) ||
                        (c[0] == 0xed && c[1] >= 0xa0))) /* a surrogate */
        return 0;
    if (length == 4 &&
        ((c[0] == 0xf0 && c[1] < 0x90) || (c[0] == 0xf4 && c[1] >= 0x90)))
        return 0;
    return length;
}

static const char *skip_escape(input in)
{
    if (in.at == in.end)
        return NULL;
    if (*in.at != 'u')
        return strchr("\"\\/bfnrt", *in.at) != NULL && *in.at != '\0'
                   ? in.at + 1
                   : NULL;
    for (int i = 1; i <= 4; i++)
        if (in.end - in.at <= i ||
            strchr("0123456789abcdefABCDEF", in.at[i]) == NULL ||
            in.at[i] == '\0')
            return NULL;
    return in.at + 5;
}

static const char *skip_string(input in)
{
    if (in.at == in.end || *in.at != '"')
        return NULL;
    for (in.at++; in.at < in.end && *in.at != '"';) {
        const size_t n = length_of(in.at, (size_t)(in.end - in.at));

        if (n == 0 || (unsigned char)*in.at < ' ')
            return NULL;
        in.at += n;
        if (in.at[-1] == '\\' && n == 1 && (in.at = skip_escape(in)) == NULL)
            return NULL;
    }
    return in.at < in.end ? in.at + 1 : NULL;
}

static const char *skip_digits(input in)
{
    const char *from = in.at;

    while (in.at < in.end && *in.at >= '0' && *in.at <= '9')
        in.at++;
    return in.at > from ? in.at : NULL;
}

static const char *skip_number(input in)
{
    if (in.at < in.end && *in.at == '-')
        in.at++;
    if (in.at < in.end && *in.at == '0')
        in.at++;
    else if ((in.at = skip_digits(in)) == NULL)
        return NULL;
    if (in.at < in.end && *in.at == '.') {
        in.at++;
        if ((in.at = skip_digits(in)) == NULL)
            return NULL;
    }
    if (in.at < in.end && (*in.at == 'e' || *in.at == 'E')) {
        in.at++;
        if (in.at < in.end && (*in.at == '-' || *in.at == '+'))
            in.at++;
        in.at = skip_digits(in);
    }
    return in.at;
}

static const char *skip_word(input in, const char *word)
{
    const size_t n = strlen(word);

    return (size_t)(in.end - in.at) >= n && memcmp(in.at, word, n) == 0
               ? in.at + n
               : NULL;
}

static const char *skip_value(input in, int depth);

/* In between the brackets of an object, or of an array, which has no keys. */
static const char *skip_members(input in, int depth, bool keyed)
{
    const char closing = keyed ? '}' : ']';

    in.at = skip_blanks(in);
    if (in.at < in.end && *in.at == closing)
        return in.at + 1;
    for (;;) {
        in.at = skip_blanks(in);
        if (keyed) {
            if ((in.at = skip_string(in)) == NULL)
                return NULL;
            in.at = skip_blanks(in);
            if (in.at == in.end || *in.at++ != ':')
                return NULL;
        }
        if ((in.at = skip_value(in, depth)) == NULL)
            return NULL;
        in.at = skip_blanks(in);
        if (in.at == in.end || (*in.at != ',' && *in.at != closing))
            return NULL;
        if (*in.at++ == closing)
            return in.at;
    }
}

static const char *skip_value(input in, int depth)
{
    in.at = skip_blanks(in);
    if (in.at == in.end)
        return NULL;
    switch (*in.at) {
    case '"':
        return skip_string(in);
    case 't':
        return skip_word(in, "true");
    case 'f':
        return skip_word(in, "false");
    case 'n':
        return skip_word(in, "null");
    case '{':
    case '[':
        if (depth == DEEPEST)
            return NULL;
        return skip_members((input){ in.at + 1, in.end }, depth + 1,
                            *in.at == '{');
    default:
        return skip_number(in);
    }
}

bool json_is_object(const char *text, size_t n)
{
    input in = { text, text + n };

    in.at = skip_blanks(in);
    if (in.at == in.end || *in.at != '{' || (in.at = skip_value(in, 0)) == NULL)
        return false;
    return skip_blanks(in) == in.end;
}

/* ---- What an object has ---------------------------------------------------*/

/* Where the next member begins, behind a bracket or a comma; NULL: that was the
 * last. */
static const char *find_next(json_part outer, size_t next)
{
    input in = { outer.at + next, outer.at + outer.n };

    in.at = skip_blanks(in);
    if (next == 0)
        in.at++;
    in.at = skip_blanks(in);
    if (*in.at == ',')
        in.at++;
    in.at = skip_blanks(in);
    return *in.at == '}' || *in.at == ']' ? NULL : in.at;
}

static void take_value(json_part outer, const char *at, size_t *next,
                       json_part *value)
{
    const char *end = skip_value((input){ at, outer.at + outer.n }, 0);

    *value = (json_part){ at, (size_t)(end - at) };
    *next = (size_t)(end - outer.at);
}

bool json_next(json_part object, size_t *next, json_part *key, json_part *value)
{
    input in = { find_next(object, *next), object.at + object.n };

    if (in.at == NULL)
        return false;
    key->at = in.at + 1;
    in.at = skip_string(in);
    key->n = (size_t)(in.at - key->at) - 1;
    in.at = skip_blanks(in) + 1; /* the colon */
    take_value(object, skip_blanks(in), next, value);
    return true;
}

bool json_next_element(json_part array, size_t *next, json_part *value)
{
    const char *at = find_next(array, *next);

    if (at != NULL)
        take_value(array, at, next, value);
    return at != NULL;
}

bool json_find(json_part object, const char *key, json_part *value)
{
    const size_t n = strlen(key);
    json_part k;

    for (size_t next = 0; json_next(object, &next, &k, value);)
        if (k.n == n && memcmp(k.at, key, n) == 0)
            return true;
    return false;
}

bool json_word(json_part value, uint64_t *word)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < value.n; i++) {
        const unsigned digit = (unsigned)(value.at[i] - '0');

        if (digit > 9 || sum > (UINT64_MAX - digit) / 10)
            return false;
        sum = 10 * sum + digit;
    }
    *word = sum;
    return value.n > 0;
}

bool json_real(json_part value, double *real)
{
    char text[400];

    if (value.n == 0 || value.n >= sizeof(text) || value.at[0] == '"')
        return false;
    memcpy(text, value.at, value.n);
    text[value.n] = '\0';
    if (!json_is_number(text))
        return false;
    *real = strtod(text, NULL);
    return true;
}

/* A character as UTF-8; returns how many bytes. */
static size_t encode(unsigned long c, char *text)
{
    if (c < 0x80) {
        text[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        text[0] = (char)(0xc0 | c >> 6);
        text[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    text[0] = (char)(0xe0 | c >> 12);
    text[1] = (char)(0x80 | (c >> 6 & 0x3f));
    text[2] = (char)(0x80 | (c & 0x3f));
    return 3;
}

/* Reads what an escape stands for, behind its backslash. */
static size_t unescape(const char *at, char *text)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    const char *known = strchr(from, *at);

    if (*at == 'u') {
        char digits[5] = { at[1], at[2], at[3], at[4], '\0' };
        return encode(strtoul(digits, NULL, 16), text);
    }
    text[0] = known != NULL ? to[known - from] : *at;
    return 1;
}

bool json_text(json_part value, char *text, size_t size)
{
    const char *end = value.at + value.n - 1;
    size_t used = 0;

    if (value.n < 2 || *value.at != '"')
        return false;
    for (const char *at = value.at + 1; at < end && used + 4 < size;) {
        if (*at != '\\') {
            text[used++] = *at++;
        } else {
            used += unescape(at + 1, text + used);
            at += at[1] == 'u' ? 6 : 2;
        }
    }
    text[used] = '\0';
    return true;
}

/* ---- Writing --------------------------------------------------------------*/

static void put_escape(FILE *file, unsigned char c)
{
    if (c == '"' || c == '\\')
        fprintf(file, "\\%c", c);
    else if (c == '\n')
        fputs("\\n", file);
    else
        fprintf(file, "\\u%04x", c);
}

void json_put_text(FILE *file, const char *text, size_t n)
{
    fputc('"', file);
    for (size_t i = 0; i < n;) {
        const unsigned char c = (unsigned char)text[i];
        const size_t length = length_of(text + i, n - i);

        if (length == 0)
            fputs("\\ufffd", file);
        else if (length == 1 && (c < ' ' || c == '"' || c == '\\' || c == 0x7f))
            put_escape(file, c);
        else
            fwrite(text + i, 1, length, file);
        i += length == 0 ? 1 : length;
    }
    fputc('"', file);
}

bool json_is_number(const char *text)
{
    const char *end = text + strlen(text);

    return skip_number((input){ text, end }) == end && end > text;
}
