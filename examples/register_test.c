/* Tests of a replicated register, after Attiya, Bar-Noy and Dolev: one that is
 * right, and one whose reads are hasty.
 *
 * Each version has a stamp, and a greater one is newer.  Who writes asks a
 * majority of the servers for the newest stamp, and stores a newer version at a
 * majority; who reads stores there again what it has read before it tells it.
 */

#include <distsys.h>
#include <distsys/explore.h>

enum { SERVERS = 3, NODES = 5, MAJORITY = SERVERS / 2 + 1 };

struct version {
    int64_t stamp; /* 0: none */
    int64_t value;
};

struct packet { /* asks to keep a version, and answers with the newest */
    int64_t question;
    struct version version;
};

struct cluster {
    ds_net *net;
    ds_port *ports[NODES]; /* the servers first, then the clients */
    bool hasty;
};

/* Versions are appended to its disk: one that replaced another might be torn by
 * a crash, and then neither would be there. */
static void server(ds_handle *h, void *arg)
{
    const struct cluster *all = arg;
    ds_port *port = all->ports[ds_node_number(ds_handle_node(h))];
    size_t size = ds_disk_size(h, "log");
    struct version mine = { 0 };
    ds_msg msg;

    if (size > 0)
        ds_disk_get(h, "log", size - sizeof(mine), &mine, sizeof(mine), NULL);
    while (ds_recv(h, port, &msg)) {
        struct packet p = *(struct packet *)msg.data;
        if (p.version.stamp > mine.stamp) {
            mine = p.version;
            ds_disk_append(h, "log", &mine, sizeof(mine));
            ds_disk_sync(h); /* what has been answered must last */
        }
        p.version = mine;
        ds_send_bytes(h, all->net, port, msg.source, &p, sizeof(p));
        ds_msg_drop(&msg);
    }
}

struct client {
    const struct cluster *all;
    ds_port *port;
    int64_t question; /* the last that it has asked */
    int64_t stamp;    /* the last that it has used, perhaps in vain */
};

/* Has a majority keep a version, and makes it the newest that they have.
 * False: nobody knows who keeps it, or the simulation is over. */
static bool ask(ds_handle *h, struct client *c, struct version *version)
{
    const struct packet p = { ++c->question, *version };
    double deadline = ds_now(h) + 0.2;
    bool heard[SERVERS] = { false };
    int answers = 0;
    ds_msg msg;

    for (size_t i = 0; i < SERVERS; i++)
        ds_send_bytes(h, c->all->net, c->port, c->all->ports[i], &p, sizeof(p));
    while (answers < MAJORITY) {
        double left = deadline - ds_now(h);
        if (left <= 0 || !ds_recv_timeout(h, c->port, left, &msg) ||
            msg.dest == NULL)
            return false;
        const struct packet *answer = msg.data;
        size_t from = ds_node_number(ds_port_node(msg.source));
        if (answer->question == p.question && !heard[from]) {
            heard[from] = true; /* others are late, or here twice */
            answers++;
            if (answer->version.stamp > version->stamp)
                *version = answer->version;
        }
        ds_msg_drop(&msg);
    }
    return true;
}

static bool write_value(ds_handle *h, struct client *c, int64_t value)
{
    struct version v = { 0 };

    if (!ask(h, c, &v))
        return false;
    if (v.stamp > c->stamp)
        c->stamp = v.stamp;
    c->stamp += NODES - c->stamp % NODES; /* and nobody else's: */
    c->stamp += (int64_t)ds_node_number(ds_handle_node(h));
    v = (struct version){ c->stamp, value };
    return ask(h, c, &v);
}

static bool read_value(ds_handle *h, struct client *c, int64_t *value)
{
    struct version v = { 0 };

    if (!ask(h, c, &v))
        return false;
    *value = v.value;
    return c->all->hasty || ask(h, c, &v);
}

static void client(ds_handle *h, void *arg)
{
    const struct cluster *all = arg;
    size_t me = ds_node_number(ds_handle_node(h));
    struct client c = { .all = all, .port = all->ports[me] };
    ds_history *history = ds_trial_history(ds_handle_trial(h));
    ds_loop *loop = ds_handle_loop(h);
    size_t i;

    while (ds_next(h, &i)) {
        bool writes = ds_random(h) < 0.5;
        int64_t value = (int64_t)(100 * me + i);
        size_t call =
            ds_history_begin(history, ds_loop_now(loop), me,
                             writes ? DS_WRITE : DS_READ, 0, value, 0);
        if (writes ? write_value(h, &c, value) : read_value(h, &c, &value))
            ds_history_end(history, ds_loop_now(loop), call, value);
    }
}

static void build(ds_trial *t, void *hasty)
{
    struct cluster *all = ds_trial_alloc(t, sizeof(*all));
    ds_node *nodes[NODES];

    all->hasty = hasty != NULL;
    all->net = ds_random_net_new(ds_trial_loop(t), 0.03);
    for (size_t i = 0; i < NODES; i++) {
        nodes[i] = ds_node_new(ds_trial_loop(t));
        all->ports[i] = ds_port_new(nodes[i]);
        ds_node_set_disk(nodes[i], &(ds_disk_config){ .sync_time = 0.002 });
        if (i < SERVERS)
            ds_node_boot_daemon(nodes[i], server, all);
        else
            ds_node_boot(nodes[i], client, all);
    }
    ds_trial_expose(t, all->net, nodes, SERVERS, nodes + SERVERS,
                    NODES - SERVERS);
}

#define REGISTER(title, is_hasty)                                              \
    {                                                                          \
        .name = title, .build = build, .arg = is_hasty, .tick = 0.04,          \
        .hazards = DS_HAZARD_CRASH | DS_HAZARD_PAUSE | DS_HAZARD_PARTITION |   \
                   DS_HAZARD_DROP | DS_HAZARD_DUPLICATE | DS_HAZARD_REORDER,   \
        .model = &ds_register_model                                            \
    }

static const ds_test right = REGISTER("register", NULL);
static const ds_test hasty = REGISTER("hasty", "yes");

int main(int argc, char **argv)
{
    static const ds_test *const tests[] = { &right, &hasty };

    return ds_test_main(argc, argv, tests, 2);
}
