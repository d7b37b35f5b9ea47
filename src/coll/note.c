/* What a member waits for, in words, for the report of a deadlock. */

#include "coll/comm.h"

/* Adds "rank 3, 5 or 8". */
static void add_peers(ds__text *text, const ds__call *call)
{
    ds__text_add(text, "rank %zu", call->peers[0]);
    for (size_t i = 1; i < call->num_peers; i++)
        ds__text_add(text, "%s%zu", i + 1 < call->num_peers ? ", " : " or ",
                     call->peers[i]);
}

/* Adds whom the member may hear from. */
static void add_ranks(ds__text *text, const ds_comm *c, size_t rank)
{
    if (rank != DS__ANY)
        ds__text_add(text, "rank %zu", rank);
    else if (c->call == NULL || c->call->num_peers == 0)
        ds__text_add(text, "any rank");
    else
        add_peers(text, c->call);
}

/* Adds which collective this is, so that members can be compared. */
static void add_call(ds__text *text, const ds_comm *c)
{
    const char *algorithm = c->call->algorithm;

    ds__text_add(text, " (%s%scall %llu", algorithm == NULL ? "" : algorithm,
                 algorithm == NULL ? "" : ", ",
                 (unsigned long long)c->call->number);
}

static void describe(ds__text *text, const ds_comm *c, ds__key key,
                     const char *preposition, size_t rank)
{
    ds__text_add(text, "a message %s ", preposition);
    add_ranks(text, c, rank);
    if (c->call != NULL && key.call == c->call->number) {
        add_call(text, c);
        if (key.from != DS__ANY)
            ds__text_add(text, ", step %u", key.tag);
        ds__text_add(text, ")");
    } else if (key.from != DS__ANY) {
        ds__text_add(text, ", tag %u", key.tag);
    }
}

void ds__note_take(const void *arg, char *buf, size_t size)
{
    const ds_comm *c = arg;
    ds__text text;

    ds__text_init(&text, buf, size);
    describe(&text, c, c->wanted, "from", c->wanted.from);
}

void ds__note_flush(const void *arg, char *buf, size_t size)
{
    const ds_comm *c = arg;
    ds__text text;

    ds__text_init(&text, buf, size);
    ds__text_add(&text, "the arrival of ");
    describe(&text, c, c->sent, "to", c->sent_to);
}

void ds__note_wait(const void *arg, char *buf, size_t size)
{
    const ds_comm *c = arg;
    ds__text text;

    ds__text_init(&text, buf, size);
    if (c->call->num_peers == 0) {
        ds__text_add(&text, "the arrival of its own messages");
    } else {
        ds__text_add(&text, "a message from ");
        add_ranks(&text, c, DS__ANY);
    }
    add_call(&text, c);
    ds__text_add(&text, ")");
}
