#!/bin/sh
# distsys-mpirun: mistakes of programs that do not stop them, or that stop them
# where nobody is told why, are named with their lines.

. "${srcdir:-.}/tests/mpirun.sh"

check "a careless program compiles" compiles careless

# Ends with that, and says these texts among others.
finds()  # STATUS ARGUMENT TEXT...
{
    wanted=$1
    status=0
    timeout 60 "$program" -q -n 4 --check=full "$work/careless" "$2" \
        >"$work/out" 2>"$work/err" || status=$?
    cat "$work/err"
    shift 2
    [ $status -eq "$wanted" ] || { echo "status $status" && return 1; }
    for line; do
        grep -qF -e "$line" "$work/err" || { echo "no '$line'" && return 1; }
    done
}

is_quiet()  # ARGUMENT
{
    finds 0 "$1" && ! [ -s "$work/err" ]
}

line()  # TEXT
{
    echo "careless.c:$(grep -nF -m 1 -e "$1" "$srcdir/tests/mpi/careless.c" |
        cut -d: -f1)"
}

check "a type that is another than was sent is named" finds 0 kinds \
    "rank 1 in MPI_Recv at $(line '1, MPI_FLOAT'): MPI_FLOAT is received where MPI_INT was sent by rank 0 in MPI_Send at $(line MPI_Send)"
check "buffers that are touched are named" finds 0 touches \
    "rank 0 in MPI_Isend at $(line MPI_Isend): its buffer was written to while the send was under way" \
    "rank 1 in MPI_Irecv at $(line MPI_Irecv): its buffer was written to while the receive was under way"
check "a buffer of a collective that is touched is named" finds 0 touches-all \
    "rank 0 in MPI_Iallreduce at $(line MPI_Iallreduce): a buffer was written to while the collective was under way; that is over when it is waited for (4 times)"
check "buffers of accesses that are touched are named" finds 0 touches-window \
    "rank 1 in MPI_Put at $(line '/* given'): its buffer was written to while the access was under way; that is over when its epoch is" \
    "rank 1 in MPI_Get at $(line '/* taken'): its buffer was written to while the access was under way; that is over when its epoch is"
check "a request that is freed and not waited for is named" finds 0 frees \
    "rank 0 in MPI_Isend at $(line '&r); /* freed'): the request was freed without waiting"
accepts_by_default()  # ARGUMENT
{
    "$program" -q -n 4 "$work/careless" "$1" >"$work/out" 2>"$work/err" &&
        cat "$work/err" && ! [ -s "$work/err" ]
}
check "a send may be freed, unless all is to be told" accepts_by_default frees
check "a receive that might have got another message is named" finds 0 race \
    "rank 0 in MPI_Recv at $(line MPI_ANY_SOURCE): a race: it got the message of rank 2, and might have got that of rank 1, and then there would be none for rank 0 in MPI_Recv at $(line '/* second')"
check "a race is named that became a deadlock" finds 1 theft \
    "rank 0 in MPI_Recv at $(line MPI_ANY_SOURCE): a race: it got the message of rank 1, which might have been there for rank 0 in MPI_Recv at $(line '/* second')"
check "what comes after the receive is over is no race" is_quiet turns
check "a communicator may be freed before others have used it" is_quiet leaves
check "sends that have to be buffered are named" finds 0 sends \
    "rank 0 in MPI_Send at $(line '1 - rank, 0, WORLD);'): a deadlock unless the message is buffered" \
    "(2 times)"
check "collectives that have to return early are named" finds 0 hurries \
    "rank 0 in MPI_Bcast at $(line '/* early'): a deadlock if collectives wait for all members"
check "what overlaps is named" finds 1 overlaps \
    "rank 0 in MPI_Allreduce at $(line 'MPI_Allreduce(&x, &x'): MPI_ERR_BUFFER: what is given and what is got overlap; MPI_IN_PLACE is for that"

conflicting()
{
    finds 0 conflicts "MPI_ERR_RMA_CONFLICT: what it touches is under way in another access, of rank " &&
        [ "$(grep -c CONFLICT "$work/err")" -eq 1 ] &&
        grep -q "MPI_Put at $(line '/* of three')" "$work/err" &&
        grep -q "rank 2 in MPI_Get at $(line MPI_Get)" "$work/err"
}
check "accesses of windows that are in conflict are named" conflicting
check "a buffer that is nowhere is named" finds 1 nowhere \
    "MPI_Bcast at $(line 'MPI_Bcast(NULL'): MPI_ERR_BUFFER: the buffer is NULL, and is to have 1 elements"

if $sanitized; then
    skip "signals" "sanitizers tell of them"
else
    check "a segmentation fault is named" finds 139 nothing \
        "distsys-mpirun: rank 1 at $(line 'nowhere = 1'): a segmentation fault: there is nothing at address 0 that it may use"
    check "a stack that is full is named" finds 139 deep \
        ": its stack is full; --stack=8M gives it more"
    check "a division by zero is named" finds 136 zero \
        "distsys-mpirun: rank 1 at $(line '7 / zero'): an arithmetic error, such as a division by zero"
    check "an abort is named" finds 134 abort \
        "distsys-mpirun: rank 1 at $(line 'abort();'): abort() was called, or an assertion failed"
fi

left_over()
{
    for option in "" --strict; do
        status=0
        timeout 60 "$program" -q -n 2 $option "$work/leaks" 2>"$work/err" ||
            status=$?
        [ "$status$option" = 0 ] || [ "$status$option" = 1--strict ] || return
        sed 's/leaks\.c:[0-9]*/LINE/g' "$work/err" |
            diff -u "$srcdir/tests/mpi/leaks.out" - || return
    done
    "$program" -q -n 2 --check=none --strict "$work/leaks" 2>"$work/err" &&
        ! [ -s "$work/err" ]
}
check "what is left over compiles" compiles leaks
check "what is left over is told, and fails only if that is wanted" left_over
done_checking
