/* The program of tests/test_locale.sh: takes the locale of the environment, as
 * programs with windows do, and prints what the library says about numbers. */

#include <locale.h>
#include <stdio.h>

#include <distsys.h>

static void waiter(ds_handle *h, void *arg)
{
    ds_event event;

    ds_sleep(h, 1.5);
    ds_poll(h, arg, &event);
}

static void failer(ds_handle *h, void *arg)
{
    ds_fail(h, "half is %g, and %ls", 0.5, (const wchar_t *)arg);
}

static void say_how_it_ends(ds_loop *loop)
{
    ds_loop_run(loop);
    printf("%s\n", ds_loop_error(loop));
    ds_loop_free(loop);
}

static void misuse_a_switch(const ds_switch *model, double latency)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_node *node = ds_node_new(loop);

    ds_switched_net_new(loop, &(ds_switched_net_config){ .nodes = &node,
                                                         .num_nodes = 1,
                                                         .model = model,
                                                         .latency = latency });
    say_how_it_ends(loop);
}

int main(void)
{
    if (setlocale(LC_ALL, "") == NULL)
        return 1;
    /* For the test to see that the locale is one that could do harm. */
    fprintf(stderr, "%g\n", 1.5);

    ds_loop *loop = ds_loop_new(NULL);
    ds_spawn(loop, waiter, ds_stream_new(loop));
    say_how_it_ends(loop);

    loop = ds_loop_new(NULL);
    ds_spawn(loop, failer, L"all of it is one");
    say_how_it_ends(loop);

    loop = ds_loop_new(&(ds_loop_config){ .time_limit = -0.5 });
    say_how_it_ends(loop);

    ds_greedy_switch ports = ds_greedy_switch_uniform(1, -2.5);
    misuse_a_switch(&ports.base, 0);
    ports = ds_greedy_switch_uniform(1, 1);
    misuse_a_switch(&ports.base, -0.25);
    return 0;
}
