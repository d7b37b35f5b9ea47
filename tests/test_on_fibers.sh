#!/bin/sh
# Every unit test again, with the simulated threads on fibers: what holds for
# one execution holds for the other.

: "${top_builddir:?run this by make check}"

# All fibers of a loop share one thread of the system, so two cannot race, and
# ThreadSanitizer takes ten milliseconds to make one.  test_fibers runs there.
case $CFLAGS in
*-fsanitize=thread*)
    echo "SKIPPED: ThreadSanitizer has nothing to find between fibers"
    exit 77
    ;;
esac

DISTSYS_EXEC=fibers
export DISTSYS_EXEC
failed=0

for test in ${UNIT_TESTS:?}; do
    "$top_builddir/$test" >"${test##*/}.fibers" 2>&1 || failed=1
    sed 's/^\(harness: [^:]*\):/\1 on fibers:/' "${test##*/}.fibers"
    rm -f "${test##*/}.fibers"
done
exit $failed
