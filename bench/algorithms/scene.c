#include "bench/algorithms/scene.h"

#include <assert.h>
#include <stdlib.h>

#include "bench/common/args.h"
#include "bench/common/setting.h"

void *scene_own(scene *s, size_t size)
{
    assert(s->own == NULL);
    return s->own = args_alloc(1, size);
}

void scene_serve(scene *s, ds_thread_fn *fn, void *arg)
{
    for (size_t i = 0; i < s->setting.members; i++)
        ds_node_boot_daemon(s->nodes[i], fn, arg);
}

void scene_spawn(scene *s, ds_thread_fn *fn)
{
    for (size_t i = 0; i < s->setting.members; i++)
        ds_node_spawn(s->nodes[i], fn, s);
}

void scene_ask(scene *s, ds_thread_fn *fn)
{
    ds_node_spawn(ds_port_node(scene_client_port(s)), fn, s);
}

void scene_begin(ds_handle *h, scene *s)
{
    s->began = ds_now(h);
    s->before = ds_net_get_stats(s->net);
}

static void count(scene *s)
{
    ds_net_stats now = ds_net_get_stats(s->net);

    s->result.messages = (double)(now.sent - s->before.sent);
    s->result.bytes = now.bytes_sent - s->before.bytes_sent;
}

void scene_decide(ds_handle *h, scene *s)
{
    bool *said = &s->said[ds_node_number(ds_handle_node(h))];

    /* A machine that has restarted may say it once more. */
    s->missing -= !*said && s->missing > 0;
    *said = true;
    if (s->missing > 0 || s->result.decided)
        return;
    s->result.decided = true;
    s->result.seconds = ds_now(h) - s->began;
    ds_sleep(h, 2 * s->setting.latency);
    count(s);
    ds_stop(h);
}

/* ---- One of them ----------------------------------------------------------*/

static void make_machines(scene *s, size_t n)
{
    const scene_setting *w = &s->setting;

    s->nodes = args_alloc(n, sizeof(*s->nodes));
    s->ports = args_alloc(n, sizeof(*s->ports));
    s->said = args_alloc(n, sizeof(*s->said));
    for (size_t i = 0; i < n; i++) {
        s->nodes[i] = ds_node_new(s->loop);
        ds_node_set_disk(s->nodes[i], &(ds_disk_config){ .sync_time = 0 });
    }
    s->net = ds_switched_net_new(
        s->loop, &(ds_switched_net_config){
                     .nodes = s->nodes,
                     .num_nodes = n,
                     .model = model_make(w->model, n, w->rate, &s->room),
                     .latency = w->latency,
                 });
    s->group = ds_group_of(s->net, s->nodes, s->ports, w->members);
    for (size_t i = w->members; i < n; i++)
        s->ports[i] = ds_port_new(s->nodes[i]);
}

/* Ends a scene that does not decide, which would go on for ever. */
static void watch(ds_handle *h, void *arg)
{
    scene *s = arg;

    ds_set_name(h, "time limit");
    if (ds_sleep(h, s->setting.limit) && !s->result.decided) {
        count(s);
        ds_stop(h);
    }
}

static failure finish(scene *s)
{
    ds_status status = ds_loop_run(s->loop);
    failure why = SUCCESS;

    if (status != DS_OK && status != DS_STOPPED)
        why =
            failure_new(status, "%s among %zu: %s", s->setting.algorithm->name,
                        s->setting.members, ds_loop_error(s->loop));
    s->result.digest = ds_loop_digest(s->loop);
    return why;
}

failure scene_run(const scene_setting *wanted, scene_result *result)
{
    const algorithm *a = wanted->algorithm;
    size_t n = wanted->members + a->clients;
    scene s = {
        .setting = *wanted,
        .loop = setting_loop_new(wanted->seed, wanted->exec),
        .missing = a->by_all ? wanted->members : 1,
    };

    make_machines(&s, n);
    if (wanted->plan != NULL)
        ds_plan_apply(wanted->plan, s.loop, s.net, s.nodes, n);
    a->start(&s);
    ds_spawn(s.loop, watch, &s);
    failure why = finish(&s);
    *result = s.result;
    ds_loop_free(s.loop);
    free(s.own);
    free(s.nodes);
    free(s.ports);
    free(s.said);
    return why;
}
