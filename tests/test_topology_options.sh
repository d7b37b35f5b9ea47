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

# ---- What algorithms are told ------------------------------------------------

# 25600 elements over links of 1000 bytes a second, of which the hottest one has
# 0.5390625 or 0.4921875 of the vector; less than 0.0001 s is reducing.
goes_around_the_sides()
{
    times distsys-allreduce --topology=torus:8x8,ties=even,latency=0,rate=1k \
        -a swing,torus -s 25600 --mode=rendezvous "$@" >"$work/told" &&
        printf '%s\n' "swing 64 25600 110.40005" "torus 64 25600 100.80005" |
        paste -d ' ' "$work/told" - | awk '
            $1 != $5 || $4 < $8 - 1e-5 || $4 > $8 + 1e-5 { print; bad = 1 }
            END { exit bad || NR != 2 }'
}

# Racks of four, or groups of a dragonfly, by whatever it is told of them.
takes_groups()  # TOPOLOGY SIZE
{
    times distsys-allreduce --topology="$1" -a hierarchical -s 1337,64k \
        --mode=rendezvous >"$work/told" &&
        times distsys-allreduce --topology="$1" -a hierarchical -s 1337,64k \
            --mode=rendezvous --group="$2" >"$work/said" &&
        agree "$work/told" "$work/said"
}

# Other groups would be slower over cables that are.
takes_groups_anywhere()
{
    slow=tree:4,4,rate=1G,inner-rate=100M
    for map in linear random; do
        times distsys-allreduce --topology=$slow -a hierarchical -s 64k \
            --mode=rendezvous --map=$map >"$work/$map" || return
    done
    times distsys-allreduce --topology=$slow -a hierarchical -s 64k \
        --mode=rendezvous --map=random --group=4 >"$work/blind" &&
        agree "$work/linear" "$work/random" &&
        ! agree "$work/linear" "$work/blind" >/dev/null
}

is_not_told()  # LINE OPTION...
{
    line=$1
    shift
    timeout 60 "$program" "$@" >/dev/null 2>"$work/err" || return
    echo "distsys-allreduce: $line" | diff -u - "$work/err"
}

is_told_nothing()  # OPTION...
{
    timeout 60 "$program" "$@" >/dev/null 2>"$work/err" && ! [ -s "$work/err" ]
}

check "a torus has sides, and all its ports are used" goes_around_the_sides
check "wherever its ranks are" goes_around_the_sides --map=random --seed=3
check "groups are racks" takes_groups tree:4,4 4
check "or the leaves of a fat-tree" takes_groups 'fattree:2;8,2;1,2;1,1' 8
check "or the groups of a dragonfly" takes_groups 'dragonfly:4,1;1,1;2,1;2' 4
check "also where ranks are anywhere in them" takes_groups_anywhere
program_is distsys-allreduce
check "fewer ranks than places are no torus, which is said" is_not_told \
    "with 12 nodes swing is not told of sides, for not each host has one of them" \
    --topology=torus:4x4 -n 12,16 -a swing -s 1
check "uneven racks are no groups, which is said" is_not_told \
    "with 9 nodes hierarchical is not told of groups, which have not equally \
many of them" --topology=tree:4,4 -n 8,9 -a hierarchical -s 1
check "and not where a size goes before" is_told_nothing \
    --topology=tree:4,4 -n 9 -a hierarchical -s 1 --group=3

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
    grep '"latency": null, "rate": null, .*"model": "maxmin", .*"topology": "star:4", "map": "linear", "sharing_links": "h0-s0=.*"}$' \
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
        ! grep -q "dashtype" "$work/script" &&
        "$program" --topology=star:4 -s 1,10 -a ring --plot="$work/x.svg" &&
        grep -q "dashtype 2 .* title 'lower bound'" "$work/script"
}
check "a picture has a bound where there is one" plots

# ---- Patterns ----------------------------------------------------------------

program_is distsys-network

# The hottest link of a pattern of equal messages has so many of them, and they
# take as long as it takes for their bytes, after the latency of the shortest way
# over it.
takes()  # LOAD LATENCIES OPTION...
{
    load=$1
    latencies=$2
    shift 2
    "$program" --sizes=equal --size=3M --format=csv --links=all "$@" \
        >"$work/csv" || return
    awk -F, -v load="$load" -v latencies="$latencies" '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        {
            messages = $at["messages"]
            seconds = $at["seconds"]
            if (messages > most) most = messages
        }
        END {
            off = seconds / (load * 3e6 / 2e9 + latencies * 1e-6) - 1
            print most, seconds
            exit !(most == load && off < 1e-9 && off > -1e-9)
        }' FS='"[^"]*",|,' "$work/csv"
}
for tree in "15 2 fattree:2;4,4;1,4;1,1" "24 4 fattree:2;4,4;1,2;1,1" \
    "23 2 fattree:2;6,4;1,3;1,2" "192 6 fattree:3;4,4,4;1,2,2;1,1,1" \
    "15 2 star:16"; do
    set -- $tree
    check "all to all on $3 takes what its hottest link takes" takes $1 $2 \
        -p alltoall --topology="$3,rate=2G"
done
check "an incast takes what the link to one host takes" takes 15 2 -p incast \
    --topology="fattree:2;4,4;1,4;1,1,rate=2G"
check "and a ring on a full tree takes what one message takes" takes 1 4 \
    -p ring --topology="fattree:2;4,4;1,4;1,1,rate=2G"

loses_nothing()
{
    "$program" -p all --times 2 --format=csv --topology=torus:3x3 --map=random |
        sed 1d >"$work/rows" || return
    [ "$(wc -l <"$work/rows")" -eq 5 ] &&
        awk -F , '$9 == 0 || $9 != $10 || $11 != 0 { exit 1 }' "$work/rows"
}
check "all that was sent has arrived" loses_nothing

# ---- Links -------------------------------------------------------------------

# The three get a third each of the only link that is full, for 3 ms.
wanted='
## Links: incast, 4 nodes, equal sizes, 0.003000 s

| Link | Kind | Rate | Bytes | Use, % | Full, % | Held, flow-s | Most flows |
|:--|:--|:--|:--|:--|:--|:--|:--|
| s0-h0 | to hosts | 1E+09 | 3000000 | 100.00 | 100.00 | 0.009000 | 3 |
| h0-s0 | from hosts | 1E+09 | 0 | 0.00 | 0.00 | 0.000000 | 0 |

hottest link s0-h0 (to hosts): 100 % used, holds 100 % of all waiting

| Kind | Links | Rate | Bytes | Use, % | Full, % | Held, flow-s | Held, % |
|:--|:--|:--|:--|:--|:--|:--|:--|
| from hosts | 4 | 4E+09 | 3000000 | 25.00 | 0.00 | 0.000000 | 0.00 |
| to hosts | 4 | 4E+09 | 3000000 | 25.00 | 25.00 | 0.009000 | 100.00 |
| up | 2 | 4E+09 | 2000000 | 16.67 | 0.00 | 0.000000 | 0.00 |
| down | 2 | 4E+09 | 2000000 | 16.67 | 0.00 | 0.000000 | 0.00 |
| bisection, there | 1 | 2E+09 | 0 | 0.00 | 0.00 | 0.000000 | 0.00 |
| bisection, back | 2 | 2E+09 | 2000000 | 33.33 | 0.00 | 0.000000 | 0.00 |'
reports_links()
{
    "$program" -p incast --sizes=equal --format=md --links=2 \
        --topology=tree:2,2,inner-rate=2G,latency=0 | sed 1,3d >"$work/out"
    printf '%s\n' "$wanted" | diff -u - "$work/out"
}
check "a report names the hottest link, and adds up kinds" reports_links

kinds_of()  # "KIND LINKS..." TOPOLOGY
{
    "$program" -p ring --links=1 --format=csv --topology="$2" >/dev/null &&
        "$program" -p ring --links=all --format=csv --topology="$2" |
        sed -e 1d -e 's/"[^"]*"//' | cut -d , -f 10 | LC_ALL=C sort |
            uniq -c | awk '{ $1 = $1; print }' | tr '\n' ';' >"$work/kinds"
    printf '%s' "$1" | diff - "$work/kinds"
}
check "a torus has links between hosts" kinds_of "64 between hosts;" torus:4x4
check "links of both directions are one" kinds_of "4 of hosts;2 up and down;" \
    "tree:2,2,sharing=half"
check "groups have local and global links" kinds_of \
    "16 from hosts;12 global;32 local;16 to hosts;" "dragonfly:4,1;2,1;2,1;1"
printf 'distsys topology 1\nhosts 2\nlink there 1G 0\nlink back 1G 0\n%s\n%s\n' \
    'route h0 h1 there' 'route h1 h0 back' >"$work/alone"
check "and a link may lead nowhere" kinds_of "2 alone;" "file:$work/alone"

# Half of all hosts send a byte to each of the other half; more goes over the
# links between them where ways inside of a half lead over these, too, as all do
# in a star.
# Their rates add up to the bisection that distsys-topology works out.
bisects()  # BYTES RATE TOPOLOGY
{
    "$program" -p alltoall --sizes=equal --size=1 --links=all --format=csv \
        --topology="$3" | sed -e 's/"[^"]*"//' |
        awk -F, -v bytes="$1" -v rate="$2" '
            NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
            {
                if ($at["bisection"] ~ /there|both/) {
                    there += $at["bytes"]
                    rates += $at["link_rate"]
                }
                if ($at["bisection"] ~ /back|both/)
                    back += $at["bytes"]
                if ($at["bisection_bytes_there"] != bytes ||
                    $at["bisection_bytes_back"] != bytes)
                    bad = 1
            }
            END {
                print there, back, rates
                exit !(there == bytes && back == bytes && rates == rate && !bad)
            }'
}
for case in "64 8e9 torus:4x4" "128 8e9 torus:4x4,sharing=half" \
    "64 8e9 hypercube:4" "28 4e9 star:8" "96 8e9 fattree:2;4,4;1,4;1,1" \
    "16 2e9 tree:2,4,inner-rate=2G"; do
    set -- $case
    check "$1 bytes go over the links between halves of $3" bisects $1 $2 "$3"
done

has_no_halves()
{
    "$program" -p ring --links=1 --format=csv --topology="file:$work/alone" |
        grep -q ',,,$' &&
        "$program" -p ring --links=1 --format=json \
            --topology="file:$work/alone" |
        grep -q '"bisection": "", "bisection_bytes_there": null, ' &&
        ! "$program" -p ring --links=1 --format=md \
            --topology="file:$work/alone" | grep bisection
}
check "links that lead nowhere lead from no half to the other" has_no_halves

# Bytes and seconds of all links are those of the messages and their ways.
conserves()
{
    "$program" -p random --links=all --format=csv --seed=3 \
        --topology=torus:4x4 >"$work/csv" &&
        "$program" -p random --format=csv --seed=3 --topology=torus:4x4 |
        sed 1d | cut -d , -f 9 >"$work/sent" &&
        awk -F, -v sent="$(cat "$work/sent")" '
            NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
            {
                bytes += $at["bytes"]
                if ($at["full_seconds"] > $at["busy_seconds"] * (1 + 1e-12) ||
                    $at["busy_seconds"] > $at["seconds"] ||
                    $at["use"] > 1 + 1e-12)
                    bad = 1
            }
            END { exit (bad || bytes < sent || bytes > 4 * sent || NR != 65) }
        ' "$work/csv"
}
check "reports add up" conserves

program_is distsys-allreduce
reports_of_runs()
{
    "$program" --topology=torus:4x4 -a ring,rabenseifner -s 1k,10k --links=3 \
        --format=csv >"$work/csv" || return
    [ "$(wc -l <"$work/csv")" -eq 13 ] &&
        [ "$(cut -d , -f 1-4 "$work/csv" | sort -u | wc -l)" -eq 5 ] &&
        [ "$(awk -F, '{ print NF }' "$work/csv" | sort -u)" -eq 23 ]
}
check "programs get a row for each link of each run" reports_of_runs

reports_come_last()
{
    "$program" --topology=torus:4x4 -a ring,rabenseifner -s 1k --links=3 \
        --explain --format=text >"$work/out" || return
    [ "$(grep -c '^Links: ' "$work/out")" -eq 2 ] &&
        [ "$(sed -n '/^Links: /q;p' "$work/out" | grep -c 1000)" -eq 2 ]
}
check "people get them after the rows" reports_come_last

# ---- What time is spent on ---------------------------------------------------

check "on a topology too the terms are all of the time" times_add_up 27 \
    -n 2,7,16 -s 0,1k,100k -a rabenseifner,ring,linear --topology=torus:4x4
check "and in other modes" times_add_up 8 -n 5,16 -s 1k,100k \
    -a naive,stream --mode=async --topology=torus:4x4

# The seconds of all links are those of sharing.
links_add_up()
{
    "$program" --format=csv --topology=torus:4x4 --mode=rendezvous -s 1k,1M \
        -a rabenseifner,naive,ring,tree >"$work/csv" || return
    awk -F, '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        {
            n = split($at["sharing_links"], parts, ";")
            sum = 0
            for (i = 1; i <= n; i++) {
                sub(/.*=/, "", parts[i])
                sum += parts[i]
            }
            off = sum - $at["sharing_seconds"]
            if (off ^ 2 > (1e-9 * $at["seconds"]) ^ 2) { print; bad = 1 }
            if (n > 1) several++
        }
        END { exit (bad || several < 4 || NR != 9) }' "$work/csv"
}
check "sharing is split by link" links_add_up

# Of three steps of 8 ms the last one crosses a cable, which has half of the rate
# of the ports, by four at a time.
check "people see the links that cost most" prints \
    "| Algorithm | Nodes | Size | Seconds | Alpha | Beta | Sharing | Gamma | \
Messages | Bytes | Mode | Topology | Map | Seed | Sharing by link |
|:--|:--|:--|:--|:--|:--|:--|:--|:--|:--|:--|:--|:--|:--|:--|
| recursive-doubling | 8 | 1000000 | 0.086000 | 0.000000 | 0.032000 | \
0.048000 | 0.006000 | 3 | 24000000 | mpi | tree:2,4,inner-rate=500M,latency=0 \
| linear | 0 | s0-s2 0.048000 |" \
    --topology=tree:2,4,inner-rate=500M,latency=0 -a recursive-doubling -s 1M \
    --explain --format=md

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

program_is distsys-network
check "one host" refuses "--topology: there are messages between 2 nodes or \
more, and it has a host for 1" --topology=star:1
check "a model that is not there" refuses "--model: it is of the switch, and no \
option of a topology; allowed: maxmin" --topology=star:4 -m maxmin,dense
for option in rate=1G latency=0; do
    check "--$option of the switch" refuses "--${option%=*}: it is of the \
switch, and no option of a topology; allowed: ${option%=*}= in its text" \
        --topology=star:4 --$option
done
check "a latency that takes no capacity" refuses "--idle-latency: it is of the \
switch, and no option of a topology; allowed: nothing, for so it is on a \
topology" --topology=star:4 --idle-latency
check "more nodes than hosts" refuses "--nodes: there is no host for 5 ranks; \
allowed: up to 4, or a --map of more lines, in which ranks may share a host" \
    --topology=star:4 -n 5
for links in 0 -1 x 1.5; do
    check "--links=$links" refuses "--links: bad value '$links'; allowed: a \
whole number from 1 to 1e9, or all" --topology=star:4 --links=$links
done

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
check "a map of the switch" refuses "--map: a switch has no hosts and links; \
allowed: with --topology" --map=random
check "links of the switch" refuses "--links: a switch has no hosts and links; \
allowed: with --topology" --links=3
check "links of a sweep" refuses "--links: a report is of single runs; allowed: \
without --crossover and --plot" --links=3 --topology=star:4 --crossover
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
