/* A file of durations has a line for each call: its rank, its number there, the
 * place in the program that it returns to, and nanoseconds.  They are found
 * again by the place and how often the rank has been there, so that a loop that
 * tests more often on another network leaves all other calls what they had. */

#include "mpi/run/compute.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/table.h"

#define HEADER "distsys-compute 1\n"

typedef struct duration {
    ds__entry entry; /* rank, place, how often it had been there */
    uint64_t ns;
} duration;

/* Of a rank at a place, and of a rank at all (place NOWHERE). */
typedef struct turns {
    ds__entry entry;
    uint64_t n;
} turns;

enum { NOWHERE = 0 };

static ds__compute_config how;
static FILE *file; /* that is written; NULL: none */
static ds__table durations;
static ds__table taken;
static uint64_t unknown;
static struct timespec started; /* of the thread that runs */

/* ---- Which program it is of -----------------------------------------------*/

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

/* FNV-1a of all of it; false: errno says why not. */
static bool hash_file(const char *path, uint64_t *hash)
{
    unsigned char buf[4096];
    FILE *f = fopen(path, "rb");
    size_t n;

    *hash = 0xcbf29ce484222325u;
    if (f == NULL)
        return false;
    while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
        for (size_t i = 0; i < n; i++)
            *hash = (*hash ^ buf[i]) * 0x100000001b3u;
    const bool whole = !ferror(f);
    fclose(f);
    return whole;
}

/* ---- Reading --------------------------------------------------------------*/

static void *need(void *got)
{
    if (got == NULL) {
        fprintf(stderr, "%s: there is no memory\n", ds__the_world.program);
        abort();
    }
    return got;
}

static uint64_t turn_at(uint64_t rank, uint64_t site)
{
    turns *t = need(ds__table_put(&taken, (ds__table_key){ rank, site, 0 }));

    return t->n++;
}

static bool read_lines(FILE *f, int num_ranks, ds__text *why)
{
    char buf[128];
    size_t line = 3;
    uint64_t rank;
    uint64_t number;
    uint64_t site;
    uint64_t ns;

    for (; fgets(buf, sizeof(buf), f) != NULL; line++) {
        char end;
        if (sscanf(buf, "%" SCNu64 " %" SCNu64 " %" SCNx64 " %" SCNu64 "%c",
                   &rank, &number, &site, &ns, &end) != 5 ||
            end != '\n' || site == NOWHERE || rank >= (uint64_t)num_ranks ||
            number != turn_at(rank, NOWHERE)) {
            ds__text_add(why, "line %zu is not the next call of a rank", line);
            return false;
        }
        duration *d = need(ds__table_put(
            &durations, (ds__table_key){ rank, site, turn_at(rank, site) }));
        d->ns = ns;
    }
    ds__table_free(&taken);
    ds__table_init(&taken, sizeof(turns));
    return true;
}

static bool read_file(FILE *f, const char *program, int num_ranks,
                      ds__text *why)
{
    char name[256];
    uint64_t recorded;
    uint64_t hash;
    int ranks;

    if (fscanf(f, HEADER "program %255s %" SCNx64 " ranks %d", name, &recorded,
               &ranks) != 3 ||
        fgetc(f) != '\n') {
        ds__text_add(why, "it is not what --compute=record:FILE writes");
        return false;
    }
    if (strcmp(name, base_name(program)) != 0) {
        ds__text_add(why, "it is of the program %s, and this is %s", name,
                     base_name(program));
        return false;
    }
    if (hash_file(program, &hash) && hash != recorded) {
        ds__text_add(why, "it is of another %s, before that was compiled anew",
                     name);
        return false;
    }
    if (ranks != num_ranks) {
        ds__text_add(why, "it is of %d ranks, and these are %d", ranks,
                     num_ranks);
        return false;
    }
    return read_lines(f, num_ranks, why);
}

/* ---- Beginning and end ----------------------------------------------------*/

static bool write_header(const char *program, int num_ranks)
{
    uint64_t hash;

    return hash_file(program, &hash) &&
           fprintf(file, HEADER "program %s %016" PRIx64 " ranks %d\n",
                   base_name(program), hash, num_ranks) > 0;
}

bool ds__compute_begin(const ds__compute_config *config, const char *program,
                       int num_ranks, ds__text *why)
{
    FILE *f = NULL;
    bool well = true;

    how = *config;
    assert(how.factor >= 0 && how.seconds >= 0);
    assert(file == NULL && num_ranks > 0);
    ds__table_init(&durations, sizeof(duration));
    ds__table_init(&taken, sizeof(turns));
    if (how.mode == DS__COMPUTE_RECORD || how.mode == DS__COMPUTE_REPLAY) {
        f = fopen(how.file, how.mode == DS__COMPUTE_RECORD ? "w" : "r");
        well = f != NULL;
    }
    if (well && how.mode == DS__COMPUTE_RECORD) {
        file = f;
        well = write_header(program, num_ranks);
    }
    if (!well)
        ds__text_add(why, "%s", strerror(errno));
    if (!well || how.mode != DS__COMPUTE_REPLAY)
        return well;
    well = read_file(f, program, num_ranks, why);
    fclose(f);
    return well;
}

uint64_t ds__compute_unknown(void)
{
    return unknown;
}

bool ds__compute_end(ds__text *why)
{
    ds__table_free(&durations);
    ds__table_free(&taken);
    if (file == NULL)
        return true;
    const bool whole = !ferror(file);
    if (fclose(file) == 0 && whole)
        return true;
    ds__text_add(why, "%s", strerror(errno));
    return false;
}

/* ---- Durations ------------------------------------------------------------*/

void ds__compute_start(void)
{
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &started);
}

static uint64_t measure(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    const int64_t ns = (int64_t)(now.tv_sec - started.tv_sec) * 1000000000 +
                       (now.tv_nsec - started.tv_nsec);
    return ns > 0 ? (uint64_t)ns : 0;
}

static uint64_t look_up(uint64_t rank, uint64_t site)
{
    const duration *d = ds__table_find(
        &durations, (ds__table_key){ rank, site, turn_at(rank, site) });

    unknown += d == NULL;
    return d == NULL ? 0 : d->ns;
}

/* A call that others make for the program has no place in it. */
static uint64_t place_of(const ds__rank *me, const void *site)
{
    return site == NULL
               ? UINT32_MAX
               : (uint64_t)((const unsigned char *)site - me->image->base);
}

double ds__compute_take(const ds__rank *me, const char *call, void *site)
{
    const uint64_t rank = (uint64_t)me->number;
    const uint64_t place = place_of(me, site);
    uint64_t ns;

    assert(place != NOWHERE);
    switch (how.mode) {
    case DS__COMPUTE_NONE:
        break;
    case DS__COMPUTE_CALL:
        return me->initialized && strcmp(call, "MPI_Wtime") != 0 ? how.seconds
                                                                 : 0;
    case DS__COMPUTE_MEASURED:
        return (double)measure() / 1e9 * how.factor;
    case DS__COMPUTE_RECORD:
        ns = measure();
        fprintf(file, "%" PRIu64 " %" PRIu64 " %" PRIx64 " %" PRIu64 "\n", rank,
                turn_at(rank, NOWHERE), place, ns);
        return (double)ns / 1e9;
    case DS__COMPUTE_REPLAY:
        return (double)look_up(rank, place) / 1e9;
    }
    return 0;
}
