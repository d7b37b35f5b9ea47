#!/bin/sh
# tally.sh STAGE RESULTS: adds up what the tests of a stage of .ci/run have
# written into the file RESULTS, so that nothing is left out without a word.
#
# It prints "STAGE: N passed, N failed, N skipped" and then names each check
# that was skipped.  It fails if a check failed, if one was skipped that does
# not stand in tests/may-skip, or if fewer ran than tests/least-checks wants.

set -u
stage=$1
results=$2
lists=$(dirname "$0")
bad=0

numbers=$(sed -n 's/^harness: .*: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' \
    "$results" | awk '{ p += $1; f += $2 } END { print p + 0, f + 0 }')
passed=${numbers% *}
failed=${numbers#* }
echo "$stage: $passed passed, $failed failed," \
    "$(grep -c '^SKIPPED: ' "$results") skipped"
[ "$failed" -eq 0 ] || bad=1

# The patterns of may-skip that count in this stage, a line each.
allowed=$(sed -n -e 's/ *#.*//' -e "s/^$stage  *//p" "$lists/may-skip")

may_be_skipped()  # CHECK
{
    while read -r pattern; do
        # Without quotes it is a pattern; an empty line allows nothing.
        case $1 in $pattern) return 0 ;; esac
    done <<END
$allowed
END
    return 1
}

grep '^SKIPPED: ' "$results" | LC_ALL=C sort >"$results.skipped"
while read -r line; do
    if may_be_skipped "${line#SKIPPED: }"; then
        echo "  skipped: ${line#SKIPPED: }"
    else
        echo "  skipped, and not in tests/may-skip: ${line#SKIPPED: }"
        bad=1
    fi
done <"$results.skipped"
rm -f "$results.skipped"

least=$(sed -n "s/^$stage  *\([0-9]*\)$/\1/p" "$lists/least-checks")
if [ $((passed + failed)) -lt "${least:-1}" ]; then
    echo "  fewer checks than the $least of tests/least-checks"
    bad=1
fi
exit $bad
