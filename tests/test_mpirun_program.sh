#!/bin/sh
# distsys-mpicc and distsys-mpirun: programs run on both executions with one
# digest, in the times that arithmetic says; mistakes are named.

. "${srcdir:-.}/tests/mpirun.sh"

ring="rank 1: 1 at 1.0004 us
rank 2: 2 at 2.0008 us
rank 3: 3 at 3.0012 us
rank 0: 4 at 4.0016 us"

goes_around()
{
    runs 4 "$1" && printf '%s\n' "$ring" | diff -u - "$work/fibers.out"
}

has_none_wrong()  # RANKS NAME
{
    runs "$1" "$2" && grep -qx '0 wrong' "$work/fibers.out"
}

says()  # STATUS ARGUMENT LINE...
{
    says_of wrong "$@"
}

alone()
{
    "$work/ring" >"$work/out" && [ "$(cat "$work/out")" = \
        "rank 0: 1 at 0.0000 us" ] && "$work/messages" >"$work/out" &&
        grep -qx '0 wrong' "$work/out"
}

lists_missing()
{
    status=0
    "$program" --missing "$work/absent" >"$work/out" || status=$?
    [ $status -eq 1 ] && [ "$(cat "$work/out")" = MPI_Not_there ] &&
        [ -z "$("$program" --missing "$work/ring")" ]
}

names_missing()
{
    "$program" -q -n 2 "$work/absent" 2>"$work/err" || return
    grep -q 'uses what is not there: MPI_Not_there$' "$work/err" || return
    ! "$program" -q -n 2 "$work/absent" call 2>"$work/err" || return
    cat "$work/err"
    grep -q 'rank 0 in MPI_Not_there at '"$(at absent.c '    MPI_Not_there')"': ' "$work/err"
}

# Programs that check themselves.
programs="messages types comms attributes infos grids collectives nonblocking"
programs="$programs subsets elements probes between sides errors sessions"
programs="$programs contents external requests persistent neighbors large"
programs="$programs partitions"

check "a ring compiles" compiles ring
check "a ring takes the time that arithmetic says" goes_around ring
for name in $programs buffers; do  # the last is of MPI 4.1
    check "$name compile" compiles $name
    for n in 2 5 8; do
        check "$name are right among $n ranks" has_none_wrong $n $name
    done
done
if $sanitized; then
    skip "a program by itself" "the library has a sanitizer, it has none"
else
    check "a program by itself is one rank" alone
fi

# A message takes 500 ns a link, and then what 4 bytes take; from the end of a
# row of 4 hosts it is two links to the next one.
torus="rank 1: 1 at 0.5004 us
rank 2: 2 at 1.0008 us
rank 3: 3 at 1.5012 us
rank 4: 4 at 2.5016 us
rank 5: 5 at 3.0020 us
rank 6: 6 at 3.5024 us
rank 7: 7 at 4.0028 us
rank 0: 8 at 5.0032 us"
goes_around_a_torus()
{
    runs 8 --topology=torus:4x2,rate=10G,latency=500ns ring &&
        printf '%s\n' "$torus" | diff -u - "$work/fibers.out" &&
        "$program" --topology=torus:4x2 --map=random "$work/ring" \
            2>"$work/err" | grep -c '^rank' | grep -qx 8
}
check "a ring goes around a torus, a rank on each host" goes_around_a_torus
shares_machines()  # MACHINES
{
    for rank in 0 1 2 3 4 5 6; do echo $((rank % $1)); done >"$work/map"
    runs 7 "--topology=torus:4x2 --map=$work/map" machines "$1" &&
        grep -qx '0 wrong' "$work/fibers.out"
}
check "machines compile" compiles machines
for n in 1 2 3 7; do
    check "7 ranks know who shares $n machines" shares_machines $n
done
reports_links()
{
    "$program" -q --topology=tree:2,2 --links=1 "$work/ring" >"$work/out" &&
        grep -qx '| up | 2 | 2E+09 | 8 | .*' "$work/out" &&
        [ "$(grep -c '^| h[0-9]*-s' "$work/out")" -eq 1 ]
}
check "links are reported on" reports_links
on=--topology=tree:2,2
check "a latency of the switch is refused on a topology" refuses \
    "--latency: it is of the switch, and no option of a topology; allowed: latency= in its text" \
    $on -l 1us "$work/ring"
check "a greedy topology is refused" refuses \
    "--model: it is of the switch, and no option of a topology; allowed: maxmin" \
    $on --model=greedy "$work/ring"
check "more ranks than hosts are refused" refuses \
    "--ranks: there is no host for 5 ranks; allowed: up to 4, or a --map of more lines, in which ranks may share a host" \
    $on -n 5 "$work/ring"
check "links without a topology are refused" refuses \
    "--links: a switch has no hosts and links; allowed: with --topology" \
    --links=1 "$work/ring"

# What two ranks print of lines.c in turns.
lines="[0 0] rank 0
[1 0] rank 1 goes on
[1 1e-06] and on
[0 1e-06]  goes on
[0 1e-06] and on
[0 2e-06] the last line has no end
[1 2e-06] the last line has no end"
are_tagged()
{
    compiles lines && runs 2 --tag lines && cat "$work/fibers.out" &&
        printf '%s' "$lines" | diff -u - "$work/fibers.out"
}
are_apart()
{
    "$program" -q -n 2 --output="$work/apart" "$work/lines" >"$work/out" &&
        ! [ -s "$work/out" ] || return
    for rank in 0 1; do
        printf 'rank %d goes on\nand on\nthe last line has no end' $rank |
            diff -u - "$work/apart/rank.$rank" || return
    done
}
check "lines have rank and time before them" are_tagged
check "ranks print into files of their own" are_apart
check "a folder that cannot be is named" refuses \
    "--output: $work/lines/in: Not a directory" \
    --output="$work/lines/in" "$work/lines"

check "a program of mistakes compiles" compiles wrong
take=$(at wrong.c 'MPI_Recv(&x')
give=$(at wrong.c 'MPI_Send(bytes')
check "a deadlock is told by calls, ranks, tags and lines" says 1 circle \
    "distsys-mpirun: deadlock: 4 of 4 ranks cannot go on" \
    "  ranks 0, 1 in MPI_Recv, since 0 s: rank 0 from rank 1, tag 7; rank 1 from rank 0, tag 7" \
    "    at $take, $(at wrong.c 'take(1 - rank)')" \
    "  ranks 2, 3 in MPI_Barrier without rank 0, rank 1, since 0 s" \
    "    at $(at wrong.c 'MPI_Barrier(MPI_COMM_WORLD); /* at last')" \
    "  in a circle: rank 0 waits for rank 1, which waits for rank 0"

page_is_true()
{
    compiles dead || return
    sed -n '/^\.Bd/,/^\.Ed/{/^\./d;p}' "$srcdir/doc/distsys-mpirun.1" \
        >"$work/page"
    timeout 60 "$program" -q -n 3 "$work/dead" >"$work/out" 2>"$work/err"
    grep -q . "$work/page" && diff -u "$work/page" "$work/err"
}

check "the page shows a deadlock as it is" page_is_true
check "senders that all wait are told" says 1 rendezvous \
    "  ranks 0-3 in MPI_Send, since 0 s: rank 0 to rank 1, tag 7; rank 1 to rank 2, tag 7; rank 2 to rank 3, tag 7; rank 3 to rank 0, tag 7" \
    "  in a circle: rank 0 waits for rank 1, which waits for rank 2, which waits for rank 3, which waits for rank 0"
check "a rank that is none is named" says 6 rank \
    "distsys-mpirun: rank 0 in MPI_Send at $give, $(at wrong.c 'give(17'): MPI_ERR_RANK: a rank of 17 among 4"
check "a message that is too long is named" says 15 long \
    "distsys-mpirun: rank 1 in MPI_Recv at $take, $(at wrong.c 'take(0)'): MPI_ERR_TRUNCATE: the message from rank 0 with tag 7 is longer than the buffer"
check "a rank that ends early is named" says 1 ended \
    "distsys-mpirun: rank 1 ends with 0 without MPI_Finalize()"
check "a session that stays open is named" says 1 session \
    "distsys-mpirun: rank 1 ends with 0 without MPI_Session_finalize()"
check "an abort ends all with its code" says 5 abort \
    "distsys-mpirun: rank 1 in MPI_Abort at $(at wrong.c 'MPI_Abort('): the program ends the run with 5"
check "an abort is none that looks like success" says 1 zero \
    "distsys-mpirun: rank 0 in MPI_Abort at $(at wrong.c 'COMM_WORLD, 256)'): the program ends the run with 256"
check "an error of the program is told in its words" says 16 own \
    "distsys-mpirun: rank 0 in MPI_Comm_call_errhandler at $(at wrong.c 'MPI_Comm_call_errhandler('): an error of the program: nobody is at home"
same="; all members of a communicator make the same calls in the same order"
# Collectives of two ranks that do not agree: ARGUMENT HERE THERE CALL BEGINNING
disagree()
{
    line=$(at wrong.c "$4($5")
    says 1 "$1" "distsys-mpirun: rank 1 in $4 at $line: collectives do not agree: $2 here, and $3 for rank 0 in $4 at $line$same"
}
check "counts that differ are named" disagree counts \
    "2 of MPI_INT (8 bytes)" "1 of MPI_INT (4 bytes)" MPI_Reduce
check "a collective that does not block is compared, too" disagree parts \
    "2 of MPI_INT (8 bytes)" "1 of MPI_INT (4 bytes)" MPI_Ireduce
check "types that differ are named" disagree types \
    "1 of MPI_FLOAT (4 bytes)" "1 of MPI_INT (4 bytes)" MPI_Bcast "&x, 1, rank"
check "roots that differ are named" disagree roots \
    "a root of 1" "one of 0" MPI_Bcast "&x, 1, MPI_INT"
check "operators that differ are named" disagree operators \
    MPI_MAX MPI_SUM MPI_Allreduce
check "collectives that are others are named" says 1 kinds \
    "distsys-mpirun: rank 1 in MPI_Barrier at $(at wrong.c 'MPI_Barrier(MPI_COMM_WORLD); /* an'): collectives do not agree: MPI_Barrier here, and MPI_Comm_dup for rank 0 in MPI_Comm_dup at $(at wrong.c 'MPI_Comm_dup(MPI_COMM_WORLD, &other')$same"
check "a rank that ends is no member any more" says 1 ends \
    "distsys-mpirun: rank 1 in MPI_Finalize at $(at wrong.c 'return MPI_Finalize(); '): collectives do not agree: MPI_Finalize here, and MPI_Barrier for rank 0 in MPI_Barrier at $(at wrong.c 'MPI_Barrier(MPI_COMM_WORLD); /* all')$same"
check "a deadlock tells which collective is waited for" says 1 later \
    "  rank 0 in MPI_Wait for MPI_Iallreduce at $(at wrong.c 'MPI_Iallreduce(') without rank 1, since 0 s" \
    "    at $(at wrong.c 'MPI_Wait(&r')" \
    "  rank 1 in MPI_Recv from rank 0, tag 7, since 0 s" \
    "  in a circle: rank 0 waits for rank 1, which waits for rank 0"
check "a type that was not committed is named" says 3 type \
    "distsys-mpirun: rank 0 in MPI_Send at $(at wrong.c 'MPI_Send(&x'): MPI_ERR_TYPE: the datatype has not been committed"
check "a collective of neighbours is not in place" says 1 neighbours \
    "distsys-mpirun: rank 2 in MPI_Neighbor_alltoallw at $(at wrong.c 'MPI_Neighbor_alltoallw('): MPI_ERR_BUFFER: MPI_IN_PLACE is for no collective of neighbours"
check "a communicator that was freed is named" says 5 freed \
    "distsys-mpirun: rank 0 in MPI_Barrier at $(at wrong.c 'MPI_Barrier(d)'): MPI_ERR_COMM: comm is no handle, or of something that has been freed; it has to be a communicator"
check "a call before MPI_Init() is named" says 16 early \
    "distsys-mpirun: rank 0 in MPI_Send at $give, $(at wrong.c 'give(0, 1)'): it comes before MPI_Init()"
check "the exit code of a rank is that of the run" says 9 code

check "a program that wants more than there is can be made" eval '
    mkdir "$work/more" &&
    echo "int MPI_Not_there(int x) { return x; }" >"$work/more.c" &&
    $CC -fPIC -shared "$work/more.c" -o "$work/more/libmpi_abi.so.0" \
        -Wl,-soname,libmpi_abi.so.0 &&
    $CC -g -fPIE -pie -I"$DISTSYS_MPI_INCLUDE" "$srcdir/tests/mpi/absent.c" \
        -o "$work/absent" "$work/more/libmpi_abi.so.0" -L"$library" \
        -ldistsys-mpi -Wl,-rpath,"$library"'
check "what is missing is listed" lists_missing
check "what is missing is named before and when it is called" names_missing

if command -v mpicc.mpich >/dev/null && command -v addr2line >/dev/null; then
    for name in ring $programs; do
        check "$name of MPICH run as they are" eval '
            mpicc.mpich -w -g "$srcdir/tests/mpi/$name.c" \
                -o "$work/$name-mpich"'
    done
    check "a ring of MPICH takes the same time" goes_around ring-mpich
    for name in $programs; do
        check "$name of MPICH are right" has_none_wrong 5 $name-mpich
    done
else
    skip "programs of MPICH" "there is no mpicc.mpich"
fi

# The names that are there are those that are declared and documented.
names_agree()
{
    sed -n 's/^.* MPI_\([A-Z][A-Za-z0-9_]*\)(.*/\1/p' \
        "$srcdir/include/distsys-mpi/mpi.h" | grep -v _function | sort \
        >"$work/declared"
    sed -n '/^\.Sh FUNCTIONS/,/^\.Sh/s/^\.Fn MPI_\([A-Za-z0-9_]*\).*/\1/p' \
        "$srcdir/doc/distsys-mpi.7" | sort >"$work/documented"
    nm -D "$top_builddir/.libs/libdistsys-mpi.so" |
        sed -n 's/^.* T MPI_//p' | sort >"$work/there"
    [ "$(wc -l <"$work/there")" -gt 100 ] &&
        diff "$work/there" "$work/declared" &&
        diff "$work/there" "$work/documented"
}

check "functions that are there are declared and documented" names_agree

check "no program is refused" refuses "which program?  See --help"
check "no number of ranks is refused" refuses \
    "--ranks: bad value '0'; allowed: whole numbers from 1 to 1000000, also as in 1k" \
    -n 0 "$work/ring"
check "what is no program is refused" refuses \
    "$srcdir/tests/mpi/ring.c: it is no ELF file, as compilers make programs" \
    "$srcdir/tests/mpi/ring.c"
check "options behind the program are its own" eval \
    '"$program" -q -n 1 "$work/ring" --help | grep -qx "rank 0: 1 at 0.0000 us"'
done_checking
