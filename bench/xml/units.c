/* Numbers with units; see tree.h. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/xml/tree.h"

typedef struct unit {
    const char *name;
    double factor;
} unit;

static const unit seconds[] = {
    { "s", 1 },     { "", 1 },       { "ms", 1e-3 }, { "us", 1e-6 },
    { "ns", 1e-9 }, { "ps", 1e-12 }, { "m", 60 },    { "h", 3600 },
    { "d", 86400 }, { "w", 604800 }, { NULL, 0 },
};

/* What stands before Bps and bps. */
static const unit prefixes[] = {
    { "", 1 },
    { "k", 1e3 },
    { "M", 1e6 },
    { "G", 1e9 },
    { "T", 1e12 },
    { "P", 1e15 },
    { "E", 1e18 },
    { "Ki", 1024.0 },
    { "Mi", 1048576.0 },
    { "Gi", 1073741824.0 },
    { "Ti", 1099511627776.0 },
    { "Pi", 1125899906842624.0 },
    { NULL, 0 },
};

static double factor_of(const unit *units, const char *name, size_t length)
{
    for (; units->name != NULL; units++)
        if (strlen(units->name) == length &&
            memcmp(units->name, name, length) == 0)
            return units->factor;
    return 0;
}

/* The factor of a rate; 0: it is no unit of one. */
static double rate_factor(const char *name)
{
    const size_t length = strlen(name);

    if (length == 0)
        return 1;
    if (length < 3 || strcmp(name + length - 2, "ps") != 0)
        return 0;
    const char which = name[length - 3];
    if (which != 'B' && which != 'b')
        return 0;
    return factor_of(prefixes, name, length - 3) * (which == 'b' ? 0.125 : 1);
}

/* Reads a number as C has it, without what C has besides. */
static bool read_number(const char *text, double *value, const char **rest)
{
    char *end;

    if (strspn(text, "0123456789.") == 0)
        return false;
    *value = strtod(text, &end);
    *rest = end;
    return end != text && text[strspn(text, "0")] != 'x' && isfinite(*value);
}

double xml_rate(const xml_element *e, const char *attribute)
{
    const char *text = xml_need(e, attribute);
    const char *rest;
    double value;

    if (read_number(text, &value, &rest) && value * rate_factor(rest) > 0)
        return value * rate_factor(rest);
    xml_wrong(e,
              "%s is '%.40s'; allowed: a number above 0 with Bps or bps, and "
              "k, M, G, T, Ki, Mi, Gi or Ti before that",
              attribute, text);
}

double xml_seconds(const xml_element *e, const char *attribute,
                   const char *otherwise)
{
    const char *text = xml_get(e, attribute, otherwise);
    const char *rest;
    double value;

    if (text == NULL)
        text = xml_need(e, attribute);
    if (read_number(text, &value, &rest) &&
        factor_of(seconds, rest, strlen(rest)) > 0)
        return value * factor_of(seconds, rest, strlen(rest));
    xml_wrong(e,
              "%s is '%.40s'; allowed: a number from 0 on with s, ms, us, ns, "
              "ps, m, h, d or w",
              attribute, text);
}
