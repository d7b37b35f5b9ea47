/* Numbers with units; see the header. */

#include "topology/number.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

enum { MOST_DIGITS = 100, MOST_EXPONENT = 999 };

const ds__unit ds__unit_bytes[] = {
    { "k", 3, 1 },        { "M", 6, 1 },         { "G", 9, 1 },
    { "T", 12, 1 },       { "kbit", 3, 0.125 },  { "Mbit", 6, 0.125 },
    { "Gbit", 9, 0.125 }, { "Tbit", 12, 0.125 }, { NULL, 0, 0 },
};

const ds__unit ds__unit_seconds[] = {
    { "s", 0, 1 },   { "ms", -3, 1 }, { "us", -6, 1 },
    { "ns", -9, 1 }, { NULL, 0, 0 },
};

/* Without isdigit(), which a locale may widen. */
static size_t count_digits(const char *text, size_t length)
{
    size_t n = 0;

    while (n < length && text[n] >= '0' && text[n] <= '9')
        n++;
    return n;
}

/* The length of digits with at most one point among them, 0 if there is no
 * digit. */
static size_t mantissa_length(const char *text, size_t length)
{
    size_t before = count_digits(text, length);

    if (before == length || text[before] != '.')
        return before;
    size_t after = count_digits(text + before + 1, length - before - 1);
    return before + after == 0 ? 0 : before + 1 + after;
}

/* The length of e, a sign if any, and digits, 0 if it is not that. */
static size_t exponent_length(const char *text, size_t length, int *exponent)
{
    if (length < 2 || (text[0] != 'e' && text[0] != 'E'))
        return 0;
    size_t sign = text[1] == '-' || text[1] == '+';
    size_t digits = count_digits(text + 1 + sign, length - 1 - sign);
    uint64_t value;

    if (digits == 0 ||
        !ds__number_whole(text + 1 + sign, digits, MOST_EXPONENT, &value))
        return 0;
    *exponent = text[1] == '-' ? -(int)value : (int)value;
    return 1 + sign + digits;
}

static const ds__unit *find_unit(const ds__unit *units, const char *name,
                                 size_t length)
{
    static const ds__unit one = { "", 0, 1 };

    if (length == 0)
        return &one;
    for (; units != NULL && units->name != NULL; units++)
        if (strlen(units->name) == length &&
            memcmp(units->name, name, length) == 0)
            return units;
    return NULL;
}

bool ds__number_read(const char *text, size_t length, const ds__unit *units,
                     double *value)
{
    char number[MOST_DIGITS + 16];
    int exponent = 0;
    size_t digits = mantissa_length(text, length);

    if (digits == 0 || digits > MOST_DIGITS)
        return false;
    size_t used =
        digits + exponent_length(text + digits, length - digits, &exponent);
    const ds__unit *unit = find_unit(units, text + used, length - used);
    if (unit == NULL)
        return false;
    ds__format(number, sizeof(number), "%.*se%d", (int)digits, text,
               exponent + unit->power);
    *value = ds__to_double(number, NULL) * unit->factor;
    return isfinite(*value);
}

bool ds__number_whole(const char *text, size_t length, uint64_t max,
                      uint64_t *value)
{
    if (length == 0 || count_digits(text, length) < length)
        return false;
    *value = 0;
    for (size_t i = 0; i < length; i++) {
        uint64_t digit = (uint64_t)(text[i] - '0');

        if (digit > max || *value > (max - digit) / 10)
            return false;
        *value = 10 * *value + digit;
    }
    return true;
}
