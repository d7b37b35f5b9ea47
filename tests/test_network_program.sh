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

for model in greedy maxmin dense; do
    check "every pattern runs with $model" every_pattern_has_a_row $model
done
check "alltoall has a message for each pair" sends 30 alltoall
check "incast has one from everyone else" sends 5 incast
check "a permutation has one a node" sends 6 permutation
check "random has sixteen a node" sends 96 random
check "all that was sent has arrived" loses_nothing
check "the same seed gives the same run" repeats_itself
check "another seed gives another one" differs_by_seed
check "greedy ends when its definition does" agrees_with_the_definition
check "an unknown pattern lists those known" refuses \
    "--pattern: unknown name 'x'; known are alltoall, incast, \
permutation, ring, random; or all" --pattern x
check "one node is too few" refuses \
    "--nodes: bad value '1'; allowed: whole numbers from 2 to \
100k" --nodes 1
check "a rate of nothing" refuses \
    "--rate: bad value '0'; allowed: a number greater than 0, \
at most 1e18" --rate 0
done_checking
