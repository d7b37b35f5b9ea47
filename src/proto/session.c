/* Sessions: what a client asks, and how members answer.
 *
 * A client asks one member after the other until one has an answer.  Who does
 * not lead says who does, as far as it knows. */
#include "proto/machine.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/answers.h"

/* ---- Clients --------------------------------------------------------------*/

ds_session ds_session_of(ds_handle *h, const ds_group *group, ds_port *port,
                         double again, double patience)
{
    return (ds_session){
        .asker = ds_asker_of(h, group, port, again, 0, false),
        .again = again,
        .patience = patience,
    };
}

/* Chooses whom to ask next; false: it is over.  Two may send it to each other
 * who both do not know better, so it is any if the one knows of no other. */
static bool turn(ds_handle *h, ds_session *s, bool answered, size_t leader)
{
    size_t n = s->asker.group->n;

    if (answered && leader < n && leader != s->member) {
        s->member = leader;
        return true;
    }
    s->member = (size_t)(ds_random(h) * (double)n);
    return ds_sleep(h, answered ? s->again / 4 : 0);
}

bool ds__session_call(ds_handle *h, ds_session *s, ds__what what,
                      const ds__request *request, int64_t *result)
{
    double now, end = s->patience > 0 ? ds_now(h) + s->patience : INFINITY;

    while ((now = ds_now(h)) < end) {
        ds__call c = { .what = what, .request = *request };
        s->asker.patience = fmin(s->again, end - now);
        bool answered = ds__answer_ask(h, &s->asker, s->member, &c, sizeof(c));
        if (answered && c.yes) {
            *result = c.result;
            return true;
        }
        if (!turn(h, s, answered, c.leader == 0 ? DS_NOBODY : c.leader - 1))
            return false;
    }
    return false;
}

bool ds_session_do(ds_handle *h, ds_session *s, const ds_command *command,
                   int64_t *result)
{
    const ds__request r = { s->asker.identity, ++s->number, *command };

    if (command->op != DS__OWN)
        return ds__session_call(h, s, DS__DO, &r, result);
    ds_fail(h, "ds_session_do: the op of a command is INT64_MIN, which is not "
               "for machines; it is more");
    return false;
}

bool ds_session_look(ds_handle *h, ds_session *s, const ds_command *command,
                     int64_t *result)
{
    const ds__request r = { .command = *command };

    return ds__session_call(h, s, DS__LOOK, &r, result);
}

/* ---- Members --------------------------------------------------------------*/

bool ds__is_call(const ds_msg *m)
{
    uint64_t number;

    memcpy(&number, m->data, sizeof(number));
    return number != 0;
}

void ds__call_done(ds_handle *h, const ds_group *g, const ds_msg *question,
                   const ds__done *done)
{
    ds__call c = *(const ds__call *)question->data;

    if (c.request.number != done->number)
        return;
    c.yes = true;
    c.result = done->result;
    ds_answer(h, g, question, &c, sizeof(c));
}

void ds__call_refuse(ds_handle *h, const ds_group *g, const ds_msg *question,
                     size_t leader)
{
    ds__call c = *(const ds__call *)question->data;

    c.leader = leader < g->n ? (uint32_t)leader + 1 : 0;
    ds_answer(h, g, question, &c, sizeof(c));
}

bool ds__waits_add(ds_handle *h, ds__waits *w, const ds_msg *question,
                   int64_t index, int64_t round)
{
    assert(w->head <= w->n && w->n <= w->room);
    if (w->n == w->room && w->head > w->n / 2) {
        memmove(w->all, w->all + w->head, (w->n - w->head) * sizeof(*w->all));
        w->n -= w->head;
        w->head = 0;
    }
    if (w->n == w->room) {
        size_t room = w->room == 0 ? 8 : 2 * w->room;
        ds__wait *all = realloc(w->all, room * sizeof(*all));
        if (all == NULL) {
            ds_fail(h, "ds_session: there is no memory for %zu questions",
                    room);
            return false;
        }
        w->all = all;
        w->room = room;
    }
    w->all[w->n++] = (ds__wait){ *(const ds__call *)question->data,
                                 question->source, index, round };
    return true;
}

ds__wait *ds__waits_first(ds__waits *w)
{
    return w->head < w->n ? &w->all[w->head] : NULL;
}

void ds__waits_answer(ds_handle *h, ds__waits *w, const ds_group *g,
                      int64_t result)
{
    ds__wait *first = &w->all[w->head];

    first->call.yes = true;
    first->call.result = result;
    ds_send_bytes(h, g->net, g->ports[ds_group_me(g, h)], first->client,
                  &first->call, sizeof(first->call));
    ds__waits_drop(w);
}

void ds__waits_drop(ds__waits *w)
{
    assert(w->head < w->n);
    w->head++;
    if (w->head == w->n)
        ds__waits_clear(w);
}

void ds__waits_clear(ds__waits *w)
{
    w->head = w->n = 0;
}

void ds__waits_close(ds__waits *w)
{
    free(w->all);
}
