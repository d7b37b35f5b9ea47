#!/bin/sh
# distsys-mpirun --trace: calls of MPI, with their lines.

. "${srcdir:-.}/tests/mpirun.sh"
trace=$top_builddir/bench/distsys-trace

check "a ring compiles" compiles ring
receive=$(at ring.c 'MPI_Recv(')

has_calls()
{
    "$program" -q -n 4 --trace="$work/ring.dstrace" "$work/ring" >"$work/out" &&
        "$trace" --json "$work/ring.dstrace" >"$work/json" &&
        grep '"kind": "call"' "$work/json" >"$work/calls" || return
    cat "$work/calls"
    [ "$(grep -c "MPI_Recv $receive" "$work/calls")" -eq 4 ] &&
        ! grep -q Comm_rank "$work/calls"
}
check "a trace has calls that send or receive, with their lines" has_calls

changes_nothing()
{
    for option in --eager=65536 --trace="$work/again.dstrace"; do
        "$program" -n 4 $option "$work/ring" 2>&1 >"$work/out" |
            sed 's/.*digest//'
    done | uniq | wc -l | grep -qx 1
}
check "a trace changes nothing" changes_nothing
done_checking
