#!/bin/sh
# Programs of tests: what they say, what they refuse, and what they end with.

. "${srcdir:-.}/tests/program.sh"
program_is trials
program=$top_builddir/tests/trials

ends_with()  # STATUS OPTION...
{
    wanted=$1
    shift
    status=0
    timeout 60 "$program" "$@" >"$work/out" 2>"$work/err" || status=$?
    cat "$work/out" "$work/err"
    [ $status -eq "$wanted" ]
}

says()  # STATUS TEXT OPTION...
{
    text=$2
    wanted=$1
    shift 2
    ends_with "$wanted" "$@" && grep -qF -- "$text" "$work/out"
}

# ---- Options -----------------------------------------------------------------

lists_tests()
{
    ends_with 0 --list && grep -qx well "$work/out" &&
        grep -qx wrong "$work/out"
}

check "the tests are listed" lists_tests
check "an unknown test lists those there are" refuses \
    "--test: there is no test 'x'; there are well, wrong, endless, stale, exposed, moody, hurt, \
harmless, aborts, kills, exits, starves, hangs, dawdles, prints, by_address, by_garbage, by_clock, \
by_rand, by_global, by_history, fails_by_global" \
    --test=well,x
check "a seed is a number" refuses \
    "--seed: bad value '3x'; allowed: a whole number from 1 to 2^64 - 1" \
    --seed=3x
check "seed 0 is none" refuses \
    "--seed: bad value '0'; allowed: a whole number from 1 to 2^64 - 1" --seed=0
check "a seed of 65 bits is none" refuses \
    "--seed: bad value '18446744073709551616'; allowed: a whole number from 1 \
to 2^64 - 1" --seed=18446744073709551616
check "seeds do not go backwards" refuses \
    "--seeds: bad value '9-3'; allowed: how many, or FROM-TO, from 1 to 2^64 - 2" \
    --seeds=9-3
check "there is a worker at least" refuses \
    "--jobs: bad value '0'; allowed: a whole number from 1 to 1024" --jobs=0
check "no more than all are run twice" refuses \
    "--recheck: bad value '101'; allowed: 0 to 100 percent" --recheck=101
check "a budget takes time" refuses \
    "--budget: bad value '0'; allowed: seconds, from 0.001 to 1e9" --budget=0
check "formats are known" refuses \
    "--format: bad value 'xml'; allowed: text, json" --format=xml
check "arguments that are no options are refused" refuses \
    "unexpected argument 'x'; only options are allowed, see --help" x
check "help has every option, and fits" eval \
    'ends_with 0 --help && [ "$(grep -c "^      --" "$work/out")" -ge 19 ] &&
        ! grep "^.\{80\}" "$work/out"'
check "a plan that is missing is named" refuses \
    "--plan: $work/none: No such file or directory" --plan="$work/none"
check "a plan that cannot be read is named" refuses \
    "--plan: $work: Is a directory" --plan="$work"
echo "0 nonsense" >"$work/plan"
check "a plan that is none is named" eval \
    'ends_with 2 --plan="$work/plan"; grep -q "plan: line 1: " "$work/err"'
check "a history is of one seed of one test" refuses \
    "--history: it is of one seed of one test; see --seed and --test" \
    --history="$work/h.edn" --seed=7
check "hazards without anybody exposed are bad usage" refuses \
    "test exposed: it has hazards, but build does not call ds_trial_expose()" \
    --test=exposed

seed_of_the_environment()
{
    DISTSYS_SEED=13 says 10 "seed 13 fails" --test=wrong
}
check "DISTSYS_SEED names the seed" seed_of_the_environment
check "the command line goes before DISTSYS_SEED" eval \
    'DISTSYS_SEED=13 ends_with 0 --test=wrong --seed=12'

# ---- Failures ----------------------------------------------------------------

check "all is well" says 0 "well: all is well" --test=well --seeds=100
check "the least seed that fails is reported" says 10 \
    "wrong: seed 11 fails: seed 11 is odd" --test=wrong
check "all of its text is shown" grep -qx "and that is odd" "$work/out"
check "seeds begin where they are told to" says 10 "seed 15 fails" \
    --test=wrong --seeds=14-30
check "what does not end is 11" says 11 "patient" --test=endless
check "a history that is wrong is 10" says 10 \
    "has no place: the register was 2" --test=stale

names_the_model()
{
    DISTSYS_CHECK=1 says 14 'the model "moody" does different things' \
        --test=moody --seeds=3
}
check "a model that is not one is undecided, and named" names_the_model

repeats()  # STATUS TEST
{
    ends_with "$1" --test="$2"
    grep ": seed" "$work/out" >"$work/first"
    line=$(sed -n "s,\.libs/,,;s/^  again: *//p" "$work/out")
    status=0
    eval "$line" >"$work/again" 2>&1 || status=$?
    cat "$work/again"
    [ $status -eq "$1" ] && grep ": seed" "$work/again" | diff "$work/first" -
}
for test in wrong stale aborts; do
    case $test in aborts) status=12 ;; *) status=10 ;; esac
    check "the line that repeats $test does" repeats $status $test
done
check "of several the least is what it ends with" ends_with 10 \
    --test=aborts,endless,wrong
check "what was reached is counted" says 0 \
    'sometimes "a number is small": in 5 trials (100 %), first with seed 1' \
    --test=well --seeds=5
check "what is never reached is said" says 0 \
    'never "a number is negative": in no trial of any test' --test=well --seeds=5
check "... and nothing that is" eval \
    '! grep -q "never .a number is small" "$work/out"'
check "clean trials are counted by how many failed" says 10 \
    "1 of 11 trials so far.  After a fix, 33 clean trials mean 95 %." --test=wrong
check "without a pause all failures are counted" says 10 \
    "45 of 100 trials failed like this." --test=wrong --seeds=100 --keep-going

check "the history of one seed is written" eval '
    ends_with 10 --test=stale --seed=7 --history="$work/h.edn";
    [ "$(grep -c ":process" "$work/h.edn")" -eq 12 ]'
check "... and is judged the same" eval '
    "$top_builddir/bench/distsys-history" -m register -f "$work/h.edn" \
        >"$work/out"; grep -q "has no place: the register was 2" "$work/out"'
check "a history that cannot be written is named" refuses \
    "--history: $work/none/h.edn: No such file or directory" --test=stale \
    --seed=7 --history="$work/none/h.edn"
check "a trace of one seed is written" eval '
    ends_with 10 --test=wrong --seed=11 --trace="$work/t.dstrace";
    "$top_builddir/bench/distsys-trace" "$work/t.dstrace" | grep "seed 11,"'
check "the failure that is reported is traced" eval '
    ends_with 10 --test=stale --trace="$work/t.dstrace" --seeds=1-40;
    grep -q "^  see it: distsys-trace --text $work/t.dstrace\$" "$work/out" &&
        seed=$(sed -n "s/^stale: seed \([0-9]*\) .*/\1/p" "$work/out") &&
        "$top_builddir/bench/distsys-trace" "$work/t.dstrace" |
        grep "done; seed $seed,"'
check "a failure says how it can be traced" says 10 \
    "see it: with --trace=run.dstrace, and distsys-trace --text run.dstrace" \
    --test=wrong
check "a trace is of one test" refuses \
    "--trace: it is of one seed, or one failure, of one test; see --test, and \
not --keep-going" --trace="$work/t.dstrace"
check "a trace that cannot be written is named" refuses \
    "--trace: $work/none/t,last=1M: No such file or directory" --test=wrong \
    --seed=11 --trace="$work/none/t,last=1M"
check "a test without a history has none" refuses \
    "--history: $work/h.edn: the test has no history, or no model" --test=well \
    --seed=7 --history="$work/h.edn"

# ---- Processes ---------------------------------------------------------------

check "an abort is a failed trial" says 12 \
    "seed 21 fails: killed by signal 6 (Aborted)" --test=aborts
check "what it printed is shown" grep -qx "  | it was the butler" "$work/out"
check "a kill is a failed trial" says 12 \
    "seed 18 fails: killed by signal 9 (Killed)" --test=kills
check "an exit is a failed trial" says 12 \
    "seed 22 fails: the process has ended with status 0" --test=exits
check "no memory for a trial is a failed trial" says 12 \
    "seed 23 fails: ds_trial_alloc: out of memory" --test=starves
check "a hang is a failed trial" says 11 \
    "seed 24 fails: it hangs: it has run for 1 s of real time" \
    --test=hangs --hang=1
check "who hangs is shown" grep -q 'thread 1 "stubborn" has had the baton' \
    "$work/out"
check "trials that die are counted, and others in their places" says 12 \
    "3 of 50 trials failed like this." --test=kills --seeds=50 --keep-going
check "the others went on" grep -q "^  50 trials, " "$work/out"
check "what trials print is not seen" eval \
    'ends_with 0 --test=prints --seeds=20; ! grep -q speaks "$work/out"'
check "what one seed prints is seen" says 0 "seed 7 speaks" --test=prints --seed=7
check "a budget ends it in time" eval \
    'says 0 "The budget of 0.2 s was over after" --test=dawdles --seeds=100000 \
        --budget=0.2'

# ---- Whatever the number of workers ------------------------------------------

# Its lines but for the one about speed.
with_jobs()  # JOBS OPTION...
{
    n=$1
    shift
    timeout 60 "$program" --jobs="$n" "$@" >"$work/raw" 2>&1
    echo "status $?" >>"$work/raw"
    sed '/^  speed:/d;s/"seconds": [^,]*, //' "$work/raw"
}

same_with_all_jobs()  # OPTION...
{
    with_jobs 1 "$@" >"$work/one" || return
    for n in 3 8; do
        with_jobs $n "$@" >"$work/many" && diff -u "$work/one" "$work/many" ||
            return
    done
}

for test in well wrong stale aborts kills starves; do
    check "$test is the same with 1 to 8 workers" same_with_all_jobs \
        --test=$test --seeds=60
    check "... and when it keeps going" same_with_all_jobs \
        --test=$test --seeds=60 --keep-going --format=json
done

# ---- What is not deterministic -----------------------------------------------

memory="by_address by_garbage"
case $CFLAGS in
*-fsanitize=*)
    memory=
    skip "what hangs on memory is found" "a sanitizer has a memory of its own"
    ;;
esac
for test in $memory by_clock by_rand by_global by_history; do
    check "$test is found" ends_with 13 --test=$test --seeds=40 --recheck=100
    check "... with what differs first" grep -Eq \
        "first (step|call) that differs" "$work/out"
done
check "a global is named" says 13 "it depends on what ran before it" \
    --test=by_global --seeds=40 --recheck=100
check "a failure that is not one in a fresh process is none" says 13 \
    "after other seeds: wrong: there were 15 before" --test=fails_by_global \
    --jobs=1 --seeds=40
check "trials that are the same twice are counted" says 0 \
    "30 trials, 30 of them twice," --test=well --seeds=30 --recheck=100
check "nothing is run twice if nobody wants it" eval \
    'ends_with 0 --test=by_clock --seeds=40 --recheck=0;
     ! grep -q twice "$work/out"'

# ---- Faults ------------------------------------------------------------------

check "faults are counted by what they are" says 0 "  faults         planned" \
    --test=hurt --seeds=100
for family in crash pause partition drop duplicate reorder damage clock; do
    check "... of which $family does something" grep -Eq \
        "^    $family +[1-9][0-9]* +[1-9][0-9]* +[1-9]" "$work/out"
done
check "who is hurt is the same on threads" says 0 "40 trials, 40 of them twice" \
    --test=hurt --seeds=40 --recheck=100
check "faults are the same with 1 to 8 workers" same_with_all_jobs \
    --test=hurt,harmless --seeds=100
check "a hazard that does nothing is 15" says 15 \
    "Allowed, and bit nowhere: duplicate." --test=harmless --seeds=64
check "... and why, if that is known" grep -q \
    "messages were to arrive twice, but had data and no clone" "$work/out"
check "few trials do not say so" ends_with 0 --test=harmless --seeds=63

# What a trial came to; its events are also those of the generator of faults.
sum()  # FILE
{
    sed -n '/^  [0-9]* trials*,/s/[0-9]* events, //p' "$1"
}

plan_of_seed()  # SEED
{
    ends_with 0 --test=hurt --seed="$1" &&
        sed -n '/^  plan/,/^  [^ ]/s/^    //p' "$work/out" >"$work/plan" &&
        [ "$(wc -l <"$work/plan")" -gt 5 ] && cp "$work/out" "$work/first" &&
        ends_with 0 --test=hurt --seed="$1" --plan="$work/plan" &&
        sum "$work/first" >"$work/a" && sum "$work/out" | diff "$work/a" -
}
check "the plan that is shown makes the same run" plan_of_seed 7
check "one plan can run on many seeds" eval \
    'ends_with 0 --test=hurt --seeds=10 --plan="$work/plan"'
echo "1 crash 7" >"$work/plan"
check "a plan that does not fit is refused" ends_with 2 --test=hurt --seed=3 \
    --plan="$work/plan"

# ---- Output for programs -----------------------------------------------------

is_json()
{
    ends_with 10 --test=wrong,well --seeds=40 --keep-going --format=json
    [ "$(grep -c '"verdict": "wrong"' "$work/out")" -eq 15 ] &&
        grep -q '^{"test": "wrong", "seed": 11, "verdict": "wrong", "why": ' \
            "$work/out" &&
        grep -q ': "seed 11 is odd\\nand that is odd", "plan": null, "shrunk_' \
            "$work/out" &&
        grep -q '^{"test": "wrong", "trials": 40, "failed": 15, "first": 11, "sec' \
            "$work/out" &&
        grep -q '^{"test": "well", "trials": 40, "failed": 0, "first": null, "s' \
            "$work/out"
}
faults_are_in_json()
{
    ends_with 0 --test=hurt --seeds=64 --format=json &&
        grep -q '"faults": {"crash": {"planned": [1-9][0-9]*, "bit": [1-9]' \
            "$work/out"
}
check "JSON says what bit" faults_are_in_json
check "JSON has a line for each failure and each test" is_json
# ---- For who has started it --------------------------------------------------

# One seed is told as one run of a loop is, also if it fails.
tells()  # STATUS TEST SEED
{
    DISTSYS_REPORT=5 timeout 60 "$program" --test="$2" --seed="$3" --no-shrink \
        >"$work/out" 2>&1 5>"$work/told"
    cat "$work/told"
    [ "$(wc -l <"$work/told")" -eq 1 ] &&
        grep -q "^{\"status\": \"$1\", \"text\": " "$work/told"
}

tells_nothing_of_many()
{
    DISTSYS_REPORT=5 timeout 60 "$program" --test=well --seeds=20 \
        >"$work/out" 2>&1 5>"$work/told" && ! [ -s "$work/told" ]
}

says_that_there_is_no_file()
{
    DISTSYS_REPORT=x timeout 60 "$program" --test=well --seed=3 >"$work/out" \
        2>"$work/err"
    grep -qF 'DISTSYS_REPORT is "x"; it must be the number of a file that is open' \
        "$work/err"
}

check "DISTSYS_REPORT is told of a seed that goes well" tells success well 3
check "... and of one that fails" tells wrong wrong 11
check "... and of one whose process dies" tells died aborts 21
check "... but not of many" tells_nothing_of_many
check "DISTSYS_REPORT is a file" says_that_there_is_no_file

done_checking
