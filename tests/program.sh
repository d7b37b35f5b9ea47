# What the tests of the programs in bench/ share.  They source it and say which
# program it is:
#
#     . "${srcdir:-.}/tests/program.sh"
#     program_is distsys-allreduce
#
# Output goes to $work/out, messages to $work/err.

. "${srcdir:-.}/tests/shell.sh"

program_is()  # NAME
{
    program_name=$1
    program=$top_builddir/bench/$1
    unset DISTSYS_SEED DISTSYS_EXEC DISTSYS_TIES DISTSYS_STALL DISTSYS_DUMP \
        DISTSYS_TRACE DISTSYS_REPORT
}

prints()  # TEXT OPTION...
{
    text=$1
    shift
    timeout 60 "$program" "$@" >"$work/out" 2>"$work/err" || return
    printf '%s\n' "$text" | diff -u - "$work/out" && ! [ -s "$work/err" ]
}

fails()  # STATUS LINE OPTION...: with nothing but this on standard error
{
    wanted=$1
    line=$2
    shift 2
    status=0
    timeout 60 "$program" "$@" >"$work/out" 2>"$work/err" || status=$?
    cat "$work/err"
    [ $status -eq "$wanted" ] && [ "$(wc -l <"$work/err")" -eq 1 ] &&
        printf '%s: %s\n' "$program_name" "$line" | diff -u - "$work/err"
}

refuses()  # LINE OPTION...
{
    fails 2 "$@" && ! [ -s "$work/out" ]
}

# ---- Of those about collectives ----------------------------------------------

# The rows without what the clock on the wall says.
rows()  # OPTION...
{
    timeout 60 "$program" --format=json "$@" >"$work/rows" 2>"$work/err" ||
        { cat "$work/err"; return 1; }
    sed 's/"wall_seconds": [^,]*, //' "$work/rows"
}

same_rows()  # OPTION -- OPTION: of two, with small vectors
{
    rows -n 2,5,16 -s 0,1,17,1337 $1 >"$work/a" || return
    rows -n 2,5,16 -s 0,1,17,1337 $2 >"$work/b" || return
    sed -i "$3" "$work/a" "$work/b"
    diff -u "$work/a" "$work/b"
}

# The terms of each time are all of it, and no time beats the bound.
times_add_up()  # ROWS OPTION...
{
    wanted=$1
    shift
    "$program" --format=csv "$@" >"$work/csv" 2>"$work/err" ||
        { cat "$work/err"; return 1; }
    awk -F, -v wanted="$wanted" '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        {
            off = $at["seconds"]
            off -= $at["alpha_seconds"] + $at["beta_seconds"]
            off -= $at["sharing_seconds"] + $at["gamma_seconds"]
            if (off < 0) off = -off
            if (off > 1e-9 * $at["seconds"]) { print; bad = 1 }
            if ($at["seconds"] < $at["lower_bound"] * (1 - 1e-9)) {
                print "beats the bound:", $0
                bad = 1
            }
            rows++
        }
        END { exit (bad || rows != wanted) }' "$work/csv"
}

# A gnuplot that keeps what it is told, and draws that.
fake_gnuplot()
{
    mkdir -p "$work/bin" || return
    printf '#!/bin/sh\ntee "%s"\n' "$work/script" >"$work/bin/gnuplot"
    chmod +x "$work/bin/gnuplot"
    PATH=$work/bin:$PATH
}

# Makes a library of wrong results, to be loaded before the right one.  That is
# no use where the right one is part of the programs, or a sanitizer is.
can_spoil()
{
    case $CFLAGS in *-fsanitize=*) return 1 ;; esac
    [ -e "$top_builddir/.libs/libdistsys.so" ] &&
        $CC $CFLAGS -shared -fPIC -I"$srcdir/include" "$srcdir/tests/spoil.c" \
            -o "$work/spoil.so" -ldl >/dev/null 2>&1
}
