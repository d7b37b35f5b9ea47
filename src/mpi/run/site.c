/* Lines are looked up once for each place, and kept. */

#include "mpi/run/site.h"

#include <assert.h>
#include <string.h>

#include "base/table.h"
#include "image/site.h"

typedef struct line {
    ds__entry entry; /* how far behind the beginning of the image */
    char *text;
} line;

static ds__table lines = { .size = sizeof(line) };

const char *ds__site_line(const ds__rank *me, const void *site)
{
    char buf[256];
    ds__text text;
    line *found;

    if (site == NULL)
        return "";
    found = ds__table_put(
        &lines,
        (ds__table_key){
            (uint64_t)((const unsigned char *)site - me->image->base), 0, 0 });
    assert(found != NULL);
    if (found->text != NULL)
        return found->text;
    ds__text_init(&text, buf, sizeof(buf));
    ds__image_site(me->image, site, &text);
    found->text = memcpy(ds__mpi_room(text.used + 1), buf, text.used + 1);
    return found->text;
}
