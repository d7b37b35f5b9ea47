#!/bin/sh
# valgrind finds nothing to blame in bodies on fibers: it is told of every
# stack, and when one is used again.

. "${srcdir:-.}/tests/shell.sh"

fact="bodies on fibers are clean for valgrind"
test=$top_builddir/tests/test_spawn

skip_all()  # WHY
{
    skip "$fact" "$1"
    done_checking
}

runs_clean()
{
    DISTSYS_EXEC=fibers CK_TIMEOUT_MULTIPLIER=10 \
        valgrind -q --error-exitcode=9 "$test"
}

case $CFLAGS in
*-fsanitize=*) skip_all "valgrind and sanitizers do not mix" ;;
esac
command -v valgrind >/dev/null 2>&1 || skip_all "valgrind is not installed"
[ -x "$test" ] || skip_all "there are no unit tests"
check "$fact" runs_clean
done_checking
