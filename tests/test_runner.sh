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
    "--test: there is no test 'x'; there are well, wrong, endless, stale, exposed" \
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
check "a plan that is missing is named" refuses \
    "--plan: $work/none: No such file or directory" --plan="$work/none"
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
check "seeds begin where they are told to" says 10 "seed 15 fails" \
    --test=wrong --seeds=14-30
check "what does not end is 11" says 11 "patient" --test=endless
check "a history that is wrong is 10" says 10 \
    "has no place: the register was 2" --test=stale
check "the line that repeats it does" eval '
    ends_with 10 --test=stale;
    line=$(sed -n "s,\.libs/,,;s/^  again: *//p" "$work/out");
    eval "$line" >"$work/again"; [ $? -eq 10 ] && cmp "$work/out" "$work/again"'
check "of several the least is what it ends with" ends_with 10 \
    --test=endless,wrong
check "what was reached is counted" says 0 "a number is small" --test=well
done_checking
