#!/bin/sh
# distsys-mpirun: windows, and what ranks do to each other's memory, on both
# executions with one digest, in times that are closed forms; mistakes are named.

. "${srcdir:-.}/tests/mpirun.sh"

# They put and accumulate at one place between the same fences, in an order that
# is kept here and that the standard does not promise; so nobody checks.
has_none_wrong()  # RANKS NAME
{
    runs "$1" --check=none "$2" && cat "$work/fibers.out" &&
        grep -qx '0 wrong' "$work/fibers.out"
}

for name in windows accesses spans; do
    check "$name compile" compiles $name
    for n in 2 5 8; do
        check "$name are right among $n ranks" has_none_wrong $n $name
    done
done

# Digits of a digest.
digest()  # NAME
{
    "$program" -n 5 "$work/$1" 2>&1 >"$work/out" |
        sed -n 's/.*digest \([0-9a-f]*\)$/\1/p'
}
is_the_same_again()
{
    one=$(digest accesses)
    [ -n "$one" ] && [ "$one" = "$(digest accesses)" ]
}
check "accesses have the same digest again" is_the_same_again

on_a_torus()
{
    runs 8 --topology=torus:4x2,rate=10G,latency=500ns accesses &&
        grep -qx '0 wrong' "$work/fibers.out"
}
check "accesses are right where messages cross links" on_a_torus

check "a program of mistakes compiles" compiles astray

says()  # STATUS ARGUMENT LINE...
{
    says_of astray "$@"
}

free=$(at astray.c '    MPI_Win_free(&win)')
check "locks that wait for each other are told" says 1 locks \
    "distsys-mpirun: deadlock: 4 of 4 ranks cannot go on" \
    "  ranks 0, 1 in MPI_Win_lock, since 5.0072e-06 s: rank 0 for the lock of rank 1, which rank 1 has; rank 1 for the lock of rank 0, which rank 0 has" \
    "    at $(at astray.c 'MPI_LOCK_SHARED, other, 0')" \
    "  in a circle: rank 0 waits for rank 1, which waits for rank 0"
check "a lock that is not given back is told by who has it" says 1 held \
    "  rank 1 in MPI_Win_lock for the lock of rank 2, which rank 0 has, since 5.0072e-06 s"
check "a start without a post is told" says 1 start \
    "  rank 0 in MPI_Win_start for MPI_Win_post() of rank 1, since 5.0072e-06 s" \
    "  ranks 1-3 in MPI_Win_free without rank 0, since 5.0072e-06 s"
check "a wait without a complete is told" says 1 wait \
    "  rank 0 in MPI_Win_wait for MPI_Win_complete() of rank 1, since 5.0072e-06 s"
check "an access outside of epochs is named" says 50 closed \
    "distsys-mpirun: rank 2 in MPI_Put at $(at astray.c 'MPI_Put('): MPI_ERR_RMA_SYNC: no epoch is open; a fence, a start or a lock opens one"
check "an access beyond a window is named" says 48 beyond \
    "distsys-mpirun: rank 0 in MPI_Get at $(at astray.c 'MPI_Get('): MPI_ERR_RMA_RANGE: bytes 16 to 19 of a window that has 16 at rank 3"
check "an epoch that is still open is named" says 50 open \
    "distsys-mpirun: rank 2 in MPI_Win_fence at $(at astray.c 'MPI_MODE_NOPUT'): MPI_ERR_RMA_SYNC: the epoch of MPI_Win_lock() is still open"
check "members that call different things are named" says 1 mixed \
    "distsys-mpirun: rank 0 in MPI_Win_fence at $(at astray.c 'MPI_MODE_NOSTORE'): collectives do not agree: MPI_Win_fence here, and MPI_Win_free for rank 2 in MPI_Win_free at $free; all members of a communicator make the same calls in the same order"
check "accesses that are in conflict are named" says 0 conflict \
    "  rank 1 in MPI_Put at $(at astray.c '0, 2, 1, MPI_INT'): MPI_ERR_RMA_CONFLICT: what it touches is under way in another access, of rank 2 in MPI_Get at $(at astray.c 'MPI_Get(memory')"
check "a window that is never freed is named" says 0 kept \
    "  rank 2 in MPI_Win_create at $(at astray.c 'MPI_Win_create('): the window was never freed by MPI_Win_free() (4 times)"

if command -v mpicc.mpich >/dev/null && command -v addr2line >/dev/null; then
    for name in windows accesses spans; do
        check "$name of MPICH are made" eval \
            'mpicc.mpich -w -g "$srcdir/tests/mpi/$name.c" -o "$work/$name-mpich"'
        check "$name of MPICH are right" has_none_wrong 5 $name-mpich
    done
else
    skip "programs of MPICH" "there is no mpicc.mpich"
fi
done_checking
