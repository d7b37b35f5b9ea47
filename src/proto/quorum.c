/* A register kept by a quorum of replicas (Attiya, Bar-Noy, Dolev 1995).
 *
 * Each version has a stamp, and a replica keeps the newest that it has seen.
 * Who writes asks so many replicas that the newest stamp is among the answers,
 * and stores a newer version at so many that every later reader meets one of
 * them. Who reads stores again what it has read, unless enough have it:
 * otherwise the next read might find replicas that have not heard of it. */
#include "proto/answers.h"
#include "proto/group.h"
#include "proto/quorum_rules.h"

#include <assert.h>

/* A question, and its answer: what the replica has. */
typedef struct packet {
    uint64_t number;
    ds__version version; /* of a question: keep it; stamp 0: only tell */
} packet;

static bool is_newer(const ds__stamp *a, const ds__stamp *b)
{
    if (a->counter != b->counter)
        return a->counter > b->counter;
    return a->writer > b->writer;
}

ds__version ds__quorum_version(const ds_msg *answer)
{
    assert(answer->size == (double)sizeof(packet));
    return ((const packet *)answer->data)->version;
}

/* ---- Rules ----------------------------------------------------------------*/

static size_t readers(const ds_quorum *q)
{
    return q->reads > 0 ? q->reads : ds_group_majority(&q->group);
}

static size_t writers(const ds_quorum *q)
{
    return q->writes > 0 ? q->writes : ds_group_majority(&q->group);
}

static int64_t above_both(int64_t seen, int64_t own)
{
    return (seen > own ? seen : own) + 1;
}

static bool keep_on_disk(ds_handle *h, ds__cell *cell, const ds__version *newer)
{
    return ds__cell_save(h, cell, newer);
}

/* Lynch and Shvartsman: a value that a write quorum has already is settled. */
static bool settle_unless_enough_have_it(const ds_quorum *q,
                                         const ds__version *newest,
                                         const ds_msg *answers, size_t n)
{
    size_t have = 0;

    for (size_t i = 0; i < n; i++) {
        ds__version v = ds__quorum_version(&answers[i]);
        have += !is_newer(&newest->stamp, &v.stamp);
    }
    return !q->regular && have < writers(q);
}

const ds__quorum_rules ds__quorum_right = {
    .readers = readers,
    .writers = writers,
    .next = above_both,
    .keep = keep_on_disk,
    .settles = settle_unless_enough_have_it,
};

/* ---- Replicas -------------------------------------------------------------*/

void ds__quorum_serve(ds_handle *h, const ds_quorum *q,
                      const ds__quorum_rules *rules)
{
    ds__version mine;
    ds__cell cell;
    size_t me;
    ds_msg m;

    if (!ds__group_enter(h, &q->group, "ds_quorum_serve", &me) ||
        !ds__cell_open(h, &cell, "register", &mine, sizeof(mine)))
        return;
    while (ds_recv(h, q->group.ports[me], &m)) {
        packet p = *(const packet *)m.data;
        if (is_newer(&p.version.stamp, &mine.stamp)) {
            mine = p.version;
            if (!rules->keep(h, &cell, &mine)) {
                ds_msg_drop(&m);
                return;
            }
        }
        p.version = mine;
        ds_answer(h, &q->group, &m, &p, sizeof(p));
        ds_msg_drop(&m);
    }
}

void ds_quorum_serve(ds_handle *h, void *arg)
{
    ds__quorum_serve(h, arg, &ds__quorum_right);
}

/* ---- Clients --------------------------------------------------------------*/

ds_quorum_client ds_quorum_client_of(ds_handle *h, const ds_quorum *q,
                                     ds_port *port)
{
    return (ds_quorum_client){
        .quorum = q,
        .asker =
            ds_asker_of(h, &q->group, port, q->patience, q->again, q->thrifty),
    };
}

/* Asks until n have answered.  NULL: they have not. */
static ds_msg *ask(ds_handle *h, ds_quorum_client *c, packet p, size_t n)
{
    return ds__answers_ask(h, &c->asker, &p, sizeof(p), n);
}

static bool store(ds_handle *h, ds_quorum_client *c, const ds__version *version,
                  const ds__quorum_rules *rules)
{
    size_t n = rules->writers(c->quorum);
    ds_msg *answers = ask(h, c, (packet){ .version = *version }, n);
    bool stored = answers != NULL;

    ds__answers_drop(answers, n);
    return stored;
}

static ds__version newest_of(const ds_msg *answers, size_t n)
{
    ds__version newest = { .value = 0 };

    for (size_t i = 0; i < n; i++) {
        ds__version v = ds__quorum_version(&answers[i]);
        if (is_newer(&v.stamp, &newest.stamp))
            newest = v;
    }
    return newest;
}

bool ds__quorum_write(ds_handle *h, ds_quorum_client *c, int64_t value,
                      const ds__quorum_rules *rules)
{
    size_t n = rules->readers(c->quorum);
    ds_msg *answers = ask(h, c, (packet){ .number = 0 }, n);
    bool heard = answers != NULL;
    int64_t seen = heard ? newest_of(answers, n).stamp.counter : 0;

    ds__answers_drop(answers, n);
    if (!heard)
        return false;
    c->counter = rules->next(seen, c->counter);
    return store(h, c,
                 &(ds__version){ { c->counter, c->asker.identity }, value },
                 rules);
}

bool ds_quorum_write(ds_handle *h, ds_quorum_client *c, int64_t value)
{
    return ds__quorum_write(h, c, value, &ds__quorum_right);
}

bool ds__quorum_read(ds_handle *h, ds_quorum_client *c, int64_t *value,
                     const ds__quorum_rules *rules)
{
    size_t n = rules->readers(c->quorum);
    ds_msg *answers = ask(h, c, (packet){ .number = 0 }, n);
    bool heard = answers != NULL;
    ds__version newest = newest_of(answers, heard ? n : 0);
    bool settled = heard && !rules->settles(c->quorum, &newest, answers, n);

    ds__answers_drop(answers, n);
    *value = newest.value;
    return heard && (settled || store(h, c, &newest, rules));
}

bool ds_quorum_read(ds_handle *h, ds_quorum_client *c, int64_t *value)
{
    return ds__quorum_read(h, c, value, &ds__quorum_right);
}
