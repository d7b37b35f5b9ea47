#!/bin/sh
# distsys-trace: what it says of traces, that this is what the simulation says of
# itself, and what it refuses.

. "${srcdir:-.}/tests/program.sh"
program_is distsys-trace

# Leaves the trace of a program of the library in $work/run, and there too what
# else it leaves behind, as one whose tests fail does.
trace()  # PROGRAM OPTION...
{
    (cd "$work" && DISTSYS_TRACE=$work/run "$@") >"$work/ran" 2>&1
    status=$?
    [ -s "$work/run" ] || { cat "$work/ran"; return 1; }
    return $status
}

allreduce()  # OPTION...
{
    trace "$top_builddir/bench/distsys-allreduce" --exec=fibers --format=json \
        "$@"
}

shows()  # OPTION...
{
    timeout 60 "$program" "$@" >"$work/out" 2>"$work/err" &&
        ! [ -s "$work/err" ]
}

has()  # TEXT: a line of what it printed
{
    grep -qF -- "$1" "$work/out" || { cat "$work/out"; return 1; }
}

# The number of a name in a line of JSON.
value()  # NAME LINE
{
    printf '%s\n' "$2" | sed -n "s/.*\"$1\": \([-0-9.e+]*\).*/\1/p"
}

# ---- The same as --explain ---------------------------------------------------

algorithms=$("$top_builddir/bench/distsys-allreduce" --list | awk '{ print $1 }')

# The terms of the path, and that ports have carried all bytes and no more than
# they can.
explains()  # MODE MODEL ALGORITHM NODES SIZE
{
    allreduce --mode="$1" --model="$2" --algorithm="$3" -n "$4" -s "$5" \
        -l 1e-4 -r 1e9 || return
    shows --json "$work/run" || return
    said=$(cat "$work/ran")
    path=$(grep '^{"kind": "path"' "$work/out")
    seconds=$(value seconds "$said")
    for term in alpha_seconds beta_seconds sharing_seconds gamma_seconds \
        path_messages path_bytes; do
        echo "$term $(value $term "$said") $(value $term "$path") $seconds"
    done | awk '
        { off = $2 - $3; if (off < 0) off = -off; lines++ }
        off > 1e-9 * ($2 > $4 ? $2 : $4) { print; bad = 1 }
        END { exit bad || lines != 6 }' || return
    grep '^{"kind": "run"' "$work/out" >"$work/head"
    awk -v run="$(cat "$work/head")" '
        function number(name) {
            if (!match($0, "\"" name "\": [-0-9.e+]+")) return 0
            return substr($0, RSTART + length(name) + 4, \
                RLENGTH - length(name) - 4) + 0
        }
        /^{"kind": "run"/ { bytes = number("bytes"); late = number("under_way") }
        /^{"kind": "node"/ {
            out += number("out_bytes")
            into += number("in_bytes")
            if (number("out_peak") > 1 + 1e-9 || number("in_peak") > 1 + 1e-9) {
                print "over full:", $0
                bad = 1
            }
        }
        END {
            off = out - bytes; if (off < 0) off = -off
            gap = out - into; if (gap < 0) gap = -gap
            if ((late == 0 && off > 1e-9 * bytes) || gap > 1e-9 * bytes) {
                print "carried:", out, into, "of", bytes
                bad = 1
            }
            exit bad
        }' "$work/out"
}

explains_all()  # MODE MODEL
{
    for algorithm in $algorithms; do
        # One that does not run in a mode is refused by name.
        for shape in "5 1337" "16 4096"; do
            explains "$1" "$2" "$algorithm" $shape && continue
            grep -q "does not run in" "$work/ran" && continue
            echo "$algorithm, $shape"
            return 1
        done
    done
    [ -n "$algorithms" ]
}

for mode in mpi original async rendezvous eager; do
    model=greedy
    [ $mode != async ] || model=maxmin
    check "the path has the terms of --explain in $mode mode" explains_all \
        $mode $model
done

# ---- What it says ------------------------------------------------------------

rings()
{
    allreduce --mode=async -a ring -n 8 -s 100k -l 1e-4 -r 1e9
}

says_what_a_ring_waits_for()
{
    rings && shows "$work/run" &&
        has "8 threads on 8 nodes, 112 messages of 11.2 MB: 112 arrived, 0 lost" &&
        has "critical path: 14 messages of 1.4 MB, to rank " &&
        has "   latency 1.4 ms  bytes 1.4 ms  sharing 0 s  operators 175 us" &&
        has "  rank 1                  2.97 ms     5.9%     0.0%    94.1%  rank 0, " &&
        has "  out rank 0               1 GB/s     47.1%   1.4 MB"
}

fits_80_columns()
{
    rings && shows --text "$work/run" &&
        awk 'length($0) > 80 { print; bad = 1 } END { exit bad }' "$work/out" &&
        [ "$(grep -c '^ *rank [0-7] |.*|$' "$work/out")" -eq 8 ] &&
        [ "$(grep -c '^ *rank [0-7] |.*\\.*|$' "$work/out")" -ge 7 ]
}

shows_a_part()
{
    rings && shows --text --from=1ms --to=2ms --rows=0,3-4,"rank 6" \
        "$work/run" &&
        [ "$(grep -c '^ *rank [0346] |' "$work/out")" -eq 4 ] &&
        [ "$(grep -c '^ *rank ' "$work/out")" -eq 4 ] && has "2 ms"
}

counts_what_is_lost()
{
    trace "$top_builddir/examples/own_network" && shows "$work/run" &&
        has "3 messages of 5.15 kB: 2 arrived, 1 lost, 0 under way" &&
        has "other networks 1.5 s" && shows --text "$work/run" &&
        grep -q '^ *thread 1 |x' "$work/out"
}

shows_a_crash()
{
    trace "$top_builddir/examples/crash" && shows --text "$work/run" &&
        grep -q '//////' "$work/out"
}

shows_a_deadlock()
{
    trace "$top_builddir/examples/deadlock"
    shows "$work/run" && has "1.5 s, deadlock; seed 0, digest" &&
        has "3 threads wait and no event is left to wake any" &&
        shows --text "$work/run" &&
        has '| waits for port 0 of node 1 "from carol"'
}

names_a_circle()
{
    trace "$top_builddir/doc/gallery/runs" deadlock
    circle="in a circle: rank 0 -> rank 2 -> rank 4 -> rank 1 -> rank 3 -> rank 0"
    shows "$work/run" && [ "$(tail -n 1 "$work/out")" = "$circle" ] &&
        has "deadlock               waits for" &&
        has "  rank 4               a message from rank 1, tag 7" &&
        has "  and 3 more; --text shows them" && shows --text "$work/run" &&
        [ "$(tail -n 1 "$work/out")" = "$circle" ] &&
        [ "$(grep -c 'waits for rank [0-4] (in a circle)$' "$work/out")" -eq 5 ]
}

# Sent, arrived, lost and under way add up in each example.
adds_up()
{
    for example in $EXAMPLES; do
        trace "$top_builddir/$example"
        shows --json "$work/run" || return
        awk -v example="$example" '
            function number(name) {
                match($0, "\"" name "\": [0-9]+")
                return substr($0, RSTART + length(name) + 4, \
                    RLENGTH - length(name) - 4) + 0
            }
            /^{"kind": "run"/ {
                sent = number("sent")
                rest = number("arrived") + number("lost") + number("under_way")
            }
            /^{"kind": "message"/ { told++ }
            END {
                if (sent != rest || sent != told) {
                    print example ": " sent, rest, told
                    exit 1
                }
            }' "$work/out" || return
    done
}

is_json()
{
    rings && shows --json "$work/run" || return
    if command -v python3 >/dev/null; then
        python3 -c 'import json, sys; [json.loads(x) for x in sys.stdin]' \
            <"$work/out"
    else
        ! grep -v '^{"kind": "[a-z_]*",.*}$' "$work/out"
    fi
}

# ---- Two of them -------------------------------------------------------------

finds_no_difference()
{
    rings && mv "$work/run" "$work/first" && rings &&
        shows --diff "$work/first" "$work/run" && has "they are equal: "
}

finds_the_first_difference()
{
    rings && mv "$work/run" "$work/first" &&
        allreduce --mode=async -a ring -n 8 -s 100k -l 1e-4 -r 1.5e9 ||
        return
    "$program" --diff "$work/first" "$work/run" >"$work/out"
    [ $? -eq 1 ] && has "they differ from record " &&
        has "first: at 0 s, rates, 0, 1, value 1000000000" &&
        has "run: at 0 s, rates, 0, 1, value 1500000000"
}

names_a_link()
{
    for rate in 5G 10G; do
        allreduce -a ring -s 1M \
            --topology="fattree:2;4,4;1,2;1,1,rate=$rate" || return
        mv "$work/run" "$work/$rate"
    done
    "$program" --diff "$work/5G" "$work/10G" >"$work/out"
    [ $? -eq 1 ] && has "network 0: link, value 5000000000, h0-s0" &&
        has "network 0: link, value 10000000000, h0-s0" &&
        shows "$work/10G" && has "busiest links" && has "  h0-s0 #0 " || return
    ! has "other networks"
}

names_thread_and_call()
{
    for seed in 1 2; do
        DISTSYS_SEED=$seed trace "$top_builddir/examples/timeouts"
        mv "$work/run" "$work/run.$seed"
    done
    "$program" --diff "$work/run.1" "$work/run.2" >"$work/out"
    [ $? -eq 1 ] && has "seed 1" && has "seed 2" || return
    sed -n 2p "$work/out" | grep -q ": at 0 s, run, seed 1"
}

# Threads and times are as they were up to the message that differs.
finds_a_message_that_differs()
{
    for size in 1000 1001; do
        DISTSYS_TRACE=$work/run.$size "$top_builddir/bench/distsys-network" \
            -p ring -n 4 -m greedy --sizes=equal --size=$size \
            --exec=fibers >/dev/null || return
    done
    "$program" --diff "$work/run.1000" "$work/run.1001" >"$work/out"
    [ $? -eq 1 ] &&
        has "run.1000: at 0 s, thread 1: send, message 1 of 1000 bytes from" &&
        has "run.1001: at 0 s, thread 1: send, message 1 of 1001 bytes from"
}

finds_what_is_missing()
{
    rings && head -c 3000 "$work/run" >"$work/short" || return
    "$program" --diff "$work/short" "$work/run" >"$work/out" 2>"$work/err"
    [ $? -eq 1 ] && has "short: nothing more" &&
        grep -q "short: it is cut off at byte 32 of 3000" "$work/err"
}

# ---- What is broken ----------------------------------------------------------

shows_what_is_left()
{
    DISTSYS_TRACE=$work/run "$top_builddir/bench/distsys-allreduce" \
        --mode=async -a ring -n 32 -s 100k -l 1e-4 -r 1e9 >/dev/null || return
    head -c 40000 "$work/run" >"$work/short"
    "$program" "$work/short" >"$work/out" 2>"$work/err" && has ", cut off;" &&
        [ "$(wc -l <"$work/err")" -eq 1 ] &&
        grep -q "^distsys-trace: $work/short: it is cut off at byte " \
            "$work/err"
}

says_what_is_forgotten()
{
    DISTSYS_TRACE=$work/run,last=64K "$top_builddir/bench/distsys-allreduce" \
        --mode=async -a ring -n 32 -s 100k -l 1e-4 -r 1e9 >/dev/null &&
        shows "$work/run" && has " records are forgotten, up to " &&
        has "32 threads on 32 nodes" && has "busiest ports: what was under way" &&
        shows --text "$work/run" && has "rank 31 |"
}

# A figure, on standard output.
is_xml()
{
    shows --svg=- "$work/run" && has "<svg xmlns=" &&
        [ "$(tail -n 1 "$work/out")" = "</svg>" ] || return
    ! command -v xmllint >/dev/null || xmllint --noout "$work/out"
}

draws_the_same()
{
    shows --svg="$work/first.svg" "$work/run" && ! [ -s "$work/out" ] &&
        rings && shows --svg=- "$work/run" &&
        cmp "$work/first.svg" "$work/out"
}

check "a ring is told" says_what_a_ring_waits_for
check "the diagram has 80 columns, and the path winds through it" \
    fits_80_columns
check "a part of it can be chosen" shows_a_part
check "what is lost is counted and shown" counts_what_is_lost
check "a crash is shown" shows_a_crash
check "a deadlock ends with who waits for what" shows_a_deadlock
check "a circle is named" names_a_circle
check "messages add up in every example" adds_up
check "each line is JSON" is_json
check "equal runs have no difference" finds_no_difference
check "the first difference is shown" finds_the_first_difference
check "a link that differs is named, and those that are busy" names_a_link
check "seeds differ from the beginning" names_thread_and_call
check "the first message that differs is named, with its thread" \
    finds_a_message_that_differs
check "a file that ends earlier differs" finds_what_is_missing
check "what is left of a file is shown" shows_what_is_left
check "a flight recorder says what it has forgotten" says_what_is_forgotten
rings
check "no file is refused" refuses \
    "which trace?  It wants one file, see --help"
check "two files are too many for one" refuses \
    "which trace?  It wants one file, see --help" "$work/run" "$work/run"
check "three files are too many" refuses "'three' is one too many; see --help" \
    --diff one two three
check "a difference is of two" refuses "--diff wants two files" --diff \
    "$work/run"
check "a difference is of everything" refuses \
    "--diff is of all that there is" --diff --from=1 "$work/run" "$work/run"
check "outputs exclude each other" refuses \
    "--text, --json and --diff exclude each other" --text --json "$work/run"
check "what is printed goes without files" refuses \
    "--text, --json and --diff write no files beside what they print" \
    --json --svg="$work/figure" "$work/run"
check "a figure that cannot be made is named" refuses \
    "/nowhere/figure: No such file or directory" --svg=/nowhere/figure \
    "$work/run"
check "a figure is XML" is_xml
check "a figure is the same from run to run" draws_the_same
check "a file that is missing is named" refuses \
    "$work/none: No such file or directory" "$work/none"
check "a file that is no trace is named" refuses \
    "$srcdir/NEWS: it is no trace" "$srcdir/NEWS"
check "a row that there is not is named" refuses \
    "--rows: there is no row 'rank 8'; there are 8, numbered from 0" \
    --rows="rank 1,rank 8" "$work/run"
check "a range of rows goes up" refuses \
    "--rows: there is no row '3-1'; there are 8, numbered from 0" \
    --rows=3-1 "$work/run"
check "time does not go backwards" refuses \
    "--to is 0.001, before --from, which is 0.002" --from=2ms --to=1ms \
    "$work/run"
done_checking
