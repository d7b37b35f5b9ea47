# What the tests of distsys-mpirun share.  They source it; programs of tests/mpi
# are compiled into $work, and run by $program.

. "${srcdir:-.}/tests/program.sh"
program_is distsys-mpirun

if ! [ -e "$program" ]; then
    skip "MPI" "programs of this system are not copied"
    done_checking
fi
library=$top_builddir/.libs
if ! [ -e "$library/libdistsys-mpi.so" ]; then
    skip "MPI" "there is no shared library"
    done_checking
fi
DISTSYS_MPI_INCLUDE=$srcdir/include/distsys-mpi
DISTSYS_MPI_LIB=$library
DISTSYS_MPI_CC=$CC
export DISTSYS_MPI_INCLUDE DISTSYS_MPI_LIB DISTSYS_MPI_CC
case $CFLAGS in *-fsanitize=*) sanitized=true ;; *) sanitized=false ;; esac

# Programs have no sanitizer, and cannot be linked with a library that has; the
# names are enough for them, unless they are to run by themselves.
makes_names()
{
    sed -n 's/^.* \(P*MPI_[A-Z][A-Za-z0-9_]*\)(.*/void \1(void) {}/p' \
        "$srcdir/include/distsys-mpi/mpi.h" | grep -v _function \
        >"$work/names.c"
    mkdir "$work/names" && $CC -shared -fPIC -w "$work/names.c" \
        -o "$work/names/libdistsys-mpi.so" -Wl,-soname,libdistsys-mpi.so.0
}
if $sanitized; then
    check "a library of names can be made" makes_names
    library=$work/names
    DISTSYS_MPI_LIB=$library
fi

compiles()  # NAME [FOLDER]
{
    sh "$top_builddir/bench/distsys-mpicc" -g "$srcdir/${2:-tests/mpi}/$1.c" \
        -o "$work/$1"
}

# Runs on both executions, which must print the same and end at the same time
# with the same digest.
runs()  # RANKS [OPTION] PROGRAM [ARGUMENT]...
{
    n=$1
    option=
    case $2 in -*) option=$2 && shift ;; esac
    shift
    for exec in fibers threads; do
        timeout 60 "$program" -n "$n" --exec=$exec $option "$work/$@" \
            >"$work/$exec.out" 2>"$work/$exec.err" || {
            cat "$work/$exec.out" "$work/$exec.err"
            return 1
        }
    done
    diff -u "$work/fibers.out" "$work/threads.out" &&
        diff -u "$work/fibers.err" "$work/threads.err" &&
        grep -q 'digest [0-9a-f]\{16\}$' "$work/fibers.err"
}

# Where in a program a text is, as file:line.
at()  # FILE TEXT
{
    echo "$1:$(grep -nF -m 1 -e "$2" "$srcdir/tests/mpi/$1" | cut -d: -f1)"
}

# Ends with that among four ranks, and says these lines among others.
says_of()  # PROGRAM STATUS ARGUMENT LINE...
{
    wanted=$2
    status=0
    timeout 60 "$program" -q -n 4 "$work/$1" "$3" >"$work/out" \
        2>"$work/err" || status=$?
    cat "$work/err"
    shift 3
    [ $status -eq "$wanted" ] || { echo "status $status" && return 1; }
    for line; do
        grep -qxF -e "$line" "$work/err" || { echo "no '$line'" && return 1; }
    done
}
