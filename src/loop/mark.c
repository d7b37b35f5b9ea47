/* What threads say of themselves for who listens: marks, states, counts.  It
 * changes nothing, and without a listener it is not even looked at. */

#include "loop/state.h"

#define MAX_MARK 256 /* bytes; a stack may be small */

/* What is misuse is so whether anybody listens or not. */
static bool may_speak(ds_handle *h, const char *call, const char *what,
                      const char *text)
{
    if (!ds__ask(h, call))
        return false;
    if (text == NULL)
        ds__fail(h->loop, DS_EMISUSE, "%s: the %s is NULL", call, what);
    return text != NULL;
}

void ds_mark(ds_handle *h, const char *format, ...)
{
    char text[MAX_MARK];
    va_list args;

    if (!may_speak(h, "ds_mark", "format", format) || !ds__is_watched(h->loop))
        return;
    va_start(args, format);
    ds__vformat(text, sizeof(text), format, args);
    va_end(args);
    ds__tell_probe(
        h->loop,
        (ds__record){ .kind = DS__TELL_MARK, .who = h->number, .text = text });
}

void ds_state(ds_handle *h, const char *name)
{
    if (ds__ask(h, "ds_state") && ds__is_watched(h->loop))
        ds__tell_probe(h->loop, (ds__record){ .kind = DS__TELL_STATE,
                                              .who = h->number,
                                              .text = name });
}

void ds_count(ds_handle *h, const char *name, double value)
{
    if (may_speak(h, "ds_count", "name", name) && ds__is_watched(h->loop))
        ds__tell_probe(h->loop, (ds__record){ .kind = DS__TELL_COUNT,
                                              .who = h->number,
                                              .x = value,
                                              .text = name });
}
