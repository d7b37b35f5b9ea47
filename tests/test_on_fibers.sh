#!/bin/sh
# Every unit test again, with the simulated threads on fibers: what holds for
# one execution holds for the other.

. "${srcdir:-.}/tests/shell.sh"

# All fibers of a loop share one thread of the system, so two cannot race, and
# ThreadSanitizer takes ten milliseconds to make one.  test_fibers runs there.
case $CFLAGS in
*-fsanitize=thread*)
    skip "unit tests on fibers" \
        "ThreadSanitizer has nothing to find between fibers"
    done_checking
    ;;
esac

DISTSYS_EXEC=fibers
export DISTSYS_EXEC
bad=0

# Each test reports its own cases.
for test in ${UNIT_TESTS:?}; do
    "$top_builddir/$test" >"$work/out" 2>&1 || bad=1
    sed 's/^\(harness: [^:]*\):/\1 on fibers:/' "$work/out"
done
exit $bad
