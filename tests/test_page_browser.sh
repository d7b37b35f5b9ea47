#!/bin/sh
# Pages in a browser: what they show, how they answer, and how long that takes a
# processor.

. "${srcdir:-.}/tests/program.sh"
program_is distsys-trace

browser=
for name in chromium chromium-browser google-chrome; do
    [ -n "$browser" ] || browser=$(command -v $name) || browser=
done

page()  # NAME
{
    "$program" --html="$work/$1.html" "$work/$1.dstrace"
}

ring()  # NAME NODES SIZE
{
    DISTSYS_TRACE=$work/$1.dstrace "$top_builddir/bench/distsys-allreduce" \
        --exec=fibers --mode=async -a ring -n "$2" -s "$3" -l 1e-4 -r 1e9 \
        >/dev/null && page "$1"
}

# Four wait in a circle, and four for them.
deadlock()
{
    cat >"$work/deadlock.c" <<'END'
#include <distsys.h>

enum { NODES = 8 };

static void member(ds_comm *c, void *arg)
{
    const size_t rank = ds_comm_rank(c);

    (void)arg;
    ds_vec_unref(ds_comm_recv_tag(c, rank < 4 ? (rank + 1) % 4 : rank - 4, 7));
}

int main(void)
{
    ds_loop *loop = ds_loop_new(&(ds_loop_config){ .exec = DS_FIBERS });
    ds_node *nodes[NODES];

    for (size_t i = 0; i < NODES; i++)
        nodes[i] = ds_node_new(loop);
    ds_comm_spawn(loop, ds_random_net_new(loop, 1), nodes, NODES, member, NULL);
    const ds_status status = ds_loop_run(loop);
    ds_loop_free(loop);
    return status == DS_DEADLOCK ? 0 : 1;
}
END
    "$SHELL" "$top_builddir/libtool" --quiet --tag=CC --mode=link $CC $CFLAGS \
        -I"$srcdir/include" "$work/deadlock.c" -o "$work/deadlock" \
        "$top_builddir/libdistsys.la" $LIBS -lm -lpthread &&
        DISTSYS_TRACE=$work/deadlock.dstrace "$work/deadlock" && page deadlock
}

crash()
{
    DISTSYS_TRACE=$work/crash.dstrace "$top_builddir/examples/crash" \
        >/dev/null && page crash
}

# Runs all facts, and says of each whether it holds.
browse()
{
    timeout 300 node "$srcdir/tests/page_browser.js" "$browser" "$work" \
        >"$work/facts" 2>"$work/why" && [ "$(wc -l <"$work/facts")" -ge 15 ]
}

holds()  # FACT
{
    grep -qx "ok $1" "$work/facts" || { cat "$work/why"; return 1; }
}

if ! node --version >"$work/version" 2>&1; then
    skip "pages in a browser" "there is no node"
elif [ -z "$browser" ]; then
    skip "pages in a browser" "there is no Chromium"
else
    check "a ring has a page" ring ring 8 100k
    check "a deadlock has a page" deadlock
    check "a crash has a page" crash
    check "99904 messages have a page" ring many 224 8M
    check "pages can be looked at" browse
    sed 's/^ok //; s/^FAILED //' "$work/facts" >"$work/names"
    while read -r fact; do
        check "$fact" holds "$fact"
    done <"$work/names"
    grep ' ms' "$work/why"
fi
done_checking
