#!/bin/sh
# distsys-hashing: that its rows say what the ways to place keys promise, and
# what it refuses.

. "${srcdir:-.}/tests/program.sh"
program_is distsys-hashing

# Columns: 1 algorithm, 2 sites, 3 points, 4 most, 7 and 8 what moves and must,
# 11 bounded.
rows_of()  # OPTION...
{
    "$program" --keys=20k --format=csv "$@" | sed 1d >"$work/rows"
}

has_a_row_for_each()
{
    rows_of -n 3,7 --points=10,50 && [ "$(wc -l <"$work/rows")" -eq 8 ] &&
        grep -q '^ring,3,10,' "$work/rows" &&
        grep -q '^ring,7,50,' "$work/rows" &&
        grep -q '^rendezvous,7,,' "$work/rows" &&
        grep -q '^jump,3,,' "$work/rows"
}

moves_what_must_move()
{
    rows_of -n 5,20 --points=500 &&
        awk -F, '{ off = $7 / $8; if (off < 0.7 || off > 1.3) exit 1 }' \
            "$work/rows"
}

bounds_loads()
{
    rows_of -n 20 --points=1 --slack=0.1 &&
        awk -F, '$11 > 1.101 || $1 == "ring" && $4 < 2 { exit 1 }' "$work/rows"
}

draws()
{
    "$program" --keys=1k -n 2,5 --plot="$work/picture.svg" >"$work/out" &&
        grep -q "<svg" "$work/picture.svg" &&
        grep -q "ring, 100 points" "$work/picture.svg"
}

check "there is a row for each way, number of points and of sites" \
    has_a_row_for_each
check "what moves is about what must" moves_what_must_move
check "bounded loads are bounded" bounds_loads
check "the ways are listed" prints "ring
rendezvous
jump" --list
check "weights that jumps do not know are refused" refuses \
    "--weights: jump hashing knows none but 1; allowed: \
--algorithm=ring,rendezvous" --weights=1,2
check "no site at all is refused" refuses \
    "--sites: bad value '0'; allowed: whole numbers from 1 to 100k" -n 0
if command -v gnuplot >/dev/null; then
    check "a picture is drawn" draws
else
    skip "a picture is drawn" "there is no gnuplot"
fi
done_checking
