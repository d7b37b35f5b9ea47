#!/bin/sh
# distsys-mpirun --coll: programs can have every algorithm, and each takes the
# time that distsys-collective and distsys-allreduce say; rules choose; mistakes
# are named.

. "${srcdir:-.}/tests/mpirun.sh"
bench=$top_builddir/bench

check "a program of all collectives compiles" compiles times

# The sizes can be cut evenly among all these numbers of ranks; the last are
# longer than what leaves at once.
sizes="40 4000 40000"
on=--topology=star:8,rate=10G,latency=500ns

# What the other programs say: ALGORITHM RANKS SIZE SECONDS.
says_elsewhere()
{
    list=$(echo $sizes | tr ' ' ,)
    for n in 2 5 8; do
        "$bench/distsys-collective" -n $n -s $list --root=$((n - 1)) $on \
            --mode=eager --format=csv 2>"$work/err" || return
        "$bench/distsys-allreduce" -n $n -s $list $on -a all \
            --mode=eager --format=csv 2>"$work/err" || return
        "$bench/distsys-allreduce" -n $n -s $list $on -a stream \
            --mode=async --format=csv || return
    done | awk -F, '
        $1 == "algorithm" { for (i in col) delete col[i]
                            for (i = 1; i <= NF; i++) col[$i] = i; next }
        { print $1, $(col["nodes"]), $(col["size"]), $(col["seconds"]) }' |
        sort >"$work/elsewhere"
}

# A line for each kind: its name, and its algorithms.
list_kinds()
{
    for kind in bcast reduce gather scatter allgather reduce-scatter alltoall \
        barrier scan exscan; do
        echo $kind $("$bench/distsys-collective" -a $kind -n 2 -s 1 \
            --format=csv | sed '1d;s/,.*//')
    done
    echo allreduce $("$bench/distsys-allreduce" --list | sed 's/ .*//')
}

# A choice for each kind: its algorithm of that number, or its last one.
choices()
{
    awk -v n=$1 '{ k = NF - 1 < n ? NF - 1 : n; print $1 ":" $(k + 1) }' \
        "$work/kinds" | tr '\n' ,
}

runs_all()  # HERE MOST [parts]
{
    list_kinds >"$work/kinds"
    for which in $(seq $2); do
        for n in 2 5 8; do
            timeout 60 "$program" -q -n $n $on --coll="$(choices $which)" \
                "$work/times" $3 $sizes >"$work/out" 2>"$work/err" || return
            awk -v n=$n -v list="$(choices $which)" '
                BEGIN { m = split(list, all, ",")
                        for (i = 1; i <= m; i++) {
                            split(all[i], of, ":"); how[of[1]] = of[2] } }
                { k = $1 " " $2; if ($3 > most[k]) most[k] = $3 }
                END { for (k in most) { split(k, of, " ")
                          if (of[1] in how)
                              print how[of[1]], n,
                                  of[1] == "barrier" ? 0 : of[2], most[k]
                          else
                              print k, most[k] >"'"$work/ping"'" } }
                ' "$work/out"
        done
    done | sort -u -k1,3 >"$work/$1"
}

# Of the stream at 40000 messages come at one instant, in an order that is drawn.
times_agree()
{
    [ "$(wc -l <"$work/elsewhere")" -gt 300 ] || return
    awk 'NR == FNR { here[$1 " " $2 " " $3] = $4; next }
        { k = $1 " " $2 " " $3
          d = here[k] - $4
          if (k != "stream 5 40000" &&
              (!(k in here) || d > $4 * 1e-9 || -d > $4 * 1e-9)) {
              print k ": " here[k] " here, " $4 " elsewhere"; bad = 1 } }
        END { exit bad }' "$work/here" "$work/elsewhere"
}

# There and back: a latency and 8 bytes an element, each.
pings_agree()
{
    [ "$(wc -l <"$work/ping")" -eq 3 ] &&
        awk '{ d = $3 / (2 * (1e-6 + 8 * $2 / 1e10)) - 1
               if (d > 1e-9 || -d > 1e-9) { print; exit 1 } }' "$work/ping"
}

check "other programs say what algorithms take" says_elsewhere
check "programs run with all of them" runs_all here 17
check "each algorithm takes the same time in a program" times_agree
check "a message there and back takes what arithmetic says" pings_agree

# 9 algorithms for 2 and 8 ranks and 7 for 5, of three sizes each; an alltoall by
# bits is done in pairs, and what needs 2^k ranks is done otherwise among 5.
parts_agree()
{
    grep -v '^alltoall-bruck' "$work/parts" | awk '
        NR == FNR { known[$1 " " $2 " " $3] = $4; next }
        $1 " " $2 " " $3 in known {
            wanted = known[$1 " " $2 " " $3]
            d = wanted - $4
            n++
            if (d > wanted * 1e-9 || -d > wanted * 1e-9) {
                print $1, $2, $3 ": " wanted " elsewhere, " $4 " here"
                bad = 1 } }
        END { if (n != 75) print n, "times"
              exit bad || n != 75 }' "$work/elsewhere" -
}
check "programs of parts run with all of them" runs_all parts 3 parts
check "parts of one length take the time of the same algorithm" parts_agree
says_what_it_does_of_parts()
{
    "$program" -n 4 --coll=alltoall:bruck,gather:binomial,best "$work/times" \
        parts 40 2>"$work/err" >"$work/out" && cat "$work/err" &&
        grep -qx "distsys-mpirun: --coll alltoall:bruck: 1 call was done by alltoallv-pairwise, since parts differ in length" \
            "$work/err" && [ "$(wc -l <"$work/err")" -eq 2 ]
}
check "an algorithm that cannot do parts is told" says_what_it_does_of_parts

# Roots, types, operators that do not commute, parts of different lengths.
are_right()
{
    for which in $(seq 17); do
        for n in 5 $([ $which -gt 3 ] || echo 4); do
            timeout 60 "$program" -n $n --coll="$(choices $which)" \
                "$work/collectives" >"$work/out" 2>"$work/err" &&
                grep -qx '0 wrong' "$work/out" || {
                choices $which
                cat "$work/out" "$work/err"
                return 1
            }
        done
    done
}
check "a program that checks collectives compiles" compiles collectives
check "every algorithm is right in a program" are_right

# The algorithm of the allreduce of so many elements, by --explain.
chosen()  # CHOICE RANKS COUNT
{
    "$program" -q -n $2 --coll="$1" --explain --format=json "$work/times" $3 |
        sed -n 's/^{"kind": "collective", "call": "MPI_Allreduce".*"algorithm": "\([^"]*\)".*/\1/p'
}
cat >"$work/rules" <<'END'
# the first that fits
allreduce p<=4 bytes<=320 naive
allreduce p<=4 count>40 rabenseifner
allreduce p>4 bytes=320 mpich  # and so on
bcast best
END
by_rules()
{
    [ "$(chosen "$work/rules" 4 40)" = naive ] &&
        [ "$(chosen "$work/rules" 4 80)" = rabenseifner ] &&
        [ "$(chosen "$work/rules" 8 40)" = rabenseifner ] &&
        [ "$(chosen "$work/rules" 8 80)" = recursive-doubling ]
}
by_others()
{
    [ "$(chosen mpich 8 80)" = rabenseifner ] &&
        [ "$(chosen ompi 8 80)" = recursive-doubling ] &&
        [ "$(chosen best 8 80)" = naive ] &&
        [ "$(chosen best 8 40000)" = rabenseifner ] &&
        [ "$(chosen allreduce:ring,mpich 8 80)" = ring ]
}
check "rules of a file choose, the first that fits" by_rules
check "libraries and closed forms choose" by_others

# An algorithm may be named without its collective.
has_a_short_name()
{
    "$program" -q -n 4 --coll=alltoall:bruck "$work/times" 40 >"$work/short" &&
        "$program" -q -n 4 --coll=alltoall:alltoall-bruck "$work/times" 40 |
        diff -u - "$work/short" && ! "$program" -q -n 4 "$work/times" 40 |
        cmp -s - "$work/short"
}
check "an algorithm is found by what its name has besides that of its kind" \
    has_a_short_name

is_replaced()
{
    list=allgather:allgather-recursive-doubling
    "$program" -n 5 --coll=$list --coll=allreduce:ring "$work/times" 40 \
        2>"$work/err" >"$work/out" && cat "$work/err" &&
        grep -qx "distsys-mpirun: --coll $list: 1 call was done by allgather-ring, since the number of ranks is no power of two" \
            "$work/err" && [ "$(wc -l <"$work/err")" -eq 2 ]
}
check "what cannot be done as wanted is told" is_replaced

check "a collective that is none is refused" refuses \
    "--coll: there is no collective 'all'; allowed: bcast, reduce, gather, scatter, allgather, reduce-scatter, alltoall, barrier, scan, exscan, allreduce" \
    --coll=all:ring "$work/times"
check "an algorithm of another collective is refused" refuses \
    "--coll: there is no algorithm 'ring' of bcast; allowed: mpich, ompi, best, bcast-binomial, bcast-scatter-allgather, bcast-chain, bcast-bine" \
    --coll=bcast:ring "$work/times"
check "what is no choice is refused" refuses \
    "--coll: bad value 'fastest'; allowed: mpich, ompi, best, NAME:ALGORITHM, or a file of rules" \
    --coll=fastest "$work/times"
check "closed forms of a topology are refused" refuses \
    "--coll: best: closed forms are of the switch, not of a topology; allowed: mpich, ompi, algorithms" \
    $on --coll=best "$work/times"
echo 'allreduce n<3 ring' >"$work/wrong"
check "a condition that is none is refused by its line" refuses \
    "--coll: $work/wrong:1: bad condition 'n<3'; allowed: p, bytes or count, then <, <=, =, >= or >, then a number" \
    --coll="$work/wrong" "$work/times"
echo 'ring' >"$work/wrong"
check "a rule that is none is refused by its line" refuses \
    "--coll: $work/wrong:1: bad rule 'ring'; allowed: a collective, up to 13 conditions, an algorithm, as in allreduce p<=64 bytes<=2048 recursive-doubling" \
    --coll="$work/wrong" "$work/times"
done_checking
