#!/bin/sh
# distsys-algorithms: that its rows say what the algorithms promise, and what it
# refuses.

. "${srcdir:-.}/tests/program.sh"
program_is distsys-algorithms

# Columns: 1 algorithm, 2 nodes, 6 seeds, 7 decided, 8 seconds, 9 least, 10 most,
# 11 latencies, 12 messages.
rows_of()  # OPTION...
{
    "$program" --format=csv "$@" | sed 1d >"$work/rows"
}

every_algorithm_decides()
{
    rows_of -n 7 &&
        [ "$(wc -l <"$work/rows")" -eq "$("$program" --list | wc -l)" ] &&
        awk -F, '$7 != 1 || $12 < 1 { print; bad = 1 } END { exit bad }' \
            "$work/rows"
}

# Messages that follow each other, and how many there are among n.
costs()  # ALGORITHM ROUNDS MESSAGES
{
    rows_of -a "$1" -n 3,5,24,99 --rate=1T &&
        awk -F, "{
            n = \$2
            if (\$11 < ($2) - 1e-9 || \$11 > ($2) + 0.001 || \$12 != $3) {
                print
                bad = 1
            }
        }
        END { exit bad || NR != 4 }" "$work/rows"
}

executions_agree()
{
    rows_of -n 5 --seeds=3 --faults='0 faults * > * drop 0.1' --exec=threads &&
        cp "$work/rows" "$work/threads" &&
        rows_of -n 5 --seeds=3 --faults='0 faults * > * drop 0.1' &&
        cmp "$work/rows" "$work/threads"
}

# Only one of three is up.
nothing_is_decided_alone()
{
    rows_of -a paxos -n 3 --faults='0 crash 0; 0 crash 2' --limit=10 &&
        grep -q '^paxos,3,0.001,1000000000,1,1,0,,,,,,,' "$work/rows"
}

plans_come_from_files()
{
    printf '# three of five\n0 crash 0\n0 crash 3\n' >"$work/plan"
    rows_of -a paxos -n 5 --plan="$work/plan" && cp "$work/rows" "$work/file" &&
        rows_of -a paxos -n 5 --faults='0 crash 0; 0 crash 3' &&
        cmp "$work/rows" "$work/file" && grep -q '^paxos,5,.*,1,1,' "$work/rows"
}

medians_lie_between()
{
    rows_of -a paxos -n 5 --seeds=20 --faults='0 faults * > * jitter 0.01' &&
        awk -F, '{ exit !($7 == 20 && $9 < $8 && $8 < $10) }' "$work/rows"
}

draws()
{
    "$program" -a abd,paxos -n 3,9 --draw=messages \
        --plot="$work/picture.svg" >"$work/out" &&
        grep -q "<svg" "$work/picture.svg" &&
        grep -q "paxos" "$work/picture.svg" &&
        grep -q "messages" "$work/picture.svg"
}

records()
{
    "$program" -a abd --trace="$work/trace" >"$work/out" && [ -s "$work/trace" ]
}

check "every algorithm decides, once" every_algorithm_decides
# The pages and the headers of the algorithms say why.
while read -r name rounds messages; do
    check "$name takes $rounds rounds and $messages messages" \
        costs "$name" "$rounds" "$messages"
done <<'END'
2pc               4      3*n+2
3pc               6      5*n+2
abd               4      4*n
abd-read          2      2*n
best-effort       1      n
causal            1      n
chain             n+1    (n<5?6:n+4)
chandy-lamport    3      n*n-1
chang-roberts     2*n-1  3*n-1
crdt-2p-set       1      n*(n-1)
crdt-g-counter    1      n*(n-1)
crdt-g-set        1      n*(n-1)
crdt-lww          1      n*(n-1)
crdt-mv           1      n*(n-1)
crdt-or-set       1      n*(n-1)
crdt-pn-counter   1      n*(n-1)
crdt-rga          1      n*(n-1)
fifo              1      n
heartbeat         11.125 2*(n-1)^2
lamport           2      3*(n-1)
lease             4      4
multi-paxos       4      2*n
paxos             4      4*n
paxos-commit      6      3*n+2*n*n+2
phi               6.625  (n-1)^2
raft              4      2*n
reliable          1      n+(n-1)*(n-2)
ricart-agrawala   2      2*(n-1)
total-order       2      n+1
END
check "threads and fibers give the same" executions_agree
check "without a majority nothing is decided" nothing_is_decided_alone
check "a plan may be a file" plans_come_from_files
check "medians lie between the least and the most" medians_lie_between
check "a run is recorded" records
check "a line that is no fault is refused" refuses \
    "--faults: line 2: 'nap' where there must be one of faults, partition, cut, \
hold, crash, pause, clock, speed, disk, wipe, reseed, link" \
    --faults="0 crash 1; 1 nap 2"
check "a plan that is not there is refused" refuses \
    "--plan: /nowhere/plan: No such file or directory" --plan=/nowhere/plan
check "two plans are refused" refuses \
    "--faults: there is a --plan too; allowed: one of them" --faults=0 --plan=x
check "a trace of many runs is refused" refuses \
    "--trace: these are 2 runs, and a trace is of one; allowed: one value for \
each option" -a abd --seeds=2 --trace="$work/trace"
check "no machine at all is refused" refuses \
    "--nodes: bad value '0'; allowed: whole numbers from 1 to 1M" -n 0
if command -v gnuplot >/dev/null; then
    check "a picture is drawn" draws
else
    skip "a picture is drawn" "there is no gnuplot"
fi
done_checking
