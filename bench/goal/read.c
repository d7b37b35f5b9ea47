/* Reads GOAL, strictly: what is not understood is refused, with its line. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"
#include "bench/goal/goal.h"

#define MOST_RANKS 1000000
#define MOST_SIZE  (UINT64_C(1) << 53) /* doubles are exact up to there */

typedef enum token_kind {
    WORD,
    NUMBER,
    SIGN,    /* one character */
    NEWLINE, /* or the end */
} token_kind;

typedef struct token {
    token_kind kind;
    const char *text;
    size_t len;
    uint64_t number;
} token;

typedef struct label {
    const char *text;
    size_t len;
    size_t op;
    size_t line;
} label;

/* That one label waits for another. */
typedef struct wish {
    label who;
    label whom;
    bool begun;
} wish;

/* An array that grows. */
typedef struct list {
    void *items;
    size_t n;
    size_t room;
} list;

typedef struct edge {
    size_t from;
    size_t to;
    bool begun;
} edge;

typedef struct reader {
    const char *name;
    const char *at;
    const char *end;
    size_t line; /* of the present token */
    size_t next_line;
    token now;
    failure why;

    goal *g;
    bool has_ranks; /* num_ranks has been read */
    bool *seen;     /* by rank */
    list ops;       /* of goal_op */
    list edges;     /* of edge */
    list labels;    /* of this rank */
    list wishes;    /* likewise */
} reader;

/* ---- Failure --------------------------------------------------------------*/

__attribute__((format(printf, 3, 4))) static bool
wrong_at(reader *r, size_t line, const char *format, ...)
{
    char text[256];
    va_list args;

    if (r->why.status != 0)
        return false;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    r->why = failure_new(EXIT_FAILURE, "%s:%zu: %s", r->name, line, text);
    return false;
}

/* Says what is expected instead of the present token. */
static bool expected(reader *r, const char *what)
{
    const token *t = &r->now;
    int len = t->len < 40 ? (int)t->len : 40;
    bool printable = true;

    for (int i = 0; i < len; i++)
        printable = printable && t->text[i] > ' ' && t->text[i] < 127;
    if (t->kind == NEWLINE)
        return wrong_at(r, r->line, "%s is missing before the %s", what,
                        t->len == 0 ? "end of the file" : "end of the line");
    if (!printable)
        return wrong_at(r, r->line, "%s is missing before a strange character",
                        what);
    return wrong_at(r, r->line, "%s is missing before \"%.*s\"", what, len,
                    t->text);
}

/* ---- Lists ----------------------------------------------------------------*/

static void *append(list *l, size_t size)
{
    if (l->n == l->room) {
        l->room = l->room == 0 ? 64 : l->room * 2;
        l->items = args_realloc(l->items, l->room, size);
    }
    return (char *)l->items + l->n++ * size;
}

/* ---- Tokens ---------------------------------------------------------------*/

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool starts(const reader *r, const char *what)
{
    size_t len = strlen(what);

    return (size_t)(r->end - r->at) >= len && memcmp(r->at, what, len) == 0;
}

static bool skip_comment(reader *r)
{
    const size_t line = r->next_line;

    for (r->at += 2; r->at < r->end; r->at++) {
        if (starts(r, "*/")) {
            r->at += 2;
            return true;
        }
        r->next_line += *r->at == '\n';
    }
    return wrong_at(r, line, "a comment is never closed");
}

/* Skips space and comments, but not the end of the line. */
static bool skip_space(reader *r)
{
    while (r->at < r->end) {
        if (starts(r, "/*")) {
            if (!skip_comment(r))
                return false;
        } else if (starts(r, "//")) {
            while (r->at < r->end && *r->at != '\n')
                r->at++;
        } else if (*r->at == ' ' || *r->at == '\t' || *r->at == '\r') {
            r->at++;
        } else {
            break;
        }
    }
    return true;
}

static bool read_number(reader *r)
{
    token *t = &r->now;

    t->kind = NUMBER;
    for (; r->at < r->end && is_digit(*r->at); r->at++) {
        t->number = t->number * 10 + (uint64_t)(*r->at - '0');
        if (t->number > MOST_SIZE)
            return wrong_at(r, r->line, "a number is larger than 2^53");
    }
    return true;
}

/* Makes what comes next the present token. */
static bool next(reader *r)
{
    if (!skip_space(r))
        return false;
    r->line = r->next_line;
    r->now = (token){ .kind = NEWLINE, .text = r->at };
    if (r->at == r->end)
        return true;
    if (is_letter(*r->at)) {
        r->now.kind = WORD;
        while (r->at < r->end && (is_letter(*r->at) || is_digit(*r->at)))
            r->at++;
    } else if (is_digit(*r->at)) {
        if (!read_number(r))
            return false;
    } else {
        r->now.kind = *r->at == '\n' ? NEWLINE : SIGN;
        r->next_line += *r->at == '\n';
        r->at++;
    }
    r->now.len = (size_t)(r->at - r->now.text);
    return true;
}

static bool is(const reader *r, const char *text)
{
    return r->now.len == strlen(text) &&
           memcmp(r->now.text, text, r->now.len) == 0;
}

static bool at_end(const reader *r)
{
    return r->now.kind == NEWLINE && r->now.len == 0;
}

/* Passes what must come now. */
static bool pass(reader *r, const char *text, const char *shown)
{
    return is(r, text) ? next(r) : expected(r, shown);
}

static bool pass_number(reader *r, const char *what, uint64_t most,
                        uint64_t *number)
{
    if (r->now.kind != NUMBER)
        return expected(r, what);
    if (r->now.number > most)
        return wrong_at(r, r->line, "%s is %llu; it must be at most %llu", what,
                        (unsigned long long)r->now.number,
                        (unsigned long long)most);
    *number = r->now.number;
    return next(r);
}

static bool pass_newline(reader *r)
{
    if (r->now.kind != NEWLINE)
        return expected(r, "the end of the line");
    return at_end(r) || next(r);
}

static bool skip_newlines(reader *r)
{
    while (r->now.kind == NEWLINE && !at_end(r))
        if (!next(r))
            return false;
    return true;
}

/* ---- Operations -----------------------------------------------------------*/

static bool read_attribute(reader *r, const char *name, const char *what,
                           bool *seen, uint64_t *value)
{
    if (*seen)
        return wrong_at(r, r->line, "%s is said twice", name);
    *seen = true;
    if (!next(r))
        return false;
    if (r->now.kind == SIGN && is(r, "-"))
        return wrong_at(r, r->line,
                        "any %s is not understood: what is received would "
                        "depend on what comes first",
                        name);
    return pass_number(r, what, UINT32_MAX - 1, value);
}

/* What may follow an operation; one processor and one interface is all that a
 * rank has. */
static bool read_attributes(reader *r, goal_op *op)
{
    static const char *const names[] = { "tag", "cpu", "nic" };
    static const char *const shown[] = { "the tag", "the cpu", "the nic" };
    bool seen[3] = { op->kind == GOAL_CALC, false, false };
    uint64_t values[3] = { 0 };

    while (r->now.kind == WORD) {
        size_t i = op->kind == GOAL_CALC ? 1 : 0;
        while (i < 3 && !is(r, names[i]))
            i++;
        if (i == 3)
            return expected(r, "tag, cpu, nic or the end of the line");
        if (!read_attribute(r, names[i], shown[i], &seen[i], &values[i]))
            return false;
        if (i > 0 && values[i] > 0)
            return wrong_at(r, op->line,
                            "%s %llu: a rank has one of them here, which is 0",
                            names[i], (unsigned long long)values[i]);
    }
    op->tag = (uint32_t)values[0];
    return true;
}

static bool read_peer(reader *r, goal_op *op)
{
    const bool sends = op->kind == GOAL_SEND;
    uint64_t peer;

    if (!pass(r, "b", "b for bytes") ||
        !pass(r, sends ? "to" : "from", sends ? "to" : "from"))
        return false;
    if (r->now.kind == SIGN && is(r, "-"))
        return wrong_at(r, r->line,
                        "any source is not understood: what is received would "
                        "depend on what comes first");
    if (!pass_number(r, "the rank", MOST_RANKS, &peer))
        return false;
    if (peer >= r->g->num_ranks)
        return wrong_at(r, op->line, "there is no rank %llu of %zu",
                        (unsigned long long)peer, r->g->num_ranks);
    op->peer = (uint32_t)peer;
    return true;
}

static bool read_op(reader *r, uint32_t rank)
{
    goal_op op = { .rank = rank, .line = r->line, .kind = GOAL_CALC };

    if (is(r, "send"))
        op.kind = GOAL_SEND;
    else if (is(r, "recv"))
        op.kind = GOAL_RECV;
    else if (!is(r, "calc"))
        return expected(r, "send, recv or calc");
    if (!next(r) || !pass_number(r, "the size", MOST_SIZE, &op.size) ||
        (op.kind != GOAL_CALC && !read_peer(r, &op)) ||
        !read_attributes(r, &op) || !pass_newline(r))
        return false;
    *(goal_op *)append(&r->ops, sizeof(op)) = op;
    return true;
}

static label label_here(const reader *r)
{
    return (label){ .text = r->now.text, .len = r->now.len, .line = r->line };
}

/* "requires" or "irequires", and a label. */
static bool read_wish(reader *r, label who)
{
    wish w = { .who = who, .begun = is(r, "irequires") };

    if (!next(r))
        return false;
    if (r->now.kind != WORD)
        return expected(r, "a label");
    w.whom = label_here(r);
    if (!next(r) || !pass_newline(r))
        return false;
    *(wish *)append(&r->wishes, sizeof(w)) = w;
    return true;
}

static bool read_line(reader *r, uint32_t rank)
{
    if (is(r, "send") || is(r, "recv") || is(r, "calc"))
        return read_op(r, rank);
    if (r->now.kind != WORD)
        return expected(r, "an operation, a label or }");

    label l = label_here(r);
    if (!next(r))
        return false;
    if (is(r, "requires") || is(r, "irequires"))
        return read_wish(r, l);
    if (!is(r, ":"))
        return expected(r, "a colon, requires or irequires");
    l.op = r->ops.n;
    *(label *)append(&r->labels, sizeof(l)) = l;
    return next(r) && read_op(r, rank);
}

/* ---- Labels ---------------------------------------------------------------*/

static int compare_labels(const void *a, const void *b)
{
    const label *x = a;
    const label *y = b;
    size_t len = x->len < y->len ? x->len : y->len;
    int order = memcmp(x->text, y->text, len);

    return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

static int compare_labels_and_lines(const void *a, const void *b)
{
    const label *x = a;
    const label *y = b;
    int order = compare_labels(a, b);

    return order != 0 ? order : (x->line > y->line) - (x->line < y->line);
}

static bool find(reader *r, const label *wanted, size_t *op)
{
    const label *found = r->labels.n == 0
                             ? NULL
                             : bsearch(wanted, r->labels.items, r->labels.n,
                                       sizeof(label), compare_labels);

    if (found == NULL)
        return wrong_at(r, wanted->line, "this rank has no label %.*s",
                        wanted->len < 40 ? (int)wanted->len : 40, wanted->text);
    *op = found->op;
    return true;
}

/* Finds whom the wishes of a rank mean, and forgets its labels. */
static bool resolve(reader *r)
{
    const label *labels = r->labels.items;
    const wish *wishes = r->wishes.items;

    if (r->labels.n > 0)
        qsort(r->labels.items, r->labels.n, sizeof(label),
              compare_labels_and_lines);
    for (size_t i = 1; i < r->labels.n; i++)
        if (compare_labels(&labels[i - 1], &labels[i]) == 0)
            return wrong_at(r, labels[i].line, "label %.*s stands twice",
                            labels[i].len < 40 ? (int)labels[i].len : 40,
                            labels[i].text);
    for (size_t i = 0; i < r->wishes.n; i++) {
        edge e = { .begun = wishes[i].begun };
        if (!find(r, &wishes[i].who, &e.to) ||
            !find(r, &wishes[i].whom, &e.from))
            return false;
        *(edge *)append(&r->edges, sizeof(e)) = e;
    }
    r->labels.n = 0;
    r->wishes.n = 0;
    return true;
}

/* ---- Ranks ----------------------------------------------------------------*/

static bool read_rank(reader *r)
{
    const size_t line = r->line;
    uint64_t rank;

    if (!r->has_ranks)
        return wrong_at(r, line, "num_ranks comes before the ranks");
    if (!next(r) || !pass_number(r, "the rank", MOST_RANKS, &rank))
        return false;
    if (rank >= r->g->num_ranks)
        return wrong_at(r, line, "there is no rank %llu of %zu",
                        (unsigned long long)rank, r->g->num_ranks);
    if (r->seen[rank])
        return wrong_at(r, line, "rank %llu stands twice",
                        (unsigned long long)rank);
    r->seen[rank] = true;
    if (!pass(r, "{", "{"))
        return false;
    while (skip_newlines(r) && !is(r, "}")) {
        if (at_end(r))
            return wrong_at(r, line, "rank %llu is never closed",
                            (unsigned long long)rank);
        if (!read_line(r, (uint32_t)rank))
            return false;
    }
    return r->why.status == 0 && resolve(r) && next(r) && pass_newline(r);
}

static bool read_num_ranks(reader *r)
{
    uint64_t n;

    if (r->has_ranks)
        return wrong_at(r, r->line, "num_ranks stands twice");
    if (!next(r) || !pass_number(r, "the number of ranks", MOST_RANKS, &n) ||
        !pass_newline(r))
        return false;
    if (n == 0)
        return wrong_at(r, r->line, "num_ranks is 0; there must be one");
    r->has_ranks = true;
    r->g->num_ranks = n;
    r->seen = args_alloc(n, sizeof(*r->seen));
    return true;
}

static bool read_all(reader *r)
{
    if (!next(r))
        return false;
    while (skip_newlines(r) && !at_end(r)) {
        if (is(r, "num_ranks") ? !read_num_ranks(r)
            : is(r, "rank")    ? !read_rank(r)
                               : !expected(r, "num_ranks or rank"))
            return false;
    }
    if (r->why.status != 0)
        return false;
    if (!r->has_ranks)
        return wrong_at(r, r->line, "num_ranks is missing");
    for (size_t i = 0; i < r->g->num_ranks; i++)
        if (!r->seen[i])
            return wrong_at(r, r->line, "rank %zu is missing", i);
    return true;
}

/* ---- The whole ------------------------------------------------------------*/

static int compare_ranks(const void *a, const void *b)
{
    const goal_op *x = a;
    const goal_op *y = b;

    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return (x->first > y->first) - (x->first < y->first);
}

/* Puts the operations into the order of their ranks. */
static void order_ops(reader *r)
{
    goal *g = r->g;
    edge *edges = r->edges.items;

    g->ops = r->ops.items;
    g->num_ops = r->ops.n;
    r->ops.items = NULL;
    size_t *moved = args_alloc(g->num_ops + 1, sizeof(*moved));
    for (size_t i = 0; i < g->num_ops; i++)
        g->ops[i].first = i;
    if (g->num_ops > 0)
        qsort(g->ops, g->num_ops, sizeof(*g->ops), compare_ranks);
    g->first = args_alloc(g->num_ranks + 1, sizeof(*g->first));
    for (size_t i = 0; i < g->num_ops; i++) {
        moved[g->ops[i].first] = i;
        g->first[g->ops[i].rank + 1] = i + 1;
    }
    for (size_t i = 0; i < g->num_ranks; i++)
        if (g->first[i + 1] < g->first[i])
            g->first[i + 1] = g->first[i];
    for (size_t i = 0; i < r->edges.n; i++) {
        edges[i].from = moved[edges[i].from];
        edges[i].to = moved[edges[i].to];
    }
    free(moved);
}

/* Lists for each operation who waits for it, in the order of the file. */
static void list_after(reader *r)
{
    goal *g = r->g;
    const edge *edges = r->edges.items;

    g->num_after = r->edges.n;
    g->after = args_alloc(g->num_after + 1, sizeof(*g->after));
    for (size_t i = 0; i < g->num_ops; i++)
        g->ops[i].num_after = 0;
    for (size_t i = 0; i < r->edges.n; i++)
        g->ops[edges[i].from].num_after++;
    size_t sum = 0;
    for (size_t i = 0; i < g->num_ops; i++) {
        g->ops[i].first = sum;
        sum += g->ops[i].num_after;
        g->ops[i].num_after = 0;
    }
    for (size_t i = 0; i < r->edges.n; i++) {
        goal_op *op = &g->ops[edges[i].from];
        g->after[op->first + op->num_after++] =
            (goal_after){ edges[i].to, edges[i].begun };
        g->ops[edges[i].to].waits++;
    }
}

/* Whether every operation can begin once others have: those that can are taken
 * away until none is left. */
static bool check_circles(reader *r)
{
    const goal *g = r->g;
    size_t *left = args_alloc(g->num_ops + 1, sizeof(*left));
    size_t *ready = args_alloc(g->num_ops + 1, sizeof(*ready));
    size_t n = 0;
    bool sound = true;

    for (size_t i = 0; i < g->num_ops; i++)
        if ((left[i] = g->ops[i].waits) == 0)
            ready[n++] = i;
    for (size_t i = 0; i < n; i++) {
        const goal_op *op = &g->ops[ready[i]];
        for (size_t j = 0; j < op->num_after; j++)
            if (--left[g->after[op->first + j].op] == 0)
                ready[n++] = g->after[op->first + j].op;
    }
    for (size_t i = 0; sound && i < g->num_ops; i++)
        if (left[i] > 0)
            sound = wrong_at(r, g->ops[i].line,
                             "this waits for itself, or for others that do");
    free(left);
    free(ready);
    return sound;
}

/* ---- Ways -----------------------------------------------------------------*/

static goal_way way_of(const goal_op *op)
{
    if (op->kind == GOAL_SEND)
        return (goal_way){ op->rank, op->peer, op->tag };
    return (goal_way){ op->peer, op->rank, op->tag };
}

static int compare_ways(const goal_op *x, const goal_op *y)
{
    const goal_way a = way_of(x);
    const goal_way b = way_of(y);

    if (a.from != b.from)
        return a.from < b.from ? -1 : 1;
    if (a.to != b.to)
        return a.to < b.to ? -1 : 1;
    return (a.tag > b.tag) - (a.tag < b.tag);
}

static int compare_pointers(const void *a, const void *b)
{
    const goal_op *x = *(goal_op *const *)a;
    const goal_op *y = *(goal_op *const *)b;
    int order = compare_ways(x, y);

    return order != 0 ? order : (x > y) - (x < y);
}

/* Numbers one way, which n operations have in common. */
static bool make_way(reader *r, goal_op **ops, size_t n)
{
    goal *g = r->g;
    const goal_way way = way_of(ops[0]);
    size_t sends = 0;

    for (size_t i = 0; i < n; i++) {
        ops[i]->way = g->num_ways;
        sends += ops[i]->kind == GOAL_SEND;
    }
    g->ways[g->num_ways++] = way;
    if (sends == n - sends)
        return true;
    return wrong_at(r, ops[0]->line,
                    "of the messages from rank %u to rank %u with tag %u, %zu "
                    "are sent and %zu received",
                    (unsigned)way.from, (unsigned)way.to, (unsigned)way.tag,
                    sends, n - sends);
}

static bool find_ways(reader *r)
{
    goal *g = r->g;
    goal_op **ops = args_alloc(g->num_ops + 1, sizeof(*ops));
    size_t n = 0;
    size_t end;
    bool sound = true;

    for (size_t i = 0; i < g->num_ops; i++)
        if (g->ops[i].kind != GOAL_CALC)
            ops[n++] = &g->ops[i];
    if (n > 0)
        qsort(ops, n, sizeof(*ops), compare_pointers);
    g->ways = args_alloc(n + 1, sizeof(*g->ways));
    for (size_t i = 0; sound && i < n; i = end) {
        for (end = i + 1; end < n && compare_ways(ops[i], ops[end]) == 0;)
            end++;
        sound = make_way(r, &ops[i], end - i);
    }
    free(ops);
    return sound;
}

/* ---- Reading --------------------------------------------------------------*/

failure goal_parse(goal *g, const char *name, const char *text, size_t len)
{
    reader r = {
        .name = name,
        .at = text,
        .end = text + len,
        .next_line = 1,
        .g = g,
    };

    *g = (goal){ 0 };
    if (read_all(&r)) {
        order_ops(&r);
        list_after(&r);
        if (check_circles(&r))
            find_ways(&r);
    }
    free(r.seen);
    free(r.ops.items);
    free(r.edges.items);
    free(r.labels.items);
    free(r.wishes.items);
    if (r.why.status != 0)
        goal_free(g);
    return r.why;
}

failure goal_read(goal *g, const char *file)
{
    FILE *in = fopen(file, "rb");
    list text = { 0 };
    failure why;
    int c;

    *g = (goal){ 0 };
    if (in == NULL)
        return failure_new(EXIT_FAILURE, "%s: %s", file, strerror(errno));
    while ((c = getc(in)) != EOF)
        *(char *)append(&text, 1) = (char)c;
    if (ferror(in))
        why = failure_new(EXIT_FAILURE, "%s: %s", file, strerror(errno));
    else
        why = goal_parse(g, file, text.items, text.n);
    fclose(in);
    free(text.items);
    return why;
}

void goal_free(goal *g)
{
    free(g->ops);
    free(g->first);
    free(g->ways);
    free(g->after);
    *g = (goal){ 0 };
}
