#!/bin/sh
# distsys-collective: every collective, its rows and tables, its mistakes.

. "${srcdir:-.}/tests/program.sh"
program_is distsys-collective

# ---- What it prints ----------------------------------------------------------

# Of eight nodes all algorithms run; a barrier has one size.
has_every_row()
{
    rows -n 2,8 -l 0,1ms -r 1M,1G -s 0,5,7 >"$work/a" || return
    all=$("$program" --list | wc -l)
    barriers=$("$program" --list | grep -c '^barrier-')
    wanted=$((24 * (all - barriers) + 8 * barriers))
    [ "$(wc -l <"$work/a")" -eq $wanted ] &&
        [ "$(sort -u "$work/a" | wc -l)" -eq $wanted ] && ! [ -s "$work/err" ]
}

all_check_their_results()
{
    rows -n 1,2,5,16,17 -s 0,1,16,1337 -l 10us --real "$@" >"$work/out" ||
        return
    [ "$(wc -l <"$work/out")" -gt 200 ]
}

# Fails on rank 1 of three, or the root 1 of them, with these words.  A barrier
# has no result.
fails_on_a_rank()  # WORDS OPTION...
{
    words=$1
    shift
    ! LD_PRELOAD=$work/spoil.so timeout 60 "$program" -n 3 -s 7 --real "$@" \
        >/dev/null 2>"$work/err" || return
    grep "3 nodes, .*: rank 1 has $words" "$work/err"
}

# Element i of rank r is (r + 1) (i + 1); the last of seven is spoiled.  Among
# three, rank 1 has the block of elements 2 and 3.
notices_what_is_wrong()
{
    SPOIL=element
    export SPOIL
    fails_on_a_rank "8 instead of 7 at element 6" -a bcast &&
        fails_on_a_rank "43 instead of 42 at element 6" -a reduce --root=1 &&
        fails_on_a_rank "22 instead of 21 at element 20" -a gather --root=1 &&
        fails_on_a_rank "5 instead of 4 at element 1" -a scatter &&
        fails_on_a_rank "22 instead of 21 at element 20" -a allgather &&
        fails_on_a_rank "25 instead of 24 at element 1" -a reduce-scatter &&
        fails_on_a_rank "13 instead of 12 at element 5" -a alltoall &&
        fails_on_a_rank "22 instead of 21 at element 6" -a scan &&
        fails_on_a_rank "8 instead of 7 at element 6" -a exscan
}

notices_what_is_too_long()
{
    SPOIL=length
    export SPOIL
    for kind in bcast:7 reduce:7 gather:7 scatter:2 allgather:21 \
        reduce-scatter:2 alltoall:6 scan:7 exscan:7; do
        len=${kind#*:}
        fails_on_a_rank "$((len + 1)) elements instead of $len" \
            -a "${kind%:*}" || return
    done
}

json_names_every_parameter()
{
    rows -n 4 -l 20us -r 1M -s 1k -a reduce-binomial --root=3 --seed=7 \
        --mode=rendezvous >"$work/out" || return
    sed -i -e 's/"digest": "[0-9a-f]\{16\}"/"digest": D/' \
        -e 's/0\.01604[0-9]*/T/g; s/0\.00802,/B,/; s/0\.0080415[0-9]*/P/' \
        -e 's/"ratio": 2\.000[0-9]*/"ratio": R/' \
        -e 's/: 3\.9999999[0-9]*e-06/: G/; s/: 4e-06/: G/' "$work/out"
    cat >"$work/wanted" <<'END'
{"algorithm": "reduce-binomial", "nodes": 4, "latency": 2e-05, "rate": 1000000, "size": 1000, "seconds": T, "closed_form": T, "lower_bound": B, "one_port_bound": P, "ratio": R, "best": true, "digest": D, "mode": "rendezvous", "model": "greedy", "granularity": 0, "group": 0, "chunk": 0, "real": false, "seed": 7, "exec": "fibers", "ties": "random", "alpha_seconds": 4e-05, "beta_seconds": 0.016, "sharing_seconds": 0, "gamma_seconds": G, "path_messages": 2, "path_bytes": 16000, "collective": "reduce", "root": 3, "eager": 65536, "topology": null, "map": null, "sharing_links": null}
END
    diff -u "$work/wanted" "$work/out"
}

csv_has_as_many_fields_everywhere()
{
    timeout 60 "$program" --format=csv -n 4 -s 10 >"$work/out" || return
    [ "$(wc -l <"$work/out")" -eq $(($("$program" --list | wc -l) + 1)) ] &&
        [ "$(awk -F, '{ print NF }' "$work/out" | sort -u)" -eq 34 ]
}

lists_them()
{
    "$program" --list >"$work/out" || return
    [ "$(awk '{ print $1 }' "$work/out" | head -1)" = bcast-binomial ] &&
        [ "$(wc -l <"$work/out")" -ge 18 ] &&
        ! awk 'NF < 3' "$work/out" | grep .
}

# In the order of --list, whatever the order asked for.
chooses()  # NAMES LIST
{
    rows -n 4 -s 10 -a "$2" >"$work/out" || return
    sed 's/.*"algorithm": "\([^"]*\)".*/\1/' "$work/out" | tr '\n' ' ' |
        grep -qxF "$1 "
}

# Six are no power of two.
leaves_out_what_needs_a_power()
{
    timeout 60 "$program" -n 6,8 -l 1ms -r 1M -s 8,16 -a allgather --best \
        >"$work/out" 2>"$work/err" || return
    echo "distsys-collective: allgather-recursive-doubling is left out with 6" \
        "nodes; it needs a number of nodes that is a power of two" |
        diff -u - "$work/err" || return
    cat >"$work/wanted" <<'END'
## allgather: mode mpi (eager up to 65536 bytes), model greedy, seed 0

| Nodes | Latency | NIC rate | Size | Allgather-ring | Allgather-recursive-doubling | Allgather-bruck |
|:--|:--|:--|:--|:--|:--|:--|
| 6 | 0.001 | 1E+06 | 8 | 0.005320 |  | **0.003320** |
| 6 | 0.001 | 1E+06 | 16 | 0.005640 |  | **0.003640** |
| 8 | 0.001 | 1E+06 | 8 | 0.007448 | **0.003448** | **0.003448** |
| 8 | 0.001 | 1E+06 | 16 | 0.007896 | **0.003896** | **0.003896** |
END
    diff -u "$work/wanted" "$work/out"
}

# What cannot run wins nothing, and nobody's range is no range.
crosses_over_among_those_that_run()
{
    "$program" -n 6,8 -s 8 --crossover --format=csv -a \
        allgather-recursive-doubling,allgather-bruck,scan >"$work/csv" \
        2>/dev/null || return
    "$program" -n 6,8 -s 8 --crossover --format=csv -a \
        allgather-recursive-doubling >>"$work/csv" 2>/dev/null || return
    awk -F, '{ print $2, $7 }' "$work/csv" >"$work/out"
    cat >"$work/wanted" <<'END'
nodes best
6 allgather-bruck
8 allgather-recursive-doubling
6 scan-recursive-doubling
8 scan-recursive-doubling
nodes best
8 allgather-recursive-doubling
END
    diff -u "$work/wanted" "$work/out"
}

# Where there is no root, none is shown.
shows_the_root()
{
    rows -n 4 -s 10 --root=3 -a scatter,alltoall-bruck >"$work/out" || return
    sed 's/.*"algorithm": "\([^"]*\)".*"root": \([0-9]*\),.*/\1 \2/' "$work/out" |
        tr '\n' ' ' | grep -xF 'scatter-binomial 3 alltoall-bruck 0 '
}

leaves_out_a_column()
{
    timeout 60 "$program" -n 6 -s 8 -a allgather >"$work/out" \
        2>"$work/err" || return
    echo "distsys-collective: allgather-recursive-doubling is left out; it" \
        "needs a number of nodes that is a power of two" |
        diff -u - "$work/err" && ! grep -q doubling "$work/out"
}

# A collective whose algorithms all cannot run does not stop the others.
leaves_out_a_collective()
{
    timeout 60 "$program" -n 6 -l 1ms -r 1M -s 8 \
        -a allgather-recursive-doubling,alltoall-pairwise >"$work/out" \
        2>"$work/err" || return
    echo "distsys-collective: allgather-recursive-doubling is left out; it" \
        "needs a number of nodes that is a power of two" |
        diff -u - "$work/err" || return
    grep -F '| Size | Alltoall-pairwise |' "$work/out"
}

# Each collective has its own winner.  Of a binomial broadcast three messages
# leave the root together, then two, then one: 3e-4 + (3 + 2 + 1) 8e-6.
marks_the_best()
{
    "$program" -n 8 -l 100us -r 1G -s 1k -a bcast,alltoall --best \
        >"$work/out" || return
    grep -c '\*\*' "$work/out" | grep -x 2 &&
        grep -q '| 1000 | \*\*0\.000348\*\* | .* | 0\.000756 | \*\*0\.000348\*\* |$' \
            "$work/out" &&
        grep -qxF '| 8 | 0.0001 | 1E+09 | 1000 | 0.000707 | **0.000312** |' \
            "$work/out"
}

# Each of the one-port bounds is met by somebody.
compares_costs()
{
    "$program" -n 8 -l 100us -r 1G -s 8k -a bcast-binomial,scatter,barrier \
        --costs --mode=rendezvous >"$work/out" || return
    cat >"$work/wanted" <<'END'
| Algorithm | Nodes | Latency | NIC rate | Size | Seconds | Closed form | Lower bound | One-port bound | Ratio | Mode | Model | Seed |
|:--|:--|:--|:--|:--|:--|:--|:--|:--|:--|:--|:--|:--|
| bcast-binomial | 8 | 0.0001 | 1E+09 | 8000 | 0.000492 | 0.000492 | 0.000164 | 0.000364 | 3.00 | rendezvous | greedy | 0 |
| scatter-binomial | 8 | 0.0001 | 1E+09 | 8000 | 0.000356 | 0.000356 | 0.000156 | 0.000356 | 2.28 | rendezvous | greedy | 0 |
| barrier-dissemination | 8 | 0.0001 | 1E+09 | 0 | 0.000300 | 0.000300 | 0.000100 | 0.000300 | 3.00 | rendezvous | greedy | 0 |
END
    diff -u "$work/wanted" "$work/out"
}

# In step pairwise has 7 rounds of an eighth of the vector, and Bruck 3 of a
# half: 7e-4 + 7 n e-9 = 3e-4 + 12 n e-9 at n = 80,000.
finds_crossovers()
{
    "$program" -n 8 -l 100us -r 1G -s 8k,160k --crossover -a alltoall \
        --mode=rendezvous --format=csv >"$work/out" || return
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        NR > 2 && $at["best"] != best {
            changes++
            change = $at["from"]
        }
        { best = $at["best"] }
        END {
            print changes, change, best
            exit !(changes == 1 && change > 79990 && change < 80010 &&
                   best == "alltoall-pairwise")
        }' "$work/out"
}

# Where the rule of MPICH names one that is not here, its columns are empty.
shows_the_rule()
{
    "$program" -n 8 -s 1000,2000 --crossover -a bcast --format=csv \
        >"$work/out" || return
    grep -q ',bcast-binomial,0,mpi,greedy,0,65536,,$' "$work/out" &&
        grep -q ',,,mpi,greedy,0,65536,,$' "$work/out" &&
        [ "$(awk -F, '{ print NF }' "$work/out" | sort -u)" -eq 17 ]
}

every_kind_has_crossovers()
{
    "$program" -n 4 -s 1,100 --crossover --format=csv \
        >"$work/out" || return
    [ "$(awk -F, 'NR > 1 { print $1 }' "$work/out" | uniq | wc -l)" -eq 10 ] &&
        [ "$(awk -F, '{ print NF }' "$work/out" | sort -u)" -eq 17 ]
}

plots_every_line()
{
    fake_gnuplot || return
    "$program" -n 4 -s 3,1,10 -a bcast \
        --model=maxmin --plot="$work/plot.svg" || return
    [ "$(grep -c '^END' "$work/script")" -eq 5 ] &&
        [ "$(grep -c '^10 0' "$work/script")" -eq 5 ] &&
        grep -q "^set title 'bcast, 4 nodes, .*mode mpi .*, model maxmin, seed 0'" \
            "$work/script" &&
        grep -q "title 'bcast-binomial'.*title 'lower bound'" "$work/script"
}

# Numbers that lie within one power of ten, or are one number.
has_numbers_on_both_axes()
{
    fake_gnuplot || return
    for size in 200,300,500 7 2,3 12,14,17 1,10,1000; do
        "$program" -a bcast -n 4 -s $size -l 1us -r 10G --plot="$work/x.svg" ||
            return
        for axis in x y; do
            grep -qx "set format $axis '10^{%T}'" "$work/script" ||
                grep -q "^set ${axis}tics ('[0-9.]*' [0-9.e+-]*, " \
                    "$work/script" || return
        done
    done
}

# What the user has set for himself would draw it elsewhere.
draws_as_ever()
{
    mkdir -p "$work/home" && echo 'set output "no"' >"$work/home/.gnuplot" &&
        HOME=$work/home "$program" -a bcast -n 4 -s 200,300,500 -l 1us -r 10G \
            --plot="$work/own.svg" && grep -q '</svg>' "$work/own.svg" &&
        [ "$(grep '<text>' "$work/own.svg" | sed 's/<[^>]*>//g' |
            grep -cE '^[0-9.]+$')" -ge 6 ]
}

# A chunk for each of seven further nodes: 1 + 7 - 1 steps of 100 elements.
uses_parameters()
{
    rows -n 8 -l 1 -r 1T -s 700 -a bcast-chain --chunk=100 >"$work/out" ||
        return
    grep '"seconds": 13\.0.*"chunk": 100' "$work/out"
}

check "without options each collective has its table" eval \
    '[ "$("$program" | grep -c "^## ")" -eq 10 ]'
check "one collective has a table" prints \
    "## alltoall: mode mpi (eager up to 65536 bytes), model greedy, seed 0

| Nodes | Latency | NIC rate | Size | Alltoall-pairwise | Alltoall-bruck |
|:--|:--|:--|:--|:--|:--|
| 16 | 0.001 | 1E+06 | 160 | 0.016200 | 0.006560 |" \
    -n 16 -l 1ms -r 1M -s 160 -a alltoall
check "every combination is a row" has_every_row
check "csv has as many fields in every row" csv_has_as_many_fields_everywhere
check "json names every parameter" json_names_every_parameter
check "a kind stands for all its algorithms" chooses \
    "alltoall-pairwise alltoall-bruck barrier-dissemination" \
    barrier-dissemination,alltoall
check "an algorithm named twice runs once" chooses bcast-chain \
    bcast-chain,bcast-chain
check "the same run gives the same rows" same_rows "" "" ""
check "real vectors take the time of phantoms" same_rows "" --real \
    's/"real": [a-z]*//'
check "threads give what fibers give" same_rows "" --exec=threads \
    's/"exec": "[a-z]*"//'
check "another seed gives the same times" same_rows --seed=1 --seed=2 \
    's/"digest": "[^"]*"//; s/"seed": [0-9]*//'
check "every algorithm finds the right result" all_check_their_results
for mode in async rendezvous eager; do
    check "and in $mode mode" all_check_their_results --mode=$mode
done
check "and with max-min fairness" all_check_their_results --model=maxmin
if can_spoil; then
    check "a wrong result is noticed" notices_what_is_wrong
    check "and one that is too long" notices_what_is_too_long
else
    skip "a wrong result is noticed" "the library cannot be replaced"
fi
rooted=bcast,reduce,gather,scatter
for root in 1 4; do
    check "and from rank $root" rows -n 5,8 -s 0,1,13 -a $rooted --real \
        --root=$root
done
check "rows say which root it was" shows_the_root
check "--best marks the fastest of each collective" marks_the_best
check "--costs shows closed forms and bounds" compares_costs
check "what --explain shows adds up, and beats no bound" times_add_up 168 \
    -n 2,7,16 -s 0,1,1k
check "--crossover finds where the best one changes" finds_crossovers
check "--crossover shows what MPICH chooses" shows_the_rule
check "--crossover takes every collective" every_kind_has_crossovers
check "--plot hands every line to gnuplot" plots_every_line
check "each axis has two numbers at least" has_numbers_on_both_axes
if command -v gnuplot >/dev/null 2>&1; then
    check "--plot draws the same for everybody" draws_as_ever
else
    skip "--plot draws the same for everybody" "there is no gnuplot"
fi
check "--chunk changes the chunks" uses_parameters
check "what needs a power of two is left out elsewhere" \
    leaves_out_what_needs_a_power
check "also in a crossover" crosses_over_among_those_that_run
check "and has no column if it runs nowhere" leaves_out_a_column
check "and no table if none of them runs" leaves_out_a_collective
check "--list lists the algorithms, with a line on each" lists_them
check "--version says which version this is" prints \
    "distsys-collective (dist-sys) $VERSION" --version

# ---- Mistakes ----------------------------------------------------------------

check "an option that does not exist" refuses \
    "unrecognized option '--nonesuch'" --nonesuch
check "an argument" refuses \
    "unexpected argument 'bcast'; only options are allowed, see --help" bcast
known=$(for kind in bcast reduce gather scatter allgather reduce-scatter \
    alltoall barrier scan exscan; do echo $kind; done)
known=$(echo "$known" && "$program" --list | awk '{ print $1 }')
known=$(echo "$known" | awk '{ printf "%s%s", sep, $1; sep = ", " }')
check "an unknown algorithm lists those known" refuses "--algorithm: unknown \
name 'ring'; known are $known; or all" --algorithm=ring
check "nothing that so many nodes can run" refuses "--algorithm: \
allgather-recursive-doubling needs a number of nodes that is a power of two" \
    -a allgather-recursive-doubling -n 6
for root in -1 0.5 1e6 x; do
    check "--root=$root" refuses "--root: bad value '$root'; allowed: a whole \
number from 0 to 999999" --root=$root
done
check "a root that is not there" refuses \
    "--root: there is no rank 4 among 4 nodes; allowed: 0 to 3" \
    --root=4 -n 8,4
check "--chunk=0" refuses "--chunk: bad value '0'; allowed: a whole number \
from 1 to 1e9" --chunk=0
check "a picture of several collectives" refuses \
    "--plot: a picture shows one collective, not bcast and reduce" \
    --plot=x.svg
check "a picture of several settings" refuses "--plot: a picture shows one \
setting; allowed: one value for each of --nodes, --latency and --rate" \
    --plot=x.svg -a bcast -n 4,8
check "a picture of a barrier" refuses "--plot: the axes are logarithmic; \
allowed: --size and --nodes with times above 0" --plot=x.svg -a barrier
check "a picture of one node" refuses "--plot: the axes are logarithmic; \
allowed: --size and --nodes with times above 0" --plot=x.svg -a bcast -n 1
done_checking
