#!/bin/sh
# distsys-topology: what it says of networks, and what it refuses.

. "${srcdir:-.}/tests/program.sh"
program_is distsys-topology

head="hosts,switches,links,diameter,mean_way,latency,bisection"
link_head="link,name,rate,latency,sharing"

# The file that the manual shows.
sed -n '/^distsys topology 1/,/^\.Ed/p' "$srcdir/doc/distsys-topologies.7" |
    grep -v '^\.Ed' >"$work/own"

is()  # ROW TEXT
{
    prints "$head
$1" --format=csv "$2"
}

# The numbers of shown links of a load, with the messages over each.
loads()  # "LINKS" OPTION...
{
    wanted=$1
    shift
    "$program" --format=csv "$@" >"$work/out" 2>"$work/err" || return
    [ "$(sed 1d "$work/out" | cut -d, -f2,6 | tr ',\n' '  ')" = "$wanted " ] ||
        { cat "$work/out" && return 1; }
}

# Each line of a drawing, from host to place and so on, once.
draws()
{
    "$program" --dot tree:2,2 >"$work/out" 2>"$work/err" || return
    diff -u - "$work/out" <<'END'
graph topology {
  node [shape=circle];
  s0 [shape=box];
  s1 [shape=box];
  s2 [shape=box];
  h0 -- s0;
  h1 -- s0;
  h2 -- s1;
  h3 -- s1;
  s0 -- s2;
  s1 -- s2;
}
END
}

# Different messages of a pair go over different links.
messages_differ()
{
    for i in $(seq 20); do
        "$program" --format=csv --route=0,15 --message="$i" \
            'fattree:2;4,4;1,4;1,1,routing=ecmp-message' || return
    done | grep -c '^3[2-9],' >"$work/ways" && [ "$(cat "$work/ways")" = 20 ] &&
        "$program" --format=csv --route=0,15 --message=1 \
            'fattree:2;4,4;1,4;1,1,routing=ecmp-pair' >"$work/a" &&
        "$program" --format=csv --route=0,15 --message=2 \
            'fattree:2;4,4;1,4;1,1,routing=ecmp-pair' >"$work/b" &&
        cmp "$work/a" "$work/b"
}

check "a star" is "4,1,8,2,2,2e-06,2000000000" star:4
check "one host" is "1,1,2,0,0,0,0" star:1
check "a tree whose root is slow" is \
    "8,3,20,4,3.142857142857143,4e-06,1000000000" tree:2,4
check "a tree whose root is fast" is \
    "8,3,20,4,3.142857142857143,4e-06,4000000000" tree:2,4,inner-rate=9G
check "a full fat-tree carries what its hosts send" is \
    "16,8,64,4,3.6,4e-06,8000000000" "fattree:2;4,4;1,4;1,1"
check "a fat-tree of half the width carries half" is \
    "16,6,48,4,3.6,4e-06,4000000000" "fattree:2;4,4;1,2;1,1"
check "a ring is cut twice" is "6,0,12,3,1.8,3e-06,2000000000" ring:6
check "a mesh is cut once a row" is \
    "16,0,48,6,2.6666666666666665,6,4000000000" mesh:4x4,latency=1s
check "a torus is cut twice a row" is \
    "16,0,64,4,2.1333333333333333,4e-06,8000000000" torus:4x4
check "a hypercube has a link for each host across" is \
    "16,0,64,4,2.1333333333333333,4e-06,8000000000" hypercube:4
check "a full network is cut at all pairs" is "6,0,30,1,1,1e-06,9000000000" \
    full:6
check "cables that are one link are half as many" is \
    "4,1,4,2,2,2e-06,2000000000" star:4,sharing=half
check "the file of the manual" is "3,1,6,2,2,2e-06,1250000000" "file:$work/own"

check "a way is shown link by link" prints "$link_head
0,h0-s0,1000000000,1e-06,shared
8,s0-s2,4000000000,5e-07,shared
11,s2-s1,4000000000,5e-07,shared
7,s1-h3,1000000000,1e-06,shared" --format=csv --route=0,3 \
    tree:2,2,inner-rate=4G,inner-latency=500ns
check "no link leads to oneself" prints "$link_head" --format=csv --route=3,3 \
    star:4
check "a route of a file goes over a fat pipe" prints "$link_head
5,loop,20000000000,0,fatpipe" --format=csv --route=0,0 "file:$work/own"
check "messages of a pair may go different ways" messages_differ

check "an oversubscribed tree is as hot as theory says" loads "s0-s4 24" \
    --load=alltoall "fattree:2;4,4;1,2;1,1"
check "neighbours at a distance meet above" loads "s16-s24 4" --load=xor:32 \
    "fattree:3;4,4,4;1,2,2;1,1,1"
check "a shift on a full tree meets nobody" loads "h0-s0 1 s0-h0 1" \
    --load=shift:5 --links=2 "fattree:2;4,4;1,4;1,1"
check "the hottest link is the one that takes longest" loads "s0-s2 4 s2-s0 4" \
    --load=alltoall --links=2 tree:2,2,inner-rate=1M
check "what no message uses is not shown" loads "h0-h1 1 h1-h0 1" --load=xor:1 \
    --links=100 ring:2
check "it is drawn for dot" draws

# So many hosts, switches and cables, and the same when it is drawn again.
is_picture()  # HOSTS SWITCHES CABLES OPTION...
{
    hosts=$1 switches=$2 cables=$3
    shift 3
    "$program" --svg="$work/a.svg" "$@" && "$program" --svg="$work/b.svg" "$@" &&
        cmp "$work/a.svg" "$work/b.svg" &&
        [ "$(grep -c '<circle' "$work/a.svg")" = "$hosts" ] &&
        [ "$(grep -c '<rect' "$work/a.svg")" = $((switches + 1)) ] &&
        [ "$(grep -c '<path' "$work/a.svg")" = "$cables" ] &&
        ! grep -i 'nan\|inf"' "$work/a.svg"
}
check "a star is drawn" is_picture 8 1 8 star:8
check "a host by itself is drawn" is_picture 1 1 1 star:1
check "a tree is drawn" is_picture 8 3 10 tree:2,4
check "a fat-tree is drawn" is_picture 16 6 32 'fattree:2;4,4;1,2;1,2'
check "a ring is drawn" is_picture 5 0 5 ring:5
check "a full network is drawn" is_picture 5 0 10 full:5
check "a torus is drawn" is_picture 24 0 60 torus:4x3x2
check "a hypercube is drawn" is_picture 32 0 80 hypercube:5
check "a dragonfly is drawn" is_picture 40 20 80 'dragonfly:5,1;1,1;4,1;2'
check "a file is drawn" is_picture 3 1 3 "file:$work/own"

# Only the two cables of the root are red, and each says what goes over it.
shows_load()
{
    "$program" --svg="$work/a.svg" --load=xor:4 tree:2,4 &&
        [ "$(grep -c 'stroke="#c81e28"' "$work/a.svg")" = 2 ] &&
        [ "$(grep -c 's[01]-s2: 4 there, 4 back' "$work/a.svg")" = 2 ]
}
check "a load is drawn" shows_load

# Hosts of a grid stand in rows of its first side, one below the other.
is_grid()
{
    "$program" --svg="$work/a.svg" mesh:3x2 &&
        [ "$(sed -n 's/<circle cx="\([^"]*\)".*/\1/p' "$work/a.svg" |
            sort -u | wc -l)" = 3 ] &&
        [ "$(sed -n 's/<circle.*cy="\([^"]*\)".*/\1/p' "$work/a.svg" |
            sort -u | wc -l)" = 2 ]
}
check "a grid is drawn as one" is_grid

# The pictures of distsys-choosing(7), as they come with the documentation.
is_world()  # NAME TEXT
{
    "$program" --svg="$work/a.svg" --load=xor:32 "$2" &&
        cmp "$srcdir/doc/world-$1.svg" "$work/a.svg"
}
check "the picture of a switch is as it is drawn" is_world switch star:64
check "the picture of a fat-tree is as it is drawn" is_world fattree \
    'fattree:2;16,4;1,4;1,1'
check "the picture of a torus is as it is drawn" is_world torus torus:8x8
check "the picture of racks is as it is drawn" is_world racks tree:4,16

draws_no_routes()
{
    printf 'distsys topology 1\nhosts 1\nlink a 1G 0\nroute h0 h0 a\n' \
        >"$work/routes" &&
        fails 1 "it has no cables to draw, only routes over links" \
            --svg="$work/c.svg" "file:$work/routes" && ! [ -e "$work/c.svg" ]
}
check "routes without cables are not drawn" draws_no_routes
check "a picture of a route is refused" refuses \
    "--svg goes with --load, or alone" --svg=a --route=0,1 star:2
check "a picture that cannot be written is told of" fails 1 \
    "--svg: $work/no/a.svg: No such file or directory" \
    --svg="$work/no/a.svg" star:2

check "a missing text is refused" refuses "a TEXT is missing, such as star:32"
check "a wrong text is refused with its place" refuses \
    "ds_topology_parse: 'star:x', at character 6: 'x' where the number of \
hosts must be; allowed: 1 to 1048576" star:x
check "a file that is not there is refused" refuses \
    "ds_topology_parse: $work/none: No such file or directory" "file:$work/none"
check "hosts that are not there are refused" refuses \
    "--route: bad value '0,4'; allowed: two hosts from 0 to 3, as in 0,1" \
    --route=0,4 star:4
for pair in 0 0, ,0 0,1,2 0,-1 0x1,2 '0, 1' 0,99999999999999999999; do
    check "--route=$pair is refused" refuses "--route: bad value '$pair'; \
allowed: two hosts from 0 to 3, as in 0,1" "--route=$pair" star:4
done
for load in all shift shift: shift:4 shift:-1 xor:x alltoall:1; do
    check "--load=$load is refused" refuses "--load: bad value '$load'; \
allowed: alltoall, or shift:N or xor:N with N from 0 to 3" "--load=$load" star:4
done
check "partners that are not there are refused" refuses \
    "--load: host 2 has no partner: xor 1 is 3, and there are 3 hosts" \
    --load=xor:1 star:3
check "one thing is shown at a time" refuses \
    "only one of --route, --load and --dot can be shown" --dot --load=xor:1 \
    star:2
check "a way that is not there is status 1" eval \
    'printf "distsys topology 1\nhosts 2\n" >"$work/apart" &&
     fails 1 "no way leads from host 0 to host 1" "file:$work/apart"'
done_checking
