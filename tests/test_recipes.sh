#!/bin/sh
# What HACKING.md says about adding an allreduce and another collective is all
# there is to do: it is done in a copy of the tree, and the tests that it names
# run what was added.
#
# The copy is not configured anew.  What the recipe changes is compiled, and
# takes the place of the same objects in the library that is there.

. "${srcdir:-.}/tests/shell.sh"

facts="adding an allreduce and a collective as HACKING.md says"
case $CFLAGS in
*-fsanitize=*)
    skip "$facts" "sanitizers take too long"
    done_checking
    ;;
esac
all=$top_builddir/.libs/libdistsys-all.a
if [ ! -e "$all" ] || [ ! -e "$top_builddir/tests/test_allreduce.o" ]; then
    skip "$facts" "there are no objects of the tests to build on"
    done_checking
fi

# ---- The recipe -------------------------------------------------------------

copy_tree()
{
    mkdir "$work/tree" &&
        (cd "$srcdir" && find Makefile.am HACKING.md include src doc tests -type f \
            \( -name '*.[ch1-9]' -o -name '*.am' -o -name '*.md' -o \
            -name 'shell.sh' \) |
            tar cf - -T -) | (cd "$work/tree" && tar xf -) &&
        chmod -R u+w "$work/tree"
}

after()  # FILE LINE TEXT: puts a line after the one that is exactly LINE
{
    awk -v line="$2" -v text="$3" \
        '{ print } $0 == line { print text; found = 1 }
        END { exit !found }' "$1" >"$work/edited" && cp "$work/edited" "$1"
}

add_allreduce()
{
    sed -e 's/ds_allreduce_naive/ds_allreduce_copycat/' \
        -e 's/"naive"/"copycat"/' src/coll/naive.c >src/coll/copycat.c &&
        after Makefile.am '    src/coll/naive.c \' '    src/coll/copycat.c \' &&
        after include/distsys/allreduce.h \
            'extern const ds_allreduce ds_allreduce_ring;' \
            'extern const ds_allreduce ds_allreduce_copycat;' &&
        after src/coll/registry.c '    &ds_allreduce_hierarchical,' \
            '    &ds_allreduce_copycat,' &&
        after doc/ds_allreduce.3 '.Nm ds_allreduce_ring ,' \
            '.Nm ds_allreduce_copycat ,' &&
        after doc/ds_allreduce.3 \
            '.Vt extern const ds_allreduce ds_allreduce_ring ;' \
            '.Vt extern const ds_allreduce ds_allreduce_copycat ;'
}

add_collective()
{
    cat >src/coll/one_by_one.c <<'EOF' &&
/* A broadcast in which the root tells one after the other. */

#include <distsys/collective.h>

#include "coll/cost.h"
#include "coll/step.h"

static ds_vec *run(const ds_collective *self, ds_comm *c, ds_vec *mine,
                   const ds_op *op, size_t root)
{
    if (c->rank != root)
        return ds__step_recv(c, root, 0);
    for (size_t to = 0; to < ds_comm_size(c); to++)
        if (to != root)
            ds__step_send(c, to, 0, mine);
    return ds_vec_ref(mine);
}

/* p-1 rounds of n. */
static ds_cost cost(const void *self, size_t p, size_t len)
{
    return ds__cost_times((double)(p - 1), ds__cost_step((double)len, false));
}

const ds_collective ds_bcast_one_by_one = {
    .name = "bcast-one-by-one",
    .idea = "the root tells one after the other",
    .kind = DS_BCAST,
    .run = run,
    .traits = DS_TRAIT_ONE_PORT,
    .cost = cost,
};
EOF
        after Makefile.am '    src/coll/naive.c \' \
            '    src/coll/one_by_one.c \' &&
        after include/distsys/collective.h \
            'extern const ds_collective ds_bcast_chain;' \
            'extern const ds_collective ds_bcast_one_by_one;' &&
        after src/coll/registry.c '    &ds_bcast_chain,' \
            '    &ds_bcast_one_by_one,' &&
        after doc/ds_collective.3 '.Nm ds_bcast_chain ,' \
            '.Nm ds_bcast_one_by_one ,' &&
        after doc/ds_collective.3 \
            '.Vt extern const ds_collective ds_bcast_chain ;' \
            '.Vt extern const ds_collective ds_bcast_one_by_one ;'
}

# In the copy.
follow()  # COMMAND
{
    (cd "$work/tree" && "$1")
}

# ---- Building ---------------------------------------------------------------

compile_what_changed()
{
    cp "$all" "$work/all.a" || return
    for source in $(sed -n 's/^ *\(src\/.*\.c\)\( .*\)*$/\1/p' \
        "$work/tree/Makefile.am"); do
        ! cmp -s "$srcdir/$source" "$work/tree/$source" || continue
        name=$(basename "$source" .c)
        $CC -std=c11 -D_GNU_SOURCE -DHAVE_CONFIG_H -fPIC -ffp-contract=off \
            -Wno-unused-parameter $CFLAGS -pthread -I"$top_builddir" \
            -I"$work/tree/include" -I"$work/tree/src" \
            -c -o "$work/$name.o" "$work/tree/$source" || return
        ar r "$work/all.a" "$work/$name.o" 2>/dev/null || return
    done
}

link_test()  # NAME
{
    flags=
    [ "$1" != failure ] || flags=$FAILURE_LDFLAGS
    $CC $CFLAGS -pthread $flags $LDFLAGS -o "$work/test_$1" \
        "$top_builddir/tests/test_$1.o" \
        "$top_builddir/tests/.libs/libharness.a" "$work/all.a" \
        $CHECK_LIBS $LIBS
}

# The tests that a recipe names, between backquotes.
named_tests()  # HEADING
{
    sed -n "/^\* \*\*$1\*\*/,/^\* \*\*/p" "$work/tree/HACKING.md" | grep -o '`test_[a-z]*`' |
        tr -d '`' | sed 's/^test_//'
}

run_tests()
{
    for name in $tests; do
        (
            cd "$work" && link_test "$name" &&
                CK_DEFAULT_TIMEOUT=300 "$work/test_$name"
        ) >"$work/$name.said" 2>&1
        echo $? >"$work/$name.status"
    done
}

passes()  # TEST
{
    cat "$work/$1.said"
    [ "$(cat "$work/$1.status")" = 0 ]
}

names_what_was_added()  # PROGRAM NAME
{
    LD_PRELOAD=$work/added.so LD_LIBRARY_PATH=$top_builddir/.libs \
        "$top_builddir/bench/.libs/$1" --list | grep "^$2 "
}

make_shared()
{
    $CC $CFLAGS -pthread -shared -o "$work/added.so" \
        -Wl,--whole-archive "$work/all.a" -Wl,--no-whole-archive $LIBS
}

# ---- All of it --------------------------------------------------------------

check "the tree can be copied" copy_tree
check "an allreduce is added as the recipe says" follow add_allreduce
check "another collective is added as the recipe says" follow add_collective
check "what changed can be compiled" compile_what_changed
for heading in "An allreduce" "An algorithm of another collective"; do
    check "the recipe names tests: $heading" test -n "$(named_tests "$heading")"
    tests="$tests $(named_tests "$heading")"
done
tests=$(printf '%s\n' $tests | LC_ALL=C sort -u)
run_tests
for name in $tests; do
    check "test_$name passes with both" passes "$name"
done
check "test_man.sh finds them in the manual" \
    env srcdir="$work/tree" top_builddir="$top_builddir" \
    sh "$srcdir/tests/test_man.sh"
if [ -e "$top_builddir/.libs/libdistsys.so" ] && make_shared; then
    check "distsys-allreduce offers the allreduce" \
        names_what_was_added distsys-allreduce copycat
    check "distsys-collective offers the other" \
        names_what_was_added distsys-collective bcast-one-by-one
else
    skip "what the programs offer" "there is no shared library"
fi
done_checking
