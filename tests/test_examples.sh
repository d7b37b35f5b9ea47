#!/bin/sh
# Each example prints exactly what is written down beside it, virtual times
# included.

. "${srcdir:-.}/tests/shell.sh"

# A program of tests, one of which fails.
is_of_tests()  # PROGRAM
{
    grep -q ds_test_main "$srcdir/$1.c"
}

# One that simulates nothing cannot go wrong so.
has_a_loop()  # PROGRAM
{
    is_of_tests "$1" || grep -qE "ds_loop_(run|finish)" "$srcdir/$1.c"
}

# But for how fast it was.
prints_its_output()  # PROGRAM
{
    borrow "$1"
    wanted=0
    ! is_of_tests "$1" || wanted=10
    status=0
    (cd "$work" && "./${1##*/}") >"$work/all" || status=$?
    sed '/^  speed:/d' "$work/all" >"$work/out"
    diff -u "$srcdir/$1.out" "$work/out" && [ $status -eq $wanted ]
}

has_its_line()  # SOURCE
{
    name=$(basename "$1" .c)
    case " $EXAMPLES " in
    *" examples/$name "*) ;;
    *) echo "examples/$name is not among example_programs in Makefile.am" &&
        return 1 ;;
    esac
}

prints_it_on_fibers()  # PROGRAM
{
    DISTSYS_EXEC=fibers
    export DISTSYS_EXEC
    prints_its_output "$1"
}

# A run that fails says why: here it has been asked for what there is not.
says_what_went_wrong()  # PROGRAM
{
    status=0
    variable=DISTSYS_EXEC
    ! is_of_tests "$1" || variable=DISTSYS_SEED
    env $variable=steam "$top_builddir/$1" >"$work/out" 2>&1 || status=$?
    cat "$work/out"
    grep -q "$variable.*steam" "$work/out" && [ $status -ne 0 ]
}

# GNU make would copy a program that is newer than its golden output over it.
is_never_made()  # PROGRAM
{
    (cd "$top_builddir" && ! $MAKE -n -W "$1" "$1.out" | grep 'cp ')
}

for program in $EXAMPLES; do
    check "make never makes $program.out" is_never_made "$program"
    check "$program prints $program.out" prints_its_output "$program"
    is_of_tests "$program" ||
        check "$program prints it on fibers too" prints_it_on_fibers "$program"
    ! has_a_loop "$program" ||
        check "$program says what went wrong" says_what_went_wrong "$program"
done
for source in "$srcdir"/examples/*.c; do
    check "examples/${source##*/} is built and run" has_its_line "$source"
done
done_checking
