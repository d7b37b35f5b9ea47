#!/bin/sh
# Each example of examples/mpi prints what is written down beside it, with either
# execution.

. "${srcdir:-.}/tests/mpirun.sh"

prints_its_output()  # NAME RANKS
{
    runs "$2" "$1" && diff -u "$srcdir/examples/mpi/$1.out" "$work/fibers.out"
}

# The report of one that fails, which goes to standard error.
fails_as_written()  # NAME RANKS
{
    for exec in fibers threads; do
        status=0
        timeout 60 "$program" -n "$2" --exec=$exec "$work/$1" \
            >"$work/out" 2>"$work/err" || status=$?
        diff -u "$srcdir/examples/mpi/$1.out" "$work/err" &&
            [ $status -eq 1 ] && ! [ -s "$work/out" ] || return
    done
}

# What two neighbours of each of so many ranks add up to.
goes_well()  # PROGRAM RANKS
{
    runs "$2" "$1" && cat "$work/fibers.out" &&
        [ "$(cat "$work/fibers.out")" = \
            "neighbours of $2 ranks: $(($2 * ($2 - 1)))" ]
}

compiles_mended()
{
    sh "$top_builddir/bench/distsys-mpicc" -g -DMENDED \
        "$srcdir/examples/mpi/bug.c" -o "$work/mended"
}

is_run_here()  # NAME
{
    case " alltoall bug hello ring stencil " in *" $1 "*) ;; *) false ;; esac
}

for source in "$srcdir"/examples/mpi/*.c; do
    name=$(basename "$source" .c)
    check "examples/mpi/$name.c is run" is_run_here "$name"
    check "examples/mpi/$name.c compiles" compiles "$name" examples/mpi
done
check "hello.c prints hello.out" prints_its_output hello 4
check "ring.c prints ring.out" prints_its_output ring 8
check "stencil.c prints stencil.out" prints_its_output stencil 6
check "alltoall.c prints alltoall.out" prints_its_output alltoall 64
check "bug.c is a deadlock with 5 ranks" fails_as_written bug 5
check "bug.c has none with 4" goes_well bug 4
check "the mended bug.c compiles" compiles_mended
check "the mended bug.c has none with 5" goes_well mended 5
check "the mended bug.c has none with 4" goes_well mended 4
done_checking
