/* Collective calls: their numbers, and the check that all members make the
 * same ones.
 *
 * The first member to make a call leaves a record of what it said; the others
 * compare.  No real system could afford that, but a simulator can, and tells
 * at once who disagrees with whom, where otherwise the run would deadlock or
 * give nonsense. */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coll/comm.h"
#include "coll/shape.h"

/* A list from the oldest to the newest.  A member stands at the record of its
 * latest call; a record that everybody has gone past is freed, and so none is
 * freed before an older one. */
struct ds__agreement {
    ds__agreement *next;
    ds__comm_group
        *children;   /* that were made in it, through sibling; the loop's */
    uint64_t number; /* of the call */
    size_t passed;   /* how many members have gone past */
    size_t rank;     /* who said it */
    const char *function;
    char algorithm[32];
    char op[32];
    size_t len;
    size_t size;
    size_t root;
    size_t granularity;
    size_t group;
    size_t chunk;
    char shape[64];
    ds_comm_mode mode;
    double eager;
    size_t *cuts;  /* where the parts of members begin, and the last one ends;
                    * NULL: there are none, or nobody who knows has come */
    size_t *parts; /* how long they are, and 1, of those that came before; 0:
                    * not said */
};

static void agreement_free(ds__agreement *record)
{
    free(record->cuts);
    free(record->parts);
    free(record);
}

void ds__agreements_free(ds__comm_group *group)
{
    while (group->oldest != NULL) {
        ds__agreement *next = group->oldest->next;
        agreement_free(group->oldest);
        group->oldest = next;
    }
    group->newest = NULL;
}

/* Into a field of a record, where what does not fit is cut. */
static void copy_name(char *field, size_t size, const char *name)
{
    snprintf(field, size, "%s", name == NULL ? "" : name);
}

static ds__agreement *agreement_new(ds_comm *c, const ds__call *call)
{
    ds__comm_group *group = c->group;
    ds__agreement *record = malloc(sizeof(*record));

    if (record == NULL) {
        ds__fail_memory(group->loop, call->function);
        return NULL;
    }
    *record = (ds__agreement){
        .number = c->calls + 1,
        .rank = c->rank,
        .function = call->function,
        .len = call->len,
        .size = call->size,
        .root = call->root,
        .granularity = call->granularity,
        .group = call->group,
        .chunk = call->chunk,
        .mode = c->mode,
        .eager = c->eager,
    };
    copy_name(record->algorithm, sizeof(record->algorithm), call->algorithm);
    copy_name(record->op, sizeof(record->op), call->op);
    if (call->shape != NULL)
        ds__shape_name(call->shape, group->size, record->shape,
                       sizeof(record->shape));
    if (group->newest == NULL)
        group->oldest = record;
    else
        group->newest->next = record;
    group->newest = record;
    return record;
}

ds__comm_group **ds__call_children(ds_comm *c)
{
    assert(c->at != NULL);
    return &c->at->children;
}

/* Moves c from its last record to the next one, which may have to be made. */
static ds__agreement *next_agreement(ds_comm *c, const ds__call *call)
{
    ds__comm_group *group = c->group;
    ds__agreement *here = c->at;
    ds__agreement *next = here == NULL ? group->oldest : here->next;

    if (next == NULL)
        next = agreement_new(c, call);
    if (next == NULL)
        return NULL;
    assert(next->number == c->calls + 1);
    c->at = next;
    if (here != NULL && ++here->passed == group->size) {
        assert(here == group->oldest);
        group->oldest = here->next;
        agreement_free(here);
    }
    return next;
}

static bool disagree(const ds_comm *c, const ds__call *call,
                     const ds__agreement *record, const char *what,
                     const char *mine, const char *theirs)
{
    ds__fail(c->group->loop, DS_EMISUSE,
             "%s: call %llu: %s is %s on rank %zu and %s on rank %zu; all "
             "members make the same calls in the same order",
             call->function, (unsigned long long)c->calls, what, mine, c->rank,
             theirs, record->rank);
    return false;
}

static bool numbers_agree(const ds_comm *c, const ds__call *call,
                          const ds__agreement *record, const char *what,
                          size_t mine, size_t theirs)
{
    char a[24], b[24];

    if (mine == theirs)
        return true;
    snprintf(a, sizeof(a), "%zu", mine);
    snprintf(b, sizeof(b), "%zu", theirs);
    return disagree(c, call, record, what, a, b);
}

static bool names_agree(const ds_comm *c, const ds__call *call,
                        const ds__agreement *record, const char *what,
                        const char *mine, const char *theirs, size_t size)
{
    if (mine == NULL)
        mine = "";
    return strncmp(mine, theirs, size - 1) == 0 ||
           disagree(c, call, record, what, mine, theirs);
}

static bool modes_agree(const ds_comm *c, const ds__call *call,
                        const ds__agreement *record)
{
    char a[32], b[32];

    if (c->mode != record->mode)
        return disagree(c, call, record, "the mode", ds__mode_name(c->mode),
                        ds__mode_name(record->mode));
    if (c->mode != DS_COMM_EAGER || c->eager == record->eager)
        return true;
    ds__format(a, sizeof(a), "%.17g", c->eager);
    ds__format(b, sizeof(b), "%.17g", record->eager);
    return disagree(c, call, record, "the eager limit", a, b);
}

/* What the first member pointed to may be gone. */
static bool names_of_shapes_agree(const ds_comm *c, const ds__call *call,
                                  const ds__agreement *record)
{
    char mine[sizeof(record->shape)];

    ds__shape_name(call->shape, c->group->size, mine, sizeof(mine));
    return strcmp(mine, record->shape) == 0 ||
           disagree(c, call, record, "the shape",
                    mine[0] == '\0' ? "none" : mine,
                    record->shape[0] == '\0' ? "none" : record->shape);
}

static bool shapes_agree(const ds_comm *c, const ds__call *call,
                         const ds__agreement *record)
{
    return (call->shape == NULL && record->shape[0] == '\0') ||
           names_of_shapes_agree(c, call, record);
}

/* Zeros for all members, and one more; NULL: no memory, which is recorded. */
static size_t *numbers_new(const ds_comm *c, const ds__call *call)
{
    size_t *numbers = calloc(c->group->size + 1, sizeof(*numbers));

    if (numbers == NULL)
        ds__fail_memory(c->group->loop, call->function);
    return numbers;
}

static size_t part_of(const ds__agreement *record, size_t rank)
{
    return record->cuts[rank + 1] - record->cuts[rank];
}

static bool part_agrees(const ds_comm *c, const ds__call *call,
                        const ds__agreement *record, size_t rank, size_t len)
{
    if (len == part_of(record, rank))
        return true;
    ds__fail(c->group->loop, DS_EMISUSE,
             "%s: call %llu: the vector of rank %zu has %zu elements; by the "
             "counts of the root it has %zu",
             call->function, (unsigned long long)c->calls, rank, len,
             part_of(record, rank));
    return false;
}

/* Whoever comes second compares. */
static bool tell_part(const ds_comm *c, const ds__call *call,
                      ds__agreement *record)
{
    if (record->cuts != NULL)
        return part_agrees(c, call, record, c->rank, call->part->len);
    if (record->parts == NULL)
        record->parts = numbers_new(c, call);
    if (record->parts == NULL)
        return false;
    record->parts[c->rank] = call->part->len + 1;
    return true;
}

static bool tell_cuts(const ds_comm *c, const ds__call *call,
                      ds__agreement *record)
{
    const size_t p = c->group->size;

    record->cuts = numbers_new(c, call);
    if (record->cuts == NULL)
        return false;
    for (size_t i = 0; i < p; i++)
        record->cuts[i + 1] = record->cuts[i] + call->counts[i];
    for (size_t i = 0; i < p && record->parts != NULL; i++)
        if (record->parts[i] != 0 &&
            !part_agrees(c, call, record, i, record->parts[i] - 1))
            return false;
    return true;
}

static bool parts_agree(const ds_comm *c, const ds__call *call,
                        ds__agreement *record)
{
    char what[48];

    if (call->part != NULL)
        return tell_part(c, call, record);
    if (call->counts == NULL)
        return true;
    if (record->cuts == NULL)
        return tell_cuts(c, call, record);
    size_t i = 0;
    while (i < c->group->size && call->counts[i] == part_of(record, i))
        i++;
    if (i == c->group->size)
        return true;
    snprintf(what, sizeof(what), "the length of part %zu", i);
    return numbers_agree(c, call, record, what, call->counts[i],
                         part_of(record, i));
}

static bool agree(const ds_comm *c, const ds__call *call, ds__agreement *record)
{
    if (strcmp(call->function, record->function) != 0)
        return disagree(c, call, record, "the function", call->function,
                        record->function);
    if (!names_agree(c, call, record, "the algorithm", call->algorithm,
                     record->algorithm, sizeof(record->algorithm)) ||
        !names_agree(c, call, record, "the operator", call->op, record->op,
                     sizeof(record->op)))
        return false;
    return modes_agree(c, call, record) &&
           numbers_agree(c, call, record, "the length of the vector", call->len,
                         record->len) &&
           numbers_agree(c, call, record, "the size of an element", call->size,
                         record->size) &&
           numbers_agree(c, call, record, "the root", call->root,
                         record->root) &&
           numbers_agree(c, call, record, "the granularity", call->granularity,
                         record->granularity) &&
           numbers_agree(c, call, record, "the size of a group", call->group,
                         record->group) &&
           numbers_agree(c, call, record, "the size of a chunk", call->chunk,
                         record->chunk) &&
           shapes_agree(c, call, record) && parts_agree(c, call, record);
}

static void tell_call(const ds_comm *c, const ds__call *call, bool ends)
{
    ds__tell_probe(
        c->group->loop,
        (ds__record){
            .kind = DS__TELL_CALL,
            .flag = ends,
            .who = ds__handle_number(c->handle),
            .a = (uint32_t)call->number,
            .x = (double)call->len,
            .text = call->algorithm == NULL ? call->function : call->algorithm,
        });
}

bool ds__call_begin(ds_comm *c, ds__call *call)
{
    ds__agreement *record = next_agreement(c, call);

    if (record == NULL)
        return false;
    c->calls++;
    if (!agree(c, call, record))
        return false;
    call->number = c->calls;
    call->cuts = &record->cuts;
    call->outer = c->call;
    if (call->outer == NULL)
        c->oldest = call->number;
    c->call = call;
    if (ds__handle_is_watched(c->handle))
        tell_call(c, call, false);
    return true;
}

/* After the outermost call nobody wants packets of it any more. */
ds_vec *ds__call_end(ds_comm *c, ds_vec *result)
{
    assert(c->call != NULL && c->call->number <= c->calls);
    if (ds__handle_is_watched(c->handle))
        tell_call(c, c->call, true);
    c->call = c->call->outer;
    if (c->call == NULL)
        c->oldest = c->calls + 1;
    if (!ds__gone(c->handle))
        return result;
    ds_vec_unref(result);
    return NULL;
}

void ds__call_add_peer(ds__call *call, size_t rank)
{
    for (size_t i = 0; i < call->num_peers; i++)
        if (call->peers[i] == rank)
            return;
    assert(call->num_peers < DS__MAX_EDGES);
    call->peers[call->num_peers++] = rank;
}

bool ds__call_check(ds_comm *c, const ds__call *call, unsigned traits,
                    const ds_op *op)
{
    const char *name = call->algorithm == NULL ? "?" : call->algorithm;

    if ((traits & DS_TRAIT_ASYNC_ONLY) != 0 && c->mode != DS_COMM_ASYNC) {
        ds__fail(c->group->loop, DS_EMISUSE,
                 "%s: %s does not run in %s mode, because not all of its "
                 "messages are waited for",
                 call->function, name, ds__mode_name(c->mode));
        return false;
    }
    if ((traits & DS_TRAIT_COMMUTATIVE) != 0 && !op->commutative) {
        ds__fail(c->group->loop, DS_EMISUSE,
                 "%s: %s does not keep the order of ranks, which operator %s "
                 "needs, for it is not commutative",
                 call->function, name, op->name == NULL ? "?" : op->name);
        return false;
    }
    return true;
}

/* ---- Who has left out a call ----------------------------------------------*/

#define MAX_RANKS 8 /* in one line */
#define MAX_LINES 4

/* Returns the call that others have made and c, which is in none, has not. */
static const ds__agreement *left_out(const ds_comm *c)
{
    if (c->call != NULL)
        return NULL;
    return c->at == NULL ? c->group->oldest : c->at->next;
}

static size_t count_missing(const ds__comm_group *group,
                            const ds__agreement *record)
{
    size_t n = 0;

    for (size_t i = 0; i < group->size; i++)
        n += left_out(&group->members[i]) == record;
    return n;
}

/* Adds "rank 3", "ranks 3 and 5", "ranks 3, 5, 6 and 12 more": the missing. */
static void add_missing(const ds__comm_group *group,
                        const ds__agreement *record, ds__text *text)
{
    size_t n = count_missing(group, record);
    size_t listed = 0;

    ds__text_add(text, n == 1 ? "rank " : "ranks ");
    for (size_t i = 0; i < group->size && listed < MAX_RANKS; i++) {
        if (left_out(&group->members[i]) != record)
            continue;
        if (listed > 0)
            ds__text_add(text, listed + 1 == n ? " and " : ", ");
        ds__text_add(text, "%zu", i);
        listed++;
    }
    if (listed < n)
        ds__text_add(text, " and %zu more", n - listed);
}

void ds__calls_report(const ds__comm_group *group, ds__text *text)
{
    size_t lines = 0;

    for (const ds__agreement *record = group->oldest;
         record != NULL && lines < MAX_LINES; record = record->next) {
        size_t n = count_missing(group, record);
        if (n == 0)
            continue;
        ds__text_add(text, "\n  ");
        add_missing(group, record, text);
        ds__text_add(text, " %s not called %s (call %llu)",
                     n == 1 ? "has" : "have", record->function,
                     (unsigned long long)record->number);
        lines++;
    }
}

void ds__call_describe(const ds__comm_group *group, uint64_t number,
                       ds__text *text)
{
    const ds__agreement *record = group->oldest;

    while (record != NULL && record->number != number)
        record = record->next;
    if (record != NULL)
        ds__text_add(text, "%s, ",
                     record->algorithm[0] != '\0' ? record->algorithm
                                                  : record->function);
    ds__text_add(text, "call %llu", (unsigned long long)number);
}

/* A member that could not go on is noted where its thread was spawned. */
static bool is_settled(const ds__comm_group *group)
{
    while (group != NULL && !group->settled)
        group = group->parent;
    return group != NULL;
}

/* Finds a call that some have left out, which nobody else may have noticed: a
 * message to a member that never comes is buffered. */
void ds__calls_compare(ds__comm_group *group)
{
    const ds__agreement *record = group->oldest;
    char buf[512];
    ds__text text;

    if (is_settled(group))
        return;
    group->settled = true;
    while (record != NULL && count_missing(group, record) == 0)
        record = record->next;
    if (record == NULL)
        return;
    ds__text_init(&text, buf, sizeof(buf));
    add_missing(group, record, &text);
    ds__fail(group->loop, DS_EMISUSE,
             "%s: call %llu: rank %zu has made it and %s ended without it; all "
             "members make the same calls in the same order",
             record->function, (unsigned long long)record->number, record->rank,
             buf);
}

/* ---- What must hold -------------------------------------------------------*/

static void check_record(const ds__comm_group *group,
                         const ds__agreement *record)
{
    size_t passed = 0;

    for (size_t i = 0; i < group->size; i++)
        passed += group->members[i].calls > record->number;
    assert(passed == record->passed && passed < group->size);
    assert(record->rank < group->size);
    assert(record->next == NULL || record->next->number == record->number + 1);
    assert(record->next != NULL || record == group->newest);
}

void ds__agreements_check(const ds__comm_group *group)
{
    for (size_t i = 0; i < group->size; i++) {
        const ds_comm *c = &group->members[i];
        assert((c->at == NULL) == (c->calls == 0));
        assert(c->at == NULL || c->at->number == c->calls);
    }
    assert((group->oldest == NULL) == (group->newest == NULL));
    for (const ds__agreement *r = group->oldest; r != NULL; r = r->next)
        check_record(group, r);
}
