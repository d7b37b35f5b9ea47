/* A list of what was found, in the order of finding; lines of sources are
 * looked up when it is told, for that takes long. */

#include "mpi/finding.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mpi/rank.h"

/* Invariant: no two have one format and one line. */
typedef struct finding {
    const char *format;
    size_t at; /* the line, as a place in the program */
    ds__spot spot;
    ds__spot other; /* or none */
    bool suspicion;
    size_t times;
    char *text;
} finding;

/* More than so many different ones are only counted. */
enum { MOST = 100, LENGTH = 512 };

static finding found[MOST];
static size_t num_found;
static size_t num_more;

/* ---- Noting ---------------------------------------------------------------*/

static finding *find_like(const char *format, size_t at)
{
    for (size_t i = 0; i < num_found; i++)
        if (found[i].format == format && found[i].at == at)
            return &found[i];
    return NULL;
}

static void note(const ds__spot *spot, const ds__spot *other, bool suspicion,
                 const char *format, va_list args)
{
    const size_t at = (size_t)((const unsigned char *)spot->site -
                               ds__the_world.ranks[spot->rank].image->base);
    finding *f = find_like(format, at);
    char buf[LENGTH];
    ds__text text;

    assert(num_found <= MOST && spot->call != NULL);
    if (ds__the_world.checking == DS__CHECK_NONE)
        return;
    if (f != NULL) {
        f->times++;
        return;
    }
    if (num_found == MOST) {
        num_more += !suspicion;
        return;
    }
    ds__text_init(&text, buf, sizeof(buf));
    ds__text_addv(&text, format, args);
    f = &found[num_found++];
    *f = (finding){
        .format = format,
        .at = at,
        .spot = *spot,
        .other = other == NULL ? (ds__spot){ .call = NULL } : *other,
        .suspicion = suspicion,
        .times = 1,
        .text = strcpy(ds__mpi_room(text.used + 1), buf),
    };
}

void ds__find(const ds__spot *spot, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    note(spot, NULL, false, format, args);
    va_end(args);
}

void ds__find_with(const ds__spot *spot, const ds__spot *other,
                   const char *format, ...)
{
    va_list args;

    va_start(args, format);
    note(spot, other, false, format, args);
    va_end(args);
}

void ds__suspect(const ds__spot *spot, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    note(spot, NULL, true, format, args);
    va_end(args);
}

/* ---- Telling --------------------------------------------------------------*/

static void tell(const finding *f)
{
    char buf[LENGTH];
    ds__text text;

    ds__text_init(&text, buf, sizeof(buf));
    ds__spot_add(&text, &f->spot);
    ds__text_add(&text, ": %s", f->text);
    if (f->other.call != NULL) {
        ds__text_add(&text, " ");
        ds__spot_add(&text, &f->other);
    }
    fprintf(stderr, "  %s", buf);
    if (f->times > 1)
        fprintf(stderr, " (%zu times)", f->times);
    fprintf(stderr, "\n");
}

static size_t tell_all(const char *heading, bool suspicions)
{
    size_t n = 0;

    for (size_t i = 0; i < num_found; i++) {
        if (found[i].suspicion != suspicions)
            continue;
        if (n++ == 0)
            fprintf(stderr, "%s: %s\n", ds__the_world.program, heading);
        tell(&found[i]);
    }
    return n;
}

size_t ds__findings_tell(bool failed)
{
    size_t n = tell_all("mistakes that did not stop the program:", false);

    if (num_more > 0)
        fprintf(stderr, "  and %zu more\n", num_more);
    if (failed)
        tell_all("what may have to do with it:", true);
    for (size_t i = 0; i < num_found; i++)
        free(found[i].text);
    num_found = 0;
    return n + num_more;
}
