/* See diff.h. */

#include "bench/trace/diff.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"
#include "bench/trace/file.h"

/* What is known so far of the threads, the same in both. */
typedef struct known {
    char **names; /* by thread */
    char **calls; /* that it made last */
    size_t n;
} known;

static void reach(known *k, uint32_t thread)
{
    const size_t n = (size_t)thread + 1;

    if (n <= k->n)
        return;
    k->names = args_realloc(k->names, n, sizeof(*k->names));
    k->calls = args_realloc(k->calls, n, sizeof(*k->calls));
    for (; k->n < n; k->n++)
        k->names[k->n] = k->calls[k->n] = NULL;
}

static void set(char **place, const char *text)
{
    free(*place);
    *place = args_alloc(strlen(text) + 1, 1);
    strcpy(*place, text);
}

static void learn(known *k, const trace_record *r)
{
    const bool names = r->kind == DS__TELL_NAME && r->flag == DS__NAMED_THREAD;
    const bool calls = r->kind == DS__TELL_WAIT || r->kind == DS__TELL_SLEEP;

    if (r->text == NULL || (!names && !calls))
        return;
    reach(k, names ? r->a : r->who);
    if (names)
        set(&k->names[r->a], r->text);
    else
        set(&k->calls[r->who], r->text);
}

static void forget(known *k)
{
    for (size_t i = 0; i < k->n; i++) {
        free(k->names[i]);
        free(k->calls[i]);
    }
    free(k->names);
    free(k->calls);
}

/* ---- Comparing ------------------------------------------------------------*/

static bool same_text(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return strcmp(a, b) == 0;
}

static bool same(const trace_record *a, const trace_record *b)
{
    return ds__bits(a->time) == ds__bits(b->time) && a->kind == b->kind &&
           a->flag == b->flag && a->who == b->who && a->a == b->a &&
           a->b == b->b && a->number == b->number &&
           ds__bits(a->real) == ds__bits(b->real) &&
           same_text(a->text, b->text);
}

/* ---- Printing -------------------------------------------------------------*/

static bool has_number(unsigned kind)
{
    switch (kind) {
    case DS__TELL_RUN:
    case DS__TELL_RAN:
    case DS__TELL_WAKE:
    case DS__TELL_TAKE:
    case DS__TELL_SEND:
    case DS__TELL_BEGIN:
    case DS__TELL_ARRIVE:
    case DS__TELL_LOSE:
    case DS__TELL_BECAUSE:
    case DS__TELL_HELD:
        return true;
    default:
        return false;
    }
}

static void print_value(const trace_record *r)
{
    switch (r->kind) {
    case DS__TELL_RUN:
    case DS__TELL_RAN:
        printf(", %s %" PRIu64, r->kind == DS__TELL_RUN ? "seed" : "digest",
               r->number);
        break;
    case DS__TELL_SEND:
        printf(", message %" PRIu64 " of %.17g bytes from stream %u to %u",
               r->number, r->real, (unsigned)r->a, (unsigned)r->b);
        break;
    case DS__TELL_WAIT:
    case DS__TELL_SLEEP:
    case DS__TELL_COMPUTE:
        printf(", until %.17g s", r->real);
        break;
    default:
        if (has_number(r->kind) && r->number != 0)
            printf(", message %" PRIu64, r->number);
        else if (!has_number(r->kind) && r->real != 0)
            printf(", value %.17g", r->real);
        break;
    }
}

static bool is_of_network(unsigned kind)
{
    return kind == DS__TELL_LINK || kind == DS__TELL_WAY ||
           kind == DS__TELL_HOP || kind == DS__TELL_SHARE;
}

static void print_side(const known *k, const char *name, const trace_record *r)
{
    if (r == NULL) {
        printf("  %s: nothing more\n", name);
        return;
    }
    printf("  %s: at %.17g s, ", name, r->time);
    if (r->kind == DS__TELL_FAULT) {
        printf("%s: ", trace_fault_name(r->flag));
    } else if (is_of_network(r->kind)) {
        printf("network %u: ", (unsigned)r->who - 1);
    } else if (r->who != 0) {
        printf("thread %u", (unsigned)r->who);
        if (r->who < k->n && k->names[r->who] != NULL)
            printf(" \"%s\"", k->names[r->who]);
        printf(": ");
    }
    printf("%s", trace_kind_name(r->kind));
    if (r->flag != 0 && r->kind != DS__TELL_FAULT)
        printf(" (%u)", r->flag);
    if (r->kind != DS__TELL_SEND && (r->a != 0 || r->b != 0))
        printf(", %u, %u", (unsigned)r->a, (unsigned)r->b);
    print_value(r);
    if (r->text != NULL)
        printf(", %s", r->text);
    else if (r->kind != DS__TELL_FAULT && !is_of_network(r->kind) &&
             r->who != 0 && r->who < k->n && k->calls[r->who] != NULL)
        printf(", in or after %s", k->calls[r->who]);
    printf("\n");
}

static void warn(const trace_file *f)
{
    if (f->damaged > 0)
        args_warn("%s: %s", f->name, f->trouble);
}

static failure compare(trace_file *a, trace_file *b, known *k)
{
    trace_record x, y;
    uint64_t n = 0;

    for (;; n++) {
        const bool in_a = trace_next(a, &x);
        const bool in_b = trace_next(b, &y);
        if (!in_a && !in_b)
            break;
        if (in_a && in_b && same(&x, &y)) {
            learn(k, &x);
            continue;
        }
        printf("they differ from record %" PRIu64 " on\n", n);
        print_side(k, a->name, in_a ? &x : NULL);
        print_side(k, b->name, in_b ? &y : NULL);
        return (failure){ .status = TRACE_DIFFERENT };
    }
    printf("they are equal: %" PRIu64 " records\n", n);
    return SUCCESS;
}

failure trace_diff(const char *a, const char *b)
{
    trace_file first, second;
    known k = { 0 };
    failure why = trace_open(&first, a);

    if (why.status != 0)
        return why;
    why = trace_open(&second, b);
    if (why.status == 0) {
        why = compare(&first, &second, &k);
        warn(&first);
        warn(&second);
        trace_close(&second);
    }
    trace_close(&first);
    forget(&k);
    return why;
}
