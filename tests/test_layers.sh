#!/bin/sh
# src/LAYERS says who may include whom, and neither the folders nor the files in
# them go round in circles.  Only loop knows POSIX threads.  The networks that
# come with the library are written like a user's own.

. "${srcdir:-.}/tests/shell.sh"

# ---- Who includes whom -------------------------------------------------------

# The folders that src/LAYERS names.
layers()  # TREE
{
    sed -n 's/^\([a-z][a-z/]*\) *:.*/\1/p' "$1/src/LAYERS"
}

# Whether the files of NAME, a folder of src or a public header, include nothing
# but what src/LAYERS allows.
stays_within()  # TREE NAME FILE...
{
    layers_file=$1/src/LAYERS
    name=$2
    shift 2
    awk -v name="$name" '
    # What a folder may include: private folders and public headers.
    FILENAME == ARGV[1] {
        if (!/^[a-z]/)
            next
        split($0, part, ":")
        folder = part[1]
        sub(/ *$/, "", folder)
        below[folder] = folder " " part[2]
        public[folder] = part[3]
        n = split(part[3], words, " ")
        for (i = 1; i <= n; i++)
            home[words[i]] = folder
        next
    }
    FNR == 1 && !ready {
        ready = 1
        mine = name in home ? home[name] : name
        known = mine in below
        n = split(below[mine], folders, " ")
        for (i = 1; i <= n; i++) {
            if (folders[i] ~ /\.h$/)
                allowed["distsys/" folders[i]] = 1
            private[folders[i]] = 1
            m = split(public[folders[i]], words, " ")
            for (j = 1; j <= m; j++)
                allowed["distsys/" words[j]] = 1
        }
        if ("distsys/distsys.h" in allowed)
            allowed["distsys.h"] = 1
    }
    /^ *# *include *["<]/ {
        what = $0
        gsub(/.*include *["<]|[">].*/, "", what)
        if (what == "config.h")
            next
        if (what ~ /^distsys[\/.]/) {
            good = what in allowed
        } else if (/"/) {
            sub(/\/[^\/]*$/, "", what)
            good = what in private
        } else {
            next
        }
        if (!good) {
            print FILENAME ": " $0
            bad = 1
        }
    }
    END { exit bad || !known }' "$layers_file" "$@"
}

folder_stays_within()  # TREE FOLDER
{
    stays_within "$1" "$2" "$1/src/$2"/*.[chS]
}

headers_stay_within()  # TREE
{
    above=0
    for file in "$1"/include/distsys.h "$1"/include/distsys/*.h; do
        stays_within "$1" "${file##*/}" "$file" || above=1
    done
    return $above
}

# Every folder with sources has a line.
every_folder_is_named()  # TREE
{
    find "$1/src" -name '*.c' | sed "s#^$1/src/##; s#/[^/]*\$##" | sort -u \
        >"$work/there"
    layers "$1" | sort -u | diff - "$work/there"
}

# ---- Circles -----------------------------------------------------------------

# Whether there are pairs of names, "user used", and no circle among them.
in_order()
{
    cat >"$work/pairs"
    [ -s "$work/pairs" ] && tsort "$work/pairs" >"$work/order"
}

folders_are_in_order()  # TREE
{
    sed -n 's/^\([a-z][a-z/]*\) *:\([^:]*\):.*/\1 \2/p' "$1/src/LAYERS" |
        awk '{ for (i = 2; i <= NF; i++) print $1, $i }' | in_order
}

headers_are_in_order()  # TREE
{
    (cd "$1/src" && grep -rHE '^ *# *include *"' --include='*.h' .) |
        sed -n 's#^\./\([^:]*\):.*include *"\([^"]*\)".*#\1 \2#p' | in_order
}

# Which object of FOLDER uses a symbol of which other.  Most are there twice,
# once with code for a shared library; either will do.
objects_are_in_order()  # FOLDER
{
    find "$1" -name '*.o' -path '*/.libs/*' >"$work/objects"
    [ -s "$work/objects" ] || find "$1" -name '*.o' >"$work/objects"
    [ -s "$work/objects" ] || return
    xargs ${NM:-nm} -A <"$work/objects" | awk '
        NF > 2 && $(NF - 1) ~ /^[TDBRVW]$/ {
            sub(/:.*/, "", $1)
            owner[$NF] = $1
        }
        $(NF - 1) == "U" {
            sub(/:.*/, "", $1)
            use[++n] = $1 " " $NF
        }
        END {
            for (i = 1; i <= n; i++) {
                split(use[i], pair, " ")
                if (pair[2] in owner && owner[pair[2]] != pair[1])
                    print pair[1], owner[pair[2]]
            }
        }' | sort -u >"$work/uses"
    in_order <"$work/uses"
}

# ---- Other rules -------------------------------------------------------------

# Of the library: a program may measure what bare threads cost.
only_loop_knows_threads()  # TREE
{
    ! find "$1/src" "$1/include" -name '*.[ch]' \
        ! -path "$1/src/loop/*" -exec \
        grep -nE '# *include *<(pthread|threads|semaphore|ucontext)\.h>' {} + |
        grep .
}

# Networks are the files of src/net that define what a network does; they and
# their own headers, and the stores, are written as a user would.
networks_use_public_operations()  # TREE
{
    (
        cd "$1/src/net" || exit
        networks=$(grep -lE '^static const ds_net_ops ' *.c) || exit
        parts=$(sed -n 's#.*include *"net/\([a-z]*\)\.h".*#\1.[ch]#p' $networks)
        ! grep -nE '# *include *"(net/(faults|gate|ledger|life|net)\.h|loop/)' \
            $networks $parts store.[ch]
    )
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

for folder in $(layers "$srcdir"); do
    check "src/$folder includes nothing but what it may" \
        folder_stays_within "$srcdir" "$folder"
done
check "every folder of src is in LAYERS" every_folder_is_named "$srcdir"
check "public headers include nothing but what they may" headers_stay_within \
    "$srcdir"
check "the folders do not go round in circles" folders_are_in_order "$srcdir"
check "private headers do not go round in circles" headers_are_in_order "$srcdir"
check "the files of src do not call each other in circles" \
    objects_are_in_order "$top_builddir/src"
check "only src/loop knows POSIX threads" only_loop_knows_threads "$srcdir"
check "the library's networks use public operations" \
    networks_use_public_operations "$srcdir"
check "examples include public headers only" \
    examples_include_public_headers "$srcdir"

check "a base that includes the loop is noticed" is_noticed \
    src/base/status.c '"loop/loop.h"' folder_stays_within base
check "a loop that includes <distsys/net.h> is noticed" is_noticed \
    src/loop/run.c '<distsys/net.h>' folder_stays_within loop
check "a loop that includes its executions is noticed" is_noticed \
    src/loop/run.c '"loop/exec/fibers.h"' folder_stays_within loop
check "a net that includes <distsys.h> is noticed" is_noticed \
    src/net/net.c '<distsys.h>' folder_stays_within net
check "an engine that includes the core of net is noticed" is_noticed \
    src/net/fluid/dense.c '"net/net.h"' folder_stays_within net/fluid
check "an engine that includes <distsys/loop.h> is noticed" is_noticed \
    src/net/fluid/dense.c '<distsys/loop.h>' folder_stays_within net/fluid
check "a <distsys/loop.h> that includes <distsys/net.h> is noticed" is_noticed \
    include/distsys/loop.h '<distsys/net.h>' headers_stay_within
check "a net that includes <pthread.h> is noticed" is_noticed \
    src/net/net.c '<pthread.h>' only_loop_knows_threads
check "a network that includes the core of net is noticed" is_noticed \
    src/net/random.c '"net/net.h"' networks_use_public_operations
check "a part of a network that includes the loop is noticed" is_noticed \
    src/net/connection.c '"loop/loop.h"' networks_use_public_operations
check "an example that includes a private header is noticed" is_noticed \
    examples/hello.c '"loop/loop.h"' examples_include_public_headers

# The same for circles, which no line at the end of one file makes.
seed_folder()
{
    mkdir -p "$work/seed/src/net/new" && : >"$work/seed/src/net/new/file.c" &&
        cp "$srcdir/src/LAYERS" "$work/seed/src/LAYERS"
}

seed_layers()
{
    mkdir -p "$work/seed/src" &&
        sed 's/^base .*/base : net :/' "$srcdir/src/LAYERS" \
            >"$work/seed/src/LAYERS"
}

seed_headers()
{
    mkdir -p "$work/seed/src/a" &&
        echo '#include "a/two.h"' >"$work/seed/src/a/one.h" &&
        echo '#include "a/one.h"' >"$work/seed/src/a/two.h"
}

seed_objects()
{
    mkdir -p "$work/seed/objects" &&
        echo 'int two(void); int one(void) { return two(); }' \
            >"$work/seed/one.c" &&
        echo 'int one(void); int two(void) { return one(); }' \
            >"$work/seed/two.c" &&
        for one in one two; do
            $CC -c -o "$work/seed/objects/$one.o" "$work/seed/$one.c" || return
        done
}

check "a folder without a line is noticed" eval \
    'seed_folder && ! every_folder_is_named "$work/seed"'
check "folders in a circle are noticed" eval \
    'seed_layers && ! folders_are_in_order "$work/seed"'
check "headers in a circle are noticed" eval \
    'seed_headers && ! headers_are_in_order "$work/seed"'
check "files that call each other are noticed" eval \
    'seed_objects && ! objects_are_in_order "$work/seed/objects"'
done_checking
