#!/bin/sh
# distsys-network: that it sends what it says, loses nothing, and what it
# refuses.  How fast it is depends on the machine and is not looked at.

. "${srcdir:-.}/tests/program.sh"
program_is distsys-network

every_pattern_has_a_row()  # MODEL
{
    "$program" -p all -n 5 -m "$1" --sizes all --format csv >"$work/rows" ||
        return
    for pattern in alltoall incast permutation ring random; do
        grep -q "^$pattern,equal,$1,5," "$work/rows" || return
        grep -q "^$pattern,random,$1,5," "$work/rows" || return
    done
}

# Columns: 5 messages, 8 virtual end, 9 bytes sent, 10 arrived, 11 lost.
sends()  # MESSAGES PATTERN
{
    [ "$("$program" -p "$2" -n 6 -m greedy --format csv |
        sed 1d | cut -d , -f 5)" = "$1" ]
}

loses_nothing()
{
    "$program" -p all -n 7 -m all --times 3 --latency 1ms --format csv |
        sed 1d >"$work/rows" || return
    [ "$(wc -l <"$work/rows")" -eq 15 ] &&
        awk -F , '$9 == 0 || $9 != $10 || $11 != 0 { exit 1 }' "$work/rows"
}

# Nanoseconds a message among many who send to one, of the faster of two runs.
# Walks over all invariants would take far longer than what is asked for.
incast_takes()  # MODEL
{
    DISTSYS_CHECK=0 "$program" -p incast -n 16000 -m "$1" --repeat 2 --format csv |
        sed 1d | cut -d , -f 6
}

# It is less than 3, and was 200 and more when each arrival was a look at all
# senders: no machine is so busy that the two cannot be told apart.
incast_costs_maxmin_what_it_costs_greedy()
{
    greedy=$(incast_takes greedy) && maxmin=$(incast_takes maxmin) &&
        echo "$greedy and $maxmin ns" &&
        awk "BEGIN { exit !($maxmin <= 50 * $greedy) }"
}

# The rows without what depends on the machine.
rows()  # SEED
{
    "$program" -p all -n 8 --seed "$1" --format csv | cut -d , -f 1-5,8-
}

repeats_itself()
{
    rows 3 >"$work/once" && rows 3 >"$work/again" &&
        cmp "$work/once" "$work/again"
}

differs_by_seed()
{
    rows 3 >"$work/three" && rows 4 >"$work/four" &&
        ! cmp -s "$work/three" "$work/four"
}

agrees_with_the_definition()
{
    "$program" -p all -n 9 -m greedy,dense --format csv >"$work/rows" || return
    awk -F , '
        $3 == "greedy" { end = $8 }
        $3 == "dense" && ($8 - end) ^ 2 > (1e-9 * end) ^ 2 { exit 1 }
    ' "$work/rows"
}

# The seed of the row is that of sizes and of the loop.
option_beats_variable()
{
    rows 7 >"$work/seven" && DISTSYS_SEED=5 rows 7 >"$work/still" &&
        cmp "$work/seven" "$work/still" &&
        DISTSYS_SEED=7 "$program" -p all -n 8 --format csv |
        cut -d , -f 1-5,8- >"$work/variable" &&
        cmp "$work/seven" "$work/variable"
}

rows_show_the_execution()
{
    "$program" -n 2 -m greedy --format csv | grep ',fibers,,$' &&
        DISTSYS_EXEC=threads "$program" -n 2 -m greedy --format csv |
        grep ',threads,,$' &&
        DISTSYS_EXEC=threads "$program" -n 2 -m greedy --exec fibers \
            --format csv | grep ',fibers,,$'
}

# The process of a run, once there is one; before, the program may be a script
# that looks for it.
child_of()  # PROCESS
{
    while kill -0 "$1" 2>/dev/null; do
        for child in $(ps -o pid= --ppid "$1"); do
            case $(readlink "/proc/$child/exe") in
            *distsys-network) echo "$child" && return ;;
            esac
        done
        sleep 0.1
    done
    return 1
}

# As when memory is short.
is_killed()
{
    "$program" -n 1500 -p alltoall -m greedy >"$work/out" 2>"$work/err" &
    parent=$!
    kill -9 "$(child_of $parent)"
    ! wait $parent && grep 'ended by signal 9 (Killed)' "$work/err"
}

full_disk()
{
    "$program" -n 4 >/dev/full 2>"$work/err"
    [ $? -eq 1 ] && [ "$(wc -l <"$work/err")" -eq 1 ] &&
        grep -q "No space left" "$work/err"
}

for model in greedy maxmin dense; do
    check "every pattern runs with $model" every_pattern_has_a_row $model
done
check "alltoall has a message for each pair" sends 30 alltoall
check "incast has one from everyone else" sends 5 incast
check "a permutation has one a node" sends 6 permutation
check "random has sixteen a node" sends 96 random
check "all that was sent has arrived" loses_nothing
check "an incast costs max-min not much more than greedy" \
    incast_costs_maxmin_what_it_costs_greedy
check "the same seed gives the same run" repeats_itself
check "another seed gives another one" differs_by_seed
check "greedy ends when its definition does" agrees_with_the_definition
check "--seed goes before DISTSYS_SEED" option_beats_variable
check "rows show what it ran on" rows_show_the_execution
if command -v ps >/dev/null 2>&1 && [ -e /proc/self/exe ]; then
    check "a run that is killed is a failure that says so" is_killed
else
    skip "a run that is killed is a failure that says so" "there is no ps"
fi
if [ -w /dev/full ]; then
    check "a full disk is a failure that is explained" full_disk
else
    skip "a full disk is a failure that is explained" "there is no /dev/full"
fi
check "an unknown pattern lists those known" refuses \
    "--pattern: unknown name 'x'; known are alltoall, incast, \
permutation, ring, random; or all" --pattern x
check "one node is too few" refuses \
    "--nodes: bad value '1'; allowed: whole numbers from 2 to \
100k" --nodes 1
check "a rate of nothing" refuses \
    "--rate: bad value '0'; allowed: bytes per second above 0 and \
up to 1e18, also as in 100M, 10G, 25Gbit" --rate 0

writes_a_trace()
{
    "$program" -p ring -n 4 -m greedy --sizes=equal --trace="$work/t" >"$work/out" &&
        "$top_builddir/bench/distsys-trace" "$work/t" >"$work/out" &&
        grep -q " on 4 nodes, .* arrived, 0 lost, 0 under way" "$work/out"
}

check "the one run is traced" writes_a_trace
check "a trace is of one run" refuses \
    "--trace: these are 2 runs, and a trace is of one; allowed: one value for \
each option" -p ring -n 4,5 -m greedy --sizes=equal --trace="$work/t"
check "a trace that cannot be written is named" refuses \
    "--trace: $work/none/t: No such file or directory" -p ring -n 4 -m greedy --sizes=equal \
    --trace="$work/none/t,last=1M"
done_checking
