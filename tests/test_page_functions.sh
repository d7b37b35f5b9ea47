#!/bin/sh
# The functions of a page that need no browser, in node: what they read is what
# --json says, and what they make of it is right.

. "${srcdir:-.}/tests/program.sh"
program_is distsys-trace

parts=$srcdir/bench/trace/page
facts=$srcdir/tests/page_functions.js

# A page and JSON of a trace, $work/NAME.*.
pages()  # NAME COMMAND...
{
    name=$1
    shift
    (cd "$work" && "$@") >/dev/null 2>&1
    [ -s "$work/$name.dstrace" ] || return
    "$program" --html="$work/$name.html" "$work/$name.dstrace" &&
        "$program" --json "$work/$name.dstrace" >"$work/$name.json"
}

ring()  # NAME OPTION NODES
{
    pages "$1" env DISTSYS_TRACE="$work/$1.dstrace$2" \
        "$top_builddir/bench/distsys-allreduce" --exec=fibers --mode=async \
        -a ring -n "$3" -s 100k -l 1e-4 -r 1e9
}

# What is of JSON holds for what is lost and forgotten too.
holds()  # FACT
{
    node "$facts" "$parts" "$1" "$work/ring.html" "$work/ring.json" || return
    case $1 in
    *strip*)
        node "$facts" "$parts" "$1" "$work/links.html" "$work/links.json" ||
            return
        ;;
    *JSON* | *"put off"*)
        for name in faults flight held; do
            node "$facts" "$parts" "$1" "$work/$name.html" \
                "$work/$name.json" || return
        done
        ;;
    esac
}

if ! node --version >"$work/version" 2>&1; then
    skip "the functions of a page" "there is no node"
else
    check "a ring has a page" ring ring "" 8
    check "a flight recorder has a page" ring flight ,last=64K 32
    check "a run with faults has a page" pages faults \
        "$top_builddir/examples/register_test" --test=register --seed=3 \
        --no-shrink --trace="$work/faults.dstrace"
    printf '%s\n' '0.05 hold 0 > * until 0.4' '0.2 hold 1 > 2' \
        '0.5 faults * > * jitter 0.05 duplicate 0.3 until 1' >"$work/plan"
    check "a run whose messages are put off has one" pages held \
        "$top_builddir/examples/register_test" --test=register --seed=3 \
        --no-shrink --plan="$work/plan" --trace="$work/held.dstrace"
    check "a run over links has one" pages links env \
        DISTSYS_TRACE="$work/links.dstrace" \
        "$top_builddir/bench/distsys-allreduce" --exec=fibers -a ring -s 1M \
        --topology='fattree:2;4,4;1,2;1,1,rate=10G'
    check "a part of it has one" "$program" --html="$work/part.html" \
        --rows="rank 1,2,5" --from=200us --to=800us "$work/ring.dstrace"
    node "$facts" "$parts" --list >"$work/facts"
    check "there are facts" [ "$(wc -l <"$work/facts")" -ge 30 ]
    while read -r fact; do
        check "$fact" holds "$fact"
    done <"$work/facts"
fi
done_checking
