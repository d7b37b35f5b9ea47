/* Reads plans.
 *
 * It is strict: a line that says something else than it seems to is worse than
 * none, since a fault that does not happen looks like a program that is right.
 * Whatever is wrong is said with its line, and with what would be right. */

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "explore/plan/plan.h"

#define MOST_DIGITS 400 /* of a number; no double needs more */

/* A word of a line: a run of characters, or one of , | > by itself.  At the end
 * of a line it is empty. */
typedef struct word {
    const char *at;
    size_t length;
} word;

/* Invariants: members has room for max_members, of which the line being read
 * has line.num_members; name is that of the line, or of one before; failed if
 * and only if something has been said. */
typedef struct parser {
    const char *at;  /* not read yet */
    const char *end; /* of the line, where a comment begins at the latest */
    size_t number;   /* of the line, from 1 */
    ds__plan_line line;
    ds__plan_member *members;
    size_t max_members;
    char *name;
    ds__text why;
    bool failed;
} parser;

/* ---- What is wrong --------------------------------------------------------*/

/* Shows a word as it is, as far as it can be shown. */
static void add_word(ds__text *text, word w)
{
    char shown[33];
    size_t n = w.length < sizeof(shown) ? w.length : sizeof(shown) - 1;

    for (size_t i = 0; i < n; i++)
        shown[i] = isprint((unsigned char)w.at[i]) ? w.at[i] : '?';
    shown[n] = '\0';
    ds__text_add(text, "'%s%s'", shown, n < w.length ? "..." : "");
}

/* Begins what is said of a line; the rest is added by the caller. */
static ds__text *complain(parser *p)
{
    assert(!p->failed);
    p->failed = true;
    ds__text_add(&p->why, "line %zu: ", p->number);
    return &p->why;
}

/* Says what a word is instead of what it should be; always false. */
static bool refuse(parser *p, word w, const char *what)
{
    ds__text *text = complain(p);

    if (w.length == 0)
        ds__text_add(text, "the line ends");
    else
        add_word(text, w);
    ds__text_add(text, " where there must be %s", what);
    return false;
}

/* ---- Words ----------------------------------------------------------------*/

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_sign(char c)
{
    return c == ',' || c == '|' || c == '>';
}

static word peek(parser *p)
{
    while (p->at < p->end && is_blank(*p->at))
        p->at++;

    word w = { p->at, 0 };
    while (w.at + w.length < p->end && !is_blank(w.at[w.length]) &&
           !is_sign(w.at[w.length]))
        w.length++;
    if (w.length == 0 && w.at < p->end)
        w.length = 1;
    return w;
}

static word take(parser *p)
{
    word w = peek(p);

    p->at = w.at + w.length;
    return w;
}

static bool is_word(word w, const char *name)
{
    return strlen(name) == w.length && memcmp(w.at, name, w.length) == 0;
}

/* Takes this word, if it is the next one. */
static bool skip(parser *p, const char *name)
{
    if (!is_word(peek(p), name))
        return false;
    take(p);
    return true;
}

/* ---- Numbers --------------------------------------------------------------*/

static size_t count_digits(const char **at, const char *end)
{
    const char *begin = *at;

    while (*at < end && isdigit((unsigned char)**at))
        ++*at;
    return (size_t)(*at - begin);
}

/* Whether it is written as a decimal number, such as -0.5e-3 and nothing that
 * strtod() would take besides. */
static bool is_decimal(word w)
{
    const char *at = w.at;
    const char *end = w.at + w.length;

    at += at < end && *at == '-';
    size_t digits = count_digits(&at, end);
    if (at < end && *at == '.') {
        at++;
        digits += count_digits(&at, end);
    }
    if (digits == 0)
        return false;
    if (at == end)
        return true;
    if (*at != 'e' && *at != 'E')
        return false;
    at++;
    at += at < end && (*at == '-' || *at == '+');
    return count_digits(&at, end) > 0 && at == end;
}

static bool take_double(parser *p, const char *what, ds__plan_bound bound,
                        double *value)
{
    char digits[MOST_DIGITS + 1];
    word w = take(p);

    if (is_decimal(w) && w.length <= MOST_DIGITS) {
        memcpy(digits, w.at, w.length);
        digits[w.length] = '\0';
        *value = ds__to_double(digits, NULL);
        if (ds__plan_within(bound, *value))
            return true;
    }

    ds__text *text = complain(p);
    if (w.length == 0) {
        ds__text_add(text, "the line ends where %s must be", what);
    } else {
        ds__text_add(text, "%s is ", what);
        add_word(text, w);
        ds__text_add(text, "; it must be");
    }
    ds__text_add(text, " a number, %s", ds__plan_bound_text(bound));
    return false;
}

static bool take_time(parser *p, const char *what, double *value)
{
    if (!take_double(p, what, DS__PLAN_LENGTH, value))
        return false;
    *value += 0.0; /* no -0 */
    return true;
}

static bool take_whole(parser *p, const char *what, uint64_t most,
                       uint64_t *value)
{
    word w = take(p);
    uint64_t sum = 0;

    if (w.length == 0)
        return refuse(p, w, what);
    for (size_t i = 0; i < w.length; i++) {
        if (!isdigit((unsigned char)w.at[i]))
            return refuse(p, w, what);
        uint64_t digit = (uint64_t)(w.at[i] - '0');
        if (sum > (most - digit) / 10) {
            ds__text *text = complain(p);
            add_word(text, w);
            ds__text_add(text, " is too large for %s", what);
            return false;
        }
        sum = sum * 10 + digit;
    }
    *value = sum;
    return true;
}

/* ---- Operands -------------------------------------------------------------*/

static bool take_node(parser *p, const char *what, uint32_t *node)
{
    uint64_t number;

    if (!take_whole(p, what, DS__PLAN_EVERY - 1, &number))
        return false;
    *node = (uint32_t)number;
    return true;
}

static bool take_end(parser *p, uint32_t *node)
{
    if (!skip(p, "*"))
        return take_node(p, "the number of a node, or *", node);
    *node = DS__PLAN_EVERY;
    return true;
}

static bool take_link(parser *p)
{
    ds__plan_line *line = &p->line;

    if (!take_end(p, &line->node))
        return false;
    line->both = skip(p, "-");
    if (!line->both && !skip(p, ">"))
        return refuse(p, take(p), "> or -, between the ends of a link");
    if (!take_end(p, &line->to))
        return false;
    if (line->node != line->to || line->to == DS__PLAN_EVERY)
        return true;
    ds__text_add(complain(p),
                 "the link leads from node %" PRIu32
                 " to itself; it must lead to another one",
                 line->node);
    return false;
}

static bool add_member(parser *p, ds__plan_member member)
{
    size_t n = p->line.num_members;

    if (n == p->max_members) {
        size_t max = n == 0 ? 16 : n * 2;
        ds__plan_member *members = realloc(p->members, max * sizeof(*members));
        if (members == NULL) {
            ds__text_add(complain(p), "out of memory");
            return false;
        }
        p->members = members;
        p->max_members = max;
    }
    p->members[n] = member;
    p->line.num_members++;
    return true;
}

static int compare_members(const void *a, const void *b)
{
    const ds__plan_member *x = a;
    const ds__plan_member *y = b;

    return (x->node > y->node) - (x->node < y->node);
}

/* Looks for a node that is there twice, among copies that are sorted: a line
 * may be long. */
static bool check_members(parser *p)
{
    size_t n = p->line.num_members;
    ds__plan_member *sorted = malloc(n * sizeof(*sorted));

    if (sorted == NULL) {
        ds__text_add(complain(p), "out of memory");
        return false;
    }
    memcpy(sorted, p->members, n * sizeof(*sorted));
    qsort(sorted, n, sizeof(*sorted), compare_members);
    for (size_t i = 1; i < n && !p->failed; i++)
        if (sorted[i].node == sorted[i - 1].node)
            ds__text_add(complain(p),
                         "node %" PRIu32
                         " is named twice; it can be on one side only",
                         sorted[i].node);
    free(sorted);
    return !p->failed;
}

static bool take_sides(parser *p)
{
    ds__plan_member member = { 0 };

    for (;;) {
        if (!take_node(p, "the number of a node", &member.node) ||
            !add_member(p, member))
            return false;
        if (skip(p, ","))
            continue;
        if (!skip(p, "|"))
            break;
        member.side++;
    }
    p->line.members = p->members;
    return check_members(p);
}

/* Where it comes, if that is said. */
static bool take_point(parser *p)
{
    const unsigned points = ds__plan_words[p->line.kind].points;

    for (int i = DS__PLAN_AT_CALL; i < DS__NUM_PLAN_POINTS; i++) {
        if ((points >> i & 1) == 0 || !skip(p, ds__plan_points[i]))
            continue;
        p->line.point = (ds__plan_point)i;
        word k = peek(p);
        if (!take_whole(p, "which one, from 1", UINT64_MAX, &p->line.number))
            return false;
        return p->line.number > 0 || refuse(p, k, "which one, from 1");
    }
    return true;
}

static bool is_sign_word(word w)
{
    return w.length == 1 && is_sign(w.at[0]);
}

/* The name of a link, and that it is off. */
static bool take_name(parser *p)
{
    const word w = take(p);
    const word off = peek(p);

    if (w.length == 0 || is_sign_word(w))
        return refuse(p, w, "the name of a link");
    char *name = realloc(p->name, w.length + 1);
    if (name == NULL) {
        ds__text_add(complain(p), "out of memory");
        return false;
    }
    memcpy(name, w.at, w.length);
    name[w.length] = '\0';
    p->name = name;
    p->line.name = name;
    return skip(p, "off") || refuse(p, off, "off");
}

static bool take_operands(parser *p)
{
    switch (ds__plan_words[p->line.kind].shape) {
    case DS__PLAN_LINK:
        return take_link(p);
    case DS__PLAN_SIDES:
        return take_sides(p);
    case DS__PLAN_NODE:
        return take_node(p, "the number of a node", &p->line.node) &&
               take_point(p);
    case DS__PLAN_NUMBER:
        return take_whole(p, "a whole number", UINT64_MAX, &p->line.number);
    case DS__PLAN_NAME:
        return take_name(p);
    }
    return false;
}

/* ---- Fields ---------------------------------------------------------------*/

/* What may come next on the line. */
static void add_fields(ds__text *text, const ds__plan_word *words)
{
    for (size_t i = 0; i < words->num_fields; i++)
        if (words->field[i].name != NULL)
            ds__text_add(text, "%s, ", words->field[i].name);
    if (words->ends)
        ds__text_add(text, "until, ");
    ds__text_add(text, "a comment, or the end of the line");
}

static size_t find_field(const ds__plan_word *words, word w)
{
    size_t i = 0;

    while (i < words->num_fields &&
           (words->field[i].name == NULL || !is_word(w, words->field[i].name)))
        i++;
    return i;
}

static bool take_field(parser *p, size_t i)
{
    const ds__plan_field *field = &ds__plan_words[p->line.kind].field[i];
    const char *kind = ds__plan_words[p->line.kind].name;
    const char *name = field->name == NULL ? kind : field->name;

    if (p->line.named >> i & 1) {
        ds__text_add(complain(p), "%s is said twice", name);
        return false;
    }
    p->line.named |= 1u << i;
    return take_double(p, name, field->bound, &p->line.value[i]);
}

static bool take_fields(parser *p)
{
    const ds__plan_word *words = &ds__plan_words[p->line.kind];

    if (words->num_fields == 1 && words->field[0].name == NULL)
        return take_field(p, 0);
    for (size_t i; (i = find_field(words, peek(p))) < words->num_fields;) {
        take(p);
        if (!take_field(p, i))
            return false;
    }
    if (p->line.named != 0 || words->num_fields == 0)
        return true;

    ds__text *text = complain(p);
    ds__text_add(text, "%s says nothing; it must have one of", words->name);
    for (size_t i = 0; i < words->num_fields; i++)
        ds__text_add(text, "%s %s", i == 0 ? "" : ",", words->field[i].name);
    return false;
}

/* ---- Lines ----------------------------------------------------------------*/

static bool take_kind(parser *p)
{
    word w = take(p);

    for (int i = 0; i < DS__NUM_PLAN_KINDS; i++) {
        if (!is_word(w, ds__plan_words[i].name))
            continue;
        p->line.kind = (ds__plan_kind)i;
        return true;
    }
    refuse(p, w, "one of");
    for (int i = 0; i < DS__NUM_PLAN_KINDS; i++)
        ds__text_add(&p->why, "%s %s", i == 0 ? "" : ",",
                     ds__plan_words[i].name);
    return false;
}

static bool take_until(parser *p)
{
    if (!ds__plan_words[p->line.kind].ends || !skip(p, "until"))
        return true;
    word w = peek(p);
    if (!take_time(p, "until", &p->line.until))
        return false;
    if (p->line.until > p->line.time)
        return true;

    ds__text *text = complain(p);
    ds__text_add(text, "it ends at ");
    add_word(text, w);
    ds__text_add(text, ", which must be later than it begins");
    return false;
}

static bool take_nothing(parser *p)
{
    word w = peek(p);

    if (w.length == 0)
        return true;
    ds__text *text = complain(p);
    add_word(text, w);
    ds__text_add(text, " where there may be ");
    if (p->line.until < INFINITY)
        ds__text_add(text, "a comment, or the end of the line");
    else
        add_fields(text, &ds__plan_words[p->line.kind]);
    return false;
}

static bool take_line(parser *p, ds_plan *plan)
{
    p->line = (ds__plan_line){ .until = INFINITY };
    if (peek(p).length == 0)
        return true;
    if (!take_time(p, "the time", &p->line.time) || !take_kind(p) ||
        !take_operands(p) || !take_fields(p) || !take_until(p) ||
        !take_nothing(p))
        return false;
    if (ds__plan_append(plan, &p->line))
        return true;
    ds__text_add(complain(p), "out of memory");
    return false;
}

/* Reads all lines; false: p.why says what is wrong. */
static bool take_lines(parser *p, const char *text, ds_plan *plan)
{
    const char *end = text + strlen(text);

    for (;;) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t length = (size_t)((newline == NULL ? end : newline) - text);
        p->at = text;
        p->number++;
        const char *comment = memchr(text, '#', length);
        p->end = comment == NULL ? text + length : comment;
        if (!take_line(p, plan))
            return false;
        if (newline == NULL)
            return true;
        text += length + 1;
    }
}

ds_plan *ds_plan_parse(const char *text, char *why, size_t size)
{
    char nowhere[1];
    parser p = { 0 };
    ds_plan *plan = ds__plan_new();

    if (why == NULL || size == 0)
        ds__text_init(&p.why, nowhere, sizeof(nowhere));
    else
        ds__text_init(&p.why, why, size);
    if (plan == NULL) {
        ds__text_add(&p.why, "out of memory");
        return NULL;
    }
    if (text == NULL)
        ds__text_add(&p.why, "the text is NULL");
    if (text == NULL || !take_lines(&p, text, plan)) {
        ds_plan_free(plan);
        plan = NULL;
    }
    free(p.members);
    free(p.name);
    return plan;
}
