#!/bin/sh
# Every example, and the program of test_determinism.sh, survives a crash of
# each of its machines in its k-th call, for every k: it ends by itself, loses
# nothing, and is the same on threads and fibers; see crash_each.c.

. "${srcdir:-.}/tests/shell.sh"

library()  # NAME
{
    shared=$top_builddir/.libs/$1.so
    [ -e "$shared" ] && echo "$shared" || echo "$top_builddir/.libs/$1.a"
}
libraries="$(library libdistsys-algorithms) $(library libdistsys)"

renamed="-Dmain=each_main -Dds_node_new=each_node_new -Dds_spawn=each_spawn
    -Dds_spawn_daemon=each_spawn_daemon -Dds_loop_free=each_loop_free
    -Dds_loop_finish=each_loop_finish -Dds_lan_new=each_lan_new"

# The driver without the new names, so that it calls what the library has.
survives()  # PROGRAM
{
    $CC $CFLAGS -D_GNU_SOURCE -I"$srcdir/include" $renamed \
        -c "$srcdir/$1.c" -o "$work/program.o" &&
        $CC $CFLAGS -D_GNU_SOURCE -I"$srcdir/include" \
            "$srcdir/tests/crash_each.c" "$work/program.o" -o "$work/each" \
            $libraries -Wl,-rpath,"$top_builddir/.libs" $LDFLAGS $LIBS \
            -lpthread -lm &&
        "$work/each"
}

programs=$EXAMPLES
# Where a thread costs so much, the 1,500 crashes of this one are too many.
case " $CFLAGS " in
*-fsanitize=thread*) ;;
*) programs="$programs tests/fairground" ;;
esac

for program in $programs; do
    # Programs of tests make their faults themselves, and what runs nothing has
    # none.
    grep -q explore.h "$srcdir/$program.c" && continue
    grep -qE 'ds_loop_(run|finish)' "$srcdir/$program.c" || continue
    # Groups ask on and on while machines are down: that takes too many runs of
    # too many calls, and test_planted crashes them.
    grep -q ds_group_of "$srcdir/$program.c" && continue
    check "$program survives every crash" survives "$program"
done
done_checking
