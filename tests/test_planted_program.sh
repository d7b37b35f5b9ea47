#!/bin/sh
# distsys-planted: what it finds, what it does not blame, and what it refuses.

. "${srcdir:-.}/tests/program.sh"
program_is distsys-planted

ends_with()  # STATUS OPTION...
{
    wanted=$1
    shift
    status=0
    timeout 60 "$program" "$@" >"$work/out" 2>"$work/err" || status=$?
    cat "$work/err"
    [ $status -eq "$wanted" ] && ! [ -s "$work/err" ]
}

# The value of a member in the only object.
member()  # NAME
{
    sed -n 's/.*"'"$1"'": \([^,}]*\)[,}].*/\1/p' "$work/out"
}

finds_a_lost_update()
{
    ends_with 0 --only=X19 -n 60 --no-shrink --format=json &&
        [ "$(member test)" = '"X19"' ] && [ "$(member end)" = '"wrong"' ] &&
        [ "$(member first)" -ge 1 ] && [ "$(member failed)" -gt 20 ] &&
        [ "$(member trials)" = 60 ]
}

stops_when_it_has_found_one()
{
    ends_with 0 --only=X19 -n 60 --no-shrink --until-found --format=json &&
        [ "$(member failed)" = 1 ] &&
        [ "$(member trials)" = "$(member first)" ] &&
        [ "$(member per_100000)" = null ]
}

begins_with_that_seed()
{
    ends_with 0 --only=X19 --from=1000 -n 60 --no-shrink --format=json &&
        [ "$(member first)" -ge 1000 ] && [ "$(member trials)" = 60 ]
}

# The rate of so few is their share.
says_the_rate()
{
    ends_with 0 --only=X19 -n 50 --no-shrink --format=json &&
        [ "$(member per_100000)" = "$(($(member failed) * 2000))" ]
}

does_not_blame_what_is_right()
{
    ends_with 0 --only=X18,X19 --correct -n 60 --format=json &&
        [ "$(wc -l <"$work/out")" = 1 ] &&
        [ "$(member test)" = '"transactions"' ] &&
        [ "$(member end)" = '"well"' ] && [ "$(member failed)" = 0 ] &&
        [ "$(member trials)" = 60 ]
}

same_for_any_number_of_jobs()
{
    ends_with 0 --only=X19 -n 60 --no-shrink --format=json &&
        one=$(member failed) &&
        ends_with 0 --only=X19 -n 60 --no-shrink --format=json -j 3 &&
        [ "$(member failed)" = "$one" ]
}

lists_what_there_is()
{
    ends_with 0 --list --only=X18 && diff -u - "$work/out" <<'LIST'
X18    write skew: two transactions each change what the other has read
       in transactions; https://jepsen.io/analyses/postgresql-12.3
LIST
}

check "a lost update is found" finds_a_lost_update
check "it can stop at the first failure" stops_when_it_has_found_one
check "it can begin with another seed" begins_with_that_seed
check "the rate is that in 100,000" says_the_rate
check "what is right is not blamed, and tried once" does_not_blame_what_is_right
check "more jobs find the same" same_for_any_number_of_jobs
check "bugs are listed with their sources" lists_what_there_is
check "no seeds are none" refuses \
    "--seeds: bad value '0'; allowed: a whole number from 1 to 1e12" --seeds=0
check "no jobs are none" refuses \
    "--jobs: bad value '0'; allowed: a whole number from 1 to 1024" --jobs=0
done_checking
