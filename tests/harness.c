/* The frame around every unit test program: one suite, one line of result. */

#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* GCC has macros for the sanitizers, Clang has features. */
#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define HARNESS_TSAN 1
#endif
#if __has_feature(address_sanitizer)
#define HARNESS_ASAN 1
#endif
#endif

#if defined(__SANITIZE_THREAD__) || defined(HARNESS_TSAN)
static const char *const slowness = "10";
static const size_t max_threads = 500;
#elif defined(__SANITIZE_ADDRESS__) || defined(HARNESS_ASAN)
static const char *const slowness = "5";
static const size_t max_threads = 10000;
#else
static const char *const slowness = "1";
static const size_t max_threads = 10000;
#endif

static const char *suite_name;

/* In seconds; -1 if the environment holds something else. */
static double default_timeout(void)
{
    const char *text = getenv("DISTSYS_TEST_TIMEOUT");
    if (text == NULL)
        return 20;
    char *end;
    const double seconds = strtod(text, &end);
    return end != text && *end == '\0' && seconds > 0 ? seconds : -1;
}

bool harness_full(void)
{
    const char *text = getenv("DISTSYS_TEST_FULL");
    return text != NULL && strcmp(text, "1") == 0;
}

int harness_slowness(void)
{
    return atoi(slowness);
}

size_t harness_max_threads(void)
{
    return max_threads;
}

size_t harness_nodes(size_t n)
{
    return max_threads < 1000 && n > 6 ? 6 : n;
}

/* Adds a line to those that .ci/run makes its totals from. */
static void report(const char *line)
{
    const char *path = getenv("DISTSYS_TEST_RESULTS");
    FILE *f = path != NULL && *path != '\0' ? fopen(path, "a") : NULL;
    if (f == NULL)
        return;
    fprintf(f, "%s\n", line);
    fclose(f);
}

void harness_skip(const char *fact, const char *why)
{
    char line[400];
    printf("SKIPPED: %s: %s\n", fact, why);
    fflush(stdout);
    snprintf(line, sizeof(line), "SKIPPED: %s: %s: %s", suite_name, fact, why);
    report(line);
}

int harness_main(const char *suite, void (*add)(TCase *tc))
{
    const double timeout = default_timeout();
    if (timeout < 0) {
        fprintf(stderr,
                "DISTSYS_TEST_TIMEOUT is \"%s\"; it takes a number of "
                "seconds greater than 0\n",
                getenv("DISTSYS_TEST_TIMEOUT"));
        return 2;
    }
    /* Check multiplies every timeout by this, those of add() too. */
    if (setenv("CK_TIMEOUT_MULTIPLIER", slowness, 0) != 0) {
        perror("setenv");
        return 2;
    }

    suite_name = suite;
    TCase *tc = tcase_create(suite);
    tcase_set_timeout(tc, timeout);
    add(tc);
    Suite *s = suite_create(suite);
    suite_add_tcase(s, tc);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_ENV);

    const int run = srunner_ntests_run(runner);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    char line[200];
    snprintf(line, sizeof(line), "harness: %s: %d passed, %d failed", suite,
             run - failed, failed);
    puts(line);
    report(line);
    return run > 0 && failed == 0 ? 0 : 1;
}
