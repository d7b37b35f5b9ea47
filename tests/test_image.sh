#!/bin/sh
# A program in many images is as many programs, each with what is its own, on
# threads and on fibers.

. "${srcdir:-.}/tests/shell.sh"

if ! [ -e "$top_builddir/tests/images" ]; then
    skip "images" "programs of this system are not copied"
    done_checking
fi
unset DISTSYS_SEED DISTSYS_EXEC DISTSYS_TIES DISTSYS_TRACE POSIXLY_CORRECT
borrow tests/images
LC_ALL=C
export LC_ALL

# Makes $work/NAME from tests/image/NAME.c or NAME.cc.
compiles()  # NAME [OPTION]...
{
    name=$1
    shift
    if [ -e "$srcdir/tests/image/$name.cc" ]; then
        $CXX -g -fPIE -pie "$srcdir/tests/image/$name.cc" -o "$work/$name" \
            "$work/libcalls.so" "$@"
    else
        $CC -g -fPIE -pie "$srcdir/tests/image/$name.c" -o "$work/$name" \
            "$work/libcalls.so" "$@"
    fi
}

# Whether three images print that, in whatever order, on both executions.
prints()  # NAME TEXT ARGUMENT...
{
    name=$1
    printf '%s\n' "$2" >"$work/wanted"
    shift 2
    for exec in threads fibers; do
        timeout 60 "$work/images" 3 $exec "$work/$name" "$@" >"$work/out" ||
            return
        sort "$work/out" | diff -u "$work/wanted" - || return
    done
}

data="0: 1 2 12 12 102 z b 1
1: 2 3 14 14 103 z b 2
2: 3 4 16 16 104 z b 3"

classes="0: 1 2 1 made by 0 421
0: gone: made by 0
1: 2 4 12 made by 1 421
1: gone: made by 1
2: 3 6 23 made by 2 421
2: gone: made by 2"

locals="0: 1 3 8 1 102
1: 2 5 9 2 103
2: 3 7 10 3 104"

objects="0: 1 made by 0, and 0
0: gone
1: 2 made by 1, and 1
1: gone
2: 3 made by 2, and 2
2: gone"

exceptions="0: from 0 12
1: from 1 15
2: from 2 18"

calls="0: 3.250001 3.750000500 1000000003
0: constructor
0: destructor
0: first
0: last
1 ends with 1 at 4
1: 3.250001 3.750000500 1000000003
1: constructor
1: destructor
1: first
1: last
2 ends with 7 at 4
2: 3.250001 3.750000500 1000000003
2: constructor
calls.c:26 calls.c:28 calls.c:61"

# What as many processes print.
alone()
{
    $CC -DALONE "$srcdir/tests/image/random.c" -o "$work/alone" || return
    for i in 0 1 2; do
        "$work/alone" $i || return
    done
}

# What getopt_long() of the system makes of a command line.
as_the_system_has_it()  # ARGUMENT...
{
    "$work/alone" "$@" >"$work/alone.out" 2>"$work/alone.err" || return
    sed 's/^0/1/' "$work/alone.out" >"$work/one"
    sed 's/^0/2/' "$work/alone.out" | cat "$work/alone.out" "$work/one" - \
        >"$work/wanted"
    for exec in threads fibers; do
        timeout 60 "$work/images" 3 $exec "$work/words" "$@" >"$work/out" \
            2>"$work/err" || return
        sort "$work/out" | diff -u "$work/wanted" - || return
        sed "s,^$work/[a-z]*,," "$work/alone.err" >"$work/wanted.err"
        sed "s,^$work/[a-z]*,," "$work/err" | sort -u |
            diff -u "$work/wanted.err" - || return
    done
}

refuses()  # PATTERN PROGRAM
{
    status=0
    "$work/images" 1 fibers "$2" >"$work/out" || status=$?
    cat "$work/out"
    [ $status -eq 2 ] && grep -q "$1" "$work/out"
}

# What programs are linked with, for its names alone.
mkdir "$work/absent"
echo 'int rank(void) { return 0; } void next(void) {} void lines(void) {}' \
    >"$work/stub.c"
check "a library of names can be made" $CC -fPIC -shared "$work/stub.c" \
    -o "$work/libcalls.so" -Wl,-soname,libcalls.so

has_cxx=true
echo "int main() { return 0; }" >"$work/main.cc"
$CXX "$work/main.cc" -o "$work/main" >/dev/null 2>&1 || has_cxx=false

check "a program with variables compiles" compiles data
check "each image has variables of its own" prints data "$data" y z
check "... also with packed segments" eval \
    'compiles data -Wl,-z,norelro,-z,noseparate-code && prints data "$data" z'
check "... and stripped" eval 'compiles data -s && prints data "$data" z'
check "... and with names bound late" eval \
    'compiles data -Wl,-z,lazy && prints data "$data" z'
if (compiles data -Wl,-z,pack-relative-relocs 2>&1) | grep -q . ||
    ! readelf -d "$work/data" | grep -q RELR; then
    skip "packed relocations" "the linker does not know them"
else
    check "... and with packed relocations" prints data "$data" z
fi
if $has_cxx; then
    check "a program with classes compiles" compiles classes -std=c++17
    check "static members, inline variables and objects are each image's own" \
        prints classes "$classes"
    check "a program with exceptions compiles" compiles exceptions
    check "exceptions go through images" prints exceptions "$exceptions"
else
    skip "programs in C++" "there is no C++ compiler"
fi
check "random numbers are those of as many processes" eval \
    'compiles random && random=$(alone) && prints random "$random"'
check "a program that ends in several ways compiles" compiles calls
check "images end, and have virtual time and lines" prints calls "$calls"

check "a program with options compiles" eval 'compiles words &&
    $CC -DALONE "$srcdir/tests/image/words.c" -o "$work/alone"'
for line in "-abx -b y" "one -a two -b three -c -cfour five" \
    "-ab" "-z -a" "--size=3 --siz 4 --s" "a --site b --quiet c --quiet=d" \
    "a -- -b c" "--site=x --nothing" "-a - -b 1 --size" "x y -ac z" ""; do
    check "options are as the system has them: $line" \
        as_the_system_has_it $line
done

if [ "$(uname -m)" = x86_64 ]; then
    check "thread-local variables are each image's own" eval \
        'compiles locals && prints locals "$locals"'
    if $has_cxx; then
        check "thread-local objects are made and unmade in each image" eval \
            'compiles local_objects && prints local_objects "$objects"'
    fi
    check "more of them than there is room for are refused" eval \
        '$CC -fPIE -pie "$srcdir/tests/image/many_locals.c" -o "$work/many" &&
        refuses "^it has 10000 bytes of thread-local variables, aligned to [0-9]*; there is room for 4096, aligned to 64\$" "$work/many"'
else
    check "thread-local variables are refused" eval \
        '$CC -fPIE -pie "$srcdir/tests/image/many_locals.c" -o "$work/many" &&
        refuses "thread-local" "$work/many"'
fi
check "a program at a fixed address is refused" eval \
    '$CC -fno-pie -no-pie "$work/main.cc" -x c -o "$work/fixed" &&
    refuses "fixed address" "$work/fixed"' 
check "a program with its libraries in it is refused" eval \
    '$CC -fPIE -static-pie "$work/main.cc" -x c -o "$work/static" &&
    refuses "linked statically, .*link it with -pie and shared libraries" "$work/static"'
echo '__asm__(".text\n.quad main\n"); int main(void) { return 0; }' >"$work/text.c"
check "a program with relocations in its code is refused" eval \
    '$CC -fPIE -pie -Wl,-z,notext -w "$work/text.c" -o "$work/text" 2>"$work/cc" &&
    refuses "relocations in its code (TEXTREL); compile it with -fPIE" "$work/text"'
check "a library is refused" eval \
    '$CC -fPIC -shared "$work/stub.c" -Dmain=f -D__thread= -o "$work/lib.so" &&
    refuses "library" "$work/lib.so"'
check "what is no program is refused" refuses "no ELF" "$work/stub.c"
check "what is not there is refused" refuses "No such file" "$work/nothing"
check "a symbol that nobody has is named" eval \
    'echo "void gone(void); int main(void) { gone(); }" >"$work/gone.c" &&
    echo "void gone(void) {}" >"$work/absent.c" &&
    $CC -fPIC -shared "$work/absent.c" -o "$work/absent/libcalls.so" \
        -Wl,-soname,libcalls.so &&
    $CC -fPIE -pie "$work/gone.c" -o "$work/gone" "$work/absent/libcalls.so" &&
    refuses "gone" "$work/gone"'
head -c 3000 "$work/gone" >"$work/cut"
check "a program that is cut off is refused" refuses "cut off" "$work/cut"
done_checking
