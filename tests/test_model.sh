#!/bin/sh
# Checks the model of the baton with spin: sound as it is, and each seeded bug
# is found, so that the check is known to be able to fail.
set -u
srcdir=${srcdir:-.}
model=$(cd "$srcdir/tests/model" && pwd)/baton.pml

if ! command -v spin >/dev/null 2>&1; then
    echo "spin is not installed: the model is not checked"
    exit 77
fi

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0
failed=0

# check NAME EXPECTED [MACRO]: EXPECTED is sound or flawed.
check() {
    found=broken
    rm -f pan pan.* ./*.trail
    if spin -a ${3:+-D"$3"} "$model" >out 2>&1 &&
        ${CC:-cc} -O1 -DSAFETY -DCOLLAPSE -o pan pan.c 2>>out; then
        ./pan -m200000 >out 2>&1
        case $(sed -n 's/.*errors: \([0-9]*\).*/\1/p' out) in
        0) grep -q "too small" out || found=sound ;; # it was all looked at
        [1-9]*) found=flawed ;;
        esac
    fi
    if [ "$found" = "$2" ]; then
        echo "ok: $1"
        passed=$((passed + 1))
    else
        echo "not ok: $1: the model is $found, not $2"
        cat out
        failed=$((failed + 1))
    fi
}

check "no wake-up is lost, one baton, no park touched too late" sound
check "waiting without looking at the flag is found" flawed \
    BUG_WAIT_WITHOUT_FLAG
check "looking at the flag only once is found" flawed BUG_LOOK_ONCE
check "setting the flag without the lock is found" flawed BUG_WAKE_WITHOUT_LOCK
check "unlocking before sleeping is found" flawed BUG_UNLOCK_THEN_SLEEP
check "waking two is found" flawed BUG_TWO_BATONS
check "freeing without joining is found" flawed BUG_NO_JOIN
check "a coordinator that misses the end is found" flawed BUG_MISSED_STOP
check "a body that waits after the end is found" flawed BUG_WAIT_WHEN_OVER

echo "harness: model: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
