/* Draws networks.  Where a place is depends on the kind of network, and on
 * nothing else, so the same network is always the same picture:
 *
 *     a grid     its hosts as one, the third and later dimensions as blocks
 *     without switches, or if switches of one height are joined (a ring, a
 *                full network, a dragonfly)
 *                a circle, switches inside and their hosts outside
 *     else       levels, by how far a switch is from the hosts
 *
 * In levels each place is above the middle of those below it, as far as there
 * is room. */

#include "bench/topology/draw.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"
#include "topology/topology.h"

#define PI              3.14159265358979323846
#define MARGIN          24.0
#define STEP            28.0  /* between hosts beside each other */
#define RISE            110.0 /* between levels */
#define HOST            7.0   /* radius */
#define MOST_DIMENSIONS 16

typedef struct spot {
    double x, y;
    size_t level; /* links to the nearest host */
} spot;

typedef struct drawing {
    const ds_topology *topology;
    const load *load;
    size_t num_hosts, num_places;
    spot *spots; /* by place */
    double width, height;
    bool straight; /* cables go straight; else they bow, as rings' longest do */
    FILE *out;
} drawing;

/* ---- What is joined with what ---------------------------------------------*/

/* A cable is two arcs, one after the other. */
static size_t num_cables(const drawing *d)
{
    return d->topology->num_arcs / 2;
}

static const ds__arc *cable(const drawing *d, size_t i)
{
    return &d->topology->arcs[2 * i];
}

/* By rounds, since nothing is deep. */
static void find_levels(drawing *d)
{
    bool changed = true;

    for (size_t i = 0; i < d->num_places; i++)
        d->spots[i].level = i < d->num_hosts ? 0 : SIZE_MAX;
    while (changed) {
        changed = false;
        for (size_t i = 0; i < d->topology->num_arcs; i++) {
            const ds__arc *arc = &d->topology->arcs[i];
            const size_t level = d->spots[arc->from].level;
            if (level == SIZE_MAX || d->spots[arc->to].level <= level + 1)
                continue;
            d->spots[arc->to].level = level + 1;
            changed = true;
        }
    }
    for (size_t i = 0; i < d->num_places; i++)
        if (d->spots[i].level == SIZE_MAX)
            d->spots[i].level = 1; /* nothing leads there */
}

/* Whether any two of the same level are joined. */
static bool has_peers(const drawing *d)
{
    for (size_t i = 0; i < num_cables(d); i++)
        if (d->spots[cable(d, i)->from].level ==
            d->spots[cable(d, i)->to].level)
            return true;
    return false;
}

/* ---- Grids ----------------------------------------------------------------*/

/* Reads the sides of a mesh, a torus or a hypercube; 0: it is none. */
static size_t read_sides(const char *text, size_t sides[MOST_DIMENSIONS])
{
    const char *at = strchr(text, ':');
    size_t n = 0;

    if (strncmp(text, "hypercube:", 10) == 0) {
        n = strtoul(at + 1, NULL, 10);
        n = n < MOST_DIMENSIONS ? n : 0;
        for (size_t i = 0; i < n; i++)
            sides[i] = 2;
        return n;
    }
    if (strncmp(text, "mesh:", 5) != 0 && strncmp(text, "torus:", 6) != 0)
        return 0;
    do {
        char *rest;
        sides[n++] = strtoul(at + 1, &rest, 10);
        at = rest;
    } while (*at == 'x' && n < MOST_DIMENSIONS);
    return n;
}

/* Odd dimensions go to the right and even ones down; blocks of more than two
 * are apart from each other. */
static void lay_grid(drawing *d, const size_t *sides, size_t n)
{
    double steps[MOST_DIMENSIONS];

    for (size_t k = 0; k < n; k++)
        steps[k] =
            k < 2 ? 1.6 * STEP : steps[k - 2] * ((double)sides[k - 2] + 0.4);
    for (size_t i = 0; i < d->num_hosts; i++) {
        size_t rest = i;
        for (size_t k = 0; k < n; k++) {
            double *to = k % 2 == 0 ? &d->spots[i].x : &d->spots[i].y;
            *to += steps[k] * (double)(rest % sides[k]);
            rest /= sides[k];
        }
    }
    d->straight = false;
}

/* ---- Circles --------------------------------------------------------------*/

static void put_round(spot *s, double radius, double turn)
{
    s->x = radius * sin(2 * PI * turn);
    s->y = -radius * cos(2 * PI * turn);
}

/* Switches stand around as their hosts need room: each as many parts of the
 * circle as it has hosts. */
static void lay_circle(drawing *d)
{
    const size_t n = d->num_hosts;
    const double radius = fmax(2 * STEP, STEP * (double)n / (2 * PI));
    size_t *hosts_of = args_alloc(d->num_places + 1, sizeof(*hosts_of));
    size_t *at = args_alloc(d->num_places + 1, sizeof(*at));
    size_t *home = args_alloc(n + 1, sizeof(*home));
    size_t before = 0;

    memset(hosts_of, 0, (d->num_places + 1) * sizeof(*hosts_of));
    for (size_t i = 0; i < n; i++)
        home[i] = SIZE_MAX;
    for (size_t i = 0; i < num_cables(d); i++) {
        const ds__arc *c = cable(d, i);
        const size_t host = c->from < c->to ? c->from : c->to;
        const size_t other = c->from < c->to ? c->to : c->from;
        if (host >= n || other < n || home[host] != SIZE_MAX)
            continue;
        home[host] = other;
        hosts_of[other]++;
    }
    for (size_t s = n; s < d->num_places; s++) {
        at[s] = before;
        put_round(&d->spots[s], radius - (n == 0 ? 0 : 2 * STEP),
                  ((double)before + (double)hosts_of[s] / 2 - 0.5) / (double)n);
        before += hosts_of[s];
    }
    for (size_t i = 0; i < n; i++)
        put_round(&d->spots[i], radius,
                  (double)(home[i] == SIZE_MAX ? before++ : at[home[i]]++) /
                      (double)n);
    free(hosts_of);
    free(at);
    free(home);
}

/* ---- Levels ---------------------------------------------------------------*/

/* The middle of those below, which have been laid. */
static double middle_below(const drawing *d, size_t place)
{
    double sum = 0;
    size_t n = 0;

    for (size_t i = 0; i < d->topology->num_arcs; i++) {
        const ds__arc *arc = &d->topology->arcs[i];
        if (arc->from != place ||
            d->spots[arc->to].level >= d->spots[place].level)
            continue;
        sum += d->spots[arc->to].x;
        n++;
    }
    return n == 0 ? 0 : sum / (double)n;
}

typedef struct seat {
    size_t place;
    double wish;
} seat;

static int by_wish(const void *a, const void *b)
{
    const seat *x = a;
    const seat *y = b;

    if (x->wish != y->wish)
        return x->wish < y->wish ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

/* Lays those of a level in the order of what is below them, spread over the
 * width of the hosts; returns how many they are. */
static size_t lay_level(drawing *d, size_t level, double top)
{
    seat *seats = args_alloc(d->num_places, sizeof(*seats));
    const double width = STEP * (double)(d->num_hosts - 1);
    size_t n = 0;

    for (size_t i = d->num_hosts; i < d->num_places; i++)
        if (d->spots[i].level == level)
            seats[n++] = (seat){ i, middle_below(d, i) };
    qsort(seats, n, sizeof(*seats), by_wish);
    for (size_t i = 0; i < n; i++) {
        const double even = width * ((double)i + 0.5) / (double)n;
        d->spots[seats[i].place].x = n == 1 ? seats[i].wish : even;
        d->spots[seats[i].place].y = top - RISE * (double)level;
    }
    free(seats);
    return n;
}

static void lay_levels(drawing *d)
{
    size_t most = 0;

    for (size_t i = 0; i < d->num_places; i++)
        most = d->spots[i].level > most ? d->spots[i].level : most;
    for (size_t i = 0; i < d->num_hosts; i++)
        d->spots[i] = (spot){ STEP * (double)i, RISE * (double)most, 0 };
    for (size_t level = 1; level <= most; level++)
        lay_level(d, level, RISE * (double)most);
}

/* ---- Laying it out --------------------------------------------------------*/

static void lay(drawing *d, const char *text)
{
    size_t sides[MOST_DIMENSIONS];
    const size_t n = read_sides(text, sides);

    find_levels(d);
    d->straight = true;
    if (n > 0)
        lay_grid(d, sides, n);
    else if (d->num_places == d->num_hosts || has_peers(d))
        lay_circle(d);
    else
        lay_levels(d);
}

/* ---- Drawing --------------------------------------------------------------*/

/* How hot the hotter direction of a cable is, from 0 to 1. */
static double heat_of(const drawing *d, size_t i)
{
    const size_t there = cable(d, i)->link;
    const size_t back = d->topology->arcs[2 * i + 1].link;
    const load *l = d->load;

    if (l == NULL || l->used == 0)
        return 0;
    return fmax(load_seconds(l, there), load_seconds(l, back)) /
           load_seconds(l, l->order[0]);
}

/* From grey over orange to red. */
static void put_colour(const drawing *d, double heat)
{
    const double grey[] = { 170, 175, 180 };
    const double orange[] = { 240, 170, 50 };
    const double red[] = { 200, 30, 40 };
    const double *from = heat < 0.5 ? grey : orange;
    const double *to = heat < 0.5 ? orange : red;
    const double part = heat < 0.5 ? 2 * heat : 2 * heat - 1;

    fprintf(d->out, "#");
    for (int i = 0; i < 3; i++)
        fprintf(d->out, "%02x",
                (unsigned)(from[i] + (to[i] - from[i]) * part + 0.5));
}

/* How many cables before this one join the same two places. */
static size_t twins_before(const drawing *d, size_t i)
{
    size_t n = 0;

    for (size_t k = i; k > 0; k--) {
        if (cable(d, k - 1)->from != cable(d, i)->from ||
            cable(d, k - 1)->to != cable(d, i)->to)
            return n;
        n++;
    }
    return n;
}

/* A cable that passes others of a grid bows out of their way, and so does each
 * further one between the same two. */
static double bow_of(const drawing *d, size_t i, double length)
{
    const double twins = 6 * (double)twins_before(d, i);

    return d->straight || length < 2 * STEP ? twins : twins + 0.12 * length;
}

/* How far the longest bow may reach beyond the places. */
static double longest_bow(const drawing *d)
{
    double most = 0;

    for (size_t i = 0; i < num_cables(d); i++) {
        const spot *a = &d->spots[cable(d, i)->from];
        const spot *b = &d->spots[cable(d, i)->to];
        most = fmax(most, bow_of(d, i, hypot(b->x - a->x, b->y - a->y)));
    }
    return most;
}

/* Moves everything so that it begins at the margin. */
static void fit(drawing *d)
{
    const double margin = MARGIN + longest_bow(d);
    double left = INFINITY, top = INFINITY;

    for (size_t i = 0; i < d->num_places; i++) {
        left = fmin(left, d->spots[i].x);
        top = fmin(top, d->spots[i].y);
    }
    for (size_t i = 0; i < d->num_places; i++) {
        d->spots[i].x += margin - left;
        d->spots[i].y += margin - top;
        d->width = fmax(d->width, d->spots[i].x + margin);
        d->height = fmax(d->height, d->spots[i].y + margin);
    }
}

static void put_cable(const drawing *d, size_t i)
{
    const spot *a = &d->spots[cable(d, i)->from];
    const spot *b = &d->spots[cable(d, i)->to];
    const double length = hypot(b->x - a->x, b->y - a->y);
    const double bow = length > 0 ? bow_of(d, i, length) / length : 0;
    const double heat = heat_of(d, i);

    fprintf(d->out, "<path d=\"M%.1f %.1f", a->x, a->y);
    if (bow == 0)
        fprintf(d->out, "L%.1f %.1f", b->x, b->y);
    else
        fprintf(d->out, "Q%.1f %.1f %.1f %.1f",
                (a->x + b->x) / 2 + (b->y - a->y) * bow * 2,
                (a->y + b->y) / 2 - (b->x - a->x) * bow * 2, b->x, b->y);
    fprintf(d->out, "\" stroke=\"");
    put_colour(d, heat);
    fprintf(d->out, "\" stroke-width=\"%.1f\"><title>%s", 1.5 + 2.5 * heat,
            ds_topology_link(d->topology, cable(d, i)->link)->name);
    if (d->load != NULL)
        fprintf(d->out, ": %zu there, %zu back",
                d->load->messages[cable(d, i)->link],
                d->load->messages[d->topology->arcs[2 * i + 1].link]);
    fprintf(d->out, "</title></path>\n");
}

static void put_place(const drawing *d, size_t i)
{
    const spot *s = &d->spots[i];
    const bool host = i < d->num_hosts;
    const size_t number = host ? i : i - d->num_hosts;

    if (host)
        fprintf(d->out,
                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" "
                "fill=\"#4477aa\"/>\n",
                s->x, s->y, HOST);
    else
        fprintf(d->out,
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                "rx=\"2\" fill=\"#333333\"/>\n",
                s->x - 1.3 * HOST, s->y - HOST, 2.6 * HOST, 2 * HOST);
    fprintf(d->out, "<text x=\"%.1f\" y=\"%.1f\">%zu</text>\n", s->x,
            s->y + 2.6, number);
}

/* The coolest first, so that the hottest are seen. */
static void put_cables(const drawing *d)
{
    const int shades = d->load == NULL ? 1 : 8;

    fprintf(d->out, "<g fill=\"none\">\n");
    for (int shade = 0; shade < shades; shade++)
        for (size_t i = 0; i < num_cables(d); i++)
            if ((int)fmin(heat_of(d, i) * shades, shades - 1) == shade)
                put_cable(d, i);
    fprintf(d->out, "</g>\n");
}

static void put_all(const drawing *d)
{
    fprintf(d->out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" "
            "viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" "
            "font-family=\"sans-serif\" font-size=\"7.5\" fill=\"#ffffff\" "
            "text-anchor=\"middle\">\n"
            "<rect width=\"100%%\" height=\"100%%\"/>\n",
            d->width, d->height, d->width, d->height);
    put_cables(d);
    for (size_t i = 0; i < d->num_places; i++)
        put_place(d, i);
    fprintf(d->out, "</svg>\n");
}

failure draw_svg(const ds_topology *topology, const char *text, const load *l,
                 const char *file)
{
    drawing d = {
        .topology = topology,
        .load = l,
        .num_hosts = topology->num_hosts,
        .num_places = topology->num_places,
    };

    if (topology->num_arcs == 0 && topology->num_links > 0)
        return failure_new(EXIT_FAILURE,
                           "it has no cables to draw, only routes over links");
    d.out = fopen(file, "w");
    if (d.out == NULL)
        return failure_new(EXIT_FAILURE, "--svg: %s: %s", file,
                           strerror(errno));
    d.spots = args_alloc(d.num_places, sizeof(*d.spots));
    memset(d.spots, 0, d.num_places * sizeof(*d.spots));
    lay(&d, text);
    fit(&d);
    put_all(&d);
    free(d.spots);
    const bool bad = ferror(d.out) != 0;
    if (fclose(d.out) != 0 || bad)
        return failure_new(EXIT_FAILURE, "--svg: %s: %s", file,
                           strerror(errno));
    return SUCCESS;
}
