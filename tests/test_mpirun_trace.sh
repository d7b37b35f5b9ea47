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

# What is shown of it.
shows()
{
    "$trace" --text "$work/ring.dstrace" >"$work/text" &&
        grep -q '^ *rank 3 |' "$work/text" &&
        "$trace" --html="$work/ring.html" --perfetto="$work/ring.perfetto" \
            "$work/ring.dstrace" >"$work/out" || return
    for file in ring.html ring.perfetto; do
        grep -qa "MPI_Recv $receive" "$work/$file" &&
            grep -qa 'rank 3' "$work/$file" || return
    done
}
check "pages and Perfetto have ranks, and calls by their lines" shows

aside()
{
    compiles late && "$program" -q -n 3 --trace="$work/late.dstrace" \
        "$work/late" aside && "$trace" --json "$work/late.dstrace" \
        >"$work/json" || return
    grep -q '"kind": "thread".*"name": "MPI_Ibcast of rank 2"' "$work/json" &&
        grep -q "\"what\": \"MPI_Ibcast $(at late.c 'MPI_Ibcast(')\", \"len\": 1000" \
            "$work/json"
}
check "a collective that does not block has a thread by its name" aside

changes_nothing()
{
    for option in --eager=65536 --trace="$work/again.dstrace"; do
        "$program" -n 4 $option "$work/ring" 2>&1 >"$work/out" |
            sed 's/.*digest//'
    done | uniq | wc -l | grep -qx 1
}
check "a trace changes nothing" changes_nothing
done_checking
