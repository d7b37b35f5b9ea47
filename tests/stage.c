/* What the tests of simulations share. */

#include "stage.h"

#include <unistd.h>

static char text[1 << 16];
static size_t text_len;

void note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int n =
        vsnprintf(text + text_len, sizeof(text) - text_len, format, args);
    va_end(args);

    ck_assert_int_ge(n, 0);
    ck_assert_uint_lt((size_t)n, sizeof(text) - text_len);
    text_len += (size_t)n;
}

const char *noted(void)
{
    return text;
}

void note_clear(void)
{
    text_len = 0;
    text[0] = '\0';
}

int freed[num_freed];

void count_free(void *data)
{
    ++*(int *)data;
}

void ck_each_freed_once(int n)
{
    for (int i = 0; i < n; i++)
        ck_assert_msg(freed[i] == 1, "payload %d was freed %d times", i,
                      freed[i]);
}

ds_loop *loop_fifo(void)
{
    ds_loop *loop = ds_loop_new(&(ds_loop_config){ .ties = DS_TIES_FIFO });
    ck_assert_ptr_nonnull(loop);
    return loop;
}

ds_loop *loop_seeded(uint64_t seed)
{
    ds_loop *loop = ds_loop_new(&(ds_loop_config){ .seed = seed });
    ck_assert_ptr_nonnull(loop);
    return loop;
}

ds_loop *loop_on_threads(void)
{
    ck_assert_int_eq(unsetenv("DISTSYS_EXEC"), 0);
    ds_loop *loop = ds_loop_new(&(ds_loop_config){ .exec = DS_THREADS });
    ck_assert_ptr_nonnull(loop);
    return loop;
}

static bool says_idle(const ds_loop *loop)
{
    return strncmp(ds_loop_error(loop), "nothing has run: ", 17) == 0;
}

void ck_run(ds_loop *loop, ds_status want, const char *part)
{
    const ds_status got = ds_loop_run(loop);
    ck_assert_msg(got == want, "%s (%.2000s) instead of %s", ds_strstatus(got),
                  ds_loop_error(loop), ds_strstatus(want));
    if (want == DS_OK)
        ck_assert(*ds_loop_error(loop) == '\0' || says_idle(loop));
    if (part != NULL)
        ck_contains(ds_loop_error(loop), part);
}

void ck_run_once(ds_loop *loop, ds_status want, const char *part)
{
    ck_run(loop, want, part);
    ds_loop_free(loop);
}

/* Standard error goes into a file meanwhile. */
const char *run_and_listen(ds_loop *loop, ds_status want)
{
    static char said[1 << 16];
    FILE *file = tmpfile();
    int before = dup(STDERR_FILENO);

    ck_assert_ptr_nonnull(file);
    dup2(fileno(file), STDERR_FILENO);
    ds_status status = ds_loop_run(loop);
    dup2(before, STDERR_FILENO);
    close(before);

    rewind(file);
    size_t n = fread(said, 1, sizeof(said) - 1, file);
    said[n] = '\0';
    fclose(file);
    ck_assert_int_eq(status, want);
    return said;
}

void ck_contains(const char *whole, const char *part)
{
    ck_assert_msg(strstr(whole, part) != NULL, "no \"%s\" in \"%.2000s\"", part,
                  whole);
}

ds_timer ring(ds_handle *h, ds_stream *to, double seconds)
{
    return ds_schedule(h, to, seconds, NULL, NULL);
}

size_t count_tasks(void)
{
    size_t tasks = 0;
    FILE *file = fopen("/proc/self/status", "r");
    char line[128];

    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof(line), file) != NULL)
        sscanf(line, "Threads: %zu", &tasks);
    fclose(file);
    ck_assert_uint_gt(tasks, 0);
    return tasks;
}
