#!/bin/sh
# What distsys-trace writes for other programs: that they can read it, that it
# is what is in the trace, and that it is the same from run to run.

. "${srcdir:-.}/tests/program.sh"
program_is distsys-trace

# Leaves the trace of a program in $work/run.
trace()  # PROGRAM OPTION...
{
    rm -f "$work/run"
    (cd "$work" && DISTSYS_TRACE=$work/run "$@") >"$work/ran" 2>&1
    [ -s "$work/run" ] || { cat "$work/ran"; return 1; }
}

reduce()  # OPTION...
{
    trace "$top_builddir/bench/distsys-allreduce" --exec=fibers --format=json \
        -a ring "$@"
}

ring()  # OPTION...
{
    reduce -n 6 -s 1000 -l 1e-4 -r 1e9 "$@"
}

makes()  # OPTION...: without a word
{
    timeout 60 "$program" "$@" "$work/run" >"$work/out" 2>"$work/err" &&
        ! [ -s "$work/err" ] && ! [ -s "$work/out" ]
}

# A number of the line of JSON about the run.
told()  # NAME
{
    "$program" --json "$work/run" | sed -n \
        "/\"kind\": \"run\"/s/.*\"$1\": \([-0-9.e+]*\).*/\1/p"
}

runs="ring ring_async links loggops own_network crash deadlock timeouts"

cat >"$work/reduce.goal" <<'END'
num_ranks 4
rank 0 {
a: recv 1000b from 1
b: recv 1b from 2
c: calc 5000
c requires a
d: send 100000b to 3
d requires b
}
rank 1 {
a: send 1000b to 0
}
rank 2 {
a: send 1b to 0
}
rank 3 {
a: recv 100000b from 0
}
END

run()  # NAME
{
    case $1 in
    ring) ring ;;
    links) reduce --topology='fattree:2;4,4;1,2;1,1,rate=10G' -s 1M ;;
    loggops) trace "$top_builddir/bench/distsys-goal" --exec=fibers \
        --trace="$work/run" -n loggops "$work/reduce.goal" ;;
    ring_async) ring --mode=async --model=maxmin ;;
    *) trace "$top_builddir/examples/$1" ;;
    esac
}

# ---- Perfetto ----------------------------------------------------------------

# Slices nest, time goes on, tracks are there, counters are counters, each flow
# has a beginning and one end, which comes last, and each text is told once,
# before it or with what needs it, which says so.
cat >"$work/rules" <<'RULES'
function fault(text) { print text " at " when; bad = 1 }
/^packet \{/ {
    when = -1; uuid = track = type = ""; counter = n = m = needs = flags = 0
}
/^    (event|debug)_[a-z_]* \{/ { of = $1 }
/^      iid: / { if (told[of " " $2]++) fault("told twice: " of " " $2) }
/^    name_iid: / { need["event_names " $2]; needs++ }
/^    category_iids: / { need["event_categories " $2]; needs++ }
/^      name_iid: / { need["debug_annotation_names " $2]; needs++ }
/^      string_value_iid: / {
    need["debug_annotation_string_values " $2]; needs++
}
/^  sequence_flags: / { flags = $2 }
/^  timestamp: / { when = $2 }
/^    uuid: / { uuid = $2 }
/^    counter \{/ { counter = 1 }
/^    track_uuid: / { track = $2 }
/^    type: / { type = $2 }
/^    flow_ids: / { flow[n++] = $2 }
/^    terminating_flow_ids: / { last[m++] = $2 }
/^\}/ {
    if (packets++ == 0 && flags % 2 == 0) fault("texts do not begin")
    if ((needs > 0) != (flags >= 2)) fault("flags are " flags)
    for (i in need) if (!told[i]) fault("not told: " i)
    split("", need)
    if (uuid != "") { there[uuid] = 1; counts[uuid] = counter; next }
    events++
    if (when < now) fault("time goes back")
    now = when
    if (!there[track]) fault("no track " track)
    if (counts[track] != (type == "TYPE_COUNTER")) fault("no counter")
    if (type == "TYPE_SLICE_BEGIN") { depth[track]++; slices++ }
    if (type == "TYPE_SLICE_END" && --depth[track] < 0) fault("no beginning")
    for (i = 0; i < n; i++) {
        if (ended[flow[i]]) fault("flow " flow[i] " goes on")
        begun[flow[i]] = 1
    }
    for (i = 0; i < m; i++) {
        if (!begun[last[i]]) fault("flow " last[i] " has no beginning")
        if (ended[last[i]]++) fault("flow " last[i] " has two ends")
    }
}
END {
    for (t in depth) if (depth[t] != 0) fault("a slice of " t " has no end")
    for (f in begun) { flows++; if (!ended[f]) fault("no end of flow " f) }
    if (flows + 0 != sent || events == 0) fault(flows " flows of " sent)
    exit bad
}
RULES

decode()
{
    protoc --proto_path="$srcdir/tests" --decode=Trace \
        "$srcdir/tests/perfetto.proto" <"$work/perfetto" >"$work/decoded"
}

slices_nest_and_flows_have_two_ends()
{
    for name in $runs; do
        run $name && makes --perfetto="$work/perfetto" && decode || return
        awk -v sent="$(told sent)" -f "$work/rules" "$work/decoded" ||
            { echo "$name"; return 1; }
    done
}

# Each rule finds what it is for.
rules_can_fail()
{
    ring && makes --perfetto="$work/perfetto" && decode || return
    for change in 's/TYPE_SLICE_END/TYPE_INSTANT/' \
        's/ terminating_flow_ids: 7$/ flow_ids: 7/' \
        's/    flow_ids: 7$//' 's/timestamp: 1[0-9]*/timestamp: 5/' \
        's/track_uuid: 9$/track_uuid: 999/' 's/^      iid: 2$/      iid: 1/' \
        's/^    name_iid: 3$/    name_iid: 99/' 's/^  sequence_flags: 2$//' \
        's/^  sequence_flags: 1$//'; do
        sed "$change" "$work/decoded" >"$work/changed"
        ! cmp -s "$work/decoded" "$work/changed" || return
        ! awk -v sent="$(told sent)" -f "$work/rules" "$work/changed" ||
            { echo "not found: $change"; return 1; }
    done
}

names_what_there_is()
{
    ring && makes --perfetto="$work/perfetto" && decode || return
    for text in 'process_name: "rank 5"' 'thread_name: "rank 0"' \
        'process_name: "network"' 'name: "to rank 1"' \
        'name: "rank 0 to rank 1"' 'name: "out of rank 0, percent"' \
        'name: "ring"' 'name: "sum"' ' counter_value: 100$' \
        'event_categories' 'name: "bytes"'; do
        grep -q "$text" "$work/decoded" || { echo "no $text"; return 1; }
    done
}

# No field is unknown: those would be printed by number.
has_no_other_fields()
{
    ! grep -nE '^ *[0-9]+( \{|:)' "$work/decoded"
}

perfetto_says_little_time()
{
    reduce -n 2 -s 10 -l 1e-10 -r 1e15 && "$program" --perfetto="$work/perfetto" \
        "$work/run" 2>"$work/err" || return
    [ "$(wc -l <"$work/err")" -eq 1 ] && grep -q "stands for a picosecond" \
        "$work/err" && decode && grep -q '(a ns is a ps)' "$work/decoded"
}

# ---- Mermaid -----------------------------------------------------------------

draws_a_sequence()
{
    run own_network && makes --mermaid="$work/diagram" || return
    cat "$work/diagram"
    [ "$(sed -n 1p "$work/diagram")" = sequenceDiagram ] &&
        [ "$(grep -c -- '->>' "$work/diagram")" -eq 2 ] &&
        [ "$(grep -c -- '--x' "$work/diagram")" -eq 1 ] &&
        grep -q '^    participant r0 as ' "$work/diagram"
}

says_what_is_left_out()
{
    reduce -n 8 -s 1000 -l 1e-4 -r 1e9 &&
        "$program" --mermaid=- "$work/run" >"$work/out" 2>"$work/err" ||
        return
    [ "$(grep -cE -- '->>|Note' "$work/out")" -eq 61 ] &&
        grep -q 'Note over r[0-7]: 52 more lines are left out' "$work/out" ||
        { cat "$work/out" "$work/err"; return 1; }
    [ "$(wc -l <"$work/err")" -eq 1 ]
}

sequence_ends_in_a_deadlock()
{
    run deadlock && makes --mermaid="$work/diagram" &&
        grep -q '^    Note over r[0-2]: waits for port 0 of node 1' \
            "$work/diagram"
}

# ---- SQLite ------------------------------------------------------------------

ask()  # SQL
{
    sqlite3 -separator ' ' "$work/tables" "$1"
}

equals()  # TEXT SQL
{
    said=$(ask "$2")
    [ "$said" = "$1" ] || { echo "$said, not $1"; return 1; }
}

tables_have_what_happened()
{
    for name in $runs; do
        run $name && makes --sqlite="$work/tables" || return
        equals "$(told sent)" "select count(*) from messages" &&
            equals "$(told lost)" \
                "select count(*) from messages where fate = 'lost'" &&
            equals "$(told records)" "select records from run" || return
        lines=$("$program" --json "$work/run" | grep -c '"kind": "span"')
        equals "$lines" "select count(*) from spans" || return
    done
}

# Of the page.
examples_of_the_page_can_be_asked()
{
    ring && makes --sqlite="$work/tables" || return
    sed -n '/^\$ sqlite3/,/^\.Ed/p' "$srcdir/doc/distsys-trace.1" |
        sed -e 's/\\e$/\\/' -e 's/^\$ //' -e '/^\.Ed/d' >"$work/examples"
    [ "$(grep -c sqlite3 "$work/examples")" -ge 2 ] || return
    mv "$work/tables" "$work/run.db"
    (cd "$work" && sh -e examples >out 2>err) || { cat "$work/err"; return 1; }
    ! [ -s "$work/err" ] && grep -q '^rank 1|' "$work/out"
}

# ---- All of them -------------------------------------------------------------

files="svg perfetto mermaid"

write_all()  # FOLDER
{
    mkdir -p "$work/$1"
    for file in $files; do
        "$program" --$file="$work/$1/$file" "$work/run" 2>"$work/err" || return
    done
}

same_with_threads()
{
    ring && write_all fibers && ring --exec=threads && write_all threads &&
        diff -r "$work/fibers" "$work/threads"
}

full_disk()
{
    ring || return
    for file in $files html; do
        fails 1 "/dev/full: cannot write it: No space left on device" \
            --$file=/dev/full "$work/run" || return
    done
}

several_at_once()
{
    ring && makes --svg="$work/a" --perfetto="$work/b" && [ -s "$work/a" ] &&
        [ -s "$work/b" ]
}

# Copies with another version, and with another order of bytes.
newer()  # FROM TO
{
    { head -c 8 "$1" && printf '\011' && tail -c +10 "$1"; } >"$2"
}

swapped()  # FROM TO
{
    { head -c 12 "$1" && printf '\001\002\003\004' && tail -c +17 "$1"; } >"$2"
}

# With one line about it.
shows_the_rest()  # OUTPUT
{
    reduce -n 32 -s 32000 -l 1e-4 -r 1e9 &&
        head -c 40000 "$work/run" >"$work/short" || return
    case $1 in
    perfetto) set -- --perfetto="$work/made" ;;
    *) set -- "--$1=$work/made" --from=0 --to=10us ;;
    esac
    "$program" "$@" "$work/short" 2>"$work/err" && [ -s "$work/made" ] &&
        grep -c "^distsys-trace: $work/short: it is cut off at byte " \
            "$work/err" | grep -qx 1
}

for fact in slices_nest_and_flows_have_two_ends:"slices nest and each flow has \
two ends" rules_can_fail:"the rules for that can fail" \
    names_what_there_is:"rows, lanes and ports have names in Perfetto" \
    has_no_other_fields:"no field of Perfetto is another one" \
    perfetto_says_little_time:"a run below a microsecond is stretched"; do
    if command -v protoc >/dev/null; then
        check "${fact#*:}" ${fact%%:*}
    else
        skip "${fact#*:}" "there is no protoc"
    fi
done
check "a sequence has each message, and what is lost" draws_a_sequence
check "a sequence says what is left out" says_what_is_left_out
check "a sequence ends with who waits" sequence_ends_in_a_deadlock
ring
if ! grep -q '^#define HAVE_SQLITE3' "$top_builddir/config.h"; then
    check "without SQLite tables are refused" refuses "--sqlite: this program \
was built without SQLite, which configure did not find" \
        --sqlite="$work/tables" "$work/run"
elif command -v sqlite3 >/dev/null; then
    check "tables have what happened" tables_have_what_happened
    check "the examples of the page can be asked" \
        examples_of_the_page_can_be_asked
else
    skip "tables have what happened" "there is no sqlite3"
    skip "the examples of the page can be asked" "there is no sqlite3"
fi
check "outputs are equal on threads and fibers" same_with_threads
check "a full disk is named" full_disk
check "several files can be written at once" several_at_once
check "a part of it is not for Perfetto" refuses \
    "--perfetto and --sqlite are of all that there is" --from=1ms \
    --perfetto="$work/none" "$work/run"
ring
newer "$work/run" "$work/newer"
swapped "$work/run" "$work/swapped"
for file in $files; do
    check "--$file refuses a newer version" refuses \
        "$work/newer: it is of version 9, and this program knows 1" \
        --$file="$work/none" "$work/newer"
    check "--$file refuses another order of bytes" refuses "$work/swapped: it \
has the other order of bytes, which no version writes" --$file="$work/none" \
        "$work/swapped"
    check "--$file shows what is left of a file" shows_the_rest $file
    check "a file for --$file that cannot be made is named" refuses \
        "/nowhere/x: No such file or directory" --$file=/nowhere/x "$work/run"
    check "--$file refuses what is no trace" refuses \
        "$srcdir/NEWS: it is no trace" --$file="$work/none" "$srcdir/NEWS"
done
done_checking
