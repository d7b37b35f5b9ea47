/* The routed network against what another simulator says about the messages in
 * tests/topologies.txt: each arrives, or is lost, when it should, on threads
 * and on fibers, and both runs have one digest. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <distsys.h>

#include "harness.h"

enum { MOST_HOSTS = 128, MOST_SENDS = 256, MOST_CHANGES = 64, MOST_WORDS = 64 };

#define TOLERANCE 1e-9

typedef struct send {
    double at;
    size_t from;
    size_t to;
    double bytes;
    double most;
    bool arrives;
    double end;
    /* What has come of it. */
    ds_loop *loop;
    bool got;
    double ended;
} send;

typedef struct change {
    double at;
    size_t link;
    char what[8];
    double rate;
} change;

typedef struct network {
    char shape[64];
    char model[16];
    size_t num_hosts;
    ds_topology *topology;
    send sends[MOST_SENDS];
    size_t num_sends;
    change changes[MOST_CHANGES];
    size_t num_changes;
    ds_net *net;
    ds_port *ports[MOST_HOSTS];
    size_t to_come;
} network;

/* ---- Reading --------------------------------------------------------------*/

static double number(const char *word)
{
    char *end;
    double x;

    ck_assert_ptr_nonnull(word);
    x = strtod(word, &end);
    ck_assert_msg(*end == '\0', "%s is no number", word);
    return x;
}

static size_t cut(char *line, char **words)
{
    size_t n = 0;

    for (char *w = strtok(line, " \n"); w != NULL; w = strtok(NULL, " \n")) {
        ck_assert_uint_lt(n, MOST_WORDS);
        words[n++] = w;
    }
    return n;
}

static void begin(network *w, char **words)
{
    snprintf(w->shape, sizeof(w->shape), "%s", words[1]);
    snprintf(w->model, sizeof(w->model), "%s", words[2]);
    w->num_hosts = (size_t)number(words[3]);
    ck_assert_uint_le(w->num_hosts, MOST_HOSTS);
    w->topology = ds_topology_new(w->num_hosts);
    w->num_sends = w->num_changes = 0;
}

static void add_route(network *w, char **words, size_t n)
{
    size_t links[MOST_WORDS];

    for (size_t i = 3; i < n; i++)
        links[i - 3] = (size_t)number(words[i]);
    ds_topology_set_route(w->topology, (size_t)number(words[1]),
                          (size_t)number(words[2]), links, n - 3);
}

static void add_send(network *w, char **words)
{
    ck_assert_uint_lt(w->num_sends, MOST_SENDS);
    w->sends[w->num_sends++] = (send){
        .at = number(words[1]),
        .from = (size_t)number(words[2]),
        .to = (size_t)number(words[3]),
        .bytes = number(words[4]),
        .most = number(words[5]),
        .arrives = strcmp(words[6], "arrives") == 0,
        .end = number(words[7]),
    };
}

static void add_change(network *w, char **words, size_t n)
{
    ck_assert_uint_lt(w->num_changes, MOST_CHANGES);
    change *c = &w->changes[w->num_changes++];
    c->at = number(words[1]);
    c->link = (size_t)number(words[2]);
    snprintf(c->what, sizeof(c->what), "%s", words[3]);
    c->rate = n > 4 ? number(words[4]) : 0;
}

/* Reads on up to the next one that is complete.  false: there is none. */
static bool read_one(FILE *file, network *w)
{
    char line[1024];
    char *words[MOST_WORDS];

    while (fgets(line, sizeof(line), file) != NULL) {
        size_t n = line[0] == '#' ? 0 : cut(line, words);
        if (n == 0)
            continue;
        if (strcmp(words[0], "network") == 0)
            begin(w, words);
        else if (strcmp(words[0], "link") == 0)
            ds_topology_add_link(
                w->topology,
                (ds_link){ .rate = number(words[1]),
                           .latency = number(words[2]),
                           .sharing = n > 3 ? DS_FATPIPE : DS_SHARED });
        else if (strcmp(words[0], "route") == 0)
            add_route(w, words, n);
        else if (strcmp(words[0], "send") == 0)
            add_send(w, words);
        else if (strcmp(words[0], "change") == 0)
            add_change(w, words, n);
        else
            return true;
    }
    return false;
}

/* ---- Running --------------------------------------------------------------*/

/* The payload of one that is lost is freed, and one that arrives has forgotten
 * how. */
static void note_loss(void *data)
{
    send *s = data;

    s->ended = ds_loop_now(s->loop);
}

static void wait_until(ds_handle *h, double time)
{
    if (time > ds_now(h))
        ds_sleep(h, time - ds_now(h));
}

static void send_them(ds_handle *h, void *arg)
{
    network *w = arg;

    for (size_t i = 0; i < w->num_sends; i++) {
        send *s = &w->sends[i];
        wait_until(h, s->at);
        ds_send(h, w->net,
                (ds_msg){ .source = w->ports[s->from],
                          .dest = w->ports[s->to],
                          .data = s,
                          .free = note_loss,
                          .size = s->bytes,
                          .rate = s->most });
    }
}

static void receive_them(ds_handle *h, void *arg)
{
    network *w = arg;
    ds_stream *streams[MOST_HOSTS];
    ds_event event;
    ds_msg msg;

    for (size_t i = 0; i < w->num_hosts; i++)
        streams[i] = ds_port_stream(w->ports[i]);
    for (; w->to_come > 0; w->to_come--) {
        if (!ds_poll_any(h, streams, w->num_hosts, &event) ||
            !ds_unpack(&event, &msg))
            return;
        send *s = msg.data;
        s->got = true;
        s->ended = ds_now(h);
    }
}

static void change_them(ds_handle *h, void *arg)
{
    network *w = arg;

    for (size_t i = 0; i < w->num_changes; i++) {
        const change *c = &w->changes[i];
        wait_until(h, c->at);
        if (strcmp(c->what, "rate") == 0)
            ds_link_set_rate(w->net, c->link, c->rate);
        else
            ds_link_set_up(w->net, c->link, strcmp(c->what, "on") == 0);
    }
}

static ds_flow_model model_of(const network *w)
{
    if (strcmp(w->model, "cm02") == 0)
        return ds_flow_cm02;
    if (strcmp(w->model, "lv08") == 0)
        return ds_flow_lv08;
    ck_assert_str_eq(w->model, "maxmin");
    return (ds_flow_model){ 0 };
}

static void build(network *w, ds_loop *loop)
{
    ds_node *nodes[MOST_HOSTS];

    for (size_t i = 0; i < w->num_hosts; i++) {
        nodes[i] = ds_node_new(loop);
        w->ports[i] = ds_port_new(nodes[i]);
    }
    w->net = ds_routed_net_new(loop, &(ds_routed_net_config){
                                         .nodes = nodes,
                                         .num_nodes = w->num_hosts,
                                         .topology = w->topology,
                                         .model = model_of(w),
                                     });
    w->to_come = 0;
    for (size_t i = 0; i < w->num_sends; i++) {
        w->sends[i].loop = loop;
        w->sends[i].got = false;
        w->sends[i].ended = NAN;
        w->to_come += w->sends[i].arrives;
    }
}

static void ck_ends(const network *w)
{
    for (size_t i = 0; i < w->num_sends; i++) {
        const send *s = &w->sends[i];
        ck_assert_msg(s->got == s->arrives &&
                          fabs(s->ended - s->end) <= TOLERANCE * s->end,
                      "%s %s, message %zu: %s at %.17g instead of %s at %.17g",
                      w->shape, w->model, i, s->got ? "arrives" : "lost",
                      s->ended, s->arrives ? "arrives" : "lost", s->end);
    }
}

static uint64_t run(network *w, ds_exec exec)
{
    ds_loop *loop = ds_loop_new(&(ds_loop_config){ .exec = exec });

    build(w, loop);
    ds_spawn(loop, send_them, w);
    ds_spawn(loop, receive_them, w);
    ds_spawn(loop, change_them, w);
    ds_status status = ds_loop_run(loop);
    ck_assert_msg(status == DS_OK, "%s: %s", w->shape, ds_loop_error(loop));
    ck_ends(w);
    uint64_t digest = ds_loop_digest(loop);
    ds_loop_free(loop);
    return digest;
}

static FILE *open_table(void)
{
    const char *srcdir = getenv("srcdir");
    char path[1024];

    snprintf(path, sizeof(path), "%s/tests/topologies.txt",
             srcdir == NULL ? "." : srcdir);
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    return file;
}

START_TEST(every_message_ends_when_it_should)
{
    static network w;
    FILE *file = open_table();
    size_t messages = 0;
    size_t networks = 0;

    while (read_one(file, &w)) {
        ck_assert_str_eq(ds_topology_error(w.topology), "");
        uint64_t digest = run(&w, DS_FIBERS);
        ck_assert_uint_eq(run(&w, DS_THREADS), digest);
        ds_topology_free(w.topology);
        messages += w.num_sends;
        networks++;
    }
    fclose(file);
    ck_assert_uint_eq(networks, 60);
    ck_assert_uint_eq(messages, 1953);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, every_message_ends_when_it_should);
}

int main(void)
{
    setenv("DISTSYS_CHECK", "1", 0);
    return harness_main("routed_oracle", add);
}
