#!/bin/sh
# distsys-goal: what it prints for a schedule, and what it refuses.

. "${srcdir:-.}/tests/program.sh"
program_is distsys-goal

cat >"$work/reduce.goal" <<'END'
num_ranks 4
rank 0 {
l1: recv 1024b from 1
l2: recv 1024b from 2
}
rank 1 {
l1: send 1024b to 0
l2: recv 1024b from 3
l1 requires l2
}
rank 2 {
send 1024b to 0
}
rank 3 {
send 1024b to 1
}
END

cat >"$work/works.goal" <<'END'
num_ranks 2
rank 0 {
a: calc 700
b: calc 300
c: send 1000001b to 1
d: calc 5
c requires a
d requires c
}
rank 1 {
recv 1000001b from 0
}
END

cat >"$work/circle.goal" <<'END'
num_ranks 2
rank 0 {
a: recv 1b from 1
b: send 1b to 1
b requires a
}
rank 1 {
a: recv 1b from 0
b: send 1b to 0
b requires a
}
END

printf 'num_ranks 1\nrank 0 {\nwait 3\n}\n' >"$work/wrong.goal"

ranks()  # TEXT OPTION...: as CSV
{
    wanted=$1
    shift
    prints "$wanted" --ranks --format=csv "$@"
}

# Some columns of each row.
columns()  # LIST OPTION...
{
    list=$1
    shift
    "$program" --format=csv "$@" | sed 1d | cut -d , -f "$list"
}

same_on_threads()
{
    columns 1-9 --exec=fibers "$work/works.goal" >"$work/a" &&
        columns 1-9 --exec=threads "$work/works.goal" >"$work/b" &&
        [ "$(wc -l <"$work/a")" -eq 3 ] && cmp "$work/a" "$work/b"
}

counts_the_schedule()
{
    [ "$(columns 4-8 -n maxmin "$work/reduce.goal")" = "0,4,6,3,3072" ]
}

# The ratio is to the network that is named first.
compares_with_the_first()
{
    columns 1,3 -n greedy,loggops --rate 1G --switch-latency 0 -L 10us \
        "$work/reduce.goal" >"$work/out"
    [ "$(sed -n 1p "$work/out")" = "greedy,1" ] &&
        sed -n 2p "$work/out" | awk -F, '$1 != "loggops" || $2 < 10 { exit 1 }'
}

writes_a_trace()
{
    "$program" -n greedy --trace="$work/run.dstrace" "$work/reduce.goal" \
        >"$work/out" && "$top_builddir/bench/distsys-trace" \
        "$work/run.dstrace" | grep -q '3 messages'
}

names_who_waits()
{
    status=0
    "$program" -n loggops "$work/circle.goal" 2>"$work/err" || status=$?
    cat "$work/err"
    [ $status -eq 1 ] && grep -q '^distsys-goal: on loggops: ' "$work/err" &&
        grep -q 'rank 0, line 3' "$work/err" &&
        grep -q 'rank 1, line 8' "$work/err"
}

check "a reduction takes what LogGOPSim says" ranks \
    "rank,loggops
0,23276
1,13138
2,1500
3,1500" -n loggops "$work/reduce.goal"
check "parameters have units and letters" ranks \
    "rank,loggops
0,4050
1,2035
2,10
3,10" -n loggops -L 0.001ms -o 10ns -g 0 -G 1 -O 0 -S 1k --byte-gap=0 \
    --longest=64k --latency=2.005us "$work/reduce.goal"
check "switches share what they have" ranks \
    "rank,greedy,maxmin
0,2048,2048
1,1024,1024
2,0,0
3,0,0" -n greedy,maxmin --rate 1G --switch-latency 0 "$work/reduce.goal"
check "a calc keeps its processor, and a long send waits" ranks \
    "rank,loggops,maxmin
0,3005,1002706
1,1004000,1002701" -n loggops,maxmin -o 1us -g 0 -G 1ns -L 1us \
    --switch-latency=2us "$work/works.goal"
check "threads and fibers agree" same_on_threads
check "the schedule is counted" counts_the_schedule
check "the ratio is to the first network" compares_with_the_first
check "a trace is written" writes_a_trace
check "who waits for ever is named by rank and line" names_who_waits

# Two messages share the cable between two racks, 2048 ns at 1 byte a ns and
# 4 links of 1 us; then there is one of 1024 ns over 2.  LV08 has latencies 13.01
# times as long, and delivers 0.97 of what messages get.
check "a topology has links that are shared" ranks \
    "rank,topology,lv08
0,9072,81227.01
1,6048,54151.34
2,0,0
3,0,0" -n topology,lv08 --topology=tree:2,2 "$work/reduce.goal"

all_there_is()
{
    columns 1 "$work/reduce.goal" >"$work/a" &&
        columns 1 -n all "$work/reduce.goal" | cmp - "$work/a" &&
        [ "$(tr '\n' ' ' <"$work/a")" = "loggops greedy maxmin " ] &&
        [ "$(columns 1 --topology=star:4 "$work/reduce.goal" | tr '\n' ' ')" = \
            "loggops greedy maxmin topology cm02 lv08 " ]
}
check "all networks are those that there are" all_there_is

# Half the latency in each of two links.
star_is_a_switch()
{
    set -- -n maxmin,topology --rate=1G --idle-latency "$work/works.goal"
    columns 2 --switch-latency=6us --topology=star:2,latency=3us "$@" |
        uniq | wc -l | grep -x 1 &&
        columns 2 --switch-latency=6us --topology=star:2,latency=2us "$@" |
        uniq | wc -l | grep -x 2
}
check "a star is the switch" star_is_a_switch

maps_ranks()
{
    echo "0 2 1 3" | tr ' ' '\n' >"$work/map"
    set -- -n topology --topology=tree:2,2
    columns 2 "$@" "$work/reduce.goal" >"$work/linear" &&
        columns 2 "$@" --map="$work/map" "$work/reduce.goal" >"$work/mapped" &&
        ! cmp -s "$work/linear" "$work/mapped" &&
        columns 2 "$@" --map=random --seed=1 "$work/reduce.goal" >"$work/a" &&
        columns 2 "$@" --map=random --seed=1 "$work/reduce.goal" >"$work/b" &&
        cmp "$work/a" "$work/b"
}
check "ranks are where a map says" maps_ranks

same_on_topologies()
{
    columns 1-9 --topology=tree:2,2 --exec=fibers "$work/works.goal" \
        >"$work/a" && columns 1-9 --topology=tree:2,2 --exec=threads \
        "$work/works.goal" >"$work/b" && [ "$(wc -l <"$work/a")" -eq 6 ] &&
        cmp "$work/a" "$work/b"
}
check "threads and fibers agree on topologies" same_on_topologies

# Of each network of links a row for each of them, by what they held.
reports_links()
{
    "$program" --topology=tree:2,2 --links=1 --format=csv \
        "$work/reduce.goal" >"$work/out" &&
        [ "$(sed 1d "$work/out" | cut -d , -f 1 | tr '\n' ' ')" = \
            "topology cm02 lv08 " ] &&
        grep -q '^topology,9072,4,.*,2048,2,' "$work/out" &&
        "$program" --topology=tree:2,2 --links=1 --format=text \
            "$work/reduce.goal" >"$work/out" &&
        grep -q '^Links: topology, 4 ranks, 9072 ns' "$work/out" &&
        [ "$(grep -c '^hottest link s' "$work/out")" -eq 3 ]
}
check "links are reported on" reports_links

check "links without a topology are refused" refuses \
    "--network: lv08 is of links; say of which by --topology" \
    -n greedy,lv08 "$work/reduce.goal"
check "a topology that nothing is played on is refused" refuses \
    "--topology: nothing is played on it; allowed: with topology, cm02 or lv08 \
in --network" -n loggops --topology=star:4 "$work/reduce.goal"
check "a topology with too few hosts is refused" refuses \
    "$work/reduce.goal: there is no host for 4 ranks; allowed: up to 3, or a \
--map of more lines, in which ranks may share a host" --topology=star:3 \
    "$work/reduce.goal"
check "no file is refused" refuses \
    "which schedule?  It wants one file, see --help"
check "two files are refused" refuses \
    "which schedule?  It wants one file, see --help" a b
check "a network twice is refused" refuses "--network names greedy twice" \
    -n greedy,greedy "$work/reduce.goal"
check "a trace of several networks is refused" refuses \
    "--trace is of one network; say which by --network" \
    --trace=x "$work/reduce.goal"
check "a switch without a rate is refused" refuses \
    "--byte-gap is 0, so that a switch has no rate; give it one by --rate" \
    -G 0 "$work/reduce.goal"
check "LogGOPS alone needs none" ranks "rank,loggops
0,11000
1,7000
2,1500
3,1500" -G 0 -n loggops -L 2500ns "$work/reduce.goal"
check "a wrong file is refused with its line" fails 1 \
    "$work/wrong.goal:3: a colon, requires or irequires is missing before \"3\"" \
    "$work/wrong.goal"
check "a file that is not there is refused" fails 1 \
    "$work/none.goal: No such file or directory" "$work/none.goal"

done_checking
