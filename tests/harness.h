/* The frame around every unit test program.
 *
 * A test file holds its cases and ends with two short functions:
 *
 *     START_TEST(an_empty_heap_has_no_first)
 *     {
 *         ...
 *     }
 *     END_TEST
 *
 *     static void add(TCase *tc)
 *     {
 *         tcase_add_test(tc, an_empty_heap_has_no_first);
 *         tcase_add_loop_test(tc, a_sweep, 0, sizeof(table) / sizeof(*table));
 *     }
 *
 *     int main(void)
 *     {
 *         return harness_main("heap", add);
 *     }
 *
 * Each case runs in a process of its own, so it may crash, hang or leak
 * without hurting the others, and LeakSanitizer looks at each by itself.
 * CK_FORK=no keeps them all in one process, for a debugger. */

#ifndef HARNESS_H
#define HARNESS_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>

/* Runs the cases that add() adds and prints Check's summary, and then the line
 * that totals are made from: "harness: heap: 12 passed, 0 failed".  It is also
 * added to the file that DISTSYS_TEST_RESULTS names, for .ci/run.  Returns what
 * main() should: 0 if there were cases and all passed.
 *
 * A case may take 20 seconds, or DISTSYS_TEST_TIMEOUT from the environment;
 * add() may call tcase_set_timeout() for slow ones.  Sanitizers multiply all
 * of these; CK_TIMEOUT_MULTIPLIER overrides by how much. */
int harness_main(const char *suite, void (*add)(TCase *tc));

/* Says aloud that a case could not look at something here, and why; the case
 * then returns.  In .ci/run only what tests/may-skip lists may be skipped. */
void harness_skip(const char *fact, const char *why);

/* Whether long sweeps should run whole: DISTSYS_TEST_FULL=1. */
bool harness_full(void);

/* How many times as long everything takes, with a sanitizer: sweeps look at so
 * many times less. */
int harness_slowness(void);

/* How many simulated threads one case may have: ThreadSanitizer needs a
 * hundred times as long to start one, and dies of a few thousand. */
size_t harness_max_threads(void);

/* How many nodes a sweep takes where n are wanted: fewer there. */
size_t harness_nodes(size_t n);

#endif
