#!/bin/sh
# In gdb, the script that comes with the library lists the bodies of a loop and
# shows where a fiber waits.

. "${srcdir:-.}/tests/shell.sh"

cat >"$work/parked.c" <<'END'
#include <distsys.h>

static ds_stream *letters;

__attribute__((noinline)) static void wait_for_a_letter(ds_handle *h)
{
    ds_event event;

    ds_poll(h, letters, &event);
    ds_event_drop(&event);
}

static void reader(ds_handle *h, void *arg)
{
    (void)arg;
    ds_set_name(h, "reader");
    wait_for_a_letter(h);
    ds_sleep(h, 0);
}

int main(void)
{
    ds_loop *loop = ds_loop_new(&(ds_loop_config){ .exec = DS_FIBERS });

    letters = ds_stream_new(loop);
    ds_spawn(loop, reader, NULL);
    ds_spawn(loop, reader, NULL);
    return ds_loop_run(loop);
}
END

script="$srcdir/src/loop/distsys-gdb.py"
static=$top_builddir/.libs/libdistsys.a

# A deadlock stops the second one, in its call.
in_gdb()
{
    DISTSYS_ABORT=1 gdb -nx -batch -iex "set auto-load no" -ex run \
        -ex "source $script" -ex ds-bodies -ex "ds-backtrace 1" \
        "$work/parked" >"$work/session" 2>&1
}

says()  # PATTERN
{
    grep -q -- "$1" "$work/session" || { cat "$work/session" && return 1; }
}

if ! gdb -nx -batch -ex "python print(1)" >"$work/gdb" 2>&1 ||
    ! grep -qx 1 "$work/gdb"; then
    skip "bodies in gdb" "there is no gdb with Python"
elif [ ! -e "$static" ] || [ "$(uname -m)" != x86_64 ]; then
    skip "bodies in gdb" "it needs the static library, and x86-64"
elif case $CFLAGS in *-fsanitize*) true ;; *) false ;; esac; then
    skip "bodies in gdb" "sanitizers do not like to be traced"
elif ! $CC $CFLAGS -g -I"$srcdir/include" "$work/parked.c" -o "$work/parked" \
    "$static" $LIBS -lm -lpthread 2>"$work/cc"; then
    check "the program compiles" cat "$work/cc"
    false
else
    in_gdb
    check "bodies are listed by name" says 'thread 2 "reader" waits, last in ds_poll, since 0 s'
    check "a parked fiber has a backtrace" says 'wait_for_a_letter (h='
fi
done_checking
