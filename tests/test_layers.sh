#!/bin/sh
# base <- loop <- net <- coll: a folder includes itself, lower ones, and public
# headers of its own layer or below.  Only loop knows POSIX threads.  The
# networks that come with the library are written like a user's own.

. "${srcdir:-.}/tests/shell.sh"

# Whether no FILE includes anything above the layer of NAME, which is a folder
# of src or a public header.
stays_below()  # NAME FILE...
{
    name=$1
    shift
    awk -v name="$name" '
    BEGIN {
        n = split("base status.h 1 loop loop.h 2 " \
                  "net net.h connmat.h switch.h 3 " \
                  "coll vec.h cost.h comm.h allreduce.h collective.h " \
                  "distsys.h 4", words, " ")
        for (i = n; i > 0; i--)
            if (words[i] ~ /^[0-9]$/)
                top = words[i]
            else
                layer[words[i]] = top
    }
    /^ *# *include *["<]/ {
        what = $0
        gsub(/.*include *["<]|[">].*/, "", what)
        if (what == "config.h")
            next
        else if (/"/)
            sub(/\/.*/, "", what)  # the folder decides
        else if (what ~ /^distsys[\/.]/)
            sub(/^distsys\//, "", what)
        else
            next
        if (!(what in layer) || layer[what] > layer[name]) {
            print FILENAME ": " $0
            bad = 1
        }
    }
    END { exit bad || !(name in layer) }' "$@"
}

folder_stays_below()  # TREE FOLDER
{
    (cd "$1/src/$2" && stays_below "$2" *.[chS])
}

headers_stay_below()  # TREE
{
    above=0
    for file in "$1"/include/distsys/*.h; do
        stays_below "${file##*/}" "$file" || above=1
    done
    return $above
}

# Of the library: a program may measure what bare threads cost.
only_loop_knows_threads()  # TREE
{
    ! find "$1/src" "$1/include" -name '*.[ch]' \
        ! -path "$1/src/loop/*" -exec \
        grep -nE '# *include *<(pthread|threads|semaphore|ucontext)\.h>' {} + |
        grep .
}

# The core of src/net is what a network is made of; all else there is networks,
# with private files of their own at most.
networks_use_public_operations()  # TREE
{
    bad=0
    for file in "$1"/src/net/*.[ch]; do
        case ${file##*/} in
        msg.[ch] | net.[ch] | node.[ch]) continue ;;
        esac
        grep -nHE '# *include *"(net/(msg|net|node)\.h|loop/)' "$file" && bad=1
    done
    return $bad
}

# Examples and programs of users have <distsys.h>, and so have these.
examples_include_public_headers()  # TREE
{
    ! grep -nE '# *include *"' "$1"/examples/*.c
}

# Whether RULE finds fault with a tree in which FILE also includes HEADER.
is_noticed()  # FILE HEADER RULE...
{
    into=$1
    line=$2
    shift 2
    rm -rf "$work/tree"
    mkdir "$work/tree" || return
    cp -R "$srcdir/src" "$srcdir/include" "$srcdir/bench" \
        "$srcdir/examples" "$work/tree" || return
    chmod -R u+w "$work/tree"
    rule=$1
    shift
    "$rule" "$work/tree" "$@" >/dev/null || return
    echo "#include $line" >>"$work/tree/$into"
    ! "$rule" "$work/tree" "$@"
}

for folder in "$srcdir"/src/*/; do
    folder=$(basename "$folder")
    check "src/$folder includes nothing from above" \
        folder_stays_below "$srcdir" "$folder"
done
check "public headers include nothing from above" headers_stay_below "$srcdir"
check "only src/loop knows POSIX threads" only_loop_knows_threads "$srcdir"
check "the library's networks use public operations" \
    networks_use_public_operations "$srcdir"
check "examples include public headers only" \
    examples_include_public_headers "$srcdir"

check "a base that includes the loop is noticed" is_noticed \
    src/base/status.c '"loop/loop.h"' folder_stays_below base
check "a loop that includes <distsys/net.h> is noticed" is_noticed \
    src/loop/run.c '<distsys/net.h>' folder_stays_below loop
check "a net that includes <distsys.h> is noticed" is_noticed \
    src/net/net.c '<distsys.h>' folder_stays_below net
check "a <distsys/loop.h> that includes <distsys/net.h> is noticed" is_noticed \
    include/distsys/loop.h '<distsys/net.h>' headers_stay_below
check "a net that includes <pthread.h> is noticed" is_noticed \
    src/net/net.c '<pthread.h>' only_loop_knows_threads
check "a network that includes the core of net is noticed" is_noticed \
    src/net/random.c '"net/net.h"' networks_use_public_operations
check "an example that includes a private header is noticed" is_noticed \
    examples/hello.c '"loop/loop.h"' examples_include_public_headers
done_checking
