#!/bin/sh
# Bodies written in C++ may throw and catch, and wait while they do so.

. "${srcdir:-.}/tests/shell.sh"

static=$top_builddir/.libs/libdistsys.a
shared=$top_builddir/.libs/libdistsys.so

runs()  # EXEC LINK...
{
    exec=$1
    shift
    # Newer standards have another name for one function that it calls.
    $CXX $CXXFLAGS -std=c++11 -I"$srcdir/include" \
        "$srcdir/tests/exceptions.cc" -o "$work/run" "$@" $LDFLAGS $LIBS &&
        DISTSYS_EXEC=$exec "$work/run"
}

echo "#include <string>" >"$work/main.cc"
echo "int main() { return std::string().size(); }" >>"$work/main.cc"
if ! $CXX "$work/main.cc" -o "$work/main" >/dev/null 2>&1; then
    skip "exceptions" "there is no C++ compiler"
    done_checking
fi

for exec in threads fibers; do
    [ ! -e "$static" ] ||
        check "exceptions on $exec, linked statically" runs $exec "$static"
    [ ! -e "$shared" ] ||
        check "exceptions on $exec, linked dynamically" runs $exec "$shared" \
            "-Wl,-rpath,$top_builddir/.libs"
done
done_checking
