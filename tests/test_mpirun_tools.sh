#!/bin/sh
# gdb, AddressSanitizer and valgrind see the ranks of a program, each with the
# lines of its sources.

. "${srcdir:-.}/tests/mpirun.sh"

script="$srcdir/src/loop/distsys-gdb.py"
set=$(at tools.c '/* one too many')
is_set=$(at tools.c '/* it is not')
hello="hello from 0
hello from 1
hello from 2"

says()  # PATTERN
{
    grep -q -e "$1" "$work/told" || { cat "$work/told" && return 1; }
}

# A rank stops in a call of MPI, and another one in a line of the program.
in_gdb()
{
    timeout 120 gdb -nx -batch -iex "set auto-load no" -ex "source $script" \
        -ex "break MPI_Barrier" -ex run -ex backtrace -ex ds-images \
        -ex "break is_set" -ex "delete 1" -ex continue -ex "frame 0" \
        -ex "print *numbers" -ex ds-ranks -ex "ds-backtrace 3" --args \
        "$program" -n 3 "$work/tools" unset >"$work/told" 2>&1
}

look_by_gdb()
{
    in_gdb
    check "a rank that stops in a call has a backtrace" \
        says "^#1 .* in main .*$(at tools.c 'MPI_Barrier')$"
    check "a rank stops in a line of the program" says "^#0 .*is_set (n=1)"
    check "... and has variables of its own" says '= 1$'
    check "ranks are listed with their calls" \
        says "^rank 1 in MPI_Barrier at .*$(at tools.c 'MPI_Barrier'), since"
    check "a rank that waits has a backtrace" \
        says "^#[2-9][0-9]* .* in main .*$(at tools.c 'MPI_Barrier')$"
}

look_by_valgrind()
{
    timeout 120 valgrind -q "$program" -q -n 3 "$work/tools" unset \
        >"$work/out" 2>"$work/told"
    check "ranks run in valgrind" eval \
        'echo "$hello" | diff -u - "$work/out"'
    check "valgrind has the line of an uninitialised read" \
        says "is_set ($is_set)"
}

# Whether this is told of the rank that has made the mistake.
look_by_sanitizer()
{
    check "ranks run with AddressSanitizer" eval \
        'timeout 60 "$program" -n 3 "$work/tools" >"$work/out" 2>"$work/told" &&
        sort "$work/out" | { echo "$hello" | diff -u - /dev/fd/3; } 3<&0'
    timeout 60 "$program" -n 3 "$work/tools" overflow >"$work/out" \
        2>"$work/told"
    check "AddressSanitizer tells of an overflow" \
        says "heap-buffer-overflow"
    check "... with its line" says "in set .*$set"
}

# What cannot be is refused.
refuses_of()  # TEXT OPTION...
{
    text=$1
    shift
    sh "$top_builddir/bench/distsys-mpicc" "$@" "$srcdir/tests/mpi/tools.c" \
        -o "$work/refused" && refuses "$work/refused: $text" "$work/refused"
}

check "a program of mistakes compiles" compiles tools
if $sanitized; then
    skip "ranks in tools" "one tool at a time"
    done_checking
fi
if gdb -nx -batch -ex "python print(1)" 2>&1 | grep -qx 1 &&
    [ "$(uname -m)" = x86_64 ]; then
    look_by_gdb
else
    skip "ranks in gdb" "there is no gdb with Python, or no x86-64"
fi
if command -v valgrind >/dev/null; then
    look_by_valgrind
else
    skip "ranks in valgrind" "valgrind is not installed"
fi
if sh "$top_builddir/bench/distsys-mpicc" -g -fsanitize=address \
    "$srcdir/tests/mpi/tools.c" -o "$work/tools" 2>"$work/cc"; then
    look_by_sanitizer
    check "ThreadSanitizer is refused" refuses_of \
        "it was compiled with -fsanitize=thread, which does not know of ranks in one process; compile it without" \
        -fsanitize=thread
    check "a sanitizer within the program is refused" refuses_of \
        "it has the runtime of AddressSanitizer within itself, and all ranks need the same one; link it with -shared-libasan" \
        -fsanitize=address -static-libasan
else
    skip "ranks with AddressSanitizer" "the compiler does not have it"
fi
done_checking
