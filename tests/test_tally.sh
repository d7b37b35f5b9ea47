#!/bin/sh
# What adds up the results of .ci/run misses nothing: each thing that makes a
# stage fail is tried here, with lists of its own.

. "${srcdir:-.}/tests/shell.sh"

mkdir "$work/lists" && cp "$srcdir/tests/tally.sh" "$work/lists" || exit 1
cat >"$work/lists/may-skip" <<'END'
# A comment.
slow  heap: a large heap: *  # why
END
cat >"$work/lists/least-checks" <<'END'
quick 5
slow 2
END

# Whether the stage with these results passes, and this is what is said.
says()  # STATUS TEXT STAGE < RESULTS
{
    cat >"$work/results"
    status=0
    sh "$work/lists/tally.sh" "$3" "$work/results" >"$work/out" || status=$?
    printf '%s\n' "$2" | diff -u - "$work/out" && [ $status -eq "$1" ]
}

all_is_well()
{
    says 0 "quick: 7 passed, 0 failed, 0 skipped" quick <<'END'
harness: heap: 5 passed, 0 failed
harness: heap on fibers: 2 passed, 0 failed
END
}

a_failure_fails()
{
    says 1 "quick: 6 passed, 1 failed, 0 skipped" quick <<'END'
harness: heap: 5 passed, 0 failed
harness: list: 1 passed, 1 failed
END
}

a_skip_that_is_allowed_is_named()
{
    says 0 "slow: 3 passed, 0 failed, 1 skipped
  skipped: heap: a large heap: no memory" slow <<'END'
SKIPPED: heap: a large heap: no memory
harness: heap: 3 passed, 0 failed
END
}

a_skip_in_another_stage_fails()
{
    says 1 "quick: 5 passed, 0 failed, 1 skipped
  skipped, and not in tests/may-skip: heap: a large heap: no memory" \
        quick <<'END'
harness: heap: 5 passed, 0 failed
SKIPPED: heap: a large heap: no memory
END
}

another_skip_fails()
{
    says 1 "slow: 3 passed, 0 failed, 1 skipped
  skipped, and not in tests/may-skip: heap: a small heap: no time" slow <<'END'
SKIPPED: heap: a small heap: no time
harness: heap: 3 passed, 0 failed
END
}

too_few_fail()
{
    says 1 "quick: 4 passed, 0 failed, 0 skipped
  fewer checks than the 5 of tests/least-checks" quick <<'END'
harness: heap: 4 passed, 0 failed
END
}

nothing_fails()
{
    says 1 "quick: 0 passed, 0 failed, 0 skipped
  fewer checks than the 5 of tests/least-checks" quick </dev/null
}

# The frame of shell tests and that of unit tests write what is added up here.
a_shell_test_reports()
{
    cat >"$work/test_some.sh" <<'END'
. "$srcdir/tests/shell.sh"
check "truth holds" true
skip "a lie is told" "nobody lies"
done_checking
END
    rm -f "$work/told"
    DISTSYS_TEST_RESULTS=$work/told sh "$work/test_some.sh" || return
    diff -u - "$work/told" <<'END'
SKIPPED: some: a lie is told: nobody lies
harness: some: 1 passed, 0 failed
END
}

a_unit_test_reports()
{
    rm -f "$work/told"
    DISTSYS_TEST_RESULTS=$work/told "$top_builddir/tests/test_list" || return
    grep -qx "harness: list: [1-9][0-9]* passed, 0 failed" "$work/told"
}

check "all is well if nothing is wrong" all_is_well
check "a stage with a failed check fails" a_failure_fails
check "a skipped check that may be is named" a_skip_that_is_allowed_is_named
check "what may be skipped in one stage must run in another" \
    a_skip_in_another_stage_fails
check "a skipped check that is not in the list fails the stage" \
    another_skip_fails
check "fewer checks than there must be fail the stage" too_few_fail
check "a stage without a check fails" nothing_fails
check "a shell test reports its checks, and what it skips" a_shell_test_reports
check "a unit test reports its cases" a_unit_test_reports
done_checking
