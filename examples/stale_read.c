/* A store that answers a write before its backup has it, and what that looks
 * like to those who read there. */

#include <distsys.h>
#include <distsys/history.h>
#include <stdio.h>

static ds_history *history;
static int64_t primary, backup;

static void writer(ds_handle *h, void *arg)
{
    size_t call = ds_history_begin(history, ds_now(h), 1, DS_WRITE, 0, 42, 0);

    ds_sleep(h, 0.001);
    primary = 42;
    ds_history_end(history, ds_now(h), call, 0); /* too early */
    ds_sleep(h, 0.020);
    backup = 42;
}

/* Reads here and there for a while. */
static void reader(ds_handle *h, void *arg)
{
    for (int i = 0; i < 10; i++) {
        ds_sleep(h, 0.005 * ds_random(h));
        size_t call = ds_history_begin(history, ds_now(h), 2, DS_READ, 0, 0, 0);
        ds_sleep(h, 0.001);
        ds_history_end(history, ds_now(h), call, i % 2 ? primary : backup);
    }
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    char why[2000] = "linearizable";

    history = ds_history_new();
    ds_spawn(loop, writer, NULL);
    ds_spawn(loop, reader, NULL);
    ds_status status = ds_loop_run(loop);
    ds_history_check(history, &ds_register_model, 0, why, sizeof(why));
    if (status == DS_OK)
        printf("%s\n", why);
    else
        fprintf(stderr, "%s\n", ds_loop_error(loop));
    ds_history_free(history);
    ds_loop_free(loop);
    return status != DS_OK;
}
