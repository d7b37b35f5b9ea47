#!/bin/sh
# distsys-allreduce: its table, digit for digit; its options; its mistakes.

. "${srcdir:-.}/tests/program.sh"
program_is distsys-allreduce

# ---- What it prints ----------------------------------------------------------

prints_the_table()  # [OPTION]...
{
    timeout 60 "$program" "$@" >"$work/table" || return
    diff -u "$srcdir/tests/seed-table.md" "$work/table"
}

prints_the_table_with()  # VARIABLE=VALUE
{
    export "$1"
    prints_the_table
}

has_every_row()
{
    rows -n 2,3 -l 0,1ms -r 1M,1G -s 0,5,7 -a all --mode=async >"$work/a" || return
    wanted=$((24 * $("$program" --list | wc -l)))
    [ "$(wc -l <"$work/a")" -eq $wanted ] &&
        [ "$(sort -u "$work/a" | wc -l)" -eq $wanted ]
}

csv_has_as_many_fields_everywhere()
{
    timeout 60 "$program" --format=csv -n 2 >"$work/out" || return
    [ "$(wc -l <"$work/out")" -eq 10 ] &&
        [ "$(awk -F, '{ print NF }' "$work/out" | sort -u)" -eq 34 ]
}

json_names_every_parameter()
{
    rows -n 3 -l 20us -r 1.5M -s 1k -a tree --seed=7 --real >"$work/out" ||
        return
    sed -i -e 's/"digest": "[0-9a-f]\{16\}"/"digest": D/' \
        -e 's/0\.021377333333[0-9]*/T/; s/0\.007131111111[0-9]*/B/' \
        -e 's/0\.007152444444[0-9]*/P/; s/2\.99775631[0-9]*/R/' \
        -e 's/0\.01066666666[0-9]*/X/g' \
        -e 's/: 3\.9999999[0-9]*e-06/: G/; s/: 4e-06/: G/' "$work/out"
    cat >"$work/wanted" <<'END'
{"algorithm": "tree", "nodes": 3, "latency": 2e-05, "rate": 1500000, "size": 1000, "seconds": T, "closed_form": null, "lower_bound": B, "one_port_bound": P, "ratio": R, "best": true, "digest": D, "mode": "original", "model": "greedy", "granularity": 0, "group": 0, "chunk": 0, "real": true, "seed": 7, "exec": "fibers", "ties": "random", "alpha_seconds": 4e-05, "beta_seconds": X, "sharing_seconds": X, "gamma_seconds": G, "path_messages": 2, "path_bytes": 16000, "collective": "allreduce", "root": 0, "eager": 65536, "topology": null, "map": null, "sharing_links": null}
END
    diff -u "$work/wanted" "$work/out"
}

# An option goes before the variable of the same name, and rows say which seed
# it was.
option_beats_variable()
{
    DISTSYS_SEED=5 rows -n 2 -s 1 -a tree --seed=7 >"$work/a" || return
    grep '"seed": 7' "$work/a" && rows -n 2 -s 1 -a tree --seed=7 >"$work/b" &&
        diff -u "$work/a" "$work/b"
}

shows_the_variable()
{
    DISTSYS_SEED=5 rows -n 2 -s 1 -a tree >"$work/a" || return
    grep '"seed": 5' "$work/a"
}

# What the environment says counts where no option does; junk too, if it does.
rows_show_what_the_loop_used()
{
    DISTSYS_TIES=fifo DISTSYS_EXEC=threads rows -n 2 -s 1 -a tree \
        >"$work/a" || return
    grep '"exec": "threads", "ties": "fifo"' "$work/a" || return
    DISTSYS_TIES=fifo DISTSYS_EXEC=threads DISTSYS_SEED=junk rows -n 2 -s 1 \
        -a tree --exec=fibers --seed=3 >"$work/a" || return
    grep '"seed": 3, "exec": "fibers", "ties": "fifo"' "$work/a"
}

# On a terminal, which script(1) makes.
aligns_on_a_terminal()
{
    script -qec "'$program' -n 16 -l 1ms -r 1M -s 10 -a tree,naive --best" \
        /dev/null 2>/dev/null </dev/null | tr -d '\r' >"$work/out" || return
    grep -x '   Nodes  Latency  NIC rate      Size         Tree        Naive' \
        "$work/out" &&
        grep '      16    0.001     1E+06        10     0.008880     0.002200\*$' \
            "$work/out"
}

lists_them()
{
    "$program" --list >"$work/out" || return
    [ "$(awk '{ print $1 }' "$work/out" | head -3 | tr '\n' ' ')" = \
        "naive tree stream " ] && [ "$(wc -l <"$work/out")" -gt 3 ]
}

has_ideas()
{
    "$program" --list >"$work/out" || return
    ! awk 'NF < 3' "$work/out" | grep .
}

all_check_their_sums()
{
    rows -n 1,2,5,16,17 -s 0,1,16,1337 -l 10us -a all --real "$@" \
        >"$work/out" || return
    [ "$(wc -l <"$work/out")" -gt 200 ]
}

# Fails on rank 1 with these words, whatever the algorithm.
fails_on_a_rank()  # WORDS LIST
{
    for algorithm in $("$program" --list | awk '{ print $1 }'); do
        ! LD_PRELOAD=$work/spoil.so timeout 60 "$program" -n 3 -s 7 --real \
            -a "$algorithm" >/dev/null 2>"$work/err" || return
        grep "distsys-allreduce: $algorithm, 3 nodes, .*: rank 1 has $1" \
            "$work/err" || return
    done
}

# (1 + 2 + 3) times 7.
notices_what_is_wrong()
{
    SPOIL=element fails_on_a_rank "a sum of 43 instead of 42 at element 6"
}

notices_what_is_too_long()
{
    SPOIL=length fails_on_a_rank "8 elements instead of 7"
}

# A rank for which all others wait: the report is long.
reports_in_full()
{
    SPOIL=absent
    export SPOIL
    ! LD_PRELOAD=$work/spoil.so timeout 60 "$program" -n 16 -s 7 -a ring \
        >/dev/null 2>"$work/err" || return
    grep -q '^distsys-allreduce: ring, 16 nodes, .*: deadlock' "$work/err" &&
        [ "$(grep -c '^  thread .* waits .* since 0.* s$' "$work/err")" -eq 15 ]
}

# Nothing beats the bound, and the fastest are marked.
marks_the_best()
{
    "$program" -n 8 -l 100us -r 1G -s 1k -a naive,tree,linear --best \
        >"$work/out" || return
    grep -c '\*\*' "$work/out" | grep -x 1 &&
        grep '| 1000 | \*\*0\.000164\*\* | 0\.000673 | 0\.000320 |' "$work/out"
}

# Without latency these differ by nothing but rounding.
ties_are_shared()
{
    set -- -n 16 -l 0 -r 1G -s 1600 -a rabenseifner,circulant,torus,ring
    "$program" "$@" --best | grep -o '\*\*0\.000027\*\*' >"$work/out"
    [ "$(wc -l <"$work/out")" -eq 4 ] || return
    "$program" "$@" --crossover --format=csv >"$work/csv" || return
    tail -1 "$work/csv" |
        grep ',1600,.*,rabenseifner,0,rabenseifner,0,mpi,greedy,0,65536,,$' ||
        return
    shift 8
    "$program" "$@" -n 16 -l 0 -s 1600 -a ring --crossover --format=csv |
        tail -1 | grep ',1600,ring,.*,rabenseifner,0,rabenseifner,0,mpi,greedy,0,65536,,$'
}

rows_say_who_is_best()
{
    rows -n 8 -s 1k -a naive,tree >"$work/out" || return
    sed 's/.*"algorithm": "\([^"]*\)".*"best": \([a-z]*\).*/\1 \2/' \
        "$work/out" | tr '\n' ' ' | grep -xF 'naive true tree false '
}

# What a rule chooses, against the best one that takes part.  At 257 elements
# Rabenseifner takes six times as long as naive, from there on less; and at ten
# million a fifth of a tree.
compares_with_rules()
{
    "$program" -n 32 -l 100us -r 1G -s 257,1739 --crossover -a naive \
        --format=csv >"$work/csv" || return
    "$program" -n 8 -l 100us -r 1G -s 10M --crossover -a tree --format=csv |
        tail -1 >>"$work/csv"
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        {
            printf "%.2f %.6f %.6f\n", $at["mpich_loss"],
                $at["from_seconds"], $at["to_seconds"]
        }' "$work/csv" >"$work/out"
    printf '%s\n' "485.22 0.000172 0.000587" "-80.00 0.790550 0.790550" |
        diff -u - "$work/out"
}

# Its table says segmented ring up to 15 elements; it hands that on.
sees_what_is_handed_on()
{
    "$program" -n 32 -s 10 --crossover -a naive --format=csv | tail -1 |
        grep ',recursive-doubling,[0-9.]*,original,greedy,0,65536,,$'
}

# Naive takes 1e-4 + 31 n 8e-9 + 32 n 1e-9, and recursive doubling 5e-4 +
# 5 n 8e-9 + 10 n 1e-9: they meet at n = 1739.1.
finds_crossovers()
{
    "$program" -n 32 -l 100us -r 1G -s 1k,3k --crossover \
        -a naive,recursive-doubling >"$work/out" || return
    grep -q '| 1000 | 1739 | naive |' "$work/out" &&
        grep -q '| 1740 | 3000 | recursive-doubling |' "$work/out"
}

ranges_are_whole()
{
    "$program" -n 16 -s 1M,1,1k --crossover --format=csv \
        >"$work/csv" || return
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        {
            if (NR > 2 && $at["from"] != last + 1) bad = 1
            if (NR == 2 && $at["from"] != 1) bad = 1
            if ($at["mpich_loss"] < 0 || $at["open_mpi_loss"] < 0) bad = 1
            last = $at["to"]
            best[$at["best"]] = 1
        }
        END {
            for (name in best) n++
            exit (bad || last != 1000000 || n != 3)
        }' "$work/csv"
}

# Open MPI chooses a ring, doubling, and a ring again between two sizes.
sees_what_changes_back()
{
    "$program" -n 2 -s 1000,3000 --crossover -a ring --format=csv \
        >"$work/csv" || return
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { printf "%s-%s %s\n", $at["from"], $at["to"], $at["open_mpi"] }' \
        "$work/csv" >"$work/out"
    printf '%s\n' "1000-1023 ring" "1024-2047 recursive-doubling" \
        "2048-3000 ring" | diff -u - "$work/out"
}

plots_every_line()
{
    fake_gnuplot || return
    "$program" -n 4 -s 3,1,10,3 -a ring,tree --plot="$work/it's.svg" || return
    diff "$work/script" "$work/it's.svg" &&
        [ "$(grep -c '^END' "$work/script")" -eq 3 ] &&
        [ "$(grep -c '^3 0' "$work/script")" -eq 3 ] &&
        [ "$(grep -c '^10 0' "$work/script")" -eq 3 ] &&
        grep -q "title 'ring'.*title 'tree'.*title 'lower bound'" \
            "$work/script"
}

misses_gnuplot()
{
    mkdir -p "$work/empty" || return
    for tool in sed ls dirname basename cat ldd uname; do
        ln -sf "$(command -v $tool)" "$work/empty/$tool"
    done
    PATH=$work/empty "$program" -s 1 --plot="$work/x.svg" 2>"$work/err"
    [ $? -eq 1 ] && grep -q 'needs gnuplot, which is not installed' "$work/err"
}

# Also where standard input is closed, whose place a file may take.
plots_without_input()
{
    fake_gnuplot || return
    "$program" -n 4 -s 1,10 -a ring --plot="$work/plot.svg" <&- &&
        grep -q "title 'ring'" "$work/plot.svg"
}

draws_a_picture()
{
    "$program" -n 4 -s 1,10,100 -a ring,tree --plot="$work/plot.svg" &&
        grep -q '</svg>' "$work/plot.svg" || return
    "$program" -n 4 -s 10 -a ring --plot="$work/plot.svg" 2>"$work/err" &&
        grep -q '</svg>' "$work/plot.svg" && ! [ -s "$work/err" ]
}

explains()
{
    "$program" -n 8 -l 100us -r 1G -s 8k -a ring --explain |
        grep -qxF '| ring | 8 | 0.0001 | 1E+09 | 8000 | 0.001526 | 0.001400 | 0.000112 | 0.000000 | 0.000014 | 14 | 112000 | mpi | greedy | 0 |'
}

# One of seven messages into a port, which has a seventh of its rate.
explains_sharing()
{
    "$program" -n 8 -l 100us -r 1G -s 8k -a naive --explain |
        grep -qxF '| naive | 8 | 0.0001 | 1E+09 | 8000 | 0.000612 | 0.000100 | 0.000064 | 0.000384 | 0.000064 | 1 | 64000 | original | greedy | 0 |'
}

# Not a bit of it: what rounding leaves over is no sharing.
explains_no_sharing()
{
    rows -n 2,3,4,5,6,7 -s 1,100,12345 -a ring,binomial --mode=rendezvous \
        >"$work/out" || return
    ! grep -v '"sharing_seconds": 0,' "$work/out"
}

explains_and_compares()
{
    "$program" -n 8 -l 100us -r 1G -s 8k -a ring,naive --costs --explain \
        --best >"$work/out" || return
    grep -xF '| ring | 8 | 0.0001 | 1E+09 | 8000 | 0.001526 | 0.001526 | 0.000212 | 0.000426 | 7.20 | 0.001400 | 0.000112 | 0.000000 | 0.000014 | 14 | 112000 | mpi | greedy | 0 |' \
        "$work/out" && grep '^| naive .* | 8000 | \*\*0\.000612\*\* |' "$work/out"
}

compares_costs()
{
    "$program" -n 8 -l 100us -r 1G -s 8k -a ring,tree --costs \
        --mode=rendezvous >"$work/out" || return
    cat >"$work/wanted" <<'END'
| Algorithm | Nodes | Latency | NIC rate | Size | Seconds | Closed form | Lower bound | One-port bound | Ratio | Mode | Model | Seed |
|:--|:--|:--|:--|:--|:--|:--|:--|:--|:--|:--|:--|:--|
| ring | 8 | 0.0001 | 1E+09 | 8000 | 0.001526 | 0.001526 | 0.000212 | 0.000426 | 7.20 | rendezvous | greedy | 0 |
END
    head -3 "$work/out" | diff -u "$work/wanted" - &&
        grep '^| tree .* |  | 0\.000212 ' "$work/out"
}

# The ring of eight nodes has half the steps in groups of four.
uses_parameters()
{
    rows -n 16 -l 1 -r 1T -s 16 -a hierarchical --group=2 >"$work/a" || return
    rows -n 16 -l 1 -r 1T -s 16 -a hierarchical --group=4 >"$work/b" || return
    grep '"seconds": 16\.0.*"group": 2' "$work/a" &&
        grep '"seconds": 12\.0.*"group": 4' "$work/b"
}

# The sizes on both sides of the limit differ as asynchronous and rendezvous.
eager_is_one_or_the_other()
{
    set -- -n 7 -a recursive-doubling,binomial,naive
    rows "$@" -s 128 --mode=async >"$work/async" &&
        rows "$@" -s 129 --mode=rendezvous >"$work/rendezvous" &&
        rows "$@" -s 128,129 --mode=eager --eager=1024 >"$work/eager" || return
    sort "$work/async" "$work/rendezvous" >"$work/a"
    sort "$work/eager" >"$work/b"
    sed -i 's/"mode": "[a-z]*"//; s/"eager": [0-9]*//' "$work/a" "$work/b"
    diff -u "$work/a" "$work/b"
}

# The three of the original have the mode of the original, all others what MPI
# does, unless somebody says otherwise.
chooses_a_mode()  # MODE OPTION...
{
    mode=$1
    shift
    rows -n 2 -s 8 "$@" >"$work/out" || return
    ! grep -v "\"mode\": \"$mode\"" "$work/out"
}

leaves_stream_out()
{
    timeout 60 "$program" -n 2 -s 8 --mode=rendezvous >"$work/out" \
        2>"$work/err" || return
    echo "distsys-allreduce: stream is left out; it does not run in" \
        "rendezvous mode" | diff -u - "$work/err" &&
        head -1 "$work/out" | grep -Fx "## allreduce: mode rendezvous,\
 model greedy, seed 0" &&
        grep -F '| Size | Naive | Tree |' "$work/out"
}

check "without arguments it prints the table" prints_the_table
check "on threads it prints the table" prints_the_table --exec=threads
for seed in 1 2 3; do
    check "with seed $seed it prints the table" prints_the_table --seed=$seed
done
check "with FIFO ties it prints the table" prints_the_table_with \
    DISTSYS_TIES=fifo
check "on every processor it prints the table" prints_the_table_with \
    DISTSYS_PIN=0
check "a column is an algorithm, in the order asked for" prints \
    "| Nodes | Latency | NIC rate | Size | Tree | Naive |
|:--|:--|:--|:--|:--|:--|
| 16 | 0.001 | 1E+06 | 10 | 0.008880 | 0.002200 |" \
    -n 16 -l 1ms -r 1M -s 10 -a tree,naive
check "rates may be bits" prints \
    "| Nodes | Latency | NIC rate | Size | Naive |
|:--|:--|:--|:--|:--|
| 2 | 0 | 1.25E+09 | 1250000 | 0.010500 |" \
    -n 2 -l 0 -r 10Gbit -s 1.25M -a naive
check "every combination is a row" has_every_row
check "csv has as many fields in every row" csv_has_as_many_fields_everywhere
check "json names every parameter" json_names_every_parameter
check "the same run gives the same rows" same_rows "" "" ""
check "real vectors take the time of phantoms" same_rows "" --real \
    's/"real": [a-z]*//'
check "threads give what fibers give" same_rows "" --exec=threads \
    's/"exec": "[a-z]*"//'
check "another seed gives the same times" same_rows --seed=1 --seed=2 \
    's/"digest": "[^"]*"//; s/"seed": [0-9]*//'
check "every algorithm finds the right sum" all_check_their_sums
for mode in original async rendezvous eager; do
    check "and in $mode mode" all_check_their_sums --mode=$mode
done
check "and with a limit in between" all_check_their_sums --eager=100
check "and with max-min fairness" all_check_their_sums --model=maxmin
if can_spoil; then
    check "a wrong sum is noticed" notices_what_is_wrong
    check "and one that is too long" notices_what_is_too_long
    check "a failure is reported in full" reports_in_full
else
    skip "a wrong sum is noticed" "the library cannot be replaced"
fi
check "--best marks the fastest" marks_the_best
check "what ties on paper ties here" ties_are_shared
check "rows say who is best" rows_say_who_is_best
check "--costs shows closed forms and bounds" compares_costs
# One object for each setting, whose best is that of the rows.
points_are_rows()
{
    rows -n 3,8 -s 10,100k -l 10us -r 1G -a all --points >"$work/points" &&
        rows -n 3,8 -s 10,100k -l 10us -r 1G -a all >"$work/lines"
    [ "$(wc -l <"$work/points")" -eq 4 ] || return
    while read -r point; do
        nodes=$(echo "$point" | sed 's/.*"nodes": \([0-9]*\).*/\1/')
        size=$(echo "$point" | sed 's/.*"size": \([0-9]*\).*/\1/')
        best=$(echo "$point" | sed 's/.*"best": "\([^"]*\)".*/\1/')
        least=$(echo "$point" | sed 's/.*"best_seconds": \([^,]*\),.*/\1/')
        row=$(grep "\"nodes\": $nodes, .*\"size\": $size, " "$work/lines" |
            grep '"best": true' | head -1)
        echo "$row" | grep -qF "\"algorithm\": \"$best\"" &&
            echo "$row" | grep -qF "\"seconds\": $least," &&
            echo "$point" | grep -qF "\"$best\": $least" ||
            { echo "$point"; echo "$row"; return 1; }
    done <"$work/points"
}

check "--points has a line for each setting" points_are_rows
check "--points has times only" refuses \
    "--points: a line for each setting has times only; allowed: without \
--costs, --explain, --links, --crossover and --plot" --points --costs
check "--crossover finds where the best one changes" finds_crossovers
check "--crossover says what rules would cost" compares_with_rules
check "and what Open MPI hands on" sees_what_is_handed_on
check "and where it changes back" sees_what_changes_back
check "its ranges follow each other and name three winners" ranges_are_whole
check "--plot hands every line to gnuplot" plots_every_line
check "also without standard input" plots_without_input
check "--plot says what is missing" misses_gnuplot
if command -v gnuplot >/dev/null 2>&1; then
    check "--plot draws a picture" draws_a_picture
else
    skip "--plot draws a picture" "there is no gnuplot"
fi
check "--explain splits the time along the critical path" explains
check "--explain tells what shared ports cost" explains_sharing
check "--explain finds no sharing where there is none" explains_no_sharing
check "--explain and --costs share a line" explains_and_compares
check "what --explain shows adds up" times_add_up 153 \
    -n 2,7,16 -s 0,1,1k -a all --mode=async
check "and as MPI sends" times_add_up 144 -n 2,7,16 -s 0,1k,100k -a all
check "--group changes the groups" uses_parameters
check "naive, tree and stream are as in the original" chooses_a_mode original
check "each of them" chooses_a_mode original -a stream
check "others send as MPI does" chooses_a_mode mpi -a ring
check "and with them the three" chooses_a_mode mpi -a naive,ring,tree
check "unless said otherwise" chooses_a_mode async -a ring --mode=async
check "also for the three" chooses_a_mode mpi -a naive --mode=mpi
check "eager mode is one or the other by size" eager_is_one_or_the_other
check "what rendezvous mode cannot run is left out" leaves_stream_out
check "--seed goes before DISTSYS_SEED" option_beats_variable
check "rows show DISTSYS_SEED" shows_the_variable
check "rows show what the loop used" rows_show_what_the_loop_used
check "text is aligned" prints \
    "   Nodes  Latency  NIC rate      Size         Tree        Naive
      16    0.001     1E+06        10     0.008880     0.002200*" \
    -n 16 -l 1ms -r 1M -s 10 -a tree,naive --best --format=text
if command -v script >/dev/null 2>&1; then
    check "and so it is on a terminal" aligns_on_a_terminal
else
    skip "and so it is on a terminal" "there is no script(1)"
fi
check "--list lists the algorithms, the three of the table first" lists_them
check "each algorithm has a line of its own" has_ideas
check "--version says which version this is" prints \
    "distsys-allreduce (dist-sys) $VERSION" --version

# ---- Mistakes ----------------------------------------------------------------

check "an option that does not exist" refuses \
    "unrecognized option '--nonesuch'" --nonesuch
check "an option without its value" refuses \
    "option '--nodes' requires an argument" --nodes
check "an argument" refuses \
    "unexpected argument '32'; only options are allowed, see --help" 32
for nodes in 0 -1 1.5 x 1e7 2,,3 2ms nan; do
    bad=$nodes
    [ "$nodes" = 2,,3 ] && bad=
    check "--nodes=$nodes" refuses "--nodes: bad value '$bad'; allowed: whole \
numbers from 1 to 1000000" --nodes=$nodes
done
for latency in -1 inf 1h 2e9 ''; do
    check "--latency=$latency" refuses "--latency: bad value '$latency'; \
allowed: seconds from 0 to 1e9, also as in 0.5ms, 100us, 20ns" \
        --latency=$latency
done
for rate in 0 -1 inf 1K 1ms; do
    check "--rate=$rate" refuses "--rate: bad value '$rate'; allowed: bytes \
per second above 0 and up to 1e18, also as in 100M, 10G, 25Gbit" --rate=$rate
done
for size in -1 0.5 1e16 x; do
    check "--size=$size" refuses "--size: bad value '$size'; allowed: whole \
numbers from 0 to 1e15, also as in 10k, 1M, 2G" --size=$size
done
known=$("$program" --list | awk '{ printf "%s%s", sep, $1; sep = ", " }')
check "an unknown algorithm lists those known" refuses "--algorithm: unknown \
name 'fast'; known are $known; or all" --algorithm=tree,fast
check "nothing that rendezvous mode can run" refuses "--algorithm: stream does \
not run in rendezvous mode" --algorithm=stream --mode=rendezvous
for name in mode=sync:mpi,\ original,\ async,\ rendezvous,\ eager model=fair:greedy,\ maxmin; do
    option=${name%%:*}
    check "--$option" refuses "--${option%=*}: unknown name '${option#*=}'; \
known are $(echo "${name#*:}" | sed 's/, */, /g')" --$option
done
for option in granularity group chunk; do
    check "--$option=0" refuses "--$option: bad value '0'; allowed: a whole \
number from 1 to 1e9" --$option=0
done
check "groups that do not fit" refuses "--group: groups of 4 do not divide 6 \
nodes; allowed: a divisor of every number of nodes" \
    --group=4 -n 8,6 -a ring,hierarchical
check "they do not matter to others" rows -n 6 -s 1 -a ring,tree --group=4
check "an unknown format lists those known" refuses "--format: unknown name \
'xml'; known are md, csv, json, text" --format=xml
check "an unknown way to run lists those known" refuses "--exec: unknown name \
'processes'; known are threads, fibers" --exec=processes
check "an eager limit that is none" refuses "--eager: bad value '-1'; \
allowed: a whole number of bytes from 0 to 1e15, also as in 4k, 1M" --eager=-1
check "nothing that MPI can run" refuses "--algorithm: stream does not run in \
mpi mode" --algorithm=stream --mode=mpi
check "a picture of another kind" refuses "--plot: \"x.gif\" is not allowed; \
allowed: the name of a file that ends in .svg or .png" --plot=x.gif
check "a bad seed" refuses "--seed: bad value '-1'; allowed: a whole number \
from 0 to 2^64 - 1" --seed=-1

# ---- Failures ----------------------------------------------------------------

# Said before anything is run, which would fail too.
no_place_for_a_picture()
{
    fake_gnuplot || return
    DISTSYS_SEED=junk
    export DISTSYS_SEED
    fails 1 "cannot write $work/none/x.svg: No such file or directory" \
        -s 1,10 --plot="$work/none/x.svg"
}

no_room_for_a_picture()
{
    fake_gnuplot && ln -sf /dev/full "$work/full.svg" || return
    fails 1 "cannot write $work/full.svg: No space left on device" \
        -n 4 -s 1,10 -a ring --plot="$work/full.svg"
}

gnuplot_fails()
{
    fake_gnuplot && echo 'exit 3' >>"$work/bin/gnuplot" || return
    fails 1 "gnuplot could not draw $work/x.svg" -n 4 -s 1,10 -a ring \
        --plot="$work/x.svg"
}

full_disk()  # OPTION...
{
    timeout 60 "$program" "$@" 2>"$work/err" >/dev/full && return 1
    [ $? -eq 1 ] &&
        echo "distsys-allreduce: cannot write the output: No space left on" \
            "device" | diff -u - "$work/err"
}

no_memory()
{
    fails 1 "tree, 4 nodes, latency 0.0001, rate 1E+09, size 1000000000000000: \
out of memory: ds_collective_run: the vector is NULL (thread 1 \"rank 0\", at \
0 s)" \
        -n 4 -s 1e15 -a tree --real
}

unknown_variable()
{
    DISTSYS_SEED=junk fails 1 "naive, 2 nodes, latency 0.0001, rate 1E+09, \
size 10: wrong use of the interface: ds_loop_new: DISTSYS_SEED is \"junk\"; it \
must be a whole number below 2^64" -n 2
}

if [ -w /dev/full ]; then
    check "a full disk is a failure" full_disk
    check "also for a line of json" full_disk --format=json -n 2
    check "also for help" full_disk --help
    check "also for the list" full_disk --list
    check "also for a picture" no_room_for_a_picture
else
    skip "a full disk is a failure" "there is no /dev/full"
fi
check "a picture that has no place is a failure" no_place_for_a_picture
check "gnuplot's failure is a failure" gnuplot_fails
case $CFLAGS in
*-fsanitize=*) skip "no memory is a failure" "sanitizers end the program" ;;
*) check "no memory is a failure" no_memory ;;
esac
check "a variable that is not understood is a failure" unknown_variable

writes_a_trace()
{
    "$program" -a ring -n 4 -s 100 --trace="$work/t" >"$work/out" &&
        "$top_builddir/bench/distsys-trace" "$work/t" >"$work/out" &&
        grep -q " on 4 nodes, .* arrived, 0 lost, 0 under way" "$work/out"
}

check "the one run is traced" writes_a_trace
check "a trace is of one run" refuses \
    "--trace: these are 2 runs, and a trace is of one; allowed: one value for \
each option" -a ring -n 4,5 -s 100 --trace="$work/t"
check "a trace that cannot be written is named" refuses \
    "--trace: $work/none/t: No such file or directory" -a ring -n 4 -s 100 \
    --trace="$work/none/t,last=1M"
done_checking
