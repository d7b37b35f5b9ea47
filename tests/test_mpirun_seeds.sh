#!/bin/sh
# distsys-mpirun --seeds, and what is drawn from a seed; and --payload.

. "${srcdir:-.}/tests/mpirun.sh"

check "a program that takes what comes first compiles" compiles anybody
check "a program of messages that may be bare compiles" compiles bare

# Columns of an outcome: seeds, first seed, orders of messages.
outcome()  # OUTCOME
{
    sed -n 's/^{"outcome": "'"$1"'", "seeds": \([0-9]*\), "first_seed": \([0-9]*\), "orders": \([0-9]*\),.*/\1 \2 \3/p' \
        "$work/out"
}

ends()  # STATUS OPTION... PROGRAM [ARGUMENT]
{
    wanted=$1
    status=0
    shift
    timeout 60 "$program" "$@" >"$work/out" 2>"$work/err" || status=$?
    cat "$work/out" "$work/err"
    [ $status -eq "$wanted" ]
}

# Both messages have come; a seed takes one or the other.
both_orders()
{
    ends 0 -n 3 --seeds=20 -f json "$work/anybody" &&
        [ "$(outcome 'ends well')" = "20 0 2" ]
}
check "receives from anybody take what a seed draws" both_orders

in_order()
{
    for seed in 1 2 3 4 5; do
        "$program" -q -n 3 --seed=$seed "$work/anybody"
    done | uniq | diff - "$work/in-order"
}
echo "first rank 1" >"$work/in-order"
check "else they take what has come first" in_order

is_found()  # OUTCOME ARGUMENT STATUS TEXT: the first seed fails by itself, too
{
    ends 1 -n 3 --seeds=20 -f json "$work/anybody" $2 || return
    set -- "$@" $(outcome "$1") $(outcome 'ends well')
    [ "$#" -eq 10 ] && [ "$5" -gt 0 ] && [ "$7" -eq 1 ] &&
        [ $(($5 + $8)) -eq 20 ] || return
    ends 1 -n 3 --seeds=20 -f text "$work/anybody" $2 || return
    grep -q "^seed $6, $1:\$" "$work/out" && grep -q "$4" "$work/out" &&
        command=$(sed -n 's/^again by: [^ ]*//p' "$work/out") || return
    ends $3 $command
    grep -q "$4" "$work/err"
}
check "the seed of a deadlock is found, with its report" is_found deadlock \
    deadlock 1 "rank 0 in MPI_Recv from rank 2, tag 7, since 1e-05 s"
check "the seed of an abort is found" is_found "ends with 5" abort 5 \
    "rank 0 in MPI_Abort at $(at anybody.c 'MPI_Abort('), "

crashes()
{
    ends 1 -n 3 --seeds=20 -f json "$work/anybody" crash &&
        grep -q '^{"outcome": "\(killed by\|ends with [1-9]\)' "$work/out"
}
check "a crash is an outcome" crashes

same_again()
{
    ends 1 -n 3 --seeds=10 --exec=threads "$work/anybody" deadlock \
        >"$work/threads.out"
    ends 1 -n 3 --seeds=10 "$work/anybody" deadlock >"$work/fibers.out"
    sed -i '/^again by/d' "$work/threads.out" "$work/fibers.out"
    diff -u "$work/threads.out" "$work/fibers.out"
}
check "seeds end alike on both executions" same_again

starts_there()
{
    ends 1 -n 3 --seeds=20 -f json "$work/anybody" deadlock >"$work/all" &&
        set -- $(outcome deadlock) &&
        ends 1 -n 3 --seed=$2 --seeds=1 -f json "$work/anybody" deadlock &&
        [ "$(outcome deadlock)" = "1 $2 1" ]
}
check "seeds count from --seed on" starts_there

# The second message was sent 2 us after the first.
is_late()
{
    ends 0 -n 3 --seeds=20 -f json --jitter=1us "$work/anybody" || return
    few=$(sed -n 's/.*"digests": \([0-9]*\).*/\1/p' "$work/out")
    "$program" -n 3 --jitter=1us --seed=1 "$work/anybody" 2>"$work/err" &&
        grep -q ', messages up to 1e-06 s late, seed 1; ' "$work/err" &&
        [ "$few" -eq 20 ]
}
check "messages are late by what a seed draws" is_late

check "no seeds are refused" refuses \
    "--seeds: bad value '0'; allowed: whole numbers from 1 to 1000000, also as in 1k" \
    --seeds=0 "$work/anybody"
check "a trace of many runs is refused" refuses \
    "--seeds: --trace is of one run; allowed: the seed of one, by --seed" \
    --seeds=2 --trace="$work/x.dstrace" "$work/anybody"

# ---- Messages without bytes ---------------------------------------------------

whole="10 bytes, of which the first is 3, at 1.0010 us
10000 bytes, of which the first is 3, at 4.0010 us
100000 bytes, of which the first is 3, at 16.0010 us
5 from the root, 1 in each half, at 18.0032 us
5 from the root, 1 in each half, at 31.0054 us"
long_bare="10 bytes, of which the first is 3, at 1.0010 us
10000 bytes, of which the first is 0, at 4.0010 us
100000 bytes, of which the first is 0, at 16.0010 us
5 from the root, 1 in each half, at 18.0032 us
0 from the root, 1 in each half, at 31.0054 us"
carries()  # PAYLOAD TEXT
{
    runs 2 --payload=$1 bare && printf '%s\n' "$2" | diff -u - "$work/fibers.out"
}
check "messages carry their bytes" carries all "$whole"
check "long ones carry none, and take the same time" carries none:100 \
    "$long_bare"
check "the last line says so" grep -q \
    ', messages of 100 B and more without bytes; 3.20054e-05 s' \
    "$work/fibers.err"
check "no bytes at all leave what the library needs" carries none \
    "$(printf '%s\n' "$whole" | sed 's/is 3/is 0/; s/^5/0/')"
check "another payload is refused" refuses \
    "--payload: bad value 'some'; allowed: all, none, none:BYTES" \
    --payload=some "$work/bare"
done_checking
