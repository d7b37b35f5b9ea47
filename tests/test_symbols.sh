#!/bin/sh
# The library shows what the headers declare, and nothing else.

. "${srcdir:-.}/tests/shell.sh"

# The headers of libdistsys-algorithms, and all others.
algorithms=$(for header in $ALGORITHMS; do echo "$srcdir/$header"; done)
floor=$(for header in "$srcdir"/include/distsys/*.h; do
    case $algorithms in *"$header"*) ;; *) echo "$header" ;; esac
done)

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
keeps_to_its_prefix()  # ARCHIVE
{
    $NM -g --defined-only "$1" | awk 'NF == 3 { print $3 }' >"$work/all"
    [ -s "$work/all" ] || return
    grep -v -e '^ds_' -e '^__odr_asan' "$work/all" >"$work/foreign"
    nothing "$work/foreign"
}

shows_what_it_should()  # LIBRARY HEADER...
{
    library=$1
    shared=$top_builddir/.libs/$library.so
    static=$top_builddir/.libs/$library.a
    shift
    declared "$@" >"$work/declared"
    if [ -e "$shared" ]; then
        $NM -D --defined-only "$shared" | awk '{ print $NF }' |
            LC_ALL=C sort >"$work/exported"
        check "$library exports all that is declared" \
            only_in "$work/declared" "$work/exported"
        check "$library declares all that is exported" \
            only_in "$work/exported" "$work/declared"
    else
        skip "$library exports what is declared" "it is not shared"
    fi
    if [ -e "$static" ]; then
        check "every global name of the static $library starts with ds_" \
            keeps_to_its_prefix "$static"
    else
        skip "names of the static $library" "there is none"
    fi
}

shows_what_it_should libdistsys $floor
check "the headers declare ds_loop_run" grep -qx ds_loop_run "$work/declared"
shows_what_it_should libdistsys-algorithms $algorithms
check "the headers declare ds_ask" grep -qx ds_ask "$work/declared"

# MPI's functions are in the header, in the library by each of their names, and
# in the table of distsys-mpi(7).
all_of_mpi()
{
    grep -o '\bMPI_[A-Z][A-Za-z0-9_]*(' \
        "$srcdir/include/distsys-mpi/mpi.h" | tr -d '(' | LC_ALL=C sort -u
}

is_all_of_mpi()  # a list of its names, on standard input
{
    LC_ALL=C sort -u >"$work/these"
    diff "$work/mpi" "$work/these"
}

mpi_library=$top_builddir/.libs/libdistsys-mpi.so
exported_after()  # PREFIX
{
    $NM -D --defined-only "$mpi_library" | awk '{ print $NF }' |
        sed -n "s/^$1MPI_/MPI_/p" | is_all_of_mpi
}

declared_for_tools()
{
    grep -o '\bPMPI_[A-Z][A-Za-z0-9_]*(' \
        "$srcdir/include/distsys-mpi/mpi.h" | tr -d '(' | sed 's/^P//' |
        is_all_of_mpi
}

in_the_table()
{
    sed -n '/^\.Sh FUNCTIONS/,/^\.Sh SEE/s/^\.Fn \(MPI_[A-Za-z0-9_]*\).*/\1/p' \
        "$srcdir/doc/distsys-mpi.7" | is_all_of_mpi
}

all_of_mpi >"$work/mpi"
check "the header of MPI has more than a hundred functions" \
    [ "$(wc -l <"$work/mpi")" -gt 100 ]
check "the header of MPI has all of them for tools" declared_for_tools
check "distsys-mpi(7) lists all of them" in_the_table
if [ -e "$mpi_library" ]; then
    check "libdistsys-mpi exports all of them" exported_after ''
    check "libdistsys-mpi exports all of them for tools" exported_after P
else
    skip "names of libdistsys-mpi" "it is not shared"
fi
done_checking
