#!/bin/sh
# What is installed is all that a user needs: pkg-config finds it, and programs
# in C and C++ compile, link either way, and run.  And what README says about it
# works, to the last line.

. "${srcdir:-.}/tests/shell.sh"

# The make that runs this must not share its jobs with the one in here.
unset MAKEFLAGS MFLAGS MAKELEVEL
dest=$work/dest
cd "$top_builddir" || exit 1

installs()
{
    $MAKE install DESTDIR="$dest"
}

is_installed()  # FILE...
{
    for file; do
        [ -e "$dest$file" ] || { echo "no $file" && return 1; }
    done
}

# pkg-config puts the sysroot before every folder that it prints.
pkg_config()
{
    PKG_CONFIG_PATH=$dest$libdir/pkgconfig PKG_CONFIG_SYSROOT_DIR=$dest \
        PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1 \
        ${PKG_CONFIG:-pkg-config} "$@" distsys
}

version_is_right()
{
    [ "$(pkg_config --modversion)" = "$VERSION" ]
}

says_hello()  # PROGRAM
{
    LD_LIBRARY_PATH=$dest$libdir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} \
        "$1" >"$work/out" || return
    diff -u "$srcdir/examples/hello.out" "$work/out"
}

works_from_c()
{
    $CC $CFLAGS $LDFLAGS "$srcdir/examples/hello.c" -o "$work/hello" \
        $(pkg_config --cflags --libs) && says_hello "$work/hello"
}

# Alone in its folder, the static library is what the linker takes.
works_statically()
{
    mkdir -p "$work/static" &&
        cp "$dest$libdir/libdistsys.a" "$work/static" &&
        $CC $CFLAGS $LDFLAGS "$srcdir/examples/hello.c" \
            -o "$work/hello-static" $(pkg_config --cflags) \
            -L"$work/static" $(pkg_config --static --libs) || return
    if $NM -u "$work/hello-static" | grep ' ds_'; then
        return 1
    fi
    says_hello "$work/hello-static"
}

works_from_cxx()
{
    cat >"$work/hello.cc" <<'END'
#include <distsys.h>
#include <iostream>

int main()
{
    ds_loop *loop = ds_loop_new(nullptr);
    ds_stream *greetings = ds_stream_new(loop);

    ds_spawn(loop, [](ds_handle *h, void *arg) {
        ds_event event;
        if (ds_poll(h, static_cast<ds_stream *>(arg), &event))
            std::cout << static_cast<const char *>(event.data) << ' '
                      << ds_now(h) << std::endl;
    }, greetings);
    ds_spawn(loop, [](ds_handle *h, void *arg) {
        static char text[] = "Hello, world!";
        ds_schedule(h, static_cast<ds_stream *>(arg), 15.5, text, nullptr);
    }, greetings);

    ds_status status = ds_loop_run(loop);
    ds_loop_free(loop);
    return status;
}
END
    $CXX $CXXFLAGS $LDFLAGS "$work/hello.cc" -o "$work/hello-cxx" \
        $(pkg_config --cflags --libs) && says_hello "$work/hello-cxx"
}

# The project of a user, who wants this version or one that serves as well.
works_with_cmake()  # VERSION
{
    rm -rf "$work/cmake" && mkdir "$work/cmake" &&
        cp "$srcdir/examples/hello.c" "$srcdir/examples/mutex.c" \
            "$work/cmake" || return
    cat >"$work/cmake/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.13)
project(hello C)
find_package(distsys $1 REQUIRED)
add_executable(hello hello.c)
target_link_libraries(hello distsys::distsys)
add_executable(mutex mutex.c)
target_link_libraries(mutex distsys::algorithms)
END
    cmake -S "$work/cmake" -B "$work/cmake" -DCMAKE_C_COMPILER="$CC" \
        -DCMAKE_C_FLAGS="$CFLAGS" -DCMAKE_EXE_LINKER_FLAGS="$LDFLAGS" \
        -Ddistsys_DIR="$dest$libdir/cmake/distsys" || return
    cmake --build "$work/cmake" && says_hello "$work/cmake/hello" &&
        LD_LIBRARY_PATH=$dest$libdir "$work/cmake/mutex" |
        diff -u "$srcdir/examples/mutex.out" -
}

is_too_old_for_cmake()
{
    ! works_with_cmake 7.0 >"$work/out" 2>&1 &&
        grep -q "compatible with requested" "$work/out"
}

# Before it is where it is to be, the wrapper has to be told where it is.
works_with_mpi()
{
    DISTSYS_MPI_INCLUDE=$dest$includedir/distsys-mpi \
        DISTSYS_MPI_LIB=$dest$libdir sh "$dest$bindir/distsys-mpicc" \
        "$srcdir/tests/mpi/ring.c" -o "$work/ring" || return
    [ "$("$dest$bindir/distsys-mpirun" -q -n 3 "$work/ring" | tail -n 1)" = \
        "rank 0: 3 at 3.0012 us" ] &&
        [ "$("$work/ring")" = "rank 0: 1 at 0.0000 us" ]
}

runs_installed()  # PROGRAM
{
    LD_LIBRARY_PATH=$dest$libdir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} \
        "$dest$bindir/$1" --version
}

# The lines that README has for those who are not root, as they stand there.
follows_readme()
{
    sed -n '/^installs into a folder of their own/,/^## /s/^    //p' \
        "$srcdir/README.md" >"$work/lines"
    [ "$(wc -l <"$work/lines")" -ge 4 ] || return
    copy_sources "$work/fresh" && mkdir "$work/home" && cd "$work/fresh" &&
        cp examples/hello.c . &&
        HOME=$work/home MAKEFLAGS=-j2 CFLAGS=-O0 CXXFLAGS= LDFLAGS= \
            sh -e "$work/lines" >"$work/out" || return
    tail -n 1 "$work/out" | diff -u "$srcdir/examples/hello.out" -
}

uninstalls()
{
    $MAKE uninstall DESTDIR="$dest" || return
    left=$(find "$dest" ! -type d)
    [ -z "$left" ] || { echo "left: $left" && return 1; }
}

check "make install installs into a DESTDIR" installs
for header in "$srcdir"/include/distsys.h "$srcdir"/include/distsys/*.h; do
    header=${header#"$srcdir"/include/}
    check "<$header> is installed" is_installed "$includedir/$header"
done
for page in "$srcdir"/doc/*.[1-9]; do
    [ -e "$page" ] || continue
    page=${page##*/}
    check "$page is installed" is_installed "$mandir/man${page##*.}/$page"
done
check "pkg-config knows version $VERSION" version_is_right
check "hello.c compiles through pkg-config and prints its line" works_from_c
if [ -e "$dest$libdir/libdistsys.a" ]; then
    check "hello.c works with the static library" works_statically
else
    skip "hello.c works with the static library" "there is none"
fi
echo "int main() { return 0; }" >"$work/main.cc"
if $CXX "$work/main.cc" -o "$work/main" >/dev/null 2>&1; then
    check "a program in C++ does the same" works_from_cxx
else
    skip "a program in C++ does the same" "there is no C++ compiler"
fi
if cmake --version >/dev/null 2>&1; then
    check "CMake finds it" works_with_cmake "$VERSION"
    check "CMake finds that it is too old" is_too_old_for_cmake
else
    skip "CMake" "there is none"
fi
if [ -e "$dest$libdir/libdistsys-mpi.so" ]; then
    check "<distsys-mpi/mpi.h> is installed" is_installed \
        "$includedir/distsys-mpi/mpi.h"
    check "a program that uses MPI compiles and runs" works_with_mpi
else
    skip "a program that uses MPI" "there is no shared library for it"
fi
for program in $PROGRAMS; do
    program=$(basename "$program")
    check "$program runs where it is installed" runs_installed "$program"
done
check "what README says about a folder of one's own works" follows_readme
check "make uninstall leaves no file" uninstalls
done_checking
