#!/bin/sh
# distsys-sweep: that each point is run once, whatever happens in between, what
# is known of it then, and what is refused.  And the same of distsys-sweep-mpi.

. "${srcdir:-.}/tests/program.sh"
program_is distsys-sweep
unset SLURM_ARRAY_TASK_ID SGE_TASK_ID PBS_ARRAY_INDEX PBS_ARRAYID \
    JOB_COMPLETION_INDEX
cd "$work" || exit 1
borrow examples/raft
borrow examples/register_test
borrow examples/deadlock

sweep()  # OPTION...: without a word of progress
{
    timeout 120 "$program" --quiet "$@" >"$work/out" 2>"$work/err"
    status=$?
    cat "$work/out" "$work/err"
    return $status
}

# The lines of results, in the order of points, without what takes real time.
results()  # DIR
{
    cat "$1"/results*.jsonl | grep -v distsys_sweep |
        sed 's/, "seconds": [0-9.]*//' | sort -t' ' -k2n
}

# N different points, each on one line, and each line whole.
has_points()  # DIR N
{
    results "$1" >"$work/points"
    [ "$(wc -l <"$work/points")" -eq "$2" ] &&
        [ "$(cut -d' ' -f2 "$work/points" | sort -u | wc -l)" -eq "$2" ] &&
        ! grep -v '^{"point": .*}$' "$work/points"
}

ends()  # STATUS OPTION...
{
    wanted=$1
    shift
    sweep "$@"
    [ $? -eq "$wanted" ]
}

# ---- Options -----------------------------------------------------------------

check "a command is wanted" refuses \
    "which command?  As in: distsys-sweep --seeds=1000 -- ./program" --seeds=3
check "a program that is not there is said at once" refuses \
    "./nobody: there is no such program that can be run" -- ./nobody
check "a name that nothing sets is refused" refuses \
    "the command has {n}, and no --set says what that is; {{ stands for {" \
    -- echo {n}
check "a name that the command does not have is refused" refuses \
    "--set n: the command has no {n} in it" --set n=1 -- echo
check "--again wants results" refuses \
    "--again wants -o DIR, which has results" --again=failed -- true
check "a shard wants a folder" refuses \
    "a shard wants -o DIR, since it is not all of it" --shard=0/2 -- true
check "a folder is wanted to be shown" refuses "which DIR?  See --help" --show
check "... and no more than one" refuses "'y' is one too many; see --help" \
    --show x y
check "what is not there cannot be shown" fails 1 \
    "x: No such file or directory" --show x

# ---- Points ------------------------------------------------------------------

each_point_once()
{
    sweep --seeds=50 --set a=1,x -o once -- test {a} != 7 &&
        has_points once 100 &&
        grep -qx '{"point": 3, "seed": 2, "a": "x", "status": 0, "end": "ok"}' \
            "$work/points"
}

seed_is_in_both_places()
{
    ends 0 --seeds=7-9 -- sh -c 'test $DISTSYS_SEED = {seed}'
}

says_how_it_ended()  # "STATUS, END" COMMAND
{
    wanted=$1
    rm -rf how
    sweep --timeout=2 -o how --no-traces -- sh -c "$2"
    grep -F "\"status\": $(echo "$wanted" | sed 's/, /, "end": "/')\"" \
        how/results.jsonl || { cat how/results.jsonl; return 1; }
}

# By which processes of this test are told from all others.
long=$((100000 + $$))

nobody_sleeps()
{
    ! ps -eo args | grep -v grep | grep -x "sleep $long"
}

# Two processes, of which one would go on.
timeout_ends_all()
{
    says_how_it_ended "124, timeout" "sleep $long & sleep $long" && nobody_sleeps
}

what_is_left_ends_too()
{
    says_how_it_ended "0, ok" "sleep $long & exit 0" && nobody_sleeps
}

memory_is_limited()
{
    ends 0 --memory=200M -- sh -c 'test "$(ulimit -v)" -eq 195312'
}

last_object_is_kept()
{
    sweep -o objects -- sh -c 'echo x; echo "{{\"a\": [1, \"{{\"]}"; echo' &&
        grep -qF '"said": {"a": [1, "{"]}}' objects/results.jsonl
}

# More than a pipe holds, and more than is kept.
much_is_said()
{
    sweep --timeout=60 -o much -- sh -c \
        'seq 200000; seq 200000 >&2; echo "{{\"last\": 1}"' &&
        grep -qF '"said": {"last": 1}' much/results.jsonl
}

check "each point is run once" each_point_once
check "the seed is in the environment and in the command" \
    seed_is_in_both_places
check "a status is kept" says_how_it_ended "3, exit 3" 'exit 3'
check "a signal is kept" says_how_it_ended "139, SIGSEGV" 'kill -SEGV $$'
check "a timeout ends all that a command has begun" timeout_ends_all
check "what a command leaves behind ends with it" what_is_left_ends_too
check "a program that cannot be begun is a failure" says_how_it_ended \
    "126, exit 126" 'exec /'
check "memory can be limited" memory_is_limited
check "an object in the last line is kept" last_object_is_kept
check "a program may say much" much_is_said

# ---- What the library reports ------------------------------------------------

reports_what_the_program_does()
{
    sweep --seeds=3 -o reported -- ./raft || return
    for seed in 1 2 3; do
        DISTSYS_SEED=$seed DISTSYS_REPORT=5 ./raft 5>told >/dev/null
        grep "\"seed\": $seed," reported/results.jsonl | grep -F \
            "\"run\": $(sed -e 's/"text": "[^"]*", //' -e 's/}$/, "runs": 1}/' told)" ||
            return
    done
}

runs_twice()
{
    sweep --seeds=10 --twice=100% -o twice -- ./raft &&
        [ "$(grep -c '"twice": true}$' twice/results.jsonl)" -eq 10 ]
}

# A program that looks at how it is run.
notices_what_is_not_the_same()
{
    ends 10 --seeds=2 --twice=100% -o differs --no-traces -- sh -c \
        'echo "{{\"status\": \"success\", \"digest\": \"0${DISTSYS_EXEC:+1}\", \
\"exec\": \"fibers\"}" >&3' &&
        grep -c '"status": 13, "end": "differs"' differs/results.jsonl &&
        grep -q '"twice": false, "text": "the digest is 0' differs/results.jsonl
}

check "a program of the library reports by itself" reports_what_the_program_does
check "what runs twice is the same on the other execution" runs_twice
check "what is not the same is a failure" notices_what_is_not_the_same

# ---- Going on ----------------------------------------------------------------

slow=': of '$$'; sleep 0.01; echo "{{\"square\": $((DISTSYS_SEED * DISTSYS_SEED))}"'

# Killed after some points, with a line that is torn.
goes_on_after_a_kill()
{
    "$program" -q -j3 --seeds=300 -o killed -- sh -c "$slow" >/dev/null &
    victim=$!
    while [ "$(cat killed/results.jsonl 2>/dev/null | wc -l)" -lt 40 ]; do
        sleep 0.05
    done
    kill -KILL $victim
    wait $victim 2>/dev/null
    [ "$(wc -l <killed/results.jsonl)" -lt 300 ] || return
    printf '{"point": 299, "seed": 300, "sta' >>killed/results.jsonl
    sweep -j3 --seeds=300 -o killed -- sh -c "$slow" &&
        has_points killed 300 &&
        grep -q '"said": {"square": 90000}' killed/results.jsonl
}

nothing_is_left_behind()
{
    sleep 1
    ! ps -eo args | grep -F ": of $$; sleep 0.01" | grep -v grep
}

# Each process takes three files.
ends_without_files()
{
    (
        ulimit -n 20
        "$program" -q -j20 --seeds=40 -o files -- sleep 1 >/dev/null 2>err
        [ $? -eq 1 ] || exit 1
    ) && cat err &&
        grep -q 'no process can be started: Too many open files' err &&
        sweep -j20 --seeds=40 -o files -- sleep 1 && has_points files 40
}

ends_in_order()
{
    "$program" -q -j2 --seeds=1000 -o stopped -- sh -c "$slow" >out &
    victim=$!
    while [ "$(cat stopped/results.jsonl 2>/dev/null | wc -l)" -lt 10 ]; do
        sleep 0.05
    done
    kill -TERM $victim
    wait $victim
    [ $? -eq 143 ] &&
        grep -qx 'not all has been run; the same command goes on from here' out
}

more_seeds_are_more_points()
{
    sweep --seeds=10 --set a=1,2 -o more -- test {a} -lt 3 &&
        sweep --seeds=20 --set a=1,2 -o more -- test {a} -lt 3 &&
        has_points more 40
}

# A file that may not become large stands for a disk that is full.
disk_is_full()
{
    (
        ulimit -f 4
        "$program" -q --seeds=200 -o full -- true >/dev/null 2>err
        [ $? -eq 1 ] || exit 1
    ) && cat err && grep -q 'results.jsonl: .*; what is there is whole' err &&
        results full >points && ! grep -v '^{"point": .*}$' points &&
        [ "$(wc -l <points)" -gt 10 ] &&
        sweep --seeds=200 -o full -- true && has_points full 200
}

only_one_writes()
{
    "$program" -q -j1 --seeds=1000 -o busy -- sleep 0.05 >/dev/null &
    other=$!
    while [ "$(cat busy/results.jsonl 2>/dev/null | wc -l)" -lt 2 ]; do
        sleep 0.05
    done
    fails 1 "busy/results.jsonl: another sweep is writing there now" \
        --quiet --seeds=1000 -o busy -- sleep 0.05
    good=$?
    kill $other
    wait $other
    return $good
}

check "a sweep that is killed goes on, and each point is there once" \
    goes_on_after_a_kill
check "... and what it had begun died with it" nothing_is_left_behind
check "a sweep that can start no process ends, and blames no point" \
    ends_without_files
check "SIGTERM ends a sweep in order" ends_in_order
check "more seeds go on with the same files" more_seeds_are_more_points
check "a full disk ends a sweep, and it goes on later" disk_is_full
check "two do not write to one file" only_one_writes

# ---- What is refused ---------------------------------------------------------

echo '#!/bin/sh' >build
chmod +x build
sweep --seeds=2 --set a=1,2 -o old -- ./build {a} >/dev/null

of_another()  # WHAT OPTION...
{
    what=$1
    shift
    ends 2 -o old "$@" && grep -qF "old/results.jsonl is of another sweep: \
$what" err && [ "$(wc -l <err)" -eq 1 ]
}

builds_differ()
{
    echo '# and more' >>build
    of_another 'the program was "' --seeds=2 --set a=1,2 -- ./build {a} &&
        sweep --seeds=3 --set a=1,2 -o old --force -- ./build {a} &&
        has_points old 6 && sweep --seeds=4 --set a=1,2 -o old -- ./build {a} &&
        has_points old 8
}

damage_is_noticed()
{
    sweep --seeds=5 -o damaged -- true
    sed -i '3s/.*/{"point": /' damaged/results.jsonl
    ends 1 --seeds=5 -o damaged -- true &&
        grep -qF 'damaged/results.jsonl: line 3 is damaged' err
}

check "files of another command are refused" of_another \
    'the command was ["./build", "{a}"] and is ["./build", "{a}", "x"]; take' \
    --set a=1,2 -- ./build {a} x
check "files of another grid are refused" of_another \
    '--set was {"a": [1, 2]} and is {"a": [1, 3]}; take another folder' \
    --set a=1,3 -- ./build {a}
check "files of other seeds are refused" of_another \
    'the first seed was 1 and is 5; take another folder' \
    --seeds=5-6 --set a=1,2 -- ./build {a}
check "files of another build are refused, unless that is forced" builds_differ
check "a file that is damaged is refused" damage_is_noticed

# ---- Failures ----------------------------------------------------------------

odd='if [ $((DISTSYS_SEED % 5)) = 3 ]; then sleep 0.$DISTSYS_SEED; echo x >&2;
echo "node $DISTSYS_SEED is odd" >&2; exit 4; fi; [ $DISTSYS_SEED != 7 ]'

groups_failures()
{
    ends 10 -j2 --seeds=10 -o odd -- sh -c "$odd" &&
        grep -qx '10 points, 3 failed, by kind:' out &&
        grep -qx '2 x exit 4: node # is odd' out &&
        grep -qx '1 x exit 1' out &&
        grep -q '^  first     DISTSYS_SEED=3 sh -c ' out
}

keeps_what_is_said()
{
    ls odd/failures
    grep -qx '  see       odd/failures/exit-4-node-is-odd-[0-9a-f]*' out &&
    [ "$(cat odd/failures/exit-4-node-is-odd-*/stderr)" = "x
node 3 is odd" ]
}

shows_the_same()
{
    sweep -j2 --seeds=10 -o odd -- sh -c "$odd" >/dev/null
    cp out before
    ends 10 --show odd && cmp out before
}

# Results of seeds that are not asked for now are no business of this sweep.
fewer_seeds_show_all()
{
    ends 10 -j2 --seeds=2 -o odd -- sh -c "$odd" &&
        grep -qx '10 points, 3 failed, by kind:' out
}

stops_after_some()
{
    ends 10 -j1 --seeds=1000 --stop-after=2 -- sh -c '[ $DISTSYS_SEED != 3 ] &&
[ $DISTSYS_SEED != 6 ]' && grep -q '^6 points, 2 failed' out
}

stops_in_time()
{
    ends 0 --seeds=5- --for=300ms -- sleep 0.01 &&
        grep -qx 'not all has been run' out
}

runs_failed_ones_again()
{
    ends 10 --seeds=8 -o again -- sh -c '[ -e now ] || [ $DISTSYS_SEED != 3 ]' &&
        touch now &&
        ends 10 --seeds=8 -o again -- sh -c \
            '[ -e now ] || [ $DISTSYS_SEED != 3 ]' &&
        ends 0 --seeds=8 -o again --again=failed -- sh -c \
            '[ -e now ] || [ $DISTSYS_SEED != 3 ]' &&
        [ "$(wc -l <again/results.jsonl)" -eq 10 ] &&
        grep -q '"seed": 3, .*"end": "ok", .*"try": 2}$' again/results.jsonl &&
        ends 0 --show again && grep -qx '8 points, 0 failed' out
}

makes_pages()  # SEEDS COMMAND...
{
    rm -rf pages
    seeds=$1
    shift
    ends 10 --seeds="$seeds" -o pages -- "$@" || return
    page=$(sed -n 's/^  see  *//p' out | head -1)
    [ -n "$page" ] && grep -q '<html' "$page" &&
        [ -s "$(dirname "$page")/run.dstrace" ] &&
        "$top_builddir/bench/distsys-trace" "$(dirname "$page")/run.dstrace"
}

# Said as soon as there is one, once for each kind.
tells_failures_at_once()
{
    "$program" -j1 --seeds=10 -- sh -c \
        'echo "node $DISTSYS_SEED" >&2; exit 4' >out 2>err
    cat err
    [ "$(cat err)" = "distsys-sweep: seed 1: exit 4: node 1" ]
}

shows_progress()
{
    script -qec "$program --seeds=30 -j1 -- sleep 0.05" shown </dev/null \
        >out 2>&1
    tr '\r' '\n' <shown
    tr '\r' '\n' <shown |
        grep -q '^[0-9]* of 30 done, 0 failed, [0-9.e+]*/s, [0-9]* s left'
}

check "a failure is told at once" tells_failures_at_once
if command -v script >/dev/null; then
    check "progress is shown on a terminal" shows_progress
else
    skip "progress is shown on a terminal" "there is no script(1)"
fi
check "failures are grouped but for numbers" groups_failures
check "what a failure says is kept" keeps_what_is_said
check "what has come of it can be shown again" shows_the_same
check "what has failed before is shown with fewer seeds" fewer_seeds_show_all
check "a sweep stops after so many failures" stops_after_some
check "a sweep stops in time" stops_in_time
check "those that failed are run again if that is asked for" \
    runs_failed_ones_again
check "a deadlock has its page" makes_pages 3 \
    sh -c './deadlock; exit 3'
check "a test that fails has its page" makes_pages 60-63 \
    ./register_test --test=hasty --no-shrink

# ---- Shards ------------------------------------------------------------------

shards_are_all_of_it()
{
    sweep --seeds=60 -o whole -- sh -c 'echo "{{\"x\": {seed}}"' &&
        for i in 0 1 2; do
            sweep --seeds=60 --shard=$i/3 -o parts -- sh -c \
                'echo "{{\"x\": {seed}}"' || return
        done && has_points parts 60 && results whole >a && results parts >b &&
        cmp a b && [ -s parts/results.2.jsonl ]
}

slurm_says_which()
{
    SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=2 SLURM_ARRAY_TASK_MAX=4 \
        SLURM_ARRAY_TASK_COUNT=3 "$program" -q --seeds=60 -o slurm -- sh -c \
        'echo "{{\"x\": {seed}}"' >/dev/null &&
        results slurm >a && grep -v distsys_sweep parts/results.1.jsonl |
        sed 's/, "seconds": [0-9.]*//' | sort -t' ' -k2n | cmp a -
}

merges()
{
    sweep --merge parts && [ "$(ls parts)" = results.jsonl ] &&
        sed 1d parts/results.jsonl | cut -d' ' -f2 | sort -n -c &&
        results parts >a && results whole >b && cmp a b &&
        sweep --seeds=60 -o parts -- sh -c 'echo "{{\"x\": {seed}}"' &&
        has_points parts 60
}

merges_tries()
{
    sweep --merge again && [ "$(wc -l <again/results.jsonl)" -eq 9 ] &&
        ends 0 --show again && grep -qx '8 points, 0 failed' out
}

check "the shards together are all of it" shards_are_all_of_it
check "Slurm says which one it is" slurm_says_which
check "shards are merged into what one would have written" merges
check "merging keeps the last try" merges_tries

# ---- A database --------------------------------------------------------------

asks()  # FOLDER SQL ANSWER
{
    sweep --sqlite=runs.db "$1" &&
        [ "$(sqlite3 runs.db "$2")" = "$3" ] ||
        { sqlite3 runs.db .schema; sqlite3 runs.db "$2"; return 1; }
}

if ! command -v sqlite3 >/dev/null; then
    skip "databases" "there is no sqlite3"
else
    check "a database has all points" asks killed \
        "select count(*), sum(said_square) from runs" "300|9045050"
    check "... and their failures" asks odd \
        "select seed, status from failures order by seed" "3|4
7|1
8|4"
    check "... and sums for each setting" asks once \
        "select a, points, failed from summary order by a" "1|50|0
x|50|0"
    check "... and what runs reported" asks reported \
        "select count(distinct run_digest), min(run_events) > 100 from runs" \
        "3|1"
    check "... and the last try of each" asks again \
        "select count(*), sum(end = 'ok'), max(try) from runs" "8|8|2"
fi

# ---- MPI ---------------------------------------------------------------------

mpi=$top_builddir/bench/distsys-sweep-mpi

# Open MPI does not like to be root, nor more ranks than processors.
OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
OMPI_MCA_rmaps_base_oversubscribe=1 PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
export OMPI_ALLOW_RUN_AS_ROOT OMPI_ALLOW_RUN_AS_ROOT_CONFIRM \
    OMPI_MCA_rmaps_base_oversubscribe PRTE_MCA_rmaps_default_mapping_policy

ranks()  # N OPTION...
{
    n=$1
    shift
    timeout 120 $mpirun -n "$n" "$mpi" --quiet "$@" >"$work/out" 2>"$work/err"
    status=$?
    cat "$work/out" "$work/err"
    return $status
}

is_the_same_with()  # RANKS
{
    rm -rf ranks
    ranks "$1" --seeds=100 --set a=1,2,3 -o ranks -- sh -c \
        'echo "{{\"x\": $((DISTSYS_SEED * {a}))}"'
    has_points ranks 300 && results ranks >a && results alone >b && cmp a b
}

ranks_go_on_after_a_kill()
{
    setsid $mpirun -n 3 "$mpi" -q --seeds=300 -o rankilled -- sh -c "$slow" \
        >/dev/null 2>&1 &
    victim=$!
    while [ "$(cat rankilled/results.jsonl 2>/dev/null | wc -l)" -lt 40 ]; do
        sleep 0.05
    done
    kill -KILL -$victim
    wait $victim 2>/dev/null
    [ "$(wc -l <rankilled/results.jsonl)" -lt 300 ] || return
    sleep 1 # whoever is left sees that
    printf '{"point": 299, "seed": 300, "sta' >>rankilled/results.jsonl
    ranks 3 --seeds=300 -o rankilled -- sh -c "$slow"
    has_points rankilled 300
}

ranks_stop()
{
    ranks 3 --seeds=1000 --stop-after=1 -o rankstop -- sh -c \
        '[ $DISTSYS_SEED != 20 ]'
    grep -q 'points, 1 failed' out && grep -q '^not all has been run' out
}

says_once()
{
    ranks 3 --seeds=0 -- true
    grep -c "distsys-sweep-mpi: --seeds: bad value '0'" err | grep -qx 1
}

refusal_ends_all_ranks()
{
    ranks 3 --seeds=100 --set a=1,2 -o ranks -- sh -c 'echo {a}'
    [ $? -ne 124 ] && grep -q 'ranks/results.jsonl is of another sweep' err
}

ranks_make_pages()
{
    ranks 2 --seeds=5 -o rankpages -- sh -c './deadlock; exit 3'
    page=$(sed -n 's/^  see  *//p' out | head -1)
    [ -n "$page" ] && grep -q '<html' "$page"
}

mpirun=
for candidate in ${MPIRUN:-mpirun mpiexec}; do
    [ -z "$mpirun" ] && command -v "$candidate" >/dev/null && mpirun=$candidate
done
case " $PROGRAMS " in
*" bench/distsys-sweep-mpi "*) built=true ;;
*) built=false ;;
esac
case $CFLAGS in
*-fsanitize=*) skip "sweeps by MPI" "a sanitizer would look at MPI" ;;
*)
    if ! $built; then
        skip "sweeps by MPI" "there is no MPI"
    elif [ -z "$mpirun" ]; then
        skip "sweeps by MPI" "there is no mpirun"
    else
        sweep --seeds=100 --set a=1,2,3 -o alone -- sh -c \
            'echo "{{\"x\": $((DISTSYS_SEED * {a}))}"' >/dev/null
        check "2 ranks of MPI find the same" is_the_same_with 2
        check "3 ranks of MPI find the same" is_the_same_with 3
        check "5 ranks of MPI find the same" is_the_same_with 5
        check "ranks that are killed go on" ranks_go_on_after_a_kill
        check "ranks stop after a failure" ranks_stop
        check "bad usage is said by one rank" says_once
        check "a refusal ends all ranks" refusal_ends_all_ranks
        check "a failure under MPI has its page" ranks_make_pages
    fi
    ;;
esac
done_checking
