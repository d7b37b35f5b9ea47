#!/bin/sh
# Every unit test again, with the simulated threads on fibers: what holds for
# one execution holds for the other.

: "${top_builddir:?run this by make check}"
DISTSYS_EXEC=fibers
export DISTSYS_EXEC
failed=0

for test in ${UNIT_TESTS:?}; do
    "$top_builddir/$test" >"${test##*/}.fibers" 2>&1 || failed=1
    sed 's/^\(harness: [^:]*\):/\1 on fibers:/' "${test##*/}.fibers"
    rm -f "${test##*/}.fibers"
done
exit $failed
