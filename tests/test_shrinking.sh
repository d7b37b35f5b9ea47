#!/bin/sh
# Programs of tests make failures small: the plan that they show is the smallest
# one, and what they say repeats it does.

. "${srcdir:-.}/tests/program.sh"
program_is fragile
case $top_builddir in
/*) ;;
*) top_builddir=$(pwd)/$top_builddir ;;
esac
program=$top_builddir/tests/fragile
cd "$work" || exit 99

cat >all.plan <<'END'
0 faults * > * drop 0.1 duplicate 0.1 late 0.2 until 2
0.05 crash 1 until 0.11
0.1 cut 3 - *
0.3 clock 1 step 0.1 drift 0.1 until 0.4
0.4127 crash 1 until 0.81234
0.5 partition 0,1 | 2,3 until 0.6
0.61234 crash 2 until 0.87654
0.9 hold 3 > * until 1.9
1.2 crash 0 until 1.7
1.3 crash 1 until 1.4
1.4 crash 2 until 1.6
2.45 pause 1
END

ends_with()  # STATUS OPTION...
{
    wanted=$1
    shift
    status=0
    timeout 100 "$program" "$@" >out 2>err || status=$?
    cat out err
    [ $status -eq "$wanted" ]
}

# The line that repeats it, as it stands there.
again()
{
    line=$(sed -n 's,\.libs/,,;s/^  again: *//p' out)
    status=0
    eval "$line" >again 2>&1 || status=$?
    cat again
    [ $status -eq "$1" ]
}

# ---- What is shown -----------------------------------------------------------

shows_the_smallest_plan()
{
    ends_with 10 --test=order --plan=all.plan --seed=7 &&
        grep -q '^  plan, shrunk from 12 lines to 2 (.*40 of 40 reseeds):$' \
            out && grep -qx '    0.6 crash 2 until 0.61' out &&
        grep -qx '    1 crash 0 until 1.02' out
}
check "the smallest plan is shown" shows_the_smallest_plan
check "its file has it" eval '[ "$(grep -c "^[0-9]" order-7.plan)" -eq 2 ]'
check "what is said to repeat it does" eval \
    'again 10 && grep -q "0 is down after 2, at 1" again'

needs_an_operation()
{
    ends_with 10 --test=needs --plan=all.plan --seed=7 &&
        grep -q 'with 1 of [0-9]* operations' out &&
        grep -q -- '--leave-out=3:0-[0-9],4:0-2' out
}
check "operations that are not needed are left out" needs_an_operation
check "... and the line that repeats it leaves them out" eval \
    'again 10 && grep -q "operation 3 of client 1" again'
check "a failure that ends the process becomes small" eval '
    ends_with 12 --test=dies --plan=all.plan --seed=7 &&
    grep -q "plan, shrunk from 12 lines to 2 " out'
check "... and is repeated" eval 'again 12 && grep -q "killed by signal" again'

luck_is_repeated()
{
    ends_with 10 --test=luck --plan=all.plan && again 10 &&
        grep -q "bad luck" again
}
check "a failure by luck is repeated" luck_is_repeated
check "it is said that no faults are needed" eval '
    ends_with 10 --test=nothing --plan=all.plan --seed=7 &&
    grep -q "shrunk from 12 lines to 0: it fails without any faults (" out'
check "... and repeated" again 10

# ---- The same again ----------------------------------------------------------

same_for_all_jobs()
{
    for jobs in 1 2 5; do
        ends_with 10 --test=luck --plan=all.plan --jobs=$jobs || return
        grep -v '^  speed' out >out.$jobs
    done
    cmp out.1 out.2 && cmp out.1 out.5
}
check "it becomes the same small one with any number of workers" \
    same_for_all_jobs

leaves_files_alone()
{
    cp all.plan order-7.plan
    ends_with 10 --test=order --plan=order-7.plan --seed=7 &&
        cmp all.plan order-7.plan && [ -s order-7-small.plan ] && again 10
}
check "a plan that was given is not written over" leaves_files_alone

# ---- Options -----------------------------------------------------------------

without_shrinking()
{
    rm -f ./*-7*.plan
    ends_with 10 --test=order --plan=all.plan --seed=7 --no-shrink &&
        grep -q '^    1.4 crash 2 until 1.6' out && [ ! -e order-7.plan ]
}
check "without shrinking the whole plan is shown" without_shrinking
check "... and repeats it" again 10

charts()
{
    ends_with 10 --test=answer --chart &&
        grep -q '^  how likely it still is' out &&
        [ "$(grep -c '^ *[0-9.]* *[0-9]* % |' out)" -eq 17 ] &&
        grep -q '^  likely from [0-9.]* on ([0-9]* % -> 100 %):' out &&
        grep -q '^    0.7[0-9]*  node 2 has waited long enough$' out
}
check "a chart is drawn" charts

shows_json()
{
    ends_with 10 --test=order --plan=all.plan --seed=7 --format=json &&
        grep -q '"plan": "0.6 crash 2 until 0.61\\n1 crash 0 until 1.02\\n"' \
            out && grep -q '"shrunk_from": 12, "repeat": ".*--plan=order-7.plan' \
        out
}
check "programs are told as well" shows_json
check "what is left out is refused if it cannot be read" refuses \
    "--leave-out: bad value '3:x'; allowed: CLIENT:FIRST-LAST, as a report has them" \
    --leave-out=3:x
check "ties are random or in order" refuses \
    "--ties: bad value 'none'; allowed: random, fifo" --ties=none
chmod -w . 2>/dev/null
if touch try 2>/dev/null; then
    rm -f try
else
    check "a file that cannot be written is named" eval '
        ends_with 10 --test=order --plan=all.plan --seed=8 &&
        grep -q "order-8.plan: Permission denied" out'
fi
chmod +w .
done_checking
