#!/bin/sh
# The library shows what the headers declare, and nothing else.

. "${srcdir:-.}/tests/shell.sh"

shared=$top_builddir/.libs/libdistsys.so
static=$top_builddir/.libs/libdistsys.a

declared "$srcdir"/include/distsys/*.h >"$work/declared"
[ ! -e "$shared" ] ||
    $NM -D --defined-only "$shared" | awk '{ print $NF }' |
    LC_ALL=C sort >"$work/exported"

nothing()  # FILE: of names that should not be
{
    [ ! -s "$1" ] || { cat "$1" && return 1; }
}

only_in()  # FILE OTHER
{
    LC_ALL=C comm -23 "$1" "$2" >"$work/only"
    nothing "$work/only"
}

# Linked statically, the private functions are in the user's name space too.
keeps_to_its_prefix()
{
    $NM -g --defined-only "$static" | awk 'NF == 3 { print $3 }' >"$work/all"
    [ -s "$work/all" ] || return
    grep -v -e '^ds_' -e '^__odr_asan' "$work/all" >"$work/foreign"
    nothing "$work/foreign"
}

check "the headers declare ds_loop_run" grep -qx ds_loop_run "$work/declared"
if [ -e "$shared" ]; then
    check "all that is declared is exported" \
        only_in "$work/declared" "$work/exported"
    check "all that is exported is declared" \
        only_in "$work/exported" "$work/declared"
else
    skip "exports equal declarations" "there is no shared library"
fi
if [ -e "$static" ]; then
    check "every global name of the static library starts with ds_" \
        keeps_to_its_prefix
else
    skip "names of the static library" "there is no static library"
fi
done_checking
