#!/bin/sh
# distsys-events: that it measures what it says, and what it refuses.  How fast
# it finds things depends on the machine and is not looked at.

. "${srcdir:-.}/tests/program.sh"
program_is distsys-events

every_workload_has_a_row()  # EXEC
{
    "$program" -n 3 --events 30 --repeat 1 --exec "$1" --format csv \
        >"$work/rows" || return
    for workload in sleep lockstep ring pingpong pending message switched \
        spawn compute loops; do
        grep -q "^$workload,$1,3," "$work/rows" || return
    done
}

has_a_floor()
{
    "$program" -w sleep -n 4 --events 400 --repeat 1 --format json |
        grep -Eq '"floor_ns": [0-9.]+, "ratio": [0-9.]+'
}

full_disk()
{
    "$program" -w sleep -n 2 --events 10 --repeat 1 >/dev/full \
        2>"$work/err"
    [ $? -eq 1 ] && grep -q "No space left" "$work/err"
}

# Sleeping is two records, and one more each of what threads do once.
prices_a_record()  # TRACE
{
    "$program" -w sleep -n 4 --events 40000 --repeat 1 --format json \
        --exec=fibers --trace="$1" >"$work/out" &&
        grep -Eq '"traced_ns": [0-9.]+, "records": 2, "record_ns": -?[0-9]' \
            "$work/out" && [ -s "${1%%,*}" ]
}

check "a record has its price" prices_a_record "$work/t"
check "... in a flight recorder too" prices_a_record "$work/t,last=64K"
check "a trace that cannot be written is named" refuses \
    "--trace: $work/none/t: No such file or directory" -w sleep -n 4 \
    --trace="$work/none/t"
check "every workload runs on threads" every_workload_has_a_row threads
check "every workload runs on fibers" every_workload_has_a_row fibers
check "threads have a floor beside them" has_a_floor
check "an unknown workload lists those known" refuses \
    "--workload: unknown name 'x'; known are sleep, lockstep, \
ring, pingpong, pending, message, switched, spawn, compute, loops; or all" \
    --workload x
check "no nodes at all" refuses \
    "--nodes: bad value '0'; allowed: whole numbers from 1 to \
10M" --nodes 0
check "a negative number of runs" refuses \
    "--repeat: bad value '-1'; allowed: a whole number from 1 \
to 1000" --repeat=-1
if [ -w /dev/full ]; then
    check "a full disk is a failure that is explained" full_disk
else
    skip "a full disk is a failure that is explained" "there is no /dev/full"
fi
done_checking
