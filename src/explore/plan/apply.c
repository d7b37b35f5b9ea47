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

/* Says what is wrong with line i. */
static void refuse_line(ds_loop *loop, const ds_plan *plan, size_t i,
                        const char *what)
{
    char *buf = ds__plan_line_text(&plan->lines[i]);

    if (buf == NULL)
        ds__fail_memory(loop, CALL);
    else
        ds__fail(loop, DS_EMISUSE, CALL ": line %zu, \"%.200s\", names %s",
                 i + 1, buf, what);
    free(buf);
}

static bool check_line(const ds_plan *plan, size_t i, const ds_net *net,
                       size_t n)
{
    const ds__plan_line *line = &plan->lines[i];
    char what[160];
    uint32_t node;

    if (find_unknown(line, n, &node)) {
        ds__format(what, sizeof(what), "node %lu; there are %zu, from 0",
                   (unsigned long)node, n);
        refuse_line(net->loop, plan, i, what);
        return false;
    }
    const char *lack =
        line->name == NULL ? NULL : ds__wire_lack(net, line->name);
    if (lack == NULL)
        return true;
    ds__format(what, sizeof(what), "a link; %s", lack);
    refuse_line(net->loop, plan, i, what);
    return false;
}

static bool check_lines(const ds_plan *plan, const ds_net *net, size_t n)
{
    for (size_t i = 0; i < plan->count; i++)
        if (!check_line(plan, i, net, n))
            return false;
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
        return check_nodes(loop, nodes, n) && check_lines(plan, net, n);
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
