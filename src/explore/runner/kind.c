/* Kinds of failures; see the header. */

#include "explore/runner/kind.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number is what begins with a digit, also 0x1f, 1.5e-3 and 12ms. */
static bool is_part(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '.';
}

static const char *skip_number(const char *at)
{
    while (is_part(*at) || ((*at == '-' || *at == '+') && is_digit(at[1]) &&
                            (at[-1] == 'e' || at[-1] == 'E')))
        at++;
    return at;
}

static bool begins_number(const char *why, const char *at)
{
    return is_digit(*at) && (at == why || !is_part(at[-1]));
}

void ds__kind_write(char kind[DS__KIND_SIZE], ds__fate fate, ds__judge judge,
                    const char *why)
{
    ds__text text;

    ds__text_init(&text, kind, DS__KIND_SIZE);
    ds__text_add(&text, "%d %d ", (int)fate, (int)judge);
    for (const char *at = why; *at != '\0' && *at != '\n';) {
        if (begins_number(why, at)) {
            ds__text_add(&text, "#");
            at = skip_number(at);
        } else {
            ds__text_add(&text, "%c", *at++);
        }
    }
}

bool ds__kind_same(const ds__result *a, const ds__result *b)
{
    char x[DS__KIND_SIZE];
    char y[DS__KIND_SIZE];

    ds__kind_write(x, a->fate, a->judge, a->why);
    ds__kind_write(y, b->fate, b->judge, b->why);
    return strcmp(x, y) == 0;
}

const char *ds__fate_name(ds__fate fate)
{
    switch (fate) {
    case DS__WELL:
        return "well";
    case DS__USAGE:
        return "usage";
    case DS__WRONG:
        return "wrong";
    case DS__ENDLESS:
        return "endless";
    case DS__DIED:
        return "died";
    case DS__FICKLE:
        return "nondeterministic";
    case DS__UNDECIDED:
        return "undecided";
    case DS__HARMLESS:
        return "harmless";
    }
    assert(false);
    return "";
}
