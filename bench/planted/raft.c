/* The servers of a Raft; see the header. */

#include "bench/planted/raft.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <distsys/disk.h>
#include <distsys/fault.h>
#include <distsys/history.h>
#include <distsys/observe.h>

#include "bench/planted/raft_rules.h"

static const raft_entry *at(const raft_server *s, int64_t index)
{
    assert(index >= 1 && index <= s->last);
    return &s->log[index - 1];
}

static bool changes_voters(const raft_entry *e)
{
    return e->command.client == RAFT_NOBODY && e->command.op == RAFT_VOTERS;
}

static bool votes(const raft_server *s, int server)
{
    return (s->voters >> server & 1) != 0;
}

static bool does(const raft_server *s, unsigned option)
{
    return (s->cluster->setup.options & option) != 0;
}

/* Names an entry for observers: its term, its client, and its number. */
static int64_t name_of(const raft_entry *e)
{
    return (e->term * 100 + e->command.client + 1) * 1000 +
           e->command.number % 1000;
}

static double uniform(raft_server *s, double from, double to)
{
    return from + (to - from) * ds_random(s->h);
}

/* Whether time has passed; that is so only after a call that waits. */
static bool look_at_clock(raft_server *s)
{
    const double before = s->now;

    s->now = ds_now(s->h);
    return s->now > before;
}

/* ---- The disk -------------------------------------------------------------*/

#define LOG "log"

static bool make_room(raft_server *s, int64_t entries)
{
    int64_t room = s->room == 0 ? 32 : s->room * 2;

    if (entries <= s->room)
        return true;
    if (room < entries)
        room = entries;
    raft_entry *log = realloc(s->log, (size_t)room * sizeof(*log));
    if (log == NULL) {
        ds_fail(s->h, "raft: no memory for %lld entries", (long long)room);
        return false;
    }
    s->log = log;
    s->room = room;
    return true;
}

/* Finds the latest entry that says who votes, committed or not. */
static void find_voters(raft_server *s)
{
    const raft_setup *setup = &s->cluster->setup;
    int first = setup->voters > 0 ? setup->voters : setup->servers;
    int64_t i = s->last;

    while (i > 0 && !changes_voters(at(s, i)))
        i--;
    s->voters_at = i;
    s->voters = (1u << first) - 1;
    if (i > 0)
        s->voters = (unsigned)at(s, i)->command.arg[0];
}

/* Takes what stands from index on out of the log, none of which was committed.
 */
static void truncate(raft_server *s, int64_t index)
{
    assert(index >= 1 && index <= s->last);
    if (index <= s->commit) {
        ds_fail(s->h,
                "state machine safety: member %d replaces entry %lld at index "
                "%lld, which it knew committed",
                s->me, (long long)name_of(at(s, index)), (long long)index);
        return;
    }
    s->last = index - 1;
    if (s->synced > s->last)
        s->synced = s->last;
    ds_disk_cut(s->h, LOG, (size_t)s->last * sizeof(raft_entry));
    ds_observe(s->h, DS_FACT_CUT, index, 0);
    s->log_is_new = true;
    if (index <= s->voters_at)
        find_voters(s);
}

/* Goes by the latest entry that says who votes.  Of one who did not, a leader
 * knows nothing. */
static void change_voters(raft_server *s)
{
    unsigned before = s->voters;

    find_voters(s);
    for (int i = 0; i < s->cluster->setup.servers; i++)
        if (votes(s, i) && (before >> i & 1) == 0)
            s->peers[i] = (raft_peer){ .next = s->last + 1,
                                       .joined = s->round,
                                       .heard = -INFINITY };
}

static void append(raft_server *s, const raft_entry *e)
{
    assert(e->index == s->last + 1);
    if (!make_room(s, s->last + 1))
        return;
    s->log[s->last++] = *e;
    ds_disk_append(s->h, LOG, e, sizeof(*e));
    ds_observe(s->h, DS_FACT_APPEND, e->index, name_of(e));
    s->log_is_new = true;
    if (changes_voters(e))
        change_voters(s);
}

/* Waits until what has changed is on the disk, which comes before any word of
 * it to others.  False: it is over. */
static bool keep(raft_server *s)
{
    bool sync = s->vote_is_new || (s->log_is_new && s->rules.syncs_log(s));

    if (s->vote_is_new && !s->rules.write_vote(s))
        return false;
    if (sync) {
        if (!ds_disk_sync(s->h))
            return false;
        ds_observe(s->h, DS_FACT_SYNC, s->last, 0);
    }
    s->synced = s->last;
    s->vote_is_new = s->log_is_new = false;
    look_at_clock(s);
    return true;
}

/* Finds the newer of the two records of which one may have been torn. */
static void load_vote(raft_server *s)
{
    static const char *const names[] = { "vote 0", "vote 1" };
    int64_t record[3];
    size_t got;

    s->vote = RAFT_NOBODY;
    for (int i = 0; i < 2; i++) {
        ds_disk_get(s->h, names[i], 0, record, sizeof(record), &got);
        if (got == sizeof(record) && record[0] > s->saved) {
            s->saved = record[0];
            s->term = s->saved_term = record[1];
            s->vote = (int)record[2];
        }
    }
}

/* Takes entries as long as each stands in its place: where a crash has kept one
 * change and not the one before it, the log ends. */
static bool load_log(raft_server *s)
{
    size_t size = ds_disk_size(s->h, LOG);
    int64_t n = (int64_t)(size / sizeof(raft_entry));

    if (!make_room(s, n) || !ds_disk_get(s->h, LOG, 0, s->log,
                                         (size_t)n * sizeof(raft_entry), NULL))
        return false;
    while (s->last < n && s->log[s->last].index == s->last + 1)
        s->last++;
    if ((size_t)s->last * sizeof(raft_entry) < size)
        ds_disk_cut(s->h, LOG, (size_t)s->last * sizeof(raft_entry));
    ds_observe(s->h, DS_FACT_CUT, s->last + 1, 0);
    for (int64_t i = 1; i <= s->last; i++)
        ds_observe(s->h, DS_FACT_APPEND, i, name_of(at(s, i)));
    s->log_is_new = size > 0;
    find_voters(s);
    return true;
}

/* ---- Sending --------------------------------------------------------------*/

static void send(raft_server *s, ds_port *to, raft_packet *p)
{
    const raft_cluster *c = s->cluster;

    assert(!s->vote_is_new && !s->log_is_new && p->count <= RAFT_BATCH);
    p->from = s->me;
    p->leader = s->leader;
    ds_send_bytes(s->h, c->net, c->ports[s->me], to, p,
                  offsetof(raft_packet, entries) +
                      (size_t)p->count * sizeof(raft_entry));
}

static void send_others(raft_server *s, raft_packet *p)
{
    for (int i = 0; i < s->cluster->setup.servers; i++)
        if (i != s->me && votes(s, i))
            send(s, s->cluster->ports[i], p);
}

/* Sends a server what is new to it, or a heartbeat. */
static void send_append(raft_server *s, int to, bool heartbeat)
{
    raft_peer *peer = &s->peers[to];
    int64_t left = heartbeat ? 0 : s->last - peer->next + 1;
    raft_packet p = {
        .kind = RAFT_APPEND,
        .term = s->term,
        .index = peer->next - 1,
        .before = raft_term_at(s, peer->next - 1),
        .commit = s->commit,
        .round = ++s->round,
        .sent = s->rules.time(s),
        .count = left < RAFT_BATCH ? left : RAFT_BATCH,
    };

    for (int64_t i = 0; i < p.count; i++)
        p.entries[i] = *at(s, peer->next + i);
    if (p.count > 0)
        peer->carried = p.round;
    send(s, s->cluster->ports[to], &p);
}

static void send_appends(raft_server *s, bool heartbeat)
{
    for (int i = 0; i < s->cluster->setup.servers; i++)
        if (i != s->me && votes(s, i))
            send_append(s, i, heartbeat);
}

static void tell_client(raft_server *s, const raft_command *c, bool yes,
                        int64_t result)
{
    raft_packet p = {
        .kind = RAFT_RESULT,
        .yes = yes,
        .command = *c,
        .result = result,
    };
    int port = s->cluster->setup.servers + c->client;

    send(s, s->cluster->ports[port], &p);
}

/* ---- The state machine ----------------------------------------------------*/

static int64_t execute(raft_server *s, const raft_command *c)
{
    bool equal = c->arg[0] == s->value;

    if (c->op == DS_READ)
        return s->value;
    if (c->op == DS_WRITE)
        s->value = c->arg[0];
    else if (equal)
        s->value = c->arg[1];
    return c->op == DS_CAS && equal;
}

/* Does a command unless it was done: its client may have asked twice. */
static void apply(raft_server *s, const raft_entry *e)
{
    const raft_command *c = &e->command;

    if (c->client == RAFT_NOBODY)
        return;
    raft_done *done = &s->done[c->client];
    if (!s->rules.was_done(s, c))
        *done = (raft_done){ c->number, execute(s, c) };
    if (s->role == RAFT_LEADER && done->number == c->number) {
        ds_observe(s->h, DS_FACT_ACK, e->index, name_of(e));
        tell_client(s, c, true, done->result);
    }
}

/* Answers the reads that have waited long enough. */
static void answer_reads(raft_server *s)
{
    for (int i = 0; i < s->cluster->setup.clients; i++) {
        raft_read *r = &s->reads[i];
        if (r->number == 0 || !s->rules.may_read(s, r))
            continue;
        raft_command c = { .client = i, .op = DS_READ, .number = r->number };
        r->number = 0;
        tell_client(s, &c, true, s->value);
    }
}

static void commit(raft_server *s, int64_t index)
{
    while (s->commit < index) {
        s->commit++;
        ds_observe(s->h, DS_FACT_COMMIT, s->commit, name_of(at(s, s->commit)));
    }
    while (s->applied < s->commit) {
        s->applied++;
        apply(s, at(s, s->applied));
    }
}

static void follow(raft_server *s, int64_t term, int leader);

/* Commits what a quorum has, as a leader, and leads no longer if that says that
 * it is to go. */
static void count_copies(raft_server *s)
{
    for (int64_t index = s->last; index > s->commit; index--) {
        unsigned have = 0;
        for (int i = 0; i < s->cluster->setup.servers; i++)
            if (index <= (i == s->me ? s->synced : s->peers[i].match))
                have |= 1u << i;
        if (raft_is_quorum(s, have) && s->rules.may_commit(s, index))
            commit(s, index);
    }
    answer_reads(s);
    if (!votes(s, s->me) && s->voters_at <= s->commit)
        follow(s, s->term, RAFT_NOBODY);
}

/* ---- Roles ----------------------------------------------------------------*/

static void wait_for_leader(raft_server *s)
{
    s->deadline = s->now + uniform(s, raft_patience(s), 2 * raft_patience(s));
}

/* Follows whoever leads that term, which is not over. */
static void follow(raft_server *s, int64_t term, int leader)
{
    assert(term >= s->term);
    if (s->rules.forgets_vote(s, term)) {
        s->vote = RAFT_NOBODY;
        s->vote_is_new = true;
    }
    if (term > s->term) {
        s->term = term;
        s->vote_is_new = true;
    }
    if (s->role == RAFT_LEADER || leader != RAFT_NOBODY)
        wait_for_leader(s);
    s->role = RAFT_FOLLOWER;
    s->leader = leader;
}

static void lead(raft_server *s)
{
    s->role = RAFT_LEADER;
    s->leader = s->me;
    s->heard = s->now;
    for (int i = 0; i < s->cluster->setup.servers; i++)
        s->peers[i] = (raft_peer){ .next = s->last + 1, .heard = -INFINITY };
    memset(s->reads, 0, sizeof(s->reads));
    ds_observe(s->h, DS_FACT_LEAD, s->term, 0);
    s->deadline = s->now; /* the first heartbeat */
}

static void campaign(raft_server *s, bool early);

/* Counts the votes that a candidate has. */
static void count_votes(raft_server *s)
{
    if (!raft_is_quorum(s, s->votes))
        return;
    if (s->early)
        campaign(s, false);
    else
        lead(s);
}

/* Stands for the next term: early, without beginning it. */
static void campaign(raft_server *s, bool early)
{
    s->role = RAFT_CANDIDATE;
    s->leader = RAFT_NOBODY;
    s->early = early;
    s->votes = 1u << s->me;
    if (!early) {
        s->term++;
        s->vote = s->me;
        s->vote_is_new = true;
    }
    wait_for_leader(s);
    if (!keep(s))
        return;
    if (!early)
        ds_observe(s->h, DS_FACT_VOTE, s->term, s->me);
    raft_packet p = {
        .kind = RAFT_ASK_VOTE,
        .early = early,
        .term = s->term + early,
        .index = s->last,
        .before = raft_term_at(s, s->last),
    };
    send_others(s, &p);
    count_votes(s);
}

static bool hears_leader(const raft_server *s)
{
    return s->role == RAFT_LEADER ||
           s->rules.time(s) < s->heard + raft_patience(s);
}

/* ---- Packets --------------------------------------------------------------*/

/* Says only whether it would vote, and changes nothing. */
static void on_ask_early(raft_server *s, const raft_packet *ask)
{
    bool yes = ask->term > s->term && s->rules.is_up_to_date(s, ask);
    raft_packet p = {
        .kind = RAFT_VOTE,
        .early = true,
        .yes = yes,
        .term = yes ? ask->term : s->term,
    };

    if (ask->term > s->term || s->rules.tells_term(s))
        send(s, s->cluster->ports[ask->from], &p);
}

static void on_ask(raft_server *s, const raft_packet *ask)
{
    if (does(s, RAFT_STEADY) && ask->term > s->term && hears_leader(s))
        return;
    if (ask->early) {
        on_ask_early(s, ask);
        return;
    }
    if (ask->term > s->term)
        follow(s, ask->term, RAFT_NOBODY);
    bool yes = ask->term == s->term && s->rules.may_vote(s, ask->from) &&
               s->rules.is_up_to_date(s, ask);
    if (yes && s->vote != ask->from) {
        s->vote = ask->from;
        s->vote_is_new = true;
    }
    if (!keep(s) || (ask->term < s->term && !s->rules.tells_term(s)))
        return;
    if (yes) {
        ds_observe(s->h, DS_FACT_VOTE, s->term, ask->from);
        wait_for_leader(s);
    }
    raft_packet p = { .kind = RAFT_VOTE, .yes = yes, .term = s->term };
    send(s, s->cluster->ports[ask->from], &p);
}

static void on_vote(raft_server *s, const raft_packet *vote)
{
    if (vote->term > s->term && !(vote->early && vote->yes)) {
        follow(s, vote->term, RAFT_NOBODY);
        keep(s);
    } else if (s->rules.counts_vote(s, vote) && vote->yes) {
        s->votes |= 1u << vote->from;
        count_votes(s);
    }
}

/* Takes the entries over that it lacks. */
static void take_entries(raft_server *s, const raft_packet *p)
{
    for (int64_t i = 0; i < p->count; i++) {
        const raft_entry *e = &p->entries[i];
        if (e->index <= s->last && s->rules.truncates(s, e))
            truncate(s, e->index);
        if (e->index > s->last)
            append(s, e);
    }
}

static void on_append(raft_server *s, const raft_packet *append)
{
    bool follows = append->term >= s->term;
    bool fits = follows && append->index <= s->last &&
                raft_term_at(s, append->index) == append->before;
    int64_t equal = append->index + append->count;

    if (!follows && !s->rules.tells_term(s))
        return;
    if (follows) {
        follow(s, append->term, append->from);
        s->heard = s->rules.time(s);
    }
    if (fits)
        take_entries(s, append);
    else /* the first that may be equal */
        equal = s->last < append->index ? s->last : append->index - 1;
    if (!keep(s))
        return;
    if (fits)
        commit(s, s->rules.new_commit(s, append->commit, equal));
    raft_packet p = {
        .kind = RAFT_APPENDED,
        .yes = fits,
        .term = s->term,
        .index = equal,
        .round = append->round,
        .sent = append->sent,
    };
    send(s, s->cluster->ports[append->from], &p);
}

/* Learns how far a follower is. */
static void note_ack(raft_peer *peer, const raft_packet *ack)
{
    if (ack->yes && ack->index > peer->match)
        peer->match = ack->index;
    if (!ack->yes && ack->index + 1 < peer->next)
        peer->next = ack->index + 1;
    if (peer->next <= peer->match)
        peer->next = peer->match + 1;
    if (ack->round > peer->round)
        peer->round = ack->round;
    if (ack->sent > peer->heard)
        peer->heard = ack->sent;
}

static void on_appended(raft_server *s, const raft_packet *ack)
{
    raft_peer *peer = &s->peers[ack->from];

    if (ack->term > s->term) {
        follow(s, ack->term, RAFT_NOBODY);
        keep(s);
        return;
    }
    if (!s->rules.counts_ack(s, ack) || !s->rules.is_of_voter(peer, ack))
        return;
    note_ack(peer, ack);
    /* What was sent has come, or had time to. */
    if (peer->next <= s->last && ack->round >= peer->carried)
        send_append(s, ack->from, false);
    count_copies(s);
}

/* Puts a command into the log, as a leader. */
static void propose(raft_server *s, const raft_command *c)
{
    append(s, &(raft_entry){ s->term, s->last + 1, *c });
    if (!keep(s))
        return;
    send_appends(s, false);
    count_copies(s);
}

static const raft_command nothing = { .client = RAFT_NOBODY,
                                      .op = RAFT_NOTHING };

/* Puts an entry of this term into the log, with which those before it are
 * committed, unless there is one. */
static void begin_term(raft_server *s)
{
    if (raft_term_at(s, s->last) != s->term)
        propose(s, &nothing);
}

static void on_read(raft_server *s, const raft_command *c)
{
    raft_read *r = &s->reads[c->client];
    bool knows = s->rules.knows_commit(s);

    *r = (raft_read){ c->number, s->commit, s->round + 1 };
    if (!knows) /* ... before an entry of this term is committed */
        r->index = s->last + (raft_term_at(s, s->last) != s->term);
    if (r->index > s->last) {
        propose(s, &nothing);
        return;
    }
    answer_reads(s);
    if (r->number != 0)
        send_appends(s, true);
}

/* Has one server vote that did not, or the other way round if most are left. */
static void on_change(raft_server *s, int server)
{
    const unsigned voters = s->voters ^ 1u << server;
    const raft_command c = {
        .client = RAFT_NOBODY,
        .op = RAFT_VOTERS,
        .number = voters,
        .arg = { voters },
    };

    if (s->role != RAFT_LEADER ||
        2 * raft_count(voters) <= (size_t)s->cluster->setup.servers)
        return;
    if (s->rules.may_change(s))
        propose(s, &c);
    else
        begin_term(s);
}

/* Goes one step to who is to vote, or tells that it has gone them all; those
 * who are missing come first, so that most are left. */
static void on_want(raft_server *s, const raft_packet *p)
{
    unsigned missing = (unsigned)p->result & ~s->voters;
    unsigned first = missing != 0 ? missing : (unsigned)p->result ^ s->voters;

    if (s->role != RAFT_LEADER)
        return;
    for (int i = 0; i < s->cluster->setup.servers; i++)
        if ((first >> i & 1) != 0) {
            on_change(s, i);
            return;
        }
    if (s->voters_at <= s->commit)
        tell_client(s, &p->command, true, 0);
    else
        begin_term(s);
}

static void on_call(raft_server *s, const raft_command *c)
{
    const raft_done *done = &s->done[c->client];

    if (s->role != RAFT_LEADER)
        tell_client(s, c, false, 0);
    else if (c->op == DS_READ)
        on_read(s, c);
    else if (!s->rules.was_done(s, c))
        propose(s, c);
    else if (done->number == c->number)
        tell_client(s, c, true, done->result);
}

/* ---- Serving --------------------------------------------------------------*/

static void on_time(raft_server *s)
{
    if (s->role != RAFT_LEADER && !votes(s, s->me)) {
        wait_for_leader(s);
    } else if (s->role != RAFT_LEADER) {
        campaign(s, does(s, RAFT_PRE_VOTE));
    } else if (!s->rules.goes_on(s)) {
        follow(s, s->term, RAFT_NOBODY);
    } else {
        s->deadline = s->now + s->cluster->setup.tick;
        send_appends(s, true);
    }
}

static void on_packet(raft_server *s, const raft_packet *p)
{
    switch (p->kind) {
    case RAFT_ASK_VOTE:
        on_ask(s, p);
        break;
    case RAFT_VOTE:
        on_vote(s, p);
        break;
    case RAFT_APPEND:
        on_append(s, p);
        break;
    case RAFT_APPENDED:
        on_appended(s, p);
        break;
    case RAFT_CALL:
        on_call(s, &p->command);
        break;
    case RAFT_CHANGE:
        on_change(s, (int)p->result);
        break;
    case RAFT_WANT:
        on_want(s, p);
        break;
    case RAFT_RESULT:
        break;
    }
}

/* Waits for a packet or the deadline, and handles it; false: it is over. */
static bool step(raft_server *s)
{
    const double wait = s->deadline - s->now;
    ds_msg m;

    if (!ds_recv_timeout(s->h, s->cluster->ports[s->me], wait > 0 ? wait : 0,
                         &m))
        return false;
    if (look_at_clock(s))
        s->woke = s->now;
    if (m.dest == NULL)
        on_time(s);
    else if (!m.damaged)
        on_packet(s, m.data);
    ds_msg_drop(&m);
    assert(s->applied <= s->commit && s->commit <= s->last);
    return true;
}

void raft_serve(ds_handle *h, void *cluster)
{
    raft_server s = {
        .h = h,
        .cluster = cluster,
        .me = (int)ds_node_number(ds_handle_node(h)),
        .leader = RAFT_NOBODY,
        .now = ds_now(h),
    };

    s.heard = s.woke = s.now;

    s.rules = *s.cluster->setup.rules;
    raft_complete(&s.rules);
    s.rules.start(&s);
    load_vote(&s);
    wait_for_leader(&s);
    if (load_log(&s) && keep(&s))
        while (step(&s))
            continue;
    free(s.log);
}

static void stay_away(ds_handle *h, void *cluster)
{
}

void raft_build(raft_cluster *c, ds_loop *loop, const raft_setup *setup)
{
    int n = setup->servers + setup->clients;

    assert(setup->servers <= RAFT_SERVERS && setup->clients <= RAFT_CLIENTS);
    c->setup = *setup;
    if (c->setup.patience == 0)
        c->setup.patience = 1.5;
    if (c->setup.sync_time == 0)
        c->setup.sync_time = 0.02;
    const ds_disk_config disk = {
        .sync_time = c->setup.sync_time * setup->tick,
    };
    c->net = ds_random_net_new(loop, setup->tick / 5);
    for (int i = 0; i < n; i++) {
        c->nodes[i] = ds_node_new(loop);
        c->ports[i] = ds_port_new(c->nodes[i]);
        if (i >= setup->servers)
            continue;
        ds_node_set_disk(c->nodes[i], &disk);
        bool away =
            i == setup->servers - 1 && (setup->options & RAFT_LACKS_ONE);
        ds_node_boot_daemon(c->nodes[i], away ? stay_away : raft_serve, c);
    }
}
