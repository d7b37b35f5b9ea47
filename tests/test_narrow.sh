#!/bin/sh
# On 32-bit x86 a compiler may keep doubles in registers that are wider, and
# then times are rounded twice.  configure finds out, asks for the other unit,
# or refuses; so a build for that machine gives the same bits as any other.

. "${srcdir:-.}/tests/shell.sh"

# The make that runs this must not share its jobs with the one in here.
unset MAKEFLAGS MFLAGS MAKELEVEL

case $(uname -m) in
x86_64 | i?86) ;;
*)
    skip "doubles as they are" "this machine has no registers of that kind"
    done_checking
    ;;
esac

configures()  # NAME OPTION...
{
    mkdir -p "$work/$1" && cd "$work/$1" && shift &&
        "$work/tree/configure" -q --disable-shared \
            --disable-dependency-tracking CFLAGS=-O1 CXXFLAGS= LDFLAGS= "$@"
}

helps_a_compiler()
{
    configures helped CC="gcc -mfpmath=387" &&
        grep -q '^DS_CFLAGS = .* -mfpmath=sse\( \|$\)' Makefile &&
        grep -q '^Cflags: .* -mfpmath=sse$' distsys.pc
}

leaves_a_compiler_alone()
{
    configures plain CC=gcc && ! grep mfpmath Makefile distsys.pc
}

# One that does as it likes, whatever it is told.
refuses_a_compiler()
{
    printf '#!/bin/sh\nexec gcc "$@" -mfpmath=387\n' >"$work/stubborn"
    chmod +x "$work/stubborn"
    ! configures refused CC="$work/stubborn" &&
        grep -q "a simulation would not be the same here" config.log
}

builds_for_32_bits()
{
    cd "$work/narrow" && $MAKE -j2 bench/distsys-allreduce tests/fairground
}

rows()  # FOLDER OUT
{
    "$1/bench/distsys-allreduce" -n 1,7 -s 33,5000 -a all --exec=fibers \
        --format=json | sed 's/"wall_seconds": [^,]*, //' >"$2" && [ -s "$2" ]
}

same_rows()
{
    rows "$top_builddir" "$work/a" && rows "$work/narrow" "$work/b" &&
        diff -u "$work/a" "$work/b"
}

same_run()
{
    [ "$("$work/narrow/tests/fairground")" = \
        "$("$top_builddir/tests/fairground")" ]
}

check "the sources can be copied" copy_sources "$work/tree"
if gcc -mfpmath=387 -E - </dev/null >/dev/null 2>&1; then
    check "configure leaves a compiler alone that needs nothing" \
        leaves_a_compiler_alone
    check "configure helps one that computes with more digits" helps_a_compiler
    check "configure refuses one that cannot be helped" refuses_a_compiler
else
    skip "compilers that compute with more digits" "there is no gcc"
fi

echo "int main(void) { return 0; }" >"$work/main.c"
if gcc -m32 "$work/main.c" -o "$work/main" 2>/dev/null && "$work/main"; then
    check "configure helps a compiler for 32 bits" configures narrow \
        --host=i686-pc-linux-gnu CC="gcc -m32" CXX="g++ -m32"
    check "a build for 32 bits works" builds_for_32_bits
    check "it prints the same rows, digests included" same_rows
    check "a run with all kinds of calls is the same there" same_run
else
    skip "a build for 32 bits is the same" "gcc -m32 does not work here"
fi
done_checking
