#!/bin/sh
# distsys-mpirun --profile and --explain: where the time of ranks has gone, and
# what they waited for, as arithmetic says.

. "${srcdir:-.}/tests/mpirun.sh"

check "a program of waits compiles" compiles late
check "a program of skewed ranks compiles" compiles skewed

# The value of a column in the row of a call: of the place, or the collective.
value()  # KIND CALL COLUMN
{
    sed -n 's/^{"kind": "'$1'", "call": "'$2'".*"'$3'": \([^,}]*\)[,}].*/\1/p' \
        "$work/rows"
}

# A call has waited for a sender, a receiver, the network, other messages, and
# anything else, for so many ns.
waits()  # CASE CALL NS...
{
    timeout 60 "$program" -q -n 3 --explain --format=json "$work/late" $1 \
        >"$work/rows" || return
    call=$2
    shift 2
    echo "$@" >"$work/wanted"
    for column in late_sender late_receiver network sharing other; do
        value site $call ${column}_seconds
    done | awk '{ printf "%s%.0f", sep, $1 * 1e9; sep = " " } END { print "" }' |
        diff "$work/wanted" -
}

# 10000 bytes take 1 us at a port, behind a latency of 1 us.
check "a late sender is waited for" waits sender MPI_Recv 5000 0 2000 0 0
check "a late receiver is waited for" waits receiver MPI_Ssend 0 7000 11000 0 0
check "messages that share a port wait longer" waits sharing MPI_Waitall 0 0 2000 1000 0
check "looking for a message is no waiting for it" waits looking MPI_Iprobe 0 0 0 0 4000
check "what is done aside is something else" waits aside MPI_Wait 0 0 0 0 2400

is_summed()
{
    timeout 60 "$program" -q -n 3 --profile --format=json "$work/late" sharing \
        >"$work/rows" || return
    line=$(at late.c 'MPI_Send(bytes, 10000, MPI_CHAR, 0')
    grep -q '"call": "MPI_Send", "line": "'$line'", "aside": false, "calls": 2, "ranks": 2, "sent_bytes": 20000, "seconds": 0,' \
        "$work/rows" &&
        grep -q '"call": "MPI_Waitall", .*"calls": 1, "ranks": 1, "sent_bytes": 0, "seconds": 3[^,]*e-06, "least_seconds": 3[^,]*e-06, "most_seconds": 3' \
            "$work/rows" &&
        ! grep -q '"kind": "collective"' "$work/rows"
}
check "calls are summed up by their lines" is_summed

longest_first()
{
    timeout 60 "$program" -q -n 3 --profile --format=md "$work/late" sender \
        >"$work/out" && cat "$work/out" &&
        sed -n '/^|:--/{n;p;}' "$work/out" | grep -q '^| MPI_Finalize |'
}
check "the longest comes first" longest_first

# Microseconds that the all-to-all takes, and those of its closed form.
us()  # COLUMN
{
    value collective MPI_Alltoall $1 | awk '{ printf "%.1f", $1 * 1e6 }'
}

# 63 steps of 1 us and 16384 bytes.
explains()  # EAGER MICROSECONDS
{
    timeout 60 "$program" -q -n 64 --explain --eager=$1 --format=json \
        "$work/skewed" >"$work/rows" || return
    echo "$(us mean_seconds) $(us form_seconds) $(us bound_seconds) $(us skew_seconds)"
    [ "$(us mean_seconds) $(us form_seconds)" = "$2 166.2" ]
}
check "steps that do not wait for each other share ports" explains 16384 466.9
check "steps that do are the closed form" explains 16383 166.2

tells_why()
{
    runs 64 --explain skewed && cat "$work/fibers.out" &&
        grep -q "^MPI_Alltoall at $(at skewed.c 'MPI_Alltoall(') of 16384 bytes takes 2.8 times what its closed form says: for 11 % of the time messages share ports, .*; with --eager=16383 a step waits for its partner.\$" \
            "$work/fibers.out"
}
check "why a collective is late is told, on both executions" tells_why

on_a_topology()
{
    "$program" -q --topology=tree:2,2 --explain --format=json "$work/skewed" \
        >"$work/rows" && [ "$(us form_seconds)" = 0.0 ] &&
        [ "$(value site MPI_Alltoall sharing_seconds)" != 0 ]
}
check "on a topology links are shared, and there is no closed form" on_a_topology

digest()
{
    "$program" -n 3 "$@" "$work/late" sharing 2>&1 >/dev/null |
        sed 's/.*digest //'
}
check "explaining changes nothing" eval '
    [ "$(digest)" = "$(digest --explain --profile)" ]'
done_checking
