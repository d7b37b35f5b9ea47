#!/bin/sh
# Shells complete the options of the programs, and the names that these take, as
# the programs have them.

. "${srcdir:-.}/tests/shell.sh"

writes()  # PROGRAM SHELL
{
    "$top_builddir/bench/$1" --completion="$2" >"$work/$1.$2" &&
        [ -s "$work/$1.$2" ]
}

# What bash offers for the last word; "--name=value" is three words there.
in_bash()  # PROGRAM WANTED WORD...
{
    program=$1
    wanted=$2
    shift 2
    bash -c '
        program=$1
        . "$0"
        shift
        COMP_WORDS=("$program" "$@") COMP_CWORD=$#
        "_${program//-/_}"
        echo ${COMPREPLY[*]}' "$work/$program.bash" "$program" "$@" \
        >"$work/offered" 2>"$work/err" || return
    echo "$wanted" | diff -u - "$work/offered" && ! [ -s "$work/err" ]
}

in_fish()  # PROGRAM WANTED LINE
{
    HOME=$work fish --no-config -c "
        source $work/$1.fish
        complete -C '$1 $3'" >"$work/offered" 2>"$work/err" || return
    sed 's/\t.*//' "$work/offered" | tr '\n' ' ' | sed 's/ $//' >"$work/names"
    printf '%s' "$2" | diff -u - "$work/names" && ! [ -s "$work/err" ]
}

is_zsh()  # PROGRAM
{
    zsh -n "$work/$1.zsh" && head -n 1 "$work/$1.zsh" |
        grep -qx "#compdef $1"
}

# Each long option that --help shows is in the script.
has_all_options()  # PROGRAM SHELL
{
    "$top_builddir/bench/$1" --help | grep -o -- '--[a-z][a-z-]*' |
        sort -u >"$work/options" || return
    [ -s "$work/options" ] || return
    while read -r option; do
        grep -q -- "-*${option#--}" "$work/$1.$2" ||
            { echo "no $option"; return 1; }
    done <"$work/options"
}

is_refused()
{
    status=0
    "$top_builddir/bench/distsys-events" --completion=csh 2>"$work/err" ||
        status=$?
    cat "$work/err"
    [ $status -eq 2 ] && [ "$(wc -l <"$work/err")" -eq 1 ] &&
        grep -q "allowed: bash, fish, zsh" "$work/err"
}

programs=
for program in $PROGRAMS; do
    programs="$programs $(basename "$program")"
done
for program in $programs; do
    for shell in bash fish zsh; do
        check "$program writes a script for $shell" writes "$program" "$shell"
        check "$program has all its options in it" \
            has_all_options "$program" "$shell"
    done
done
check "another shell is bad usage" is_refused

network=distsys-network
if bash -c : 2>/dev/null; then
    check "bash completes options" in_bash $network "--model=" --mod
    check "bash completes names" in_bash $network "greedy" --model = g
    check "bash completes lists" in_bash $network "dense,maxmin" \
        --model = dense,m
    check "bash completes after a letter" in_bash $network "maxmin" -m m
    check "bash offers no words where there are none" in_bash $network "" \
        --latency = 1
else
    skip "bash" "there is no such shell"
fi
if fish --version >/dev/null 2>&1; then
    for program in $programs; do
        check "fish reads the script of $program" \
            fish --no-execute "$work/$program.fish"
    done
    check "fish completes options" in_fish $network "--model" --mod
    check "fish completes lists" in_fish $network "--model=dense,maxmin" \
        --model=dense,maxm
else
    skip "fish" "there is no such shell"
fi
if zsh -c : 2>/dev/null; then
    for program in $programs; do
        check "zsh reads the script of $program" is_zsh "$program"
    done
else
    skip "zsh" "there is no such shell"
fi
done_checking
