#!/bin/sh
# One program and one seed give the same bits whatever runs them: processors,
# priorities, real delays, threads or fibers, compilers and their options.

. "${srcdir:-.}/tests/shell.sh"

program=$top_builddir/tests/fairground
expected=$("$program") || exit 1

same()  # COMMAND...
{
    got=$("$@") || return
    [ "$got" = "$expected" ] && return
    echo "expected $expected"
    echo "got      $got"
    return 1
}

different()  # COMMAND...
{
    ! same "$@"
}

repeatedly()  # COMMAND...
{
    for i in 1 2 3 4 5 6 7 8 9 10; do
        same "$@" || return
    done
}

has()  # COMMAND
{
    command -v "$1" >/dev/null 2>&1
}

# Those of the library, without what only MPI programs need.
library_sources()
{
    find "$srcdir/src" -path '*/image' -prune -o -path '*/mpi' -prune -o \
        -name '*.[cS]' -print
}

# Builds library and program from their sources, with nothing in between.
build_with()  # COMPILER OPTIONS...
{
    rm -f "$work/fairground"
    "$@" -std=gnu11 -ffp-contract=off -D_GNU_SOURCE -I"$top_builddir" \
        -I"$srcdir/include" -I"$srcdir/src" -o "$work/fairground" \
        "$srcdir"/tests/fairground.c $(library_sources) -lm -pthread &&
        same "$work/fairground"
}

check "a second run gives the same" same "$program"
check "ten runs give the same" repeatedly "$program"
check "another seed gives something else" \
    different env DISTSYS_SEED=12345 "$program"
check "another order of ties gives something else" \
    different env DISTSYS_TIES=fifo "$program"
check "threads give the same" same env DISTSYS_EXEC=threads "$program"
check "fibers give the same" same env DISTSYS_EXEC=fibers "$program"
check "threads on any processor give the same" \
    repeatedly env DISTSYS_PIN=0 "$program"
check "real delays in the bodies change nothing" \
    repeatedly "$program" dawdle
if has taskset; then
    check "one processor gives the same" same taskset -c 0 "$program"
else
    skip "one processor gives the same" "there is no taskset"
fi
check "a low priority gives the same" same nice -n 19 "$program"
check "an environment of another size gives the same" \
    same env STUFFING="$(seq 1000)" "$program"

for compiler in gcc clang; do
    for level in -O0 -O3; do
        if has $compiler; then
            check "$compiler $level gives the same" \
                build_with $compiler $level
        else
            skip "$compiler $level gives the same" "there is no $compiler"
        fi
    done
done
done_checking
