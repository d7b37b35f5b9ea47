#!/bin/sh
# distsys-trace --html: a page is one file that needs no other, the same from run
# to run, and small.

. "${srcdir:-.}/tests/program.sh"
program_is distsys-trace

# The trace of a ring in $work/run.
ring()  # NODES SIZE
{
    DISTSYS_TRACE=$work/run "$top_builddir/bench/distsys-allreduce" \
        --exec=fibers --mode=async -a ring -n "$1" -s "$2" -l 1e-4 -r 1e9 \
        >/dev/null
}

page()  # FILE OPTION...
{
    file=$1
    shift
    timeout 120 "$program" --html="$file" "$@" >"$work/out" 2>"$work/err" &&
        [ ! -s "$work/out" ] && [ ! -s "$work/err" ] && [ -s "$file" ] ||
        { cat "$work/out" "$work/err"; return 1; }
}

# Nothing is loaded from anywhere: no addresses but the name of a language, and
# no elements or rules that fetch.
needs_no_other()
{
    ring 8 100k && page "$work/page.html" "$work/run" || return
    sed 's,http://www.w3.org/2000/svg,,g' "$work/page.html" >"$work/rest"
    ! grep -nE 'https?:|ftp:|//[a-z]+\.[a-z]' "$work/rest" &&
        ! grep -nE '<link|<img|<iframe|<object|<embed|<script[^>]* src' \
            "$work/rest" &&
        ! grep -nE '@import|url\(|fetch\(|XMLHttpRequest|WebSocket|import\(' \
            "$work/rest" | grep -vF 'url(#c)'
}

# A complete document, without anything that was to be filled in.
is_whole()
{
    ring 8 100k && page "$work/page.html" "$work/run" &&
        [ "$(head -n 1 "$work/page.html")" = "<!doctype html>" ] &&
        [ "$(tail -n 1 "$work/page.html")" = "</html>" ] &&
        ! grep -n '^@' "$work/page.html" | grep -v '@media' &&
        [ "$(grep -c '<script' "$work/page.html")" -eq \
            "$(grep -c '</script>' "$work/page.html")" ]
}

is_the_same_again()
{
    ring 8 100k && page "$work/one.html" "$work/run" &&
        ring 8 100k && page "$work/two.html" "$work/run" &&
        cmp "$work/one.html" "$work/two.html"
}

# What programs call things may look like anything.
survives_names()
{
    cat >"$work/names.c" <<'END'
#include <distsys.h>

static void body(ds_handle *h, void *arg)
{
    (void)arg;
    ds_set_name(h, "</script><b>\"\\&'\n");
    ds_mark(h, "<!--<script>");
    ds_state(h, "]]>");
    ds_sleep(h, 1);
}

int main(void)
{
    ds_loop *loop = ds_loop_new(&(ds_loop_config){ .exec = DS_FIBERS });

    ds_spawn(loop, body, NULL);
    ds_status status = ds_loop_run(loop);
    ds_loop_free(loop);
    return status;
}
END
    "$SHELL" "$top_builddir/libtool" --quiet --tag=CC --mode=link $CC $CFLAGS \
        -I"$srcdir/include" "$work/names.c" -o "$work/names" \
        "$top_builddir/libdistsys.la" $LIBS -lm -lpthread 2>"$work/cc" ||
        { cat "$work/cc"; return 1; }
    DISTSYS_TRACE=$work/run "$work/names" && page "$work/page.html" \
        "$work/run" || return
    ! grep -F '<b>"' "$work/page.html" && ! grep -F '<!--' "$work/page.html" &&
        grep -F '\u003c/script\u003e\u003cb\u003e' "$work/page.html"
}

# 99904 messages, in at most 3 MB.
stays_small()
{
    ring 224 8M && page "$work/page.html" "$work/run" || return
    bytes=$(wc -c <"$work/page.html")
    echo "$bytes bytes"
    [ "$bytes" -le 3000000 ]
}

# A part of it is smaller, and has what it has.
leaves_out()
{
    ring 64 1M && page "$work/all.html" "$work/run" &&
        page "$work/part.html" --from=1ms --to=2ms --rows=0-3 "$work/run" ||
        return
    grep -q '"rank 63"' "$work/all.html" && grep -q '"rank 3"' \
        "$work/part.html" && ! grep -q '"rank 4"' "$work/part.html" &&
        [ "$(wc -c <"$work/part.html")" -lt "$(wc -c <"$work/all.html")" ]
}

notices_a_full_disk()
{
    status=0
    "$program" --html=/dev/full "$work/run" >"$work/out" 2>"$work/err" ||
        status=$?
    [ $status -eq 1 ] && [ "$(wc -l <"$work/err")" -eq 1 ] &&
        grep -q "^distsys-trace: /dev/full: cannot write it" "$work/err"
}

check "a page needs no other file and no network" needs_no_other
check "a page is a whole document" is_whole
check "a page is the same from run to run" is_the_same_again
check "names cannot end what they stand in" survives_names
check "100,000 messages are a page of 3 MB at most" stays_small
check "a page of a part has just that" leaves_out
ring 2 1
check "a file that cannot be written is named" refuses \
    "$work/none/page.html: No such file or directory" \
    --html="$work/none/page.html" "$work/run"
check "a full disk is noticed" notices_a_full_disk
check "a page excludes what is printed" refuses \
    "--text, --json and --diff write no files beside what they print" \
    --html="$work/x" --text "$work/run"
done_checking
