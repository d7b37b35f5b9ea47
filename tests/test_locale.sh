#!/bin/sh
# Numbers are read and written with a point, whatever the locale of the program
# that uses the library says.  The locale, with a comma, is made here.

. "${srcdir:-.}/tests/shell.sh"

name=de_DE.UTF-8
mkdir "$work/locales" || exit 1
localedef -i de_DE -f UTF-8 "$work/locales/$name" >/dev/null 2>&1

in_locale()  # NAME COMMAND...
{
    locale=$1
    shift
    LOCPATH=$work/locales LC_ALL=$locale DISTSYS_STALL=2.5 "$@"
}

# What COMMAND prints there, and in the locale of C.
same()  # COMMAND...
{
    in_locale C "$@" >"$work/c" 2>"$work/c.err" || return
    in_locale $name "$@" >"$work/comma" 2>"$work/comma.err" || return
    [ -s "$work/c" ] && diff -u "$work/c" "$work/comma"
}

# Otherwise nothing could be seen here.
has_a_comma()
{
    in_locale $name "$top_builddir/tests/locale" 2>&1 >/dev/null | grep -qx 1,5
}

# Seen from the end of a run to the report of a thread that waits since then.
reports_have_a_point()
{
    in_locale $name "$top_builddir/tests/locale" 2>/dev/null >"$work/out"
    grep -q "^deadlock at 1\.5 s" "$work/out" &&
        grep -q "half is 0\.5, and all of it is one" "$work/out" &&
        grep -q "rate is -2\.5;" "$work/out" &&
        grep -q "latency is -0\.25;" "$work/out" &&
        grep -q "time_limit is -0\.5;" "$work/out"
}

a_comma_is_no_point()
{
    LOCPATH=$work/locales LC_ALL=$name DISTSYS_STALL=2,5 \
        "$top_builddir/tests/locale" 2>/dev/null |
        grep -q 'DISTSYS_STALL is "2,5"'
}

if ! has_a_comma; then
    skip "numbers in a locale with a comma" \
        "localedef cannot make one, or there are no sources of locales"
    done_checking
fi
check "reports have a point" reports_have_a_point
check "reports, and what the environment asks for, are the same" \
    same "$top_builddir/tests/locale"
check "DISTSYS_STALL takes no comma" a_comma_is_no_point
check "a run is the same" same "$top_builddir/tests/fairground"
check "a table is the same" same "$top_builddir/bench/distsys-allreduce" \
    -n 4 -s 1000 -l 0.001 --costs
done_checking
