#!/bin/sh
# What reviewers would have to look for: that documents say what is there, that
# every test is run, and that the code is in one hand.  Each rule is a function
# of a tree, and is tried on a copy with one seeded fault, which it must find.

. "${srcdir:-.}/tests/shell.sh"

# Prints what it is told is wrong, and fails if that is anything.
nothing_wrong()  # TREE
{
    sed "s,^$1/,," | LC_ALL=C sort -u >"$work/wrong"
    [ ! -s "$work/wrong" ] || { cat "$work/wrong" && return 1; }
}

c_files()  # TREE [FOLDER]...
{
    tree=$1
    shift
    for folder in ${*:-src include bench tests examples}; do
        find "$tree/$folder" -name '*.[ch]'
    done
}

# ---- Documents ---------------------------------------------------------------

documents="HACKING.md README.md doc/design.md"

# A name in capitals stands for one to be chosen; NAME.c and NAME.in are what
# programs are made of, which need not have been built.
files_that_documents_name_exist()  # TREE
{
    for document in $documents; do
        grep -oE '`[^` ]+`' "$1/$document" | tr -d '`' |
            grep -E '^[A-Za-z0-9_/.-]+$' | grep -v NAME | while read -r name; do
            case $name in
            src/* | include/* | tests/* | doc/* | bench/* | examples/* | .ci/*)
                [ -e "$1/$name" ] || [ -e "$1/$name.c" ] ||
                    [ -e "$1/$name.in" ] ||
                    echo "$document: there is no $name"
                ;;
            */*.[ch])
                [ -e "$1/src/$name" ] || echo "$document: there is no $name"
                ;;
            *.[ch] | *.sh)
                [ -n "$(find "$1/src" "$1/include" "$1/bench" "$1/tests" \
                    "$1/examples" -name "$name")" ] ||
                    echo "$document: there is no $name"
                ;;
            esac
        done
    done | nothing_wrong "$1"
}

# Functions, environment variables, and what belongs to the tests.
words_that_documents_name_exist()  # TREE
{
    find "$1/src" "$1/include" "$1/tests" "$1/bench" -name '*.[chS]' \
        -exec cat {} + | grep -oE '[A-Za-z0-9_]+' | sort -u >"$work/words"
    for document in $documents; do
        grep -oE '\b(ds_|ds__|harness_|DISTSYS_|DS_)[A-Za-z0-9_]*[A-Za-z0-9]' \
            "$1/$document" | sort -u | while read -r word; do
            grep -qx "$word" "$work/words" ||
                echo "$document: nothing is named $word"
        done
    done | nothing_wrong "$1"
}

# "`name()` in `folder/file.c`" is, and so is "`name()` there", in the file that
# was named last.
walks_lead_through_the_code()  # TREE
{
    sed -n '/^## Three walks/,/^## Execution/p' "$1/doc/design.md" |
        tr '\n' ' ' | sed 's/  */ /g' | grep -oE \
        '`[a-z_]+\(\)` in `[a-z_/]+\.[chS]`|`[a-z_]+\(\)` there|in `[a-z_/]+\.[chS]`' |
        tr -d '`()' | sed -e 's/^in /- in /' -e 's/there$/in -/' >"$work/steps"
    [ "$(wc -l <"$work/steps")" -gt 20 ] || return
    file=
    while read -r name in_word place; do
        [ "$place" = - ] || file=$place
        [ "$name" = - ] || grep -qw "$name" "$1/src/$file" ||
            echo "doc/design.md: there is no $name() in $file"
    done <"$work/steps" | nothing_wrong "$1"
}

# Each text in a source, on one line, with .* for what is filled in.
texts()  # TREE
{
    find "$1/src" "$1/bench" -name '*.c' -exec cat {} + | tr '\n' ' ' |
        sed -e 's/" *"//g' | grep -oE '"([^"\\]|\\.)*"' |
        sed -e 's/^"//;s/"$//' -e 's/\\"/"/g' -e 's/[].[*^$(){}+?|]/\\&/g' \
            -e 's/%[-0-9.]*\\*[a-z]*[diugfscx]/.*/g'
}

# A report that a document quotes, as `ds_send: ...`, is one that can be made.
reports_that_documents_quote_can_be_made()  # TREE
{
    texts "$1" | grep -E '.{20}' | sed 's/^/^/;s/$/$/' >"$work/texts"
    for document in $documents; do
        tr '\n' ' ' <"$1/$document" | sed 's/  */ /g' |
            grep -oE '`ds_[a-z_]+: [^`]+`' | tr -d '`' |
            while read -r quoted; do
                printf '%s\n%s\n' "$quoted" "${quoted#ds_*: }" |
                    grep -qE -f "$work/texts" ||
                    echo "$document: no code says \"$quoted\""
            done
    done | nothing_wrong "$1"
}

# ---- Tests -------------------------------------------------------------------

every_test_is_run()  # TREE
{
    for file in "$1"/tests/test_*.c "$1"/tests/test_*.sh; do
        name=${file#"$1"/}
        grep -qE "^    ${name%.c}( \\\\)?$" "$1/Makefile.am" ||
            echo "$name is not in Makefile.am"
    done | nothing_wrong "$1"
}

# They are what make distcheck of .ci/run runs of the unit tests.
tests_that_read_files_are_listed()  # TREE
{
    sed -n '/^file_tests = /,/[^\\]$/s/^ *\(tests[^ ]*\).*/\1/p' \
        "$1/Makefile.am" >"$work/file_tests"
    (cd "$1" && grep -l '"srcdir"' tests/test_*.c) | sed 's/\.c$//' |
        grep -vxF -f "$work/file_tests" |
        sed 's/$/ reads a file and is not in file_tests of Makefile.am/' |
        nothing_wrong "$1"
}

# In a tree without a sanitizer nobody sees that such a check is left out.
skips_of_sanitizers_are_allowed()  # TREE
{
    sed -n '/^run_tests = /,/[^\\]$/s/^ *\(tests[^ ]*\).*/\1/p' \
        "$1/Makefile.am" >"$work/run_tests"
    (cd "$1" && grep -oE 'skip "[^"]+" "[^"]*sanitizer[^"]*"' \
        $(cat "$work/run_tests")) | sed 's/:/"/' |
        while IFS='"' read -r file skip fact rest; do
            name=${file#tests/test_}
            grep -qF "address   ${name%.sh}: $fact: " "$1/tests/may-skip" ||
                echo "tests/may-skip: no address   ${name%.sh}: $fact: *"
        done | nothing_wrong "$1"
}

# By a call of Check, or in a table of such: it is named twice at least.
every_case_is_added()  # TREE
{
    for file in "$1"/tests/test_*.c; do
        awk -v file="${file#"$1"/}" '
            /^START_TEST\(/ { cases[substr($0, 12, length($0) - 12)] }
            {
                n = split($0, words, /[^A-Za-z0-9_]+/)
                for (i = 1; i <= n; i++)
                    count[words[i]]++
            }
            END {
                for (c in cases)
                    if (count[c] < 2)
                        print file ": " c " is not added"
            }' "$file"
    done | nothing_wrong "$1"
}

# Or it is said which others look at it.
every_module_has_a_test()  # TREE
{
    list=$1/tests/tested-elsewhere
    {
        find "$1/src" -name '*.c' | while read -r file; do
            name=${file#"$1"/}
            [ -e "$1/tests/test_$(basename "$file")" ] ||
                grep -q "^$name " "$list" || echo "$name has no test"
        done
        grep -v '^#' "$list" | while read -r name tests; do
            [ -e "$1/$name" ] || echo "tests/tested-elsewhere: no $name"
            for test in ${tests:-none}; do
                [ -e "$1/tests/$test.c" ] || [ -e "$1/tests/$test.sh" ] ||
                    echo "tests/tested-elsewhere: $name: no tests/$test"
            done
        done
    } | nothing_wrong "$1"
}

# ---- Code --------------------------------------------------------------------

# A header is used if a word of the file is one that comes from it.  Two of our
# own include for those who include them.
no_header_is_unused()  # TREE
{
    c_files "$1" | grep -v -e tests/stage.h -e base/invariant.h | LC_ALL=C sort | xargs awk '
        function from(header, words,    n, i, list) {
            n = split(words, list, " ")
            for (i = 1; i <= n; i++)
                origin[list[i]] = origin[list[i]] " " header " "
        }
        function flush_file(    h) {
            for (h in included)
                if (!(h in used))
                    print file ": nothing is used of <" h ">"
            split("", included)
            split("", used)
        }
        BEGIN {
            from("assert.h", "assert static_assert")
            from("math.h", "INFINITY NAN HUGE_VAL M_PI M_LN2 isnan isinf " \
                "isfinite signbit fabs floor ceil round lround llround rint " \
                "trunc log log2 log10 log1p logb exp exp2 expm1 pow sqrt " \
                "cbrt fmin fmax fmod remainder hypot sin cos tan atan atan2 " \
                "nextafter ldexp frexp scalbn copysign modf fma nearbyint")
            from("string.h", "memcpy memmove memset memcmp memchr memmem " \
                "strlen strnlen strcmp strncmp strcpy strncpy stpcpy strcat " \
                "strncat strchr strrchr strstr strdup strndup strerror " \
                "strspn strcspn strpbrk strtok strtok_r strsignal strsep " \
                "strchrnul strcoll strerror_r mempcpy memrchr basename")
            from("stdio.h", "FILE EOF BUFSIZ stdin stdout stderr printf " \
                "fprintf sprintf snprintf vprintf vfprintf vsnprintf " \
                "asprintf vasprintf dprintf vdprintf scanf fscanf sscanf " \
                "fopen fdopen fclose fflush fgets fputs puts putchar getchar " \
                "getc fgetc putc fputc getline fread fwrite rewind fseek " \
                "ftell tmpfile perror open_memstream fmemopen setvbuf " \
                "rename remove popen pclose ferror feof fileno ungetc " \
                "freopen clearerr")
            from("stdlib.h", "malloc calloc realloc reallocarray free " \
                "aligned_alloc posix_memalign abort exit _Exit atexit getenv " \
                "setenv unsetenv strtod strtol strtoul strtoll strtoull " \
                "strtof atoi atof atol qsort bsearch abs labs llabs rand " \
                "srand random mkstemp mkdtemp system EXIT_SUCCESS " \
                "EXIT_FAILURE div secure_getenv clearenv putenv")
            from("stdint.h", "SIZE_MAX UINT64_C INT64_C UINT32_C")
            split("assert math string stdio stdlib stdint", list, " ")
            for (i in list)
                checked[list[i] ".h"]
        }
        FILENAME != file {
            flush_file()
            file = FILENAME
        }
        /^ *# *include *</ {
            name = $0
            sub(/.*</, "", name)
            sub(/>.*/, "", name)
            if (name in checked)
                included[name]
            next
        }
        {
            n = split($0, words, /[^A-Za-z0-9_]+/)
            for (i = 1; i <= n; i++) {
                w = words[i]
                if (w ~ /^u?int(8|16|32|64|ptr|max|_fast[0-9]+|_least[0-9]+)_t$/ ||
                    w ~ /^U?INT(8|16|32|64|PTR|MAX|_FAST[0-9]+)_(MAX|MIN)$/)
                    used["stdint.h"]
                if (w in origin) {
                    m = split(origin[w], headers, " ")
                    for (k = 1; k <= m; k++)
                        used[headers[k]]
                }
            }
        }
        END { flush_file() }' | nothing_wrong "$1"
}

sizeof_has_parentheses()  # TREE
{
    c_files "$1" | xargs grep -nE '\bsizeof [^(]' | grep -v '^[^:]*:[0-9]*: *[/ ]\*' |
        nothing_wrong "$1"
}

# /* ---- What follows ---*/ fills the line.
banners_are_alike()  # TREE
{
    c_files "$1" | xargs awk '
        /\/\* ---/ && !/^\/\* ---- [^ ].*[^-] -+\*\/$/ ||
        /^\/\* ---- / && length($0) != 80 { print FILENAME ":" FNR ": " $0 }' |
        nothing_wrong "$1"
}

# -Wno-unused-parameter makes that superfluous.
no_parameter_is_thrown_away()  # TREE
{
    c_files "$1" src | xargs awk '
        # Between the line of a function and its body, words are parameters.
        /^[a-z].*\(|^ +[a-z_].*\)$/ && !/;$/ { head = head " " $0 }
        /^}/ || /;$/ && !/^ / { head = "" }
        /^ *\(void\)[a-z_]+;/ {
            name = $0
            gsub(/^ *\(void\)|;.*/, "", name)
            if (head ~ "[ *(]" name "[,)]")
                print FILENAME ":" FNR ": " $0
        }' | nothing_wrong "$1"
}

# In a thousand lines of src.
least_asserts=10

invariants_are_asserted()  # TREE
{
    c_files "$1" src | xargs cat | awk -v least=$least_asserts '
        /(^|[^A-Za-z_])assert\(/ { n++ }
        END {
            printf "%.1f asserts in 1000 lines\n", 1000 * n / NR
            exit 1000 * n < least * NR
        }'
}

formatter=$(for tool in clang-format-14 clang-format; do
    "$tool" --version 2>/dev/null | grep -q 'version 14\.' && echo "$tool" && break
done)

layout_is_the_formatters()  # TREE
{
    cp "$srcdir/.clang-format" "$1" 2>/dev/null
    c_files "$1" | xargs "$formatter" --dry-run 2>&1 |
        grep 'warning:' | nothing_wrong "$1"
}

# ---- Whether a fault is found ------------------------------------------------

seeded=$work/seeded

finds()  # RULE FILE LINE: appended to the file
{
    cp "$seeded/$2" "$work/before" &&
        printf '%s\n' "$3" >>"$seeded/$2" || return
    ! "$1" "$seeded" || return
    cp "$work/before" "$seeded/$2" && "$1" "$seeded"
}

# ---- All of them -------------------------------------------------------------

# For tools that collect licenses: .reuse/dep5 is of all files there are.
licenses_are_said()  # TREE
{
    cmp "$1/LICENSE" "$1/LICENSES/MIT.txt" &&
        grep -qx 'Files: \*' "$1/.reuse/dep5" &&
        grep -qx 'License: MIT' "$1/.reuse/dep5"
}

check "the license of all files is said" licenses_are_said "$srcdir"
check "documents name files that exist" files_that_documents_name_exist "$srcdir"
check "documents name functions and variables that exist" \
    words_that_documents_name_exist "$srcdir"
check "the walks of design.md lead through the code" \
    walks_lead_through_the_code "$srcdir"
check "documents quote reports that can be made" \
    reports_that_documents_quote_can_be_made "$srcdir"
check "every test is in Makefile.am" every_test_is_run "$srcdir"
check "every test that reads a file is said to" \
    tests_that_read_files_are_listed "$srcdir"
check "every case is added to its suite" every_case_is_added "$srcdir"
check "every module has a test, or it is said which others look at it" \
    every_module_has_a_test "$srcdir"
check "what a sanitizer skips may be skipped" \
    skips_of_sanitizers_are_allowed "$srcdir"
check "no header is included in vain" no_header_is_unused "$srcdir"
check "sizeof has parentheses" sizeof_has_parentheses "$srcdir"
check "all banners are alike" banners_are_alike "$srcdir"
check "there are $least_asserts asserts in a thousand lines, or more" \
    invariants_are_asserted "$srcdir"
check "no parameter is thrown away" no_parameter_is_thrown_away "$srcdir"

check "the tree can be copied" copy_sources "$seeded"
check "a file that does not exist is noticed" finds \
    files_that_documents_name_exist README.md 'See `src/loop/nothing.c`.'
check "a module that does not exist is noticed" finds \
    files_that_documents_name_exist doc/design.md 'See `no_such_module.c`.'
check "a function that does not exist is noticed" finds \
    words_that_documents_name_exist HACKING.md 'Call `ds_no_such_call()`.'
cp "$seeded/src/net/box.c" "$work/box"
sed 's/ds__box_post/ds__box_ship/' "$work/box" >"$seeded/src/net/box.c"
check "a step that leads nowhere is noticed" \
    eval '! walks_lead_through_the_code "$seeded"'
cp "$work/box" "$seeded/src/net/box.c"
check "a report that nobody makes is noticed" finds \
    reports_that_documents_quote_can_be_made HACKING.md \
    'It says `ds_send: message 0 is too heavy for a dove`.'
touch "$seeded/tests/test_lonely.sh"
check "a test that nobody runs is noticed" eval '! every_test_is_run "$seeded"'
check "a test that reads a file unsaid is noticed" finds \
    tests_that_read_files_are_listed tests/test_heap.c 'getenv("srcdir");'
check "what a sanitizer may not skip is noticed" finds \
    skips_of_sanitizers_are_allowed tests/test_mpirun_program.sh \
    'skip "numbers" "the library has a sanitizer"'
check "a case that is not added is noticed" finds every_case_is_added \
    tests/test_heap.c 'START_TEST(nobody_runs_this)'
touch "$seeded/src/base/lonely.c"
check "a module without a test is noticed" \
    eval '! every_module_has_a_test "$seeded"'
rm -f "$seeded/src/base/lonely.c"
check "a module that is gone and still listed is noticed" finds \
    every_module_has_a_test tests/tested-elsewhere "src/base/gone.c test_heap"
check "a header that is included in vain is noticed" finds \
    no_header_is_unused src/base/status.c '#include <math.h>'
check "sizeof without parentheses is noticed" finds \
    sizeof_has_parentheses src/base/status.c 'int n = sizeof n;'
check "a banner of another form is noticed" finds \
    banners_are_alike src/base/status.c '/* ---- Short -----------------*/'
check "a parameter that is thrown away is noticed" finds \
    no_parameter_is_thrown_away src/base/status.c \
    "$(printf 'void f(int a)\n{\n    (void)a;\n}')"
check "too few asserts are noticed" finds invariants_are_asserted \
    src/base/status.c "$(seq 20000)"
if [ -n "$formatter" ]; then
    check "layout is what clang-format makes of it" \
        layout_is_the_formatters "$srcdir"
    # It takes long for a tree, so that this one is a single file.
    seeded=$work/single
    mkdir -p "$seeded/src/base"
    cp "$srcdir/src/base/status.c" "$seeded/src/base"
    check "another layout is noticed" finds layout_is_the_formatters \
        src/base/status.c 'int  two_blanks;'
else
    skip "layout is what clang-format makes of it" \
        "there is no clang-format of version 14"
fi
done_checking
