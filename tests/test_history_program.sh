#!/bin/sh
# distsys-history: what it says of a history, and what it refuses.

. "${srcdir:-.}/tests/program.sh"
program_is distsys-history

# The history that the manual shows.
sed -n '/^{:process/p' "$srcdir/doc/distsys-history.1" >"$work/stale.edn"
head -4 "$work/stale.edn" >"$work/good.edn"
sed 5,6d "$work/stale.edn" >"$work/bad.edn" && echo '{:process 1}' \
    >>"$work/bad.edn"

ends_with()  # STATUS OPTION...
{
    wanted=$1
    shift
    status=0
    "$program" "$@" >"$work/out" 2>"$work/err" || status=$?
    [ $status -eq "$wanted" ] && ! [ -s "$work/err" ]
}

shows_what_is_wrong()
{
    ends_with 10 --file="$work/stale.edn" && diff -u - "$work/out" <<'END'
nil-register, key 0: not linearizable, but sequentially consistent: a stale read
  process 0  write(1)    |--------|                                        0 - 0
  process 0  write(2)                      |---------|                     0 - 0
  process 1  read() = 1                                       |---------|  0 - 0
                                              ^ has no place: the register was 2
END
}

reads_standard_input()
{
    ends_with 0 <"$work/good.edn" &&
        [ "$(cat "$work/out")" = "nil-register: linearizable, 2 calls" ]
}

lists_models()
{
    ends_with 0 --list && grep -qx "register      read, write, cas" "$work/out"
}

knows_no_verdict()
{
    for i in $(seq 40); do
        echo "{:process $i :type :invoke :f :put :value $i}"
    done >"$work/hard.edn"
    for i in $(seq 40); do
        echo "{:process $i :type :ok :f :put :value $i}"
    done >>"$work/hard.edn"
    echo "{:process 1 :type :invoke :f :take}
        {:process 1 :type :ok :f :take :value 99}" >>"$work/hard.edn"
    ends_with 14 -m queue -f "$work/hard.edn" --seconds=0.05 &&
        grep -q "^undecided: key 0 took too long" "$work/out"
}

check "a stale read is shown" shows_what_is_wrong
check "standard input is read" reads_standard_input
check "the models are listed" lists_models
check "what takes too long is undecided" knows_no_verdict
check "a wrong line is named" refuses \
    "$work/bad.edn: line 5: :type is one of :invoke, :ok, :fail, :info" \
    --file="$work/bad.edn"
check "a file that is missing is named" refuses \
    "$work/none: No such file or directory" --file="$work/none"
check "an unknown model lists those known" refuses \
    "--model: unknown name 'x'; known are bank, counter, lock, log, map, mutex, \
nil-register, queue, register, set, stack" --model=x
check "time does not go backwards" refuses \
    "--seconds: bad value '-1'; allowed: 0, for no limit, or more seconds" \
    --seconds=-1
done_checking
