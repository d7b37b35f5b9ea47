#!/bin/sh
# Each public header compiles without a warning when it is the only one, from
# C11 and from C++, and everything that it declares is there to be linked.

. "${srcdir:-.}/tests/shell.sh"

strict="-Wall -Wextra -Wpedantic -Werror"
library="-L$top_builddir/.libs -ldistsys-algorithms -ldistsys"
[ -e "$top_builddir/.libs/libdistsys.a" ] || [ -e \
    "$top_builddir/.libs/libdistsys.so" ] ||
    library="$top_builddir/libdistsys-algorithms.a $top_builddir/libdistsys.a"

# A program that takes the address of all that HEADER declares, functions and
# objects alike.
uses_all_of()  # HEADER
{
    echo "#include <$1>"
    echo "typedef void function(void);"
    echo "extern function *functions[];"
    echo "extern const void *objects[];"
    names=$(declared "$srcdir/include/$1")
    echo "function *functions[] = {"
    for name in $names; do
        grep -q "$name *(" "$srcdir/include/$1" && echo "(function *)$name,"
    done
    echo "0 };"
    echo "const void *objects[] = {"
    for name in $names; do
        grep -q "$name *(" "$srcdir/include/$1" || echo "&$name,"
    done
    echo "0 };"
    echo "int main(void) { return 0; }"
}

links_from_c()  # HEADER
{
    uses_all_of "$1" >"$work/use.c"
    $CC $CFLAGS -std=c11 $strict -I"$srcdir/include" "$work/use.c" \
        -o "$work/use" $library $LDFLAGS $LIBS
}

links_from_cxx()  # HEADER
{
    uses_all_of "$1" >"$work/use.cc"
    $CXX $CXXFLAGS $strict -I"$srcdir/include" "$work/use.cc" \
        -o "$work/use" $library $LDFLAGS $LIBS
}

misses_what_is_not_there()
{
    mkdir -p "$work/include/distsys" &&
        echo "void ds_no_such_thing(void);" >"$work/include/distsys/none.h" &&
        ! (srcdir=$work && links_from_c distsys/none.h) &&
        grep -q ds_no_such_thing "$work/use.c"
}

have_cxx=yes
echo "int main() { return 0; }" >"$work/main.cc"
$CXX "$work/main.cc" -o "$work/main" >/dev/null 2>&1 || have_cxx=no

for path in "$srcdir"/include/distsys.h "$srcdir"/include/distsys/*.h; do
    header=${path#"$srcdir"/include/}
    check "<$header> compiles and links from C" links_from_c "$header"
    if [ $have_cxx = yes ]; then
        check "<$header> compiles and links from C++" links_from_cxx "$header"
    else
        skip "<$header> compiles and links from C++" "there is no C++ compiler"
    fi
done
check "a function that nobody defines is noticed" misses_what_is_not_there
done_checking
