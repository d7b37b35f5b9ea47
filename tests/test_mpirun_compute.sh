#!/bin/sh
# distsys-mpirun --compute: what ranks compute takes virtual time, which is the
# same again where that is promised.

. "${srcdir:-.}/tests/mpirun.sh"

check "a program that computes compiles" compiles computes

# All that is printed, and the digest.
ends()  # OPTION... PROGRAM [ARGUMENT]
{
    timeout 60 "$program" -n 2 "$@" >"$work/out" 2>"$work/err" &&
        cat "$work/out" "$work/err"
}

takes_none()
{
    ends "$work/computes" | grep -q '; 3.0004e-06 s of virtual time, in which computing takes none; '
}
check "computing takes no time unless asked" takes_none

# Each call but the first one, MPI_Init(), begins 1 us later; the receiver has
# the message 1.0004 us after the sender has begun to send.
for_each_call="rank 1 ends at 4.0004 us
rank 0 ends at 5.0004 us"
takes_for_calls()
{
    runs 2 --compute=call:1us computes &&
        printf '%s\n' "$for_each_call" | diff -u - "$work/fibers.out"
}
check "each call takes as long as is said" takes_for_calls

# Rank 1 enters a barrier 2 ms after the beginning.
as_said="rank 0 computed until 1000.0000 us
rank 1 computed until 2000.0000 us
rank 1 ends at 2000.0000 us
rank 0 ends at 2001.0000 us"
takes_as_said()
{
    runs 2 computes says &&
        printf '%s\n' "$as_said" | diff -u - "$work/fibers.out" &&
        grep -q ', in which computing takes what the program says; ' \
            "$work/fibers.err"
}
check "a program computes as long as it says" takes_as_said

if $sanitized; then
    skip "a program that computes by itself" "the library has a sanitizer, it has none"
else
    by_itself()
    {
        "$work/computes" says 2>/dev/null | grep -q 'rank 0 computed until 1000.0000 us'
    }
    check "a program by itself computes as long as it says" by_itself
fi

if command -v mpicc.mpich >/dev/null; then
    without()
    {
        mkdir -p "$work/own" && cp "$DISTSYS_MPI_INCLUDE/dsmpi.h" "$work/own" &&
            mpicc.mpich -w -I"$work/own" "$srcdir/tests/mpi/computes.c" \
                -o "$work/computes-mpich" && runs 2 computes-mpich says &&
            printf '%s\n' "$as_said" | diff -u - "$work/fibers.out"
    }
    check "a program of MPICH computes as long as it says" without
else
    skip "computing with MPICH" "there is no mpicc.mpich"
fi

# A rank sums up 100 thousand numbers, the other one twice as many.
is_measured()
{
    ends --compute=measured "$work/computes" >"$work/all" &&
        grep -q ' s of virtual time with computing measured, times 1, so that no other run is the same; digest' "$work/err" &&
        us=$(sed -n 's/^rank 0 ends at \([0-9]*\)\..*/\1/p' "$work/out") &&
        [ "$us" -gt 100 ]
}
check "what ranks compute is measured, and that is said" is_measured

is_replayed()
{
    ends --compute=record:"$work/durations" "$work/computes" >"$work/all" &&
        mv "$work/out" "$work/recorded" &&
        digest=$(sed 's/.*digest //' "$work/err") &&
        runs 2 --compute=replay:"$work/durations" computes &&
        diff -u "$work/recorded" "$work/fibers.out" &&
        grep -q "with computing as $work/durations has it; digest $digest\$" \
            "$work/fibers.err"
}
check "what was measured once is the same when replayed" is_replayed

is_scaled()
{
    ends --compute=measured:1000 "$work/computes" >"$work/all" &&
        us=$(sed -n 's/^rank 0 ends at \([0-9]*\)\..*/\1/p' "$work/out") &&
        [ "$us" -gt 100000 ]
}
check "a factor slows ranks down" is_scaled

# A program that makes calls which the file does not know.
other_calls()
{
    ends --compute=replay:"$work/durations" "$work/computes" says >"$work/all"
    grep -q 'has it, but for [0-9]* calls that it does not know and before which it takes none; ' \
        "$work/err"
}
check "calls that are not in a file are counted" other_calls

cp "$work/computes" "$work/copy"
check "a file of another program is refused" refuses \
    "--compute: $work/durations: it is of the program computes, and this is copy" \
    -n 2 --compute=replay:"$work/durations" "$work/copy"
check "a file of another number of ranks is refused" refuses \
    "--compute: $work/durations: it is of 2 ranks, and these are 3" \
    -n 3 --compute=replay:"$work/durations" "$work/computes"
mkdir -p "$work/anew" && printf 'x' | cat "$work/computes" - >"$work/anew/computes"
chmod +x "$work/anew/computes"
check "a file of the program before it was changed is refused" refuses \
    "--compute: $work/durations: it is of another computes, before that was compiled anew" \
    -n 2 --compute=replay:"$work/durations" "$work/anew/computes"
sed '$s/^\(.\) [0-9]*/\1 99/' "$work/durations" >"$work/spoilt"
check "a file that is spoilt is refused by its line" refuses \
    "--compute: $work/spoilt: line $(wc -l <"$work/spoilt") is not the next call of a rank" \
    -n 2 --compute=replay:"$work/spoilt" "$work/computes"
check "what is no such file is refused" refuses \
    "--compute: $work/out: it is not what --compute=record:FILE writes" \
    -n 2 --compute=replay:"$work/out" "$work/computes"
check "a file that is not there is refused" refuses \
    "--compute: $work/none: No such file or directory" \
    -n 2 --compute=replay:"$work/none" "$work/computes"
check "another way to compute is refused" refuses \
    "--compute: bad value 'always'; allowed: none, measured, measured:FACTOR, record:FILE, replay:FILE, call:TIME" \
    --compute=always "$work/computes"
check "a recording without a file is refused" refuses \
    "--compute: record needs a file, as in record:FILE" \
    --compute=record "$work/computes"
negative()
{
    status=0
    "$program" -q -n 1 "$work/computes" wrong 2>"$work/err" || status=$?
    [ $status -ne 0 ] &&
        grep -qx "distsys-mpirun: rank 0 in DSMPI_Compute at $(at computes.c 'DSMPI_Compute(-1)'): -1 seconds; they are finite and at least 0" "$work/err"
}
check "to compute for less than nothing is refused" negative
done_checking
