#!/bin/sh
# A program that was compiled against an older header never runs with a library
# whose structs are others: the soname changes first.
#
# tests/abi-released holds what the last release promised to programs: its
# soname; of each public struct the size, and where each member lies; what each
# enumerator is; and which functions and objects there were.  All of that may
# grow by functions, objects, enumerators and new structs.  Anything else needs
# another soname than the release had.
#
#     tests/test_abi.sh --record VERSION > tests/abi-released
#
# run by make's environment, writes the list for a new release.

. "${srcdir:-.}/tests/shell.sh"

released=$srcdir/tests/abi-released

# Prints "struct NAME MEMBER..." and "enumerator NAME" for what headers define.
# Comments and directives go first.
defined()  # HEADER...
{
    cat "$@" | sed -e '/^#/d' | tr '\n' ' ' |
        sed 's#/\*[^*]*\**\([^/*][^*]*\*\**\)*/# #g' | awk '
        # The name of a member is the last word before what follows it.
        function name_of(declarator)
        {
            if (match(declarator, /\(\*[a-z_0-9]+\)/))
                return substr(declarator, RSTART + 2, RLENGTH - 3)
            sub(/\[.*/, "", declarator)
            gsub(/^ +| +$/, "", declarator)
            sub(/.*[ *]/, "", declarator)
            return declarator
        }
        function members(body,    n, i, m, k, list, parts, names)
        {
            n = split(body, parts, ";")
            for (i = 1; i < n; i++) {
                m = parts[i] ~ /\(/ ? 0 : split(parts[i], names, ",")
                if (m == 0)
                    list = list " " name_of(parts[i])
                for (k = 1; k <= m; k++)
                    list = list " " name_of(names[k])
            }
            return list
        }
        {
            text = $0
            while (match(text, /struct ds_[a-z_]+ \{[^}]*\}/)) {
                one = substr(text, RSTART, RLENGTH)
                text = substr(text, RSTART + RLENGTH)
                name = one
                sub(/^struct /, "", name)
                sub(/ .*/, "", name)
                sub(/^[^{]*\{/, "", one)
                sub(/\}$/, "", one)
                print "struct", name members(one)
            }
            text = $0
            while (match(text, /enum ds_[a-z_]+ \{[^}]*\}/)) {
                one = substr(text, RSTART, RLENGTH)
                text = substr(text, RSTART + RLENGTH)
                sub(/^[^{]*\{/, "", one)
                n = split(one, parts, ",")
                for (i = 1; i <= n; i++)
                    if (match(parts[i], /DS_[A-Z0-9_]+/))
                        print "enumerator", substr(parts[i], RSTART, RLENGTH)
            }
        }'
}

# What headers in a folder promise, a line for each thing.
promised()  # INCLUDE
{
    {
        echo "#include <stddef.h>"
        echo "#include <stdio.h>"
        for header in "$1"/distsys/*.h; do
            echo "#include <distsys/${header##*/}>"
        done
        echo "int main(void)"
        echo "{"
        defined "$1"/distsys/*.h | awk '
            $1 == "struct" {
                printf "printf(\"struct %s: %%zu bytes, %d members\\n\"," \
                    "sizeof(struct %s));\n", $2, NF - 2, $2
                for (i = 3; i <= NF; i++)
                    printf "printf(\"struct %s: %s at %%zu\\n\"," \
                        "offsetof(struct %s, %s));\n", $2, $i, $2, $i
            }
            $1 == "enumerator" {
                printf "printf(\"%s is %%d\\n\", (int)%s);\n", $2, $2
            }'
        echo "return 0;"
        echo "}"
    } >"$work/promised.c"
    $CC $CFLAGS -I"$1" "$work/promised.c" -o "$work/promised" $LDFLAGS &&
        "$work/promised" || return
    declared "$1"/distsys/*.h
}

# current - age is the number in the soname.
soname()
{
    sed -n 's/.*-version-info \([0-9]*\):[0-9]*:\([0-9]*\).*/\1 \2/p' \
        "$srcdir/Makefile.am" | awk '{ print "libdistsys.so." $1 - $2 }'
}

# The last release is the first that NEWS does not call one to come.
last_release()
{
    sed -n '/(to come)/d;s/^## //p' "$srcdir/NEWS" | head -n 1
}

if [ "${1-}" = --record ]; then
    echo "release $2"
    echo "soname $(soname)"
    promised "$srcdir/include" | LC_ALL=C sort
    exit
fi

release_is_recorded()
{
    grep -qx "release $(last_release)" "$released" && return
    echo "NEWS has a release, $(last_release), whose promises nobody has kept."
    echo "Record them: tests/test_abi.sh --record $(last_release)"
    return 1
}

# Whether programs of the last release may run with a library of these headers.
keeps_promises()  # INCLUDE SONAME
{
    promised "$1" | LC_ALL=C sort >"$work/now" || return
    grep -v -e '^release ' -e '^soname ' "$released" >"$work/then"
    [ "$(grep -c '^struct .* members$' "$work/now")" -ge 10 ] || return
    LC_ALL=C comm -23 "$work/then" "$work/now" >"$work/broken"
    [ -s "$work/broken" ] && grep -qx "soname $2" "$released" || return 0
    echo "Programs compiled against the last release rely on this:"
    cat "$work/broken"
    echo "That is not so any more, so they must not run with this library."
    echo "Add 1 to the first number of -version-info in Makefile.am, set the"
    echo "other two to 0, and say in NEWS that programs must be compiled again."
    return 1
}

library_has_the_soname()
{
    $READELF -d "$top_builddir/.libs/libdistsys.so" |
        grep -q "SONAME.*\[$(soname)\]"
}

# With the soname of the release, after a change to a header.
is_noticed()  # HEADER SCRIPT
{
    rm -rf "$work/include"
    cp -R "$srcdir/include" "$work" && chmod -R u+w "$work/include" || return
    sed -e "$2" "$srcdir/include/distsys/$1" >"$work/include/distsys/$1"
    ! cmp -s "$srcdir/include/distsys/$1" "$work/include/distsys/$1" || return
    (cp "$released" "$work/kept" && released=$work/kept &&
        { echo "soname x"; promised "$srcdir/include"; } |
        LC_ALL=C sort >"$released" &&
        keeps_promises "$srcdir/include" x &&
        ! keeps_promises "$work/include" x && [ -s "$work/broken" ])
}

check "the last release in NEWS is the one that is recorded" \
    release_is_recorded
echo "char big[sizeof(void *) == 8 ? 1 : -1];" >"$work/size.c"
if $CC $CFLAGS -c "$work/size.c" -o "$work/size.o" 2>/dev/null; then
    check "what the last release promised is so, or the soname is another" \
        keeps_promises "$srcdir/include" "$(soname)"
else
    skip "what the last release promised" "it is recorded for 64 bits"
fi
READELF=$(command -v readelf || command -v llvm-readelf)
if [ -e "$top_builddir/.libs/libdistsys.so" ] && [ -n "$READELF" ]; then
    check "the library has the soname" library_has_the_soname
else
    skip "the library has the soname" "there is no shared one, or no readelf"
fi
check "a struct that grows is noticed" is_noticed vec.h \
    's/^} ds_vec;/double more;\n&/'
check "members that change places are noticed" is_noticed vec.h \
    '/^    size_t len;/d;s/^    struct ds_vec \*whole;/&\n    size_t len;/'
check "a status that is another number is noticed" is_noticed status.h \
    's/^    DS_DEADLOCK/    DS_NEW,\n&/'
check "a function that is gone is noticed" is_noticed loop.h \
    '/^void ds_stop(/d'
done_checking
