/* The library's own format:
 *
 *     distsys topology 1
 *     hosts 4
 *     switches 2
 *     cable h0 s0 10Gbit 1us          and half, fatpipe, or both, if it is
 *     link loop 20G 0 fatpipe         a link by itself, with a name
 *     route h0 h0 loop                over links by their names
 *     profile loop 0 rate 1G; 5 off   what it is like when
 *
 * Counts come first, then links and cables, then routes and profiles. */

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "topology/read/formats.h"
#include "topology/timetable.h"
#include "topology/topology.h"

/* Invariant: order is NULL, or has the numbers of all links, by name. */
typedef struct own {
    ds__source *source;
    ds__lines *lines;
    size_t hosts, switches; /* hosts: 0 until it is said */
    bool placed;
    uint32_t *order;
} own;

/* ---- Places and links -----------------------------------------------------*/

/* Reads h3 or s3; only hosts if no switch is allowed. */
static bool read_place(const own *o, size_t word, bool host, size_t *place)
{
    const char *text = word < o->lines->n ? o->lines->words[word] : "";
    const bool is_switch = text[0] == 's' && !host;
    const size_t count = is_switch ? o->switches : o->hosts;
    uint64_t number = 0;

    if ((is_switch || text[0] == 'h') && count > 0 &&
        ds__number_whole(text + 1, strlen(text + 1), count - 1, &number)) {
        *place = is_switch ? o->hosts + (size_t)number : (size_t)number;
        return true;
    }
    if (host || o->switches == 0)
        return ds__lines_wrong(o->lines,
                               "'%.30s' where a host must be; allowed: h0 to "
                               "h%zu",
                               text, o->hosts - 1);
    return ds__lines_wrong(o->lines,
                           "'%.30s' where a place must be; allowed: h0 to "
                           "h%zu, s0 to s%zu",
                           text, o->hosts - 1, o->switches - 1);
}

/* Reads a rate, a latency, and what may follow them. */
static bool read_link(const own *o, size_t word, bool cable, ds_link *link,
                      bool *half)
{
    *link = (ds_link){ 0 };
    *half = false;
    if (!ds__lines_rate(o->lines, word, ds__unit_bytes, DS__ALLOWED_BYTES,
                        &link->rate) ||
        !ds__lines_seconds(o->lines, word + 1, &link->latency))
        return false;
    for (word += 2; word < o->lines->n; word++)
        if (ds__lines_is(o->lines, word, "fatpipe"))
            link->sharing = DS_FATPIPE;
        else if (cable && ds__lines_is(o->lines, word, "half"))
            *half = true;
        else
            return ds__lines_wrong(o->lines, "unknown '%.30s'; allowed: %s",
                                   o->lines->words[word],
                                   cable ? "half, fatpipe" : "fatpipe");
    return true;
}

static bool add_link(own *o)
{
    ds_link link;
    bool half;

    if (!ds__lines_has(o->lines, 4, 5, "link NAME RATE LATENCY [fatpipe]") ||
        !read_link(o, 2, false, &link, &half))
        return false;
    link.name = o->lines->words[1];
    return ds_topology_add_link(o->source->topology, link) != SIZE_MAX;
}

static bool add_cable(own *o)
{
    ds__spec spec = { 0 };
    ds_link link;
    size_t a, b;

    if (!ds__lines_has(o->lines, 5, 7,
                       "cable A B RATE LATENCY [half] [fatpipe]") ||
        !read_place(o, 1, false, &a) || !read_place(o, 2, false, &b) ||
        !read_link(o, 3, true, &link, &spec.half))
        return false;
    if (a == b)
        return ds__lines_wrong(o->lines, "a cable from %s to itself",
                               o->lines->words[1]);
    return ds__build_cable(o->source->topology, &spec, a, b, link, 0);
}

/* ---- Routes ---------------------------------------------------------------*/

static int compare_names(const void *a, const void *b, void *topology)
{
    const uint32_t *one = a;
    const uint32_t *two = b;

    return strcmp(ds_topology_link(topology, *one)->name,
                  ds_topology_link(topology, *two)->name);
}

static bool sort_links(own *o)
{
    const size_t n = ds_topology_num_links(o->source->topology);

    o->order = malloc((n + 1) * sizeof(*o->order));
    if (o->order == NULL)
        return ds__topology_no_memory(o->source->topology, "ds_topology_parse");
    for (size_t i = 0; i < n; i++)
        o->order[i] = (uint32_t)i;
    qsort_r(o->order, n, sizeof(*o->order), compare_names, o->source->topology);
    return true;
}

static const char *name_at(const own *o, size_t place)
{
    return ds_topology_link(o->source->topology, o->order[place])->name;
}

/* Finds the one link of a name. */
static bool find_link(const own *o, const char *name, size_t *link)
{
    const size_t n = ds_topology_num_links(o->source->topology);
    size_t low = 0;
    size_t high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(name_at(o, middle), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == n || strcmp(name_at(o, low), name) != 0)
        return ds__lines_wrong(o->lines, "no link is called '%.30s'", name);
    if (low + 1 < n && strcmp(name_at(o, low + 1), name) == 0)
        return ds__lines_wrong(o->lines, "several links are called '%.30s'",
                               name);
    *link = o->order[low];
    return true;
}

static bool read_route(const own *o, size_t from, size_t to)
{
    const size_t n = o->lines->n - 3;
    size_t *links = malloc(n * sizeof(*links));
    bool good = links != NULL || ds__topology_no_memory(o->source->topology,
                                                        "ds_topology_parse");

    for (size_t i = 0; i < n && good; i++)
        good = find_link(o, o->lines->words[3 + i], &links[i]);
    if (good)
        ds_topology_set_route(o->source->topology, from, to, links, n);
    free(links);
    return good && ds__topology_is_sound(o->source->topology);
}

static bool add_route(own *o)
{
    size_t from, to;

    return ds__lines_has(o->lines, 4, SIZE_MAX, "route FROM TO LINK...") &&
           read_place(o, 1, true, &from) && read_place(o, 2, true, &to) &&
           (o->order != NULL || sort_links(o)) && read_route(o, from, to);
}

/* ---- Profiles -------------------------------------------------------------*/

/* Puts words together again from one on. */
static void join(const own *o, size_t word, ds__text *text)
{
    for (size_t i = word; i < o->lines->n; i++)
        ds__text_add(text, "%s%s", i == word ? "" : " ", o->lines->words[i]);
}

static size_t joined_length(const own *o, size_t word)
{
    size_t length = 1;

    for (size_t i = word; i < o->lines->n; i++)
        length += strlen(o->lines->words[i]) + 1;
    return length;
}

/* Keeps a text if it is sound. */
static bool keep_profile(const own *o, size_t link, const char *text)
{
    ds__timetable table;
    char why[256];

    if (!ds__timetable_read(&table, text, why, sizeof(why)))
        return ds__lines_wrong(o->lines, "the profile, %s", why);
    ds__timetable_free(&table);
    return ds__topology_add_profile(o->source->topology, link, text);
}

static bool add_profile(own *o)
{
    size_t link;

    if (!ds__lines_has(o->lines, 4, SIZE_MAX, "profile LINK TIME WHAT...") ||
        (o->order == NULL && !sort_links(o)) ||
        !find_link(o, o->lines->words[1], &link))
        return false;
    const size_t room = joined_length(o, 2);
    char *buf = malloc(room);
    ds__text text;
    if (buf == NULL)
        return ds__topology_no_memory(o->source->topology, "ds_topology_parse");
    ds__text_init(&text, buf, room);
    join(o, 2, &text);
    const bool good = keep_profile(o, link, buf);
    free(buf);
    return good;
}

/* ---- The whole ------------------------------------------------------------*/

static bool read_count(own *o, const char *what, size_t min, size_t *count)
{
    if (o->placed)
        return ds__lines_wrong(o->lines, "%s come before links", what);
    if (*count > 0)
        return ds__lines_wrong(o->lines, "%s are said twice", what);
    return ds__lines_has(o->lines, 2, 2, "what, and how many") &&
           ds__lines_count(o->lines, 1, what, min, DS__MOST_HOSTS, count);
}

static bool place(own *o)
{
    if (o->placed)
        return true;
    if (o->hosts == 0)
        return ds__lines_wrong(o->lines, "'hosts' comes before this");
    o->placed = true;
    return ds__build_places(o->source->topology, o->source->shape, o->hosts,
                            o->switches, 0);
}

static bool read_line(own *o)
{
    if (ds__lines_is(o->lines, 0, "hosts"))
        return read_count(o, "hosts", 1, &o->hosts);
    if (ds__lines_is(o->lines, 0, "switches"))
        return read_count(o, "switches", 0, &o->switches);
    const bool cable = ds__lines_is(o->lines, 0, "cable");
    const bool link = ds__lines_is(o->lines, 0, "link");
    const bool profile = ds__lines_is(o->lines, 0, "profile");
    if (!cable && !link && !profile && !ds__lines_is(o->lines, 0, "route"))
        return ds__lines_wrong(o->lines,
                               "unknown '%.30s'; allowed: hosts, switches, "
                               "cable, link, route, profile",
                               o->lines->words[0]);
    if (!place(o))
        return false;
    if (!cable && !link)
        return profile ? add_profile(o) : add_route(o);
    if (o->order != NULL)
        return ds__lines_wrong(o->lines,
                               "links come before routes and profiles");
    return cable ? add_cable(o) : add_link(o);
}

bool ds__read_own(ds__source *source)
{
    own o = { .source = source, .lines = &source->lines };
    bool good = ds__lines_next(o.lines);

    if (good && !(o.lines->n == 3 && ds__lines_is(o.lines, 1, "topology") &&
                  ds__lines_is(o.lines, 2, "1")))
        good = ds__lines_wrong(o.lines, "allowed: 'distsys topology 1'");
    while (good && ds__lines_next(o.lines))
        good = read_line(&o);
    free(o.order);
    if (good && o.hosts == 0)
        return ds__lines_wrong_file(o.lines, "it has no 'hosts'");
    return good && place(&o);
}
