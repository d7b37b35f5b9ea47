/* Goes through a text; see the header. */

#include "topology/cursor.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "topology/number.h"
#include "topology/topology.h"

bool ds__cursor_wrong(const ds__cursor *cursor, const char *from,
                      const char *format, ...)
{
    char why[DS__TOPOLOGY_ERROR_MAX / 2];
    va_list args;

    va_start(args, format);
    ds__vformat(why, sizeof(why), format, args);
    va_end(args);
    return ds__topology_wrong(
        cursor->topology, "ds_topology_parse: '%.200s', at character %zu: %s",
        cursor->text, (size_t)(from - cursor->text) + 1, why);
}

/* What stands at the cursor, up to the next of some signs. */
static size_t piece_length(const ds__cursor *cursor, const char *signs)
{
    size_t length = strcspn(cursor->at, signs);
    size_t left = (size_t)(cursor->end - cursor->at);

    return length < left ? length : left;
}

bool ds__cursor_count(ds__cursor *cursor, const char *what, size_t min,
                      size_t max, size_t *count)
{
    size_t length = piece_length(cursor, ",;x=:");
    uint64_t value = 0;

    if (!ds__number_whole(cursor->at, length, max, &value) || value < min) {
        length = piece_length(cursor, ",;");
        return ds__cursor_wrong(
            cursor, cursor->at, "'%.*s' where %s must be; allowed: %zu to %zu",
            length < 30 ? (int)length : 30, cursor->at, what, min, max);
    }
    *count = (size_t)value;
    cursor->at += length;
    return true;
}

bool ds__cursor_sign(ds__cursor *cursor, char sign, const char *before)
{
    if (cursor->at < cursor->end && *cursor->at == sign) {
        cursor->at++;
        return true;
    }
    return ds__cursor_wrong(cursor, cursor->at, "there must be a '%c', and %s",
                            sign, before);
}

bool ds__cursor_end(ds__cursor *cursor, const char *after)
{
    if (cursor->at == cursor->end)
        return true;
    return ds__cursor_wrong(cursor, cursor->at, "nothing more goes after %s",
                            after);
}
