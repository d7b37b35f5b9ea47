#!/bin/sh
# --topology and what goes with it: the same in all programs that have it.

. "${srcdir:-.}/tests/program.sh"

# ---- Times -------------------------------------------------------------------

# The times of rows with nothing but names and sizes before them.
times()  # PROGRAM OPTION...
{
    program_is "$1"
    shift
    "$program" --format=csv "$@" >"$work/csv" 2>"$work/err" ||
        { cat "$work/err"; return 1; }
    awk -F, '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { print $at["algorithm"], $at["nodes"], $at["size"], $at["seconds"] }
    ' "$work/csv"
}

# As many rows, which differ by no more than rounding.
agree()  # FILE FILE
{
    [ "$(wc -l <"$1")" -eq "$(wc -l <"$2")" ] && [ -s "$1" ] &&
        paste -d ' ' "$1" "$2" | awk '
            {
                off = $4 > $8 ? $4 - $8 : $8 - $4
                if ($1 != $5 || $2 != $6 || $3 != $7 || off > 1e-9 * $8) {
                    print
                    bad = 1
                }
            }
            END { exit bad }'
}

# A star of two links is a switch of twice the latency.  It is not for who shares
# a port with what comes in another moment: on the switch a message takes its
# part from the start, on a topology when its latency has passed.
star_is_a_switch()  # PROGRAM OPTION...
{
    name=$1
    shift
    times "$name" --topology=star:16,rate=2G,latency=35us "$@" >"$work/star" &&
        times "$name" -n 16 -r 2G -l 70us --model=maxmin "$@" >"$work/switch" &&
        agree "$work/star" "$work/switch"
}

threads_agree()
{
    rows -n 5,16 -s 1,1337 -a ring,tree --topology=torus:4x4 "$@" \
        --exec=threads >"$work/a" &&
        rows -n 5,16 -s 1,1337 -a ring,tree --topology=torus:4x4 "$@" \
            --exec=fibers >"$work/b" &&
        sed -i 's/"exec": "[a-z]*"//' "$work/a" "$work/b" &&
        diff -u "$work/a" "$work/b"
}

program_is distsys-allreduce
check "an allreduce on a star takes what it takes on a switch" \
    star_is_a_switch distsys-allreduce --mode=rendezvous -s 1,1337,100k \
    -a naive,linear,ring,recursive-doubling,rabenseifner,binomial
check "so does any other collective" \
    star_is_a_switch distsys-collective -a all --mode=rendezvous -s 1337
check "and as MPI sends one with one port" star_is_a_switch distsys-allreduce \
    -a ring,recursive-doubling -s 1337,100k
program_is distsys-allreduce
check "threads give what fibers give" threads_agree
check "also where ranks are anywhere" threads_agree --map=random

# ---- What is shown -----------------------------------------------------------

check "a heading says what it ran on, and there are no ports" prints \
    "## allreduce: mode original, topology star:4,latency=1ms,rate=1M, \
map linear, seed 0

| Nodes | Size | Naive | Tree |
|:--|:--|:--|:--|
| 4 | 1000 | 0.026004 | 0.048006 |" \
    --topology=star:4,latency=1ms,rate=1M -a naive,tree -s 1k --format=md

rows_say_where()
{
    rows --topology=star:4 -a tree -s 1 -n 3 >"$work/out" || return
    grep '"latency": null, "rate": null, .*"model": "maxmin", .*"topology": "star:4", "map": "linear"}$' \
        "$work/out"
}
check "rows say what they ran on" rows_say_where

nodes_are_hosts()
{
    times distsys-allreduce --topology=tree:2,3 -a ring -s 1 |
        grep -q '^ring 6 1 '
}
check "without --nodes there is a rank for each host" nodes_are_hosts

costs_on_a_star()
{
    "$program" --topology=star:8,latency=50us -a ring -s 8k --costs \
        --mode=rendezvous --format=md >"$work/out" || return
    grep -F '| ring | 8 | 8000 | 0.001526 | 0.001526 | 0.000212 | 0.000426 | 7.20 |' \
        "$work/out"
}
check "a star has closed forms" costs_on_a_star

# Where all is NAN on a topology, so is what is made of it.
no_forms_elsewhere()
{
    rows --topology=ring:4 -a ring -s 8k >"$work/out" || return
    grep '"closed_form": null, "lower_bound": null, "one_port_bound": null, "ratio": null' \
        "$work/out"
}
check "and other topologies have none" no_forms_elsewhere
check "which --costs says" refuses "--costs: closed forms and bounds are of a \
switch, and to 4 ranks ring:4 is none; allowed: --explain, or a star" \
    --topology=ring:4 -a ring --costs

crossovers()
{
    "$program" --topology=tree:2,4,inner-rate=250M --crossover -s 1,1M \
        -a ring,recursive-doubling --format=md >"$work/out" || return
    head -1 "$work/out" | grep -F '| Seed | Eager | Topology | Map |' &&
        head -1 "$work/out" | grep -vF Latency &&
        grep -F '| 1 | ' "$work/out" | grep recursive-doubling &&
        tail -1 "$work/out" | grep -F '| 1000000 | ring |'
}
check "crossovers are those of the topology" crossovers

plots()
{
    fake_gnuplot || return
    "$program" --topology=ring:4 -s 1,10 -a ring --plot="$work/x.svg" &&
        grep -q "4 nodes on ring:4" "$work/script" &&
        grep -q "title 'ring'" "$work/script" &&
        ! grep -q "lower bound" "$work/script" &&
        "$program" --topology=star:4 -s 1,10 -a ring --plot="$work/x.svg" &&
        grep -q "title 'lower bound'" "$work/script"
}
check "a picture has a bound where there is one" plots

# ---- Maps --------------------------------------------------------------------

# Two racks: neighbours in a ring cross the slow cable twice, or always.
cat >"$work/linear" <<'END'
# the racks one after the other
0
1

2   # the other rack
3
END
printf '0\n2\n1\n3\n' >"$work/zigzag"
printf '3\n3\n3\n3\n' >"$work/together"

map_counts()
{
    set -- --topology=tree:2,2,inner-rate=1M -a ring -s 4k
    times distsys-allreduce "$@" >"$work/a" &&
        times distsys-allreduce "$@" --map="$work/linear" >"$work/b" &&
        diff -u "$work/a" "$work/b" &&
        times distsys-allreduce "$@" --map="$work/zigzag" >"$work/c" &&
        paste -d ' ' "$work/a" "$work/c" |
        awk '{ exit !($8 > 1.4 * $4 && $8 < 2.1 * $4) }'
}
check "a file says which rank is on which host" map_counts

share_a_host()
{
    times distsys-allreduce --topology=tree:2,2 -a ring --map="$work/together" \
        -s 1000 >"$work/a" && cat "$work/a" &&
        awk '{ exit !($2 == 4 && $4 < 2e-6) }' "$work/a"
}
check "ranks of one host send in no time" share_a_host

random_maps()
{
    set -- --topology=torus:4x4 -a ring -s 10k --map=random
    times distsys-allreduce "$@" >"$work/a" &&
        times distsys-allreduce "$@" >"$work/b" &&
        times distsys-allreduce "$@" --seed=1 >"$work/c" &&
        diff -u "$work/a" "$work/b" && ! cmp -s "$work/a" "$work/c"
}
check "a random map is of the seed" random_maps

# ---- Mistakes ----------------------------------------------------------------

program_is distsys-allreduce
check "a text that is wrong" refuses "--topology: ds_topology_parse: \
'star:x', at character 6: 'x' where the number of hosts must be; allowed: 1 to \
1048576" --topology=star:x
check "a latency of the switch" refuses "--latency: it is of the switch, and \
no option of a topology; allowed: latency= in its text" \
    --topology=star:4 -l 1ms
check "a rate of the switch" refuses "--rate: it is of the switch, and no \
option of a topology; allowed: rate= in its text" --topology=star:4 -r 1G
check "the greedy model" refuses "--model=greedy: it is of the switch, and no \
option of a topology; allowed: maxmin" --topology=star:4 --model=greedy
check "but not the other one" times distsys-allreduce --topology=star:4 \
    --model=maxmin -s 1 -a ring
check "more ranks than hosts" refuses "--nodes: there is no host for 5 ranks; \
allowed: up to 4, or a --map of more lines, in which ranks may share a host" \
    --topology=star:4 -n 3,5
check "more ranks than a file places" refuses "--nodes: there is no host for \
5 ranks; allowed: up to 4, or a --map of more lines, in which ranks may share \
a host" --topology=star:8 -n 5 --map="$work/zigzag"
check "a map of the switch" refuses "--map: there are no hosts on a switch; \
allowed: with --topology" --map=random
check "a file that is not there" refuses "--map: $work/none: No such file or \
directory; allowed: linear, random, or the name of a file" \
    --topology=star:4 --map="$work/none"
check "a file that cannot be read" refuses "--map: $work: Is a directory; \
allowed: linear, random, or the name of a file" --topology=star:4 --map="$work"
: >"$work/empty"
check "a file with nothing in it" refuses "--map: $work/empty places no rank; \
allowed: the number of a host on each line" --topology=star:4 \
    --map="$work/empty"
for bad in 4 -1 h1 '1 2' 99999999999999999999; do
    printf '1\n#\n%s\n' "$bad" >"$work/bad"
    check "host '$bad' in a file" refuses "--map: $work/bad, line 3: bad host \
'$bad'; allowed: a whole number from 0 to 3" --topology=star:4 \
        --map="$work/bad"
done
done_checking
