/* What an observer remembers and says; see the header. */

#include "explore/observe/observer.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void ds__observer_wrong(ds_observer *o, const char *format, ...)
{
    va_list args;

    if (o->wrong)
        return;
    o->wrong = true;
    va_start(args, format);
    ds__vformat(o->why, sizeof(o->why), format, args);
    va_end(args);
    if (o->config.stop)
        ds__fail(o->loop, DS_FAILED, "%s", o->why);
}

static void fill(ds__note *note, int64_t value, const ds__told *told)
{
    note->value = value;
    note->who = told->who;
    note->time = told->time;
}

static ds__note *put(ds_observer *o, ds__note_kind kind, uint64_t x, uint64_t y)
{
    ds__note *note =
        ds__table_put(&o->notes, (ds__table_key){ .a = kind, .b = x, .c = y });

    if (note == NULL)
        o->out_of_memory = true;
    return note;
}

ds__note *ds__observer_note(ds_observer *o, ds__note_kind kind, uint64_t x,
                            uint64_t y, int64_t value, const ds__told *told)
{
    ds__note *note = put(o, kind, x, y);

    if (note != NULL)
        fill(note, value, told);
    return note;
}

ds__note *ds__observer_note_once(ds_observer *o, ds__note_kind kind, uint64_t x,
                                 uint64_t y, int64_t value,
                                 const ds__told *told, bool *fresh)
{
    size_t before = o->notes.count;
    ds__note *note = put(o, kind, x, y);

    *fresh = o->notes.count > before;
    if (*fresh)
        fill(note, value, told);
    return note;
}

bool ds__observer_room(ds_observer *o, void *array, size_t count, size_t size)
{
    void *old;
    void *more;

    /* Full at each power of two. */
    if (count != 0 && (count & (count - 1)) != 0)
        return true;
    memcpy(&old, array, sizeof(old));
    more = realloc(old, (count == 0 ? 1 : 2 * count) * size);
    if (more == NULL)
        o->out_of_memory = true;
    else
        memcpy(array, &more, sizeof(more));
    return more != NULL;
}
