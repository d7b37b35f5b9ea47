#!/bin/sh
# What the manual says that a command prints is what it prints.
#
# In a literal block a command follows a dollar, and what follows the command,
# if anything does, is its output, but for blanks at the ends of lines.  What goes
# to standard error is part of it on a page that says so.

. "${srcdir:-.}/tests/program.sh"
program_is distsys-allreduce
PATH=$(cd "$top_builddir/bench" && pwd):$PATH
borrow examples/register_test
borrow examples/counter

# Programs that use MPI are compiled here, for the library that was built.
ln -s "$srcdir"/examples/mpi/*.c "$work"
export DISTSYS_MPI_INCLUDE="$srcdir/include/distsys-mpi"
export DISTSYS_MPI_LIB="$top_builddir/.libs" DISTSYS_MPI_CC="$CC"

# Each command with output becomes a file of its own, and so does its output.
extract()  # PAGE
{
    rm -f "$work"/command.* "$work"/output.*
    awk -v to="$work/" '
        function end() {
            if (name != "" && lines == 0)
                system("rm -f " to "command." name)
            name = ""
        }
        /^\.Bd -literal/ { literal = 1; next }
        /^\.Ed/ { literal = 0; end(); next }
        !literal { next }
        { gsub(/\\e/, "\\"); gsub(/\\&/, "") }
        continues { print > (to "command." name) }
        !continues && /^\$ / {
            end()
            name = sprintf("%02d", ++n)
            lines = 0
            print substr($0, 3) > (to "command." name)
        }
        continues || /^\$ / { continues = /\\$/; next }
        name != "" { lines++; print > (to "output." name) }
    ' "$1"
}

prints_what_is_written()  # NUMBER
{
    cat "$work/command.$1"
    (
        cd "$work"
        ! $with_errors || exec 2>&1
        timeout 300 sh "$work/command.$1"
    ) >"$work/out" 2>"$work/err" || { cat "$work/out" "$work/err"; return 1; }
    sed 's/ *$//' "$work/out" | diff -u "$work/output.$1" -
}

# What is not as it is written must not pass.
notices_what_is_not_true()
{
    printf '.Bd -literal\n$ echo a \\e\n    b\na c\n.Ed\n' >"$work/page"
    extract "$work/page" && ! prints_what_is_written 01 >/dev/null &&
        printf '.Bd -literal\n$ echo a \\e\n    b\na b\n.Ed\n' >"$work/page" &&
        extract "$work/page" && prints_what_is_written 01
}

with_errors=false
check "an output that is not true is noticed" notices_what_is_not_true

# Large sweeps, of which only the output is of interest here.
unset DISTSYS_CHECK
case $CFLAGS in
*-fsanitize=*)
    skip "what the pages show" "sanitizers take too long"
    done_checking
    ;;
esac

for page in "$srcdir"/doc/distsys-*.[17]; do
    case $page in
    */distsys-mpi-*)
        if ! [ -e "$top_builddir/.libs/libdistsys-mpi.so" ]; then
            skip "${page##*/}" "there is no shared library"
            continue
        fi
        ;;
    esac
    extract "$page"
    with_errors=false
    ! grep -q '^All outputs are .*, standard error too\.$' "$page" ||
        with_errors=true
    for command in "$work"/command.*; do
        [ -e "$command" ] || continue
        number=${command##*.}
        check "$(basename "$page"): $(head -1 "$command")" \
            prints_what_is_written "$number"
    done
done
done_checking
