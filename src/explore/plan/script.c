/* When lines happen; see the header. */

#include "explore/plan/script.h"

#include <math.h>
#include <stdlib.h>

#include "base/invariant.h"

/* ---- What an act is about -------------------------------------------------*/

static ds__plan_shape shape_of(const ds__act *act)
{
    return ds__plan_words[act->line.kind].shape;
}

static bool is_about_links(const ds__act *act)
{
    return shape_of(act) == DS__PLAN_LINK || shape_of(act) == DS__PLAN_SIDES;
}

static bool is_about_wires(const ds__act *act)
{
    return shape_of(act) == DS__PLAN_NAME;
}

static bool is_a_moment(const ds__act *act)
{
    return act->line.kind == DS__PLAN_WIPE || act->line.kind == DS__PLAN_RESEED;
}

/* ---- The order of things --------------------------------------------------*/

static const ds__act *act_of_cue(const ds__heap_node *node)
{
    return ds__container((ds__heap_node *)node, ds__act, cue);
}

/* What begins does so before anything ends, so that there is no gap between two
 * lines of which one ends when the other begins. */
static bool before(const ds__heap_node *a, const ds__heap_node *b)
{
    const ds__act *x = act_of_cue(a);
    const ds__act *y = act_of_cue(b);

    if (x->state != y->state)
        return x->state == DS__ACT_WAITING;
    return x->number < y->number;
}

/* Room for all acts has been reserved. */
static void cue(ds__script *script, ds__act *act, double time)
{
    if (time < INFINITY)
        ds__heap_push(&script->cues, time, &act->cue, before);
}

/* ---- What happens ---------------------------------------------------------*/

static void tell_reseed(ds_loop *loop, const ds__plan_line *line)
{
    char *text = ds__plan_line_text(line);

    ds__tell_probe(loop, (ds__record){ .kind = DS__TELL_FAULT,
                                       .flag = DS__FAULT_RESEED,
                                       .text = text });
    free(text);
}

static void do_now(ds__script *script, ds__act *act)
{
    act->state = DS__ACT_OVER;
    act->bite.happened = true;
    if (act->line.kind == DS__PLAN_WIPE) {
        ds_node_wipe_disk(act->node);
        return;
    }
    ds__loop_reseed(script->loop, act->line.number);
    if (*ds__loop_probe(script->loop) != NULL)
        tell_reseed(script->loop, &act->line);
}

static void begin(ds__script *script, ds__act *act)
{
    assert(act->state == DS__ACT_WAITING);
    if (is_a_moment(act)) {
        do_now(script, act);
        return;
    }
    act->state = DS__ACT_ON;
    if (is_about_links(act)) {
        act->bite.happened = true;
        ds__list_append(&script->links, &act->link);
        ds__links_changed(script, act);
    } else if (is_about_wires(act)) {
        ds__list_append(&script->wires, &act->link);
        ds__wire_begin(act);
    } else {
        ds__list_append(&script->machines, &act->link);
        ds__machine_begin(script, act);
    }
    cue(script, act, act->line.until);
}

static void end(ds__script *script, ds__act *act)
{
    assert(act->state == DS__ACT_ON);
    act->state = DS__ACT_OVER;
    if (is_about_links(act)) {
        ds__list_remove(&act->link);
        ds__links_changed(script, act);
    } else if (is_about_wires(act)) {
        ds__list_remove(&act->link);
        ds__wire_end(act);
    } else {
        ds__machine_end(script, act);
        ds__list_remove(&act->link);
    }
}

static void play(ds__script *script, double now)
{
    ds__heap *cues = &script->cues;

    while (cues->count > 0 && cues->entries[0].key <= now) {
        ds__act *act = (ds__act *)act_of_cue(cues->entries[0].node);
        ds__heap_remove(cues, &act->cue, before);
        if (act->state == DS__ACT_WAITING)
            begin(script, act);
        else
            end(script, act);
    }
}

static void write_what_is_due(ds__script *script, ds__author *author,
                              double now)
{
    if (author != NULL && !script->ended && author->next <= now)
        author->write(author, script);
}

static double next_of(const ds__author *author)
{
    return author == NULL ? INFINITY : author->next;
}

void ds__script_wind(ds__script *script)
{
    double now = ds_loop_now(script->loop);
    double next = fmin(next_of(script->calm), next_of(script->author));

    if (script->cues.count > 0)
        next = fmin(next, script->cues.entries[0].key);
    if (script->ended)
        next = INFINITY;
    ds__alarm_set_to(script->loop, &script->alarm, fmax(next, now));
}

/* Whoever has the baton is busy with something else. */
static void ring(ds__alarm *alarm)
{
    ds__script *script = ds__container(alarm, ds__script, alarm);
    double now = ds_loop_now(script->loop);
    ds_handle *self = ds__acting_begin(script->loop);

    write_what_is_due(script, script->calm, now);
    write_what_is_due(script, script->author, now);
    play(script, now);
    ds__script_wind(script);
    ds__acting_end(self);
}

void ds__script_end(ds__script *script)
{
    script->ended = true;
    while (script->cues.count > 0)
        ds__heap_remove(&script->cues, script->cues.entries[0].node, before);
    for (size_t i = 0; i < script->num_acts; i++) {
        if (script->acts[i]->state == DS__ACT_ON)
            end(script, script->acts[i]);
        script->acts[i]->state = DS__ACT_OVER;
    }
}

/* ---- Making ---------------------------------------------------------------*/

struct ds__sheet {
    ds__sheet *next;
    size_t used;
    ds__act acts[DS__ACTS_A_SHEET];
};

static void free_sheet(ds__sheet *sheet)
{
    for (size_t i = 0; i < sheet->used; i++) {
        ds__plan_disown(&sheet->acts[i].line);
        free(sheet->acts[i].sides);
    }
    free(sheet);
}

static void free_cast(ds__cast *cast)
{
    if (cast == NULL)
        return;
    free(cast->nodes);
    free(cast->places);
    free(cast->said);
    free(cast);
}

static ds__script *script_of(const ds__resident *resident)
{
    return ds__container((ds__resident *)resident, ds__script, resident);
}

static void free_script(ds__resident *resident)
{
    ds__script *script = script_of(resident);
    ds__annex *annex = ds__loop_annex(script->loop);

    annex->overlay = NULL;
    while (script->sheets != NULL) {
        ds__sheet *first = script->sheets;
        script->sheets = first->next;
        free_sheet(first);
    }
    while (script->casts != NULL) {
        ds__cast *first = script->casts;
        script->casts = first->next;
        free_cast(first);
    }
    free(script->acts);
    ds__heap_free(&script->cues);
    free(script);
}

static void check(const ds__resident *resident)
{
    ds__script_check(script_of(resident));
}

ds__script *ds__script_find(const ds_loop *loop)
{
    const ds__annex *annex = ds__loop_annex(loop);

    return annex == NULL ? NULL : (ds__script *)annex->overlay;
}

/* From here on every message has a number, whether anything goes wrong or not.
 */
ds__script *ds__script_of(ds_loop *loop, const char *call)
{
    if (!ds__may_build(loop, call) || !ds__faults_watch(loop, call))
        return NULL;
    if (ds__script_find(loop) != NULL)
        return ds__script_find(loop);

    ds__script *script = calloc(1, sizeof(*script));
    if (script == NULL || !ds__alarm_init_first(&script->alarm, loop, ring)) {
        free(script);
        ds__fail_memory(loop, call);
        return NULL;
    }
    ds__annex *annex = ds__loop_annex(loop);
    assert(annex->overlay == NULL);
    script->loop = loop;
    script->changes = 1;
    ds__list_init(&script->links);
    ds__list_init(&script->machines);
    ds__list_init(&script->wires);
    ds__script_overlay(script);
    annex->overlay = &script->overlay;
    script->resident.free = free_script;
    script->resident.check = check;
    ds__loop_keep(loop, &script->resident);
    return script;
}

/* ---- Casts ----------------------------------------------------------------*/

static bool fill_cast(ds__cast *cast, ds_node *const *nodes, size_t n)
{
    const ds__annex *annex = ds__loop_annex(cast->net->loop);

    cast->count = n;
    cast->num_places = annex->num_nodes;
    cast->nodes = calloc(n + 1, sizeof(ds_node *));
    cast->places = calloc(annex->num_nodes + 1, sizeof(*cast->places));
    if (n <= DS__MOST_SAID)
        cast->said = calloc(n * n + 1, sizeof(*cast->said));
    if (cast->nodes == NULL || cast->places == NULL ||
        (n <= DS__MOST_SAID && cast->said == NULL))
        return false;
    for (size_t i = 0; i < n; i++) {
        cast->nodes[i] = nodes[i];
        cast->places[nodes[i]->number] = (uint32_t)i + 1;
    }
    return true;
}

const ds__cast *ds__script_cast(ds__script *script, ds_net *net,
                                ds_node *const *nodes, size_t n,
                                const char *call)
{
    ds__cast *cast = calloc(1, sizeof(*cast));

    if (cast != NULL)
        cast->net = net;
    if (cast == NULL || !fill_cast(cast, nodes, n)) {
        free_cast(cast);
        ds__fail_memory(script->loop, call);
        return NULL;
    }
    cast->next = script->casts;
    script->casts = cast;
    script->keeper = cast->next == NULL && cast->said != NULL ? cast : NULL;
    return cast;
}

/* ---- Acts -----------------------------------------------------------------*/

/* Says for each place on which side it is; false: no memory. */
static bool take_sides(ds__act *act)
{
    const ds__plan_line *line = &act->line;

    act->sides = calloc(act->cast->count + 1, sizeof(*act->sides));
    for (size_t i = 0; act->sides != NULL && i < line->num_members; i++)
        act->sides[line->members[i].node] = line->members[i].side + 1;
    return act->sides != NULL;
}

/* Returns the next place of the newest sheet; NULL: no memory. */
static ds__act *next_place(ds__script *script)
{
    ds__sheet *sheet = script->sheets;

    if (sheet == NULL || sheet->used == DS__ACTS_A_SHEET) {
        sheet = malloc(sizeof(*sheet));
        if (sheet == NULL)
            return NULL;
        sheet->next = script->sheets;
        sheet->used = 0;
        script->sheets = sheet;
    }
    return &sheet->acts[sheet->used];
}

/* NULL: no memory, and its place stays free. */
static ds__act *new_act(ds__script *script, const ds__cast *cast,
                        const ds__plan_line *line)
{
    ds__act *act = next_place(script);

    if (act == NULL)
        return NULL;
    *act = (ds__act){
        .cast = cast,
        .line = *line,
        .bite.planned = ds__plan_families(line),
    };
    if (shape_of(act) == DS__PLAN_NODE)
        act->node = cast->nodes[line->node];
    if (!ds__plan_own(&act->line))
        return NULL;
    if (line->num_members > 0 && !take_sides(act)) {
        ds__plan_disown(&act->line);
        return NULL;
    }
    script->sheets->used++;
    return act;
}

/* Makes room for one act more, and for the cues of all. */
static bool reserve(ds__script *script)
{
    ds__heap *cues = &script->cues;

    if (!ds__heap_reserve(cues, script->num_acts + 1 - cues->count))
        return false;
    if (script->num_acts < script->max_acts)
        return true;
    size_t max = script->max_acts == 0 ? 8 : script->max_acts * 2;
    ds__act **acts = realloc(script->acts, max * sizeof(ds__act *));
    if (acts == NULL)
        return false;
    script->acts = acts;
    script->max_acts = max;
    return true;
}

bool ds__script_add(ds__script *script, const ds__cast *cast,
                    const ds__plan_line *line, const char *call)
{
    double now = ds_loop_now(script->loop);
    ds__act *act = reserve(script) ? new_act(script, cast, line) : NULL;

    if (act == NULL) {
        ds__fail_memory(script->loop, call);
        return false;
    }
    act->number = script->num_acts;
    script->acts[script->num_acts++] = act;
    if (script->ended || line->until <= now)
        act->state = DS__ACT_OVER;
    else if (line->time <= now)
        begin(script, act);
    else
        cue(script, act, line->time);
    return true;
}

/* ---- Invariants -----------------------------------------------------------*/

static size_t length(const ds__link *list)
{
    size_t n = 0;

    for (const ds__link *l = list->next; l != list; l = l->next)
        n++;
    return n;
}

static bool is_cued(const ds__act *act)
{
    return act->state == DS__ACT_WAITING ||
           (act->state == DS__ACT_ON && act->line.until < INFINITY);
}

void ds__script_check(const ds__script *script)
{
    size_t on = 0;

    ds__heap_check(&script->cues);
    for (size_t i = 0; i < script->num_acts; i++) {
        const ds__act *act = script->acts[i];
        assert(act->number == i);
        assert(ds__heap_contains(&act->cue) == is_cued(act));
        assert(!script->ended || act->state == DS__ACT_OVER);
        on += act->state == DS__ACT_ON;
    }
    assert(length(&script->links) + length(&script->machines) +
               length(&script->wires) ==
           on);
    assert(script->cues.count <= script->num_acts);
    assert(script->num_acts <= script->max_acts);
    ds__links_check(script);
}
