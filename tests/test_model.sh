#!/bin/sh
# Checks the model of the baton with spin: sound as it is, and each seeded bug
# is found, so that the check is known to be able to fail.

. "${srcdir:-.}/tests/shell.sh"

model=$srcdir/tests/model/baton.pml
cd "$work" || exit 1

# How spin finds the model, with a bug or without.
finds()  # sound|flawed [MACRO]
{
    rm -f pan pan.* ./*.trail
    spin -a ${2:+-D"$2"} "$model" &&
        ${CC:-cc} -O1 -DSAFETY -DCOLLAPSE -o pan pan.c || return
    ./pan -m200000 >out 2>&1
    found=broken
    case $(sed -n 's/.*errors: \([0-9]*\).*/\1/p' out) in
    0) grep -q "too small" out || found=sound ;; # it was all looked at
    [1-9]*) found=flawed ;;
    esac
    echo "the model is $found"
    cat out
    [ $found = "$1" ]
}

if ! command -v spin >/dev/null 2>&1; then
    skip "the model of the baton" "spin is not installed"
    done_checking
fi

check "no wake-up is lost, one baton, no park touched too late" finds sound
check "waiting without looking at the flag is found" finds flawed \
    BUG_WAIT_WITHOUT_FLAG
check "looking at the flag only once is found" finds flawed BUG_LOOK_ONCE
check "setting the flag without the lock is found" finds flawed \
    BUG_WAKE_WITHOUT_LOCK
check "unlocking before sleeping is found" finds flawed BUG_UNLOCK_THEN_SLEEP
check "waking two is found" finds flawed BUG_TWO_BATONS
check "freeing without joining is found" finds flawed BUG_NO_JOIN
check "a coordinator that misses the end is found" finds flawed BUG_MISSED_STOP
check "a body that waits after the end is found" finds flawed BUG_WAIT_WHEN_OVER
done_checking
