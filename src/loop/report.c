/* The deadlock report: who waits for what, and since when.  It must be enough
 * for a person who has only the text to see who should have woken whom. */

#include "loop/state.h"

#define MAX_LISTED  20
#define MAX_STREAMS 8   /* of each thread */
#define TAIL        256 /* bytes kept free for what comes after them */

static void list_streams(const ds_handle *h, ds__text *text)
{
    const size_t listed =
        h->num_waits > MAX_STREAMS ? MAX_STREAMS : h->num_waits;

    if (h->num_waits == 0)
        ds__text_add(text, "nothing");
    for (size_t i = 0; i < listed; i++) {
        if (i > 0)
            ds__text_add(text, i + 1 < h->num_waits ? ", " : " or ");
        ds__stream_describe(h->waits[i].stream, text);
    }
    if (h->num_waits > listed)
        ds__text_add(text, " or %zu more", h->num_waits - listed);
}

static void add_note(ds_note_fn *fn, const void *arg, ds__text *text)
{
    char note[384];

    note[0] = '\0';
    fn(arg, note, sizeof(note));
    note[sizeof(note) - 1] = '\0';
    ds__text_add(text, "%s", note);
}

void ds__report_wanted(const ds_handle *h, ds__text *text)
{
    const bool waits = h->num_waits > 0;

    if (waits && h->own_note != NULL)
        add_note(h->own_note, h->own_note_arg, text);
    if (waits && h->own_note != NULL && h->note != NULL)
        ds__text_add(text, ": ");
    if (waits && h->note != NULL)
        add_note(h->note, h->note_arg, text);
    else if (!waits || h->own_note == NULL)
        list_streams(h, text);
}

static void add_wait(const ds_handle *h, ds__text *text)
{
    ds__text_add(text, " waits in %s", atomic_load(&h->call));
    if (h->num_waits > 0 || !ds__due_pending(&h->due)) {
        ds__text_add(text, " for ");
        ds__report_wanted(h, text);
    }
    ds__text_add(text, ", since %.9g s", h->since);
}

/* What it does, if it does not wait. */
static const char *occupation(const ds_handle *h)
{
    switch (h->state) {
    case DS__NEW:
        return " has not started";
    case DS__ENDED:
        return " has ended";
    case DS__COMPUTING:
        return " is in ds_compute";
    default:
        return " has the baton";
    }
}

void ds__report_thread(const ds_handle *h, ds__text *text)
{
    ds__text_add(text, "\n  ");
    ds__handle_describe(h, text);
    if (h->state == DS__WAITING)
        add_wait(h, text);
    else
        ds__text_add(text, "%s", occupation(h));
}

void ds__report_late(const ds_loop *loop, ds__text *text)
{
    size_t late = 0;

    ds__text_add(text, "; not at an end:");
    text->size -= TAIL;
    for (ds__link *l = loop->live.next; l != &loop->live; l = l->next) {
        const ds_handle *h = ds__container(l, ds_handle, link);
        if (!h->daemon && late++ < MAX_LISTED)
            ds__report_thread(h, text);
    }
    text->size += TAIL;
    if (late > MAX_LISTED)
        ds__text_add(text, "\n  and %zu more", late - MAX_LISTED);
}

static void tell_stuck(const ds_handle *h)
{
    ds_handle *whom[DS__MAX_WHOM];
    const size_t n = ds__waits_for(h, whom);
    char wanted[512];
    ds__text text;

    ds__text_init(&text, wanted, sizeof(wanted));
    ds__report_wanted(h, &text);
    ds__tell_probe(h->loop,
                   (ds__record){
                       .kind = DS__TELL_STUCK,
                       .who = h->number,
                       .a = h->num_waits == 0 ? 0 : h->waits[0].stream->number,
                       .text = wanted,
                   });
    for (size_t i = 0; i < n; i++)
        ds__tell_probe(h->loop, (ds__record){ .kind = DS__TELL_FOR,
                                              .who = h->number,
                                              .a = (uint32_t)whom[i]->number });
}

/* Of every one, where the text lists the first few. */
static void tell_all_stuck(ds_loop *loop)
{
    for (ds__link *l = loop->live.next; l != &loop->live; l = l->next)
        tell_stuck(ds__container(l, ds_handle, link));
}

/* How the way there can be seen: in the trace that is being written, or in one
 * that the next run writes if the variable counts. */
static void add_hint(const ds_loop *loop, ds__text *text)
{
    const char *trace = loop->config.trace;

    if (trace != NULL)
        ds__text_add(text, "\n  see it: distsys-trace --text %.*s",
                     (int)strcspn(trace, ","), trace);
    else if (!loop->config.ignore_environment)
        ds__text_add(text, "\n  see it: DISTSYS_TRACE=run.dstrace PROGRAM; "
                           "distsys-trace --text run.dstrace");
}

void ds__report_deadlock(ds_loop *loop)
{
    const size_t waiting = ds__count_live(loop);
    size_t listed = 0;
    ds__text text;

    if (ds__is_watched(loop))
        tell_all_stuck(loop);
    if (!ds__fail_open(loop, DS_DEADLOCK, &text))
        return;
    ds__text_add(&text,
                 "deadlock at %.9g s: %zu thread%s wait%s and no event is left "
                 "to wake %s",
                 loop->now, waiting, waiting == 1 ? "" : "s",
                 waiting == 1 ? "s" : "", waiting == 1 ? "it" : "any");

    ds__report_circle(loop, &text);
    text.size -= TAIL;
    for (ds__link *l = loop->live.next; l != &loop->live; l = l->next) {
        if (listed++ == MAX_LISTED)
            break;
        ds__report_thread(ds__container(l, ds_handle, link), &text);
    }
    text.size += TAIL;
    if (waiting > MAX_LISTED)
        ds__text_add(&text, "\n  and %zu more", waiting - MAX_LISTED);
    for (const ds__resident *r = loop->residents; r != NULL; r = r->next)
        if (r->report != NULL)
            r->report(r, &text);
    add_hint(loop, &text);
    ds__fail_close(loop);
}
