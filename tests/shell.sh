# The frame around every shell test, which sources it: a check is a command
# that succeeds or fails, with a name that states one fact.
#
#     . "${srcdir:-.}/tests/shell.sh"
#
#     check "the page has a name" grep -q NAME page
#     done_checking
#
# The Makefile exports what is used here: where the sources and the build are,
# and which compilers it has.

: "${srcdir:?run this by make check}" "${top_builddir:?run this by make check}"
srcdir=$(cd "$srcdir" && pwd)
top_builddir=$(cd "$top_builddir" && pwd)

suite=$(basename "$0" .sh)
suite=${suite#test_}
passed=0
failed=0

# A place to work in, gone at the end.
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# Runs a command in a shell of its own, and shows what it said if it failed.
check()  # FACT COMMAND...
{
    fact=$1
    shift
    if ("$@") >"$work/said" 2>&1; then
        passed=$((passed + 1))
        echo "ok: $fact"
    else
        failed=$((failed + 1))
        echo "FAILED: $fact"
        sed 's/^/    /' "$work/said"
    fi
}

# Puts a program that was built into the place to work in, by its own name;
# through the script that libtool may have put before it, it has another.
borrow()  # PROGRAM
{
    built=$top_builddir/${1%/*}/.libs/${1##*/}
    [ -x "$built" ] || built=$top_builddir/$1
    ln -sf "$built" "$work/${1##*/}"
    LD_LIBRARY_PATH=$top_builddir/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    export LD_LIBRARY_PATH
}

# Adds a line to those that .ci/run makes its totals from.
report()  # LINE
{
    [ -z "${DISTSYS_TEST_RESULTS:-}" ] ||
        printf '%s\n' "$1" >>"$DISTSYS_TEST_RESULTS"
}

# Says what could not be looked at.  Exit status 77 marks the whole test as
# skipped, but only if nothing else was checked.
skipped=0
skip()  # FACT WHY
{
    skipped=$((skipped + 1))
    echo "SKIPPED: $1: $2"
    report "SKIPPED: $suite: $1: $2"
}

# Prints how many checks passed and failed.  A test that checked nothing fails.
done_checking()
{
    echo "harness: $suite: $passed passed, $failed failed"
    report "harness: $suite: $passed passed, $failed failed"
    if [ $passed -eq 0 ] && [ $failed -eq 0 ] && [ $skipped -gt 0 ]; then
        exit 77
    fi
    [ $passed -gt 0 ] && [ $failed -eq 0 ]
    exit
}

# The functions and objects that headers declare, a name a line.  Comments,
# directives and typedefs go first; what is left of each statement that names
# anything is a prototype or an extern object.
declared()  # HEADER...
{
    cat "$@" | sed -e '/^#ifdef __cplusplus/,/^#endif/d' -e '/^#/d' |
        tr '\n' ' ' | sed 's#/\*[^*]*\**\([^/*][^*]*\*\**\)*/# #g' |
        awk '
        # Drop what is in braces: members are nobody'"'"'s symbols.
        {
            depth = 0
            for (i = 1; i <= length($0); i++) {
                c = substr($0, i, 1)
                if (c == "{") depth++
                if (depth == 0) text = text c
                if (c == "}") depth--
            }
            n = split(text, statements, ";")
            for (i = 1; i <= n; i++) {
                s = statements[i]
                if (s ~ /^ *typedef/) continue
                if (match(s, /ds_[a-z0-9_]+ *\(/) ||
                    (s ~ /^ *extern/ && match(s, /ds_[a-z0-9_]+ *$/))) {
                    name = substr(s, RSTART, RLENGTH)
                    gsub(/[ (]/, "", name)
                    print name
                }
            }
        }' | LC_ALL=C sort
}

# Copies the sources to a new folder without anything that was built, to be
# changed or built there.
copy_sources()  # FOLDER
{
    mkdir -p "$1" && cd "$srcdir" &&
        tar -cf - --exclude='*.o' --exclude='*.lo' --exclude='*.la' \
            --exclude='*.a' --exclude='*.log' --exclude='*.trs' \
            --exclude=.libs --exclude=.deps --exclude=.git \
            --exclude=autom4te.cache --exclude=config.status \
            --exclude=Makefile . | tar -xf - -C "$1" && chmod -R u+w "$1"
}
