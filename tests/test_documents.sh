#!/bin/sh
# What the README and the manual show is what there is.

. "${srcdir:-.}/tests/shell.sh"

# Each line that is shown of an example is a line of it, or of what it prints.
lines_are_from()  # EXAMPLE... < LINES
{
    sed '/^ *$/d' >"$work/shown"
    [ "$(wc -l <"$work/shown")" -gt 3 ] || return
    for example; do
        cat "$srcdir/examples/$example.c" "$srcdir/examples/$example.out"
    done >"$work/true"
    ! grep -vxF -f "$work/true" "$work/shown"
}

# What stands between fences after the example's name, up to the next heading.
readme_shows()  # EXAMPLE
{
    sed -n "/examples\/$1\.c/,/^## /p" "$srcdir/README.md" |
        sed -n '/^```/,/^```/{/^```/d;p;}' | lines_are_from "$1"
}

# The displays after the example's name; \e is a backslash.
page_shows()  # PAGE EXAMPLE
{
    sed -n "/examples\/$2\.c/,\$p" "$srcdir/doc/$1" |
        sed -n -e '/^\.Bd/,/^\.Ed/{/^\.[BE]d/d;s/\\e/\\/g;s/^\\&//;p;}' |
        lines_are_from "$2"
}

# The same of a page whose only display is a program.
page_shows_all()  # PAGE EXAMPLE
{
    sed -n -e '/^\.Bd .*indent/,/^\.Ed/{/^\.[BE]d/d;s/\\e/\\/g;s/^\\&//;p;}' \
        "$srcdir/doc/$1" | lines_are_from "$2"
}

# The same of a page in which other displays show commands, which are after a
# dollar, and what they print.
page_shows_code()  # PAGE EXAMPLE...
{
    page=$1
    shift
    awk '/^\.Bd/ { text = ""; command = 0; next }
        /^\.Ed/ { if (!command) printf "%s", text; next }
        { text = text $0 "\n"; if (/^\$ /) command = 1 }
        /^\.Sh/ { text = "" }' "$srcdir/doc/$page" >"$work/code"
    sed -e 's/\\e/\\/g' -e 's/^\\&//' "$work/code" | lines_are_from "$@"
}

shows_the_table()  # FILE
{
    ! grep -vxF -f "$srcdir/$1" "$srcdir/tests/seed-table.md"
}

is_shown_somewhere()  # EXAMPLE
{
    grep -q "examples/$1\.c" "$srcdir/README.md" "$srcdir"/doc/*.[137]
}

check "the README shows hello.c" readme_shows hello
check "the README shows capitalize.c" readme_shows capitalize
check "the README shows crash.c" readme_shows crash
check "the README shows what deadlock.c prints" readme_shows deadlock
check "the README shows register_test.c" readme_shows register_test
check "distsys(7) shows hello.c" page_shows_all distsys.7 hello
check "distsys-testing(7) shows register_test.c" \
    page_shows_code distsys-testing.7 register_test
check "distsys-tutorial(7) shows counter.c" \
    page_shows_code distsys-tutorial.7 counter
check "distsys-mpi-tutorial(7) shows its examples" \
    page_shows_code distsys-mpi-tutorial.7 mpi/hello mpi/bug mpi/alltoall
check "ds_history(3) shows stale_read.c" page_shows ds_history.3 stale_read
check "ds_msg(3) shows timeouts.c" page_shows ds_msg.3 timeouts
check "ds_net(3) shows own_network.c" page_shows ds_net.3 own_network
check "ds_switch(3) shows own_switch.c" page_shows ds_switch.3 own_switch
check "ds_chain(3) shows chain.c" page_shows ds_chain.3 chain
check "ds_clocks(3) shows clocks.c" page_shows ds_clocks.3 clocks
check "ds_commit(3) shows commit.c" page_shows ds_commit.3 commit
check "ds_crdt(3) shows crdt.c" page_shows ds_crdt.3 crdt
check "ds_detector(3) shows detector.c" page_shows ds_detector.3 detector
check "ds_election(3) shows election.c" page_shows ds_election.3 election
check "ds_hashing(3) shows hashing.c" page_shows ds_hashing.3 hashing
check "ds_mutex(3) shows mutex.c" page_shows ds_mutex.3 mutex
check "ds_paxos(3) shows paxos.c" page_shows ds_paxos.3 paxos
check "ds_paxos_log(3) shows paxos_log.c" page_shows ds_paxos_log.3 paxos_log
check "ds_quorum(3) shows quorum.c" page_shows ds_quorum.3 quorum
check "ds_snapshot(3) shows snapshot.c" page_shows ds_snapshot.3 snapshot
check "ds_loop(3) shows steps.c" page_shows ds_loop.3 steps
check "ds_work(3) shows work.c" page_shows ds_work.3 work
check "ds_raft(3) shows raft.c" page_shows ds_raft.3 raft
check "ds_allreduce(3) shows allreduce.c" page_shows ds_allreduce.3 allreduce
check "the README has the table" shows_the_table README.md
check "distsys-allreduce(1) has the table" shows_the_table \
    doc/distsys-allreduce.1
for source in "$srcdir"/examples/*.c "$srcdir"/examples/mpi/*.c; do
    name=${source#"$srcdir"/examples/}
    name=${name%.c}
    check "examples/$name.c is shown somewhere" is_shown_somewhere "$name"
done
done_checking
