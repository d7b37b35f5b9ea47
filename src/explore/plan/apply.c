/* Applies a plan to a loop: looks at what it names, and hands it to the
 * script. */

#include <stdlib.h>

#include "explore/plan/script.h"

#define CALL "ds_plan_apply"

/* ---- What is wrong --------------------------------------------------------*/

static bool check_nodes(ds_loop *loop, ds_node *const *nodes, size_t n)
{
    if (nodes == NULL && n > 0) {
        ds__fail(loop, DS_EMISUSE, CALL ": the array of nodes is NULL");
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (nodes[i] != NULL && nodes[i]->loop == loop)
            continue;
        ds__fail(loop, DS_EMISUSE, CALL ": nodes[%zu] %s", i,
                 nodes[i] == NULL ? "is NULL" : "belongs to another loop");
        return false;
    }
    return true;
}

/* Finds a node of a line that is not among n; false: there is none. */
static bool find_unknown(const ds__plan_line *line, size_t n, uint32_t *node)
{
    ds__plan_shape shape = ds__plan_words[line->kind].shape;

    *node = line->node;
    if ((shape == DS__PLAN_LINK || shape == DS__PLAN_NODE) &&
        line->node != DS__PLAN_EVERY && line->node >= n)
        return true;
    *node = line->to;
    if (shape == DS__PLAN_LINK && line->to != DS__PLAN_EVERY && line->to >= n)
        return true;
    for (size_t i = 0; i < line->num_members; i++) {
        *node = line->members[i].node;
        if (*node >= n)
            return true;
    }
    return false;
}

static void refuse_line(ds_loop *loop, const ds_plan *plan, size_t i,
                        uint32_t node, size_t n)
{
    size_t room = ds__plan_line_room(&plan->lines[i]);
    char *buf = malloc(room);
    ds__text text;

    if (buf == NULL) {
        ds__fail_memory(loop, CALL);
        return;
    }
    ds__text_init(&text, buf, room);
    ds__plan_print_line(&plan->lines[i], &text);
    ds__fail(loop, DS_EMISUSE,
             CALL ": line %zu, \"%.200s\", names node %lu; there are %zu, from "
                  "0",
             i + 1, buf, (unsigned long)node, n);
    free(buf);
}

static bool check_lines(ds_loop *loop, const ds_plan *plan, size_t n)
{
    uint32_t node;

    for (size_t i = 0; i < plan->count; i++) {
        if (!find_unknown(&plan->lines[i], n, &node))
            continue;
        refuse_line(loop, plan, i, node, n);
        return false;
    }
    return true;
}

static bool check_all(const ds_plan *plan, ds_loop *loop, const ds_net *net,
                      ds_node *const *nodes, size_t n)
{
    if (plan == NULL)
        ds__fail(loop, DS_EMISUSE, CALL ": the plan is NULL");
    else if (net == NULL)
        ds__fail(loop, DS_EMISUSE, CALL ": the network is NULL");
    else if (net->loop != loop)
        ds__fail(loop, DS_EMISUSE,
                 CALL ": the network belongs to another loop");
    else
        return check_nodes(loop, nodes, n) && check_lines(loop, plan, n);
    return false;
}

/* ---- Applying -------------------------------------------------------------*/

void ds_plan_apply(const ds_plan *plan, ds_loop *loop, ds_net *net,
                   ds_node *const *nodes, size_t n)
{
    if (!ds__may_build(loop, CALL) || !check_all(plan, loop, net, nodes, n))
        return;

    ds__script *script = ds__script_of(loop, CALL);
    if (script == NULL)
        return;
    const ds__cast *cast = ds__script_cast(script, net, nodes, n, CALL);
    for (size_t i = 0; cast != NULL && i < plan->count; i++)
        if (!ds__script_add(script, cast, &plan->lines[i], CALL))
            break;
    ds__script_wind(script);
}
