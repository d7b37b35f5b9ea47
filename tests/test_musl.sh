#!/bin/sh
# Another libc than glibc will do: with musl, which has no argp, the libraries
# are built without the programs, and the examples do there what they do here.

. "${srcdir:-.}/tests/shell.sh"

# The make that runs this must not share its jobs with the one in here.
unset MAKEFLAGS MFLAGS MAKELEVEL

configures()
{
    mkdir "$work/musl" && cd "$work/musl" &&
        "$work/tree/configure" -q --disable-programs --disable-shared \
            --disable-dependency-tracking CC=musl-gcc CFLAGS=-O1 CXX=false \
            CXXFLAGS= LDFLAGS= CPPFLAGS=
}

builds()
{
    cd "$work/musl" && $MAKE -j2 && $MAKE -j2 $EXAMPLES
}

# Programs of tests say how fast they were.
does_the_same()  # EXAMPLE EXECUTION
{
    DISTSYS_EXEC=$2 "$work/musl/$1" >"$work/out" || return
    diff -u "$srcdir/$1.out" "$work/out"
}

wants_argp()
{
    mkdir "$work/whole" && cd "$work/whole" || return
    ! "$work/tree/configure" -q CC=musl-gcc CXX=false CFLAGS= CXXFLAGS= \
        LDFLAGS= CPPFLAGS= >"$work/out" 2>&1 &&
        grep -q -- "--disable-programs builds the libraries" "$work/out"
}

if ! command -v musl-gcc >/dev/null 2>&1; then
    skip "musl" "there is no musl-gcc"
    done_checking
fi
check "the tree can be copied" copy_sources "$work/tree"
check "configure finds what it needs in musl" configures
check "the libraries and the examples are built" builds
for example in $EXAMPLES; do
    grep -q explore.h "$srcdir/$example.c" && continue
    for execution in threads fibers; do
        check "$example on $execution" does_the_same "$example" "$execution"
    done
done
check "the programs want argp, and configure says so" wants_argp
done_checking
