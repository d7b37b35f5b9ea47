/* Mistakes of logs by Paxos, each a rule of <distsys/paxos_log.h> that is
 * replaced. */
#include <distsys/history.h>

#include "bench/planted/clients.h"
#include "bench/planted/planted.h"
#include "proto/paxos_log_rules.h"

enum { CLIENTS = 3 };

/* ---- Mistakes -------------------------------------------------------------*/

static size_t itself(size_t members)
{
    return 1;
}

static size_t half(size_t members)
{
    return (members + 1) / 2;
}

static bool any_ballot(const ds__plog *s, int64_t ballot)
{
    return true;
}

static bool writes_nothing(ds__plog *s)
{
    return true;
}

static bool never(const ds__plog *s)
{
    return false;
}

static bool is_the_latest(const ds__proposal *known, const ds__proposal *other)
{
    return true;
}

/* Looks only at what it has accepted itself. */
static ds__request own_or_nothing(const ds__plog *s, int64_t index)
{
    const ds__proposal *own = ds__slots_at(&s->accepted, index);

    return own != NULL ? own->request : (ds__request){ .client = 0 };
}

/* Takes what it has for what is chosen, and does nothing where it has nothing.
 */
static int64_t all_that_is_told(const ds__plog *s, int64_t commit,
                                int64_t index)
{
    return commit < s->accepted.last ? commit : s->accepted.last;
}

static bool at_once(const ds__plog *s, const ds__wait *w)
{
    return true;
}

static bool remembers_nothing(const ds__done *done, const ds__request *request)
{
    return false;
}

static size_t state_only(const ds__replica *r)
{
    return r->machine->size;
}

/* ---- Trials ---------------------------------------------------------------*/

typedef struct trial {
    const ds__plog_rules *mistake;
    int servers;
    unsigned checks; /* of an observer; 0: the usual ones */
    int64_t compact;
} trial;

static void server(ds_handle *h, void *arg)
{
    const group *g = arg;

    ds__plog_serve(h, g->shared, g->rules);
}

static void client(ds_handle *h, void *arg)
{
    const group *g = arg;
    const ds_paxos_log *paxos = g->shared;

    clients_live(h, g, &paxos->group, paxos->tick);
}

static void build(ds_trial *t, void *arg)
{
    const trial *r = arg;
    const double tick = 0.1;
    const group_plan plan = {
        .rules = &ds__plog_right,
        .rules_size = sizeof(ds__plog_right),
        .servers = r->servers,
        .clients = CLIENTS,
        .server = server,
        .client = client,
        .latency = tick / 5,
        .sync_time = tick / 50,
        .shared = sizeof(ds_paxos_log),
    };
    group *g = group_new(t, r->mistake, &plan);

    *(ds_paxos_log *)g->shared = (ds_paxos_log){
        .group = { .net = g->net, .ports = g->ports, .n = (size_t)r->servers },
        .machine = &ds_register_machine,
        .tick = tick,
        .patience = 1.5,
        .batch = 1, /* more would come together that can be apart */
        .compact = r->compact,
    };
    group_watch(t, r->checks);
}

#define PAXOS_LOG(called, n, snapshots, ...)                                   \
    {                                                                          \
        .name = called, .build = build, .hazards = PLANTED_USUAL,              \
        .model = &ds_register_model, .arg = (void *)&(const trial)             \
        {                                                                      \
            .servers = n, .compact = snapshots,                                \
            .mistake = &(const ds__plog_rules)                                 \
            {                                                                  \
                __VA_ARGS__                                                    \
            }                                                                  \
        }                                                                      \
    }

static const ds_test right = PAXOS_LOG("multi-paxos", 3, 0, .quorum = NULL);
static const ds_test right_4 = PAXOS_LOG("multi-paxos-4", 4, 0, .quorum = NULL);
static const ds_test right_5 = PAXOS_LOG("multi-paxos-5", 5, 0, .quorum = NULL);
static const ds_test right_short =
    PAXOS_LOG("multi-paxos-short", 3, 3, .quorum = NULL);

static const ds_test mp1 = PAXOS_LOG("MP1", 5, 0, .binds = is_the_latest);
static const ds_test mp2 =
    PAXOS_LOG("MP2", 3, 0, .write_promise = writes_nothing);
static const ds_test mp3 = PAXOS_LOG("MP3", 3, 0, .finishes = own_or_nothing);
static const ds_test mp4 =
    PAXOS_LOG("MP4", 3, 0, .new_commit = all_that_is_told);
static const ds_test mp5 = PAXOS_LOG("MP5", 3, 0, .quorum = itself);
static const ds_test mp6 = PAXOS_LOG("MP6", 3, 3, .saves = state_only);
static const ds_test mp7 = PAXOS_LOG("MP7", 3, 0, .may_accept = any_ballot);
static const ds_test mp8 = PAXOS_LOG("MP8", 4, 0, .quorum = half);
static const ds_test mp9 = PAXOS_LOG("MP9", 3, 0, .syncs = never);
static const ds_test mp10 = PAXOS_LOG("MP10", 3, 0, .may_look = at_once);
static const ds_test mp11 =
    PAXOS_LOG("MP11", 3, 0, .was_done = remembers_nothing);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "MP1",
        .title = "a leader proposes what it heard of last, of whatever ballot",
        .source = "Lamport, Paxos Made Simple, 2001, section 2.2, P2c",
        .correct = &right_5,
        .planted = &mp1,
        .end = PLANTED_WRONG,
    },
    {
        .name = "MP2",
        .title = "a promise that is not on the disk",
        .source = "Chandra, Griesemer, Redstone, PODC 2007, section 5.1",
        .correct = &right,
        .planted = &mp2,
        .end = PLANTED_WRONG,
        .note = "rare",
    },
    {
        .name = "MP3",
        .title = "a new leader fills gaps without asking who has something",
        .source = "Lamport, Paxos Made Simple, 2001, section 3",
        .correct = &right,
        .planted = &mp3,
        .end = PLANTED_WRONG,
    },
    {
        .name = "MP4",
        .title =
            "a member does what it has, in whatever ballot, and skips gaps",
        .source = "van Renesse, Altinbuken, 2015, section 2.1, C1 and R2",
        .correct = &right,
        .planted = &mp4,
        .end = PLANTED_WRONG,
    },
    {
        .name = "MP5",
        .title = "a leader answers before a majority has accepted",
        .source = "van Renesse, Altinbuken, 2015, section 2.2",
        .correct = &right,
        .planted = &mp5,
        .end = PLANTED_WRONG,
    },
    {
        .name = "MP6",
        .title = "a snapshot forgets what clients have had done",
        .source = "Ongaro, thesis, 2014, section 6.3",
        .correct = &right_short,
        .planted = &mp6,
        .end = PLANTED_WRONG,
    },
    {
        .name = "MP7",
        .title = "an acceptor accepts below what it has promised",
        .source = "Lamport, Paxos Made Simple, 2001, section 2.2, P1a",
        .correct = &right,
        .planted = &mp7,
        .end = PLANTED_WRONG,
    },
    {
        .name = "MP8",
        .title = "half of an even number of members is a majority",
        .source = "unixpickle/dist-sys, raft/candidate.go",
        .correct = &right_4,
        .planted = &mp8,
        .end = PLANTED_WRONG,
    },
    {
        .name = "MP9",
        .title = "proposals are accepted before they are on the disk",
        .source = "Chandra, Griesemer, Redstone, PODC 2007, section 5.1",
        .correct = &right,
        .planted = &mp9,
        .end = PLANTED_WRONG,
    },
    {
        .name = "MP10",
        .title = "a leader reads without asking whether it still leads",
        .source = "Chandra, Griesemer, Redstone, PODC 2007, section 5.2",
        .correct = &right,
        .planted = &mp10,
        .end = PLANTED_WRONG,
        .note = "rare",
    },
    {
        .name = "MP11",
        .title = "a request that is chosen twice is done twice",
        .source = "van Renesse, Altinbuken, 2015, section 2.1",
        .correct = &right,
        .planted = &mp11,
        .end = PLANTED_WRONG,
    },
};

const planted_family planted_paxos_log = PLANTED_FAMILY(rows);
