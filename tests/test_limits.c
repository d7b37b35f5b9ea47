/* When the system refuses a thread or a stack: the report says how many run
 * and which limit it was, and nothing is left behind. */

#include "stage.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "loop/limits.h"

/* Sanitizers need more of everything than these limits leave. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

START_TEST(if_no_limit_is_used_up_it_says_so)
{
    char buf[256];
    ds__text text;

    ds__text_init(&text, buf, sizeof(buf));
    ds__limits_of_memory(&text, 1);
    ck_assert_str_eq(buf, "vm.max_map_count, RLIMIT_AS and RLIMIT_DATA are not "
                          "used up, so memory is short");
}
END_TEST

#if !SANITIZED

#define MIB ((size_t)1 << 20)

/* Every thread has this of its own, on its stack. */
static _Thread_local volatile char large[128 * 1024];

static ds_loop *loop_on(ds_exec exec, size_t stack_size)
{
    unsetenv("DISTSYS_EXEC");
    return ds_loop_new(&(ds_loop_config){
        .exec = exec,
        .stack_size = stack_size,
    });
}

static void count(ds_handle *h, void *arg)
{
    if (ds_sleep(h, 1))
        ++*(size_t *)arg;
}

START_TEST(a_stack_too_small_for_thread_local_variables_is_named)
{
    size_t done = 0;
    ds_loop *loop = loop_on(DS_THREADS, 64 * 1024);

    large[0] = 1;
    ds_spawn(loop, count, &done);
    ck_run(loop, DS_ETHREAD, "while 0 run, with a stack of 65536 bytes");
    ck_contains(ds_loop_error(loop), "ds_loop_config.stack_size");
    ds_loop_free(loop);
    ck_assert_uint_eq(done, 0);
}
END_TEST

/* More threads than the limit allows do not run, but fewer do afterwards. */
static void ck_refused(ds_loop *loop, size_t threads, ds_status want,
                       const char *limit)
{
    size_t done = 0;

    for (size_t i = 0; i < threads; i++)
        ds_spawn(loop, count, &done);
    ck_run(loop, want, limit);
    ck_contains(ds_loop_error(loop), " run");
    ck_assert_uint_eq(done, 0);
    ck_assert_uint_eq(count_tasks(), 1);

    ds_spawn(loop, count, &done);
    ck_run_once(loop, DS_OK, NULL);
    ck_assert_uint_eq(done, 1);
}

static void set_limit(int resource, size_t max)
{
    const struct rlimit limit = { max, max };

    ck_assert_int_eq(setrlimit((__rlimit_resource_t)resource, &limit), 0);
}

/* In pages, as the library looks at it. */
static size_t address_space(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    size_t pages = 0;

    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fscanf(file, "%zu", &pages), 1);
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static const struct {
    double full;
    bool blamed;
} fullnesses[] = {
    { 0.40, false },
    { 0.75, false },
    { 0.93, false },
    { 0.99, true },
};

/* Others may have given back a little meanwhile, but not more than that. */
START_TEST(a_limit_is_to_blame_when_it_is_nearly_reached)
{
    char buf[256];
    ds__text text;

    ds__text_init(&text, buf, sizeof(buf));
    set_limit(RLIMIT_AS,
              (size_t)((double)address_space() / fullnesses[_i].full));
    ds__limits_of_memory(&text, 1);
    ck_assert_msg((strncmp(buf, "RLIMIT_AS is ", 13) == 0) ==
                      fullnesses[_i].blamed,
                  "%g full: %s", fullnesses[_i].full, buf);
}
END_TEST

/* Also where the last stack is a large part of all that there is. */
START_TEST(no_address_space_for_a_thread_is_told)
{
    static const size_t stacks[] = { 8 * MIB, 256 * MIB, 900 * MIB };
    ds_loop *loop = loop_on(DS_THREADS, stacks[_i]);

    set_limit(RLIMIT_AS, 3072 * MIB);
    ck_refused(loop, 400, DS_ETHREAD, ": RLIMIT_AS is 3221225472, and ");
}
END_TEST

START_TEST(no_address_space_for_a_fiber_is_told)
{
    static const size_t stacks[] = { 8 * MIB, 256 * MIB, 900 * MIB };
    ds_loop *loop = loop_on(DS_FIBERS, stacks[_i]);

    set_limit(RLIMIT_AS, 3072 * MIB);
    ck_refused(loop, 400, DS_ENOMEM, ": RLIMIT_AS is 3221225472, and ");
}
END_TEST

START_TEST(no_data_for_a_stack_is_told)
{
    ds_loop *loop = loop_on((ds_exec)_i, 0);

    set_limit(RLIMIT_DATA, 32 * MIB);
    ck_refused(loop, 400, _i == 0 ? DS_ETHREAD : DS_ENOMEM,
               ": RLIMIT_DATA is 33554432, and ");
}
END_TEST

/* What others have does not count, so the figure is as small as the limit. */
START_TEST(too_many_threads_of_the_user_are_told)
{
    ds_loop *loop = loop_on(DS_THREADS, 0);
    const uid_t nobody = 65534;

    /* The limit is not for root; without being it, this user's may be many. */
    if (getuid() == 0 && setresuid(nobody, nobody, nobody) == 0) {
        set_limit(RLIMIT_NPROC, 20);
        ck_refused(loop, 30, DS_ETHREAD, ": RLIMIT_NPROC is 20, and 20 are");
    } else {
        size_t done = 0;
        set_limit(RLIMIT_NPROC, 1);
        ds_spawn(loop, count, &done);
        ck_run_once(loop, DS_ETHREAD, ": RLIMIT_NPROC is 1, and ");
    }
}
END_TEST

/* Takes all maps that the system allows, and gives some back. */
static void take_maps_but(size_t few)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void **maps = malloc(few * sizeof(*maps));
    size_t n = 0;
    void *map;

    ck_assert_ptr_nonnull(maps);
    /* No two neighbours may be joined, so they differ. */
    while ((map = mmap(NULL, page, n % 2 == 0 ? PROT_READ : PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) != MAP_FAILED)
        maps[n++ % few] = map;
    ck_assert_uint_ge(n, few);
    for (size_t i = 0; i < few; i++)
        munmap(maps[i], page);
}

START_TEST(no_maps_for_a_thread_are_told)
{
    ds_loop *loop = loop_on(DS_THREADS, 0);

    take_maps_but(100);
    ck_refused(loop, 200, DS_ETHREAD, ": vm.max_map_count is ");
}
END_TEST

#endif

static void add(TCase *tc)
{
    tcase_add_test(tc, if_no_limit_is_used_up_it_says_so);
#if !SANITIZED
    tcase_add_test(tc, a_stack_too_small_for_thread_local_variables_is_named);
    tcase_add_loop_test(tc, a_limit_is_to_blame_when_it_is_nearly_reached, 0,
                        4);
    tcase_add_loop_test(tc, no_address_space_for_a_thread_is_told, 0, 3);
    tcase_add_loop_test(tc, no_address_space_for_a_fiber_is_told, 0, 3);
    tcase_add_loop_test(tc, no_data_for_a_stack_is_told, 0, 2);
    tcase_add_test(tc, too_many_threads_of_the_user_are_told);
    tcase_add_test(tc, no_maps_for_a_thread_are_told);
#endif
}

int main(void)
{
    return harness_main("limits", add);
}
