#!/bin/sh
# distsys-topology-xml: platforms of SimGrid and servers of NCCL become
# topologies with the hosts, links and ways that they have; and what it refuses.

. "${srcdir:-.}/tests/program.sh"
program_is distsys-topology-xml
unset DISTSYS_TRACE

if ! [ -x "$program" ]; then
    skip "XML becomes topologies" "there is no expat"
    done_checking
fi

borrow bench/distsys-topology-xml
borrow bench/distsys-topology
program=$work/distsys-topology-xml
topology=$work/distsys-topology

# ---- A platform of everything ------------------------------------------------

# Three clusters of each kind, a zone of each routing, gateways, units.
cat >"$work/all.xml" <<'END'
<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <config id="General"><prop id="a" value="b"/></config>
  <zone id="world" routing="Floyd">
    <zone id="office" routing="Full">
      <host id="ada" speed="1Gf"><prop id="x" value="y"/><disk id="d"/></host>
      <host id="bob" speed="1Gf" core="4"/>
      <router id="door"/>
      <link id="wire" bandwidth="10MBps" latency="1ms"/>
      <link id="pair" bandwidth="80Mbps" latency="2000us"
            sharing_policy="SPLITDUPLEX"/>
      <link id="fat #1" bandwidth="1KiBps" latency="0"
            sharing_policy="FATPIPE"/>
      <route src="ada" dst="bob"><link_ctn id="wire"/></route>
      <route src="ada" dst="door">
        <link_ctn id="pair" direction="UP"/><link_ctn id="fat #1"/>
      </route>
      <route src="bob" dst="door" symmetrical="NO"><link_ctn id="wire"/></route>
      <route src="door" dst="bob" symmetrical="NO">
        <link_ctn id="pair_UP"/>
      </route>
      <route src="bob" dst="bob"><link_ctn id="fat #1"/></route>
    </zone>
    <cluster id="c" prefix="c-" suffix=".x" radical="0-1,7" speed="1Gf"
             bw="125MBps" lat="50us" bb_bw="2.25GBps" bb_lat="0.5ms"
             loopback_bw="1GBps" loopback_lat="1us" limiter_link="150MBps"
             router_id="c-router"/>
    <zone id="rack" routing="Cluster">
      <router id="top"/>
      <host id="r0" speed="1Gf"/>
      <link id="r0up" bandwidth="1GBps" latency="1us"/>
      <link id="r0down" bandwidth="2GBps" latency="1us"/>
      <host_link id="r0" up="r0up" down="r0down"/>
      <cabinet id="k" prefix="k" suffix="" radical="1" speed="1Gf" bw="1GBps"
               lat="1us"/>
      <backbone id="spine" bandwidth="4GBps" latency="3us"/>
    </zone>
    <zone id="alone" routing="None"><host id="hermit" speed="1Gf"/></zone>
    <zone id="core" routing="Dijkstra">
      <router id="a"/><router id="b"/><router id="z"/>
      <link id="ab" bandwidth="1Gbps" latency="5ms"/>
      <link id="bz" bandwidth="1Gbps" latency="5ms"/>
      <link id="az" bandwidth="1Gbps" latency="5ms"/>
      <route src="a" dst="b"><link_ctn id="ab"/></route>
      <route src="b" dst="z"><link_ctn id="bz"/></route>
      <route src="a" dst="z">
        <link_ctn id="az"/><link_ctn id="az"/><link_ctn id="az"/>
      </route>
    </zone>
    <link id="up1" bandwidth="1GBps" latency="1ms"/>
    <link id="up2" bandwidth="1GBps" latency="1ms"/>
    <zoneRoute src="office" dst="core" gw_src="door" gw_dst="a">
      <link_ctn id="up1"/>
    </zoneRoute>
    <zoneRoute src="c" dst="core" gw_src="c-router" gw_dst="z">
      <link_ctn id="up2"/>
    </zoneRoute>
    <zoneRoute src="rack" dst="c" gw_src="top" gw_dst="c-router"/>
    <zoneRoute src="alone" dst="core" gw_src="hermit" gw_dst="b">
      <link_ctn id="up1"/>
    </zoneRoute>
  </zone>
  <trace id="t" file="f" periodicity="1"/>
</platform>
END

converts()  # FILE: to $work/own
{
    "$program" "$1" >"$work/own" 2>"$work/err" && ! [ -s "$work/err" ] ||
        { cat "$work/err"; return 1; }
}

# The links of a way, from one host to another by their old names.
way_is()  # FROM TO LINKS
{
    from=$(sed -n "s/^# \(h[0-9]*\) is $1\$/\1/p" "$work/own")
    to=$(sed -n "s/^# \(h[0-9]*\) is $2\$/\1/p" "$work/own")
    [ "$(sed -n "s/^route $from $to //p" "$work/own")" = "$3" ] ||
        { grep "^route $from $to " "$work/own"; return 1; }
}

link_is()  # NAME REST
{
    grep -qx "link $1 $2" "$work/own" || { grep "^link $1 " "$work/own"; false; }
}

# The library reads it, with so many hosts.
is_read()  # HOSTS
{
    [ "$("$topology" --format=csv "file:$work/own" | sed '1d;s/,.*//')" = "$1" ]
}

has_ways()
{
    way_is ada bob wire && way_is bob ada wire && way_is bob bob 'fat__1' &&
        way_is ada ada __loopback__ &&
        way_is c-0.x c-7.x 'c_link_0_limiter c_link_0_UP c_backbone c_link_7_DOWN c_link_7_limiter' &&
        way_is c-1.x c-1.x c_link_1_loopback &&
        way_is r0 k1 'r0up spine link_k1_DOWN' &&
        way_is k1 r0 'link_k1_UP spine r0down' &&
        way_is k1 k1 'link_k1_UP spine link_k1_DOWN'
}

# Up to the gateways, and over the core, whose short way is by b.
has_ways_between_zones()
{
    way_is ada c-1.x 'pair_UP fat__1 up1 ab bz up2 c_backbone c_link_1_DOWN c_link_1_limiter' &&
        way_is c-1.x ada 'c_link_1_limiter c_link_1_UP c_backbone up2 bz ab up1 fat__1 pair_DOWN' &&
        way_is bob hermit 'wire up1 ab up1' &&
        way_is hermit bob 'up1 ab up1 pair_UP' &&
        way_is r0 c-0.x 'r0up spine c_backbone c_link_0_DOWN c_link_0_limiter' &&
        way_is r0 ada 'r0up spine up2 bz ab up1 fat__1 pair_DOWN'
}

has_links()
{
    link_is wire '1e+07 0.001' && link_is pair_UP '1e+07 0.002' &&
        link_is pair_DOWN '1e+07 0.002' && link_is fat__1 '1024 0 fatpipe' &&
        link_is c_backbone '2.25e+09 0.0005' &&
        link_is c_link_7_loopback '1e+09 1e-06 fatpipe' &&
        link_is c_link_7_limiter '1.5e+08 0' && link_is r0down '2e+09 1e-06' &&
        link_is __loopback__ '1e+10 0 fatpipe' && link_is ab '1.25e+08 0.005'
}

check "a platform is converted" converts "$work/all.xml"
check "its hosts are there" is_read 8
check "ways inside of zones are right" has_ways
check "ways between zones are right" has_ways_between_zones
check "links are what they were" has_links

names_hosts()
{
    "$program" --hosts "$work/all.xml" >"$work/out" &&
        [ "$(wc -l <"$work/out")" = 8 ] && grep -qx '# h4 is c-7.x' "$work/out"
}
check "hosts can be listed" names_hosts

reads_input()
{
    "$program" - <"$work/all.xml" | sed 2d >"$work/a" &&
        sed 2d "$work/own" | cmp - "$work/a"
}
check "standard input is read" reads_input

# ---- Other clusters ----------------------------------------------------------

cube()  # ATTRIBUTES: a platform of one cluster
{
    printf '<platform version="4"><zone id="w" routing="Full"><cluster id="q" prefix="n" suffix="" speed="1Gf" bw="1GBps" lat="1us" %s/></zone></platform>\n' \
        "$1" >"$work/cube.xml"
}

# The same links on all ways as the library's own topology, but for names.
is_like()  # TEXT
{
    converts "$work/cube.xml" || return
    hosts=$(sed -n 's/^hosts //p' "$work/own")
    for from in 0 2; do
        for to in 1 5 6 $((hosts - 1)); do
            "$topology" --format=csv --route=$from,"$to" "$1,rate=1G,latency=1us" |
                sed '1d;s/^[0-9]*,//;s/,.*//' | tr '\n' ' ' >"$work/a" &&
                sed -n "s/^route h$from h$to //p" "$work/own" |
                sed 's/q_//g;s/$/ /' | tr -d '\n' | cmp - "$work/a" || return
        done
    done
}

is_torus()
{
    cube 'radical="0-11" topology="TORUS" topo_parameters="3,2,2"' &&
        is_like torus:3x2x2
}

is_fat_tree()
{
    cube 'radical="0-15" topology="FAT_TREE" topo_parameters="2;4,4;1,2;1,2"' &&
        is_like 'fattree:2;4,4;1,2;1,2'
}

is_dragonfly()
{
    cube 'radical="0-11" topology="DRAGONFLY" topo_parameters="3,4;1,3;2,1;2"' &&
        is_like 'dragonfly:3,4;1,3;2,1;2'
}

# Each host and each switch on the way once, and a loop.
has_limiters()
{
    cube 'radical="0-3" topology="FAT_TREE" topo_parameters="2;2,2;1,2;1,1" limiter_link="2GBps" loopback_bw="9GBps"' &&
        converts "$work/cube.xml" && way_is n0 n0 q_link_0_loopback &&
        way_is n0 n1 'q_link_0_limiter q_h0-s0 q_link_4_limiter q_s0-h1 q_link_1_limiter'
}

# One link for both directions, or for each message.
is_shared()
{
    cube 'radical="0-3" topology="TORUS" topo_parameters="4" sharing_policy="SHARED"' &&
        converts "$work/cube.xml" && way_is n0 n1 q_h0-h1 &&
        way_is n1 n0 q_h0-h1 && link_is q_h0-h1 '1e+09 1e-06' &&
        cube 'radical="0-3" topology="TORUS" topo_parameters="4" sharing_policy="FATPIPE"' &&
        converts "$work/cube.xml" && link_is q_h0-h1 '1e+09 1e-06 fatpipe'
}

# A plain cluster needs no routes but those to oneself, and so may be large.
is_plain()
{
    cube 'radical="0-19999"' && converts "$work/cube.xml" &&
        [ "$(grep -c '^cable' "$work/own")" = 20000 ] && is_read_quickly &&
        cube 'radical="0-1" sharing_policy="SHARED"' &&
        converts "$work/cube.xml" &&
        grep -qx 'cable h1 s0 1e+09 1e-06 half' "$work/own" &&
        way_is n1 n1 h1-s0
}

is_read_quickly()
{
    "$topology" --format=csv --route=3,19999 "file:$work/own" |
        grep -q '^39999,s0-h19999,'
}

check "a torus is converted" is_torus
check "a fat-tree is converted" is_fat_tree
check "a dragonfly is converted" is_dragonfly
check "limiters and loopbacks are on the way" has_limiters
check "shared and fat links are converted" is_shared
check "a plain cluster becomes cables" is_plain

tells_what_is_missing()
{
    sed '/<route src="ada" dst="bob"/d' "$work/all.xml" >"$work/part.xml" &&
        "$program" "$work/part.xml" >"$work/own" 2>"$work/err" &&
        grep -qx "$program_name: 2 of 56 pairs of hosts have no way" \
            "$work/err" && is_read_in_part
}

is_read_in_part()
{
    "$topology" --route=1,0 "file:$work/own" 2>&1 | grep -q 'no way leads'
}
check "pairs without a way are told of" tells_what_is_missing

# ---- A server of NCCL ---------------------------------------------------------

cat >"$work/server.xml" <<'END'
<system version="1">
  <cpu numaid="0" arch="x86_64" vendor="GenuineIntel" familyid="6" modelid="143">
    <pci busid="0000:01:00.0" class="0x060400" link_speed="32.0 GT/s PCIe" link_width="16">
      <pci busid="0000:02:00.0" class="0x030200" link_speed="32.0 GT/s PCIe" link_width="16">
        <gpu dev="1" sm="90" rank="1" gdr="1">
          <nvlink target="0000:03:00.0" count="4" tclass="0x030200"/>
          <nvlink target="0000:a0:00.0" count="6" tclass="0x068000"/>
          <nvlink target="0000:a1:00.0" count="8" tclass="0x068000"/>
        </gpu>
      </pci>
      <pci busid="0000:03:00.0" class="0x030200" link_speed="16.0 GT/s PCIe" link_width="8">
        <gpu dev="0" sm="80" rank="0" gdr="1">
          <nvlink target="0000:02:00.0" count="4" tclass="0x030200"/>
        </gpu>
      </pci>
      <pci busid="0000:04:00.0" class="0x020700" link_speed="" link_width="16">
        <nic>
          <net name="mlx5_1" dev="1" speed="400000" port="1" latency="1.5" gdr="1"/>
          <net name="mlx5_0" dev="0" speed="100000" port="1"/>
        </nic>
      </pci>
    </pci>
  </cpu>
  <cpu numaid="1" arch="x86_64" vendor="AuthenticAMD" familyid="175" modelid="1">
    <pci busid="0000:81:00.0" class="0x030200" link_speed="8.0 GT/s PCIe" link_width="16">
      <gpu dev="2" sm="86" rank="2"/>
    </pci>
  </cpu>
</system>
END

cat >"$work/expected" <<'END'
hosts 5
switches 5
# h1 is GPU 1
# h0 is GPU 0
# h4 is network 1, mlx5_1
# h3 is network 0, mlx5_0
# h2 is GPU 2
# s0 is NUMA 0
# s1 is PCI 0000:01:00.0
# s2 is PCI 0000:04:00.0
# s3 is NUMA 1
# s4 is the NVSwitches
cable h1 s4 2.884e+11 0
cable h1 h0 8.24e+10 0
cable s0 s3 2.2e+10 0
cable s1 s0 4e+10 0
cable h1 s1 4.8e+10 0
cable h0 s1 1.2e+10 0
cable s2 s1 1.2e+10 0
cable h4 s2 5e+10 1.5e-06
cable h3 s2 1.25e+10 0
cable h2 s3 1.2e+10 0
END

is_server()
{
    converts "$work/server.xml" &&
        sed '1,2d' "$work/own" | sort >"$work/a" &&
        sort "$work/expected" | diff -u - "$work/a" && is_read 5 &&
        "$topology" --format=csv --route=0,1 "file:$work/own" |
        grep -q ',h0-h1,' &&
        [ "$("$topology" --format=csv --route=4,2 "file:$work/own" |
            sed '1d;s/^[0-9]*,//;s/,.*//' | tr '\n' ' ')" = \
            'h4-s2 s2-s1 s1-s0 s0-s3 s3-h2 ' ]
}
check "a server is converted" is_server

# Eight H100 on NVSwitches: 18 links of 20.6 GB/s each.
is_h100()
{
    {
        echo '<system version="1"><cpu numaid="0" arch="x86_64" vendor="AuthenticAMD" familyid="191" modelid="1">'
        for i in 0 1 2 3 4 5 6 7; do
            printf '<pci busid="0:%d" link_speed="32.0 GT/s PCIe" link_width="16"><gpu dev="%d" sm="90" rank="0">' $i $i
            for s in 4 4 5 5; do
                printf '<nvlink target="s:%d" count="%d" tclass="0x068000"/>' $s $s
            done
            echo '</gpu></pci>'
        done
        echo '</cpu></system>'
    } >"$work/h100.xml"
    converts "$work/h100.xml" &&
        [ "$(grep -c ' s1 3.708e+11 0$' "$work/own")" = 8 ]
}
check "eight GPUs on NVSwitches have 370.8 GB/s each" is_h100

# ---- Bypasses ----------------------------------------------------------------

# Two sites with rooms in them, whose ordinary ways lead over the link "long".
cat >"$work/bypass.xml" <<'END'
<platform version="4.1">
  <zone id="earth" routing="Full">
    <zone id="north" routing="Full">
      <zone id="n1" routing="Full">
        <host id="ann" speed="1Gf"/><host id="ben" speed="1Gf"/>
        <router id="n1r"/>
        <link id="a" bandwidth="1GBps" latency="0"/>
        <link id="b" bandwidth="1GBps" latency="0"/>
        <link id="ab" bandwidth="1GBps" latency="0"/>
        <link id="direct" bandwidth="1GBps" latency="0"/>
        <route src="ann" dst="n1r"><link_ctn id="a"/></route>
        <route src="ben" dst="n1r"><link_ctn id="b"/></route>
        <route src="ann" dst="ben"><link_ctn id="ab"/></route>
        <bypassRoute src="ann" dst="ben"><link_ctn id="direct"/></bypassRoute>
      </zone>
      <zone id="n2" routing="Full"><host id="cat" speed="1Gf"/></zone>
      <link id="hall" bandwidth="1GBps" latency="0"/>
      <link id="stairs" bandwidth="1GBps" latency="0"/>
      <zoneRoute src="n1" dst="n2" gw_src="n1r" gw_dst="cat">
        <link_ctn id="hall"/>
      </zoneRoute>
      <bypassZoneRoute src="n2" dst="n1" gw_src="cat" gw_dst="ann">
        <link_ctn id="stairs"/>
      </bypassZoneRoute>
    </zone>
    <zone id="south" routing="Full"><host id="dan" speed="1Gf"/></zone>
    <zone id="west" routing="Full"><host id="eve" speed="1Gf"/></zone>
    <link id="long" bandwidth="1GBps" latency="0"/>
    <link id="sky" bandwidth="1GBps" latency="0"/>
    <link id="sea" bandwidth="1GBps" latency="0"/>
    <zoneRoute src="north" dst="south" gw_src="n1r" gw_dst="dan">
      <link_ctn id="long"/>
    </zoneRoute>
    <zoneRoute src="west" dst="south" gw_src="eve" gw_dst="dan">
      <link_ctn id="long"/>
    </zoneRoute>
    <bypassASroute src="north" dst="south" gw_src="n1r" gw_dst="dan">
      <link_ctn id="sea"/>
    </bypassASroute>
    <bypassASroute src="n1" dst="south" gw_src="ben" gw_dst="dan">
      <link_ctn id="sky"/>
    </bypassASroute>
    <bypassASroute src="west" dst="n1" gw_src="eve" gw_dst="ben">
      <link_ctn id="sea"/><link_ctn id="sky"/>
    </bypassASroute>
  </zone>
</platform>
END

bypass_is_converted()
{
    "$program" "$work/bypass.xml" >"$work/own" 2>"$work/err" &&
        [ "$(cat "$work/err")" = \
            "distsys-topology-xml: 4 of 20 pairs of hosts have no way" ]
}
check "a platform with bypasses is converted" bypass_is_converted
check "a bypass goes before the way of its zone" way_is ann ben "direct"
check "a bypass leads one way" way_is ben ann "ab"
check "a bypass between zones goes before theirs" way_is cat ben "stairs direct"
check "and leads one way, too" way_is ben cat "b hall"
check "zones anywhere inside have a bypass, the nearest to its ends" \
    way_is ann dan "direct sky"
check "the bypass of the outer zone is for others" way_is cat dan "stairs a sea"
check "the way back is as it was" way_is dan ann "long a"
check "zones that no way leads between have a bypass" way_is eve ann "sea sky ab"
check "to others of the outer zone none leads" \
    eval '! grep "^route h4 h2 " "$work/own"'

# One flat cluster would be cables to a switch.
cat >"$work/flat.xml" <<'END'
<platform version="4.1">
  <zone id="z" routing="Full">
    <zone id="c" routing="Cluster">
      <host id="p" speed="1Gf"/><host id="q" speed="1Gf"/>
      <link id="lp" bandwidth="1GBps" latency="0"/>
      <link id="lq" bandwidth="1GBps" latency="0"/>
      <link id="pq" bandwidth="1GBps" latency="0"/>
      <host_link id="p" up="lp" down="lp"/>
      <host_link id="q" up="lq" down="lq"/>
      <bypassRoute src="p" dst="q"><link_ctn id="pq"/></bypassRoute>
    </zone>
  </zone>
</platform>
END
check "a cluster may have one" eval \
    'converts "$work/flat.xml" && way_is p q "pq" && way_is q p "lq lp"'

# ---- Broken ones -------------------------------------------------------------

broken()  # FILE SCRIPT-OF-SED LINE REASON
{
    sed "$2" "$work/$1" >"$work/broken.xml"
    ! cmp -s "$work/$1" "$work/broken.xml" &&
        fails 2 "$work/broken.xml:$3: $4" "$work/broken.xml"
}

spoil()  # FILE SCRIPT-OF-SED LINE REASON
{
    check "refused: $4" broken "$@"
}

spoil all.xml 's/version="4.1"/version="3"/' 3 \
    "it is of version 3; allowed: 4, 4.1"
spoil all.xml 's/ version="4.1"//' 3 "<platform> has no 'version'"
spoil all.xml '$d' 65 "no element found"
spoil all.xml 's/<router id="door"\/>/<router id="door">/' 24 "mismatched tag"
spoil all.xml 's/10MBps/10MB/' 10 "bandwidth is '10MB'; allowed: a number above 0 with Bps or bps, and k, M, G, T, Ki, Mi, Gi or Ti before that"
spoil all.xml 's/10MBps/-1MBps/' 10 "bandwidth is '-1MBps'; allowed: a number above 0 with Bps or bps, and k, M, G, T, Ki, Mi, Gi or Ti before that"
spoil all.xml 's/latency="1ms"\/>$/latency="1min"\/>/' 10 "latency is '1min'; allowed: a number from 0 on with s, ms, us, ns, ps, m, h, d or w"
spoil all.xml 's/FATPIPE/WIFI/' 13 \
    "link 'fat #1' is WIFI; such links are not converted"
spoil all.xml 's/FATPIPE/NONLINEAR/' 13 \
    "link 'fat #1' is NONLINEAR; such links are not converted"
spoil all.xml 's/FATPIPE/FAT/' 13 "unknown sharing_policy 'FAT'; allowed: SHARED, SPLITDUPLEX, FULLDUPLEX, FATPIPE, WIFI, NONLINEAR"
spoil all.xml 's/FATPIPE"/FATPIPE" state_file="f"/' 13 \
    "link 'fat #1' has a state_file; such links are not converted"
spoil all.xml 's/routing="Floyd"/routing="Vivaldi"/' 5 \
    "zone 'world' has Vivaldi routing, which is not converted"
spoil all.xml 's/routing="Floyd"/routing="Floid"/' 5 "unknown routing 'Floid'; allowed: Full, Floyd, Dijkstra, Star, Cluster, DijkstraCache, None, Vivaldi, Wifi, WIFI"
spoil all.xml 's/<router id="door"\/>/<storage id="s"\/>/' 9 \
    "<storage> is not converted"
spoil all.xml 's/<router id="door"\/>/<door\/>/' 9 \
    "unknown <door> in zone 'office'"
spoil all.xml 's/id="bob" speed/id="ada" speed/' 8 "there is a 'ada' already"
spoil all.xml 's/src="ada" dst="bob"/src="ada" dst="eve"/' 15 \
    "dst is 'eve', which there is not"
spoil all.xml 's/src="ada" dst="bob"/src="ada" dst="world"/' 15 \
    "'world' is not in zone 'office'"
spoil all.xml 's/src="ada" dst="bob"/src="bob" dst="door"/' 19 \
    "there is a way from 'bob' to 'door' already"
spoil all.xml 's/<link_ctn id="wire"\/>/<link_ctn id="rope"\/>/' 15 \
    "no link is called 'rope'"
spoil all.xml 's/ direction="UP"//' 17 \
    "link 'pair' is SPLITDUPLEX; allowed: direction UP or DOWN"
spoil all.xml 's/link_ctn id="pair" direction/link_ctn id="wire" direction/' 17 \
    "link 'wire' has no direction, since it is not SPLITDUPLEX"
spoil all.xml 's/gw_src="door"/gw_src="top"/' 53 \
    "gw_src is 'top', which is no host and no router of zone 'office'"
spoil all.xml 's/ gw_src="door"//' 53 "<zoneRoute> has no 'gw_src'"
spoil all.xml 's/radical="0-1,7"/radical="0-1;7"/' 25 "radical is '0-1;7'; allowed: numbers from 0 to 1000000 and ranges, as in 0-7,9"
spoil all.xml 's/up="r0up"/up="up"/' 34 "no link is called 'up'"
spoil all.xml 's/routing="Cluster"/routing="Full"/' 34 \
    "<host_link> in zone 'rack'; only Cluster zones have such"
spoil all.xml 's/<trace id/<trace_connect kind="BANDWIDTH" a/' 64 \
    "a trace of BANDWIDTH; links that change are not converted"
spoil all.xml 's/<!DOCTYPE.*/<!DOCTYPE p [<!ENTITY a "b">]>/' 2 \
    "it defines an entity, 'a'; there are none in such a file"
spoil all.xml 's/platform/plateau/' 3 "it begins with <plateau>; allowed: <platform> of SimGrid, <system> of NCCL"

spoil bypass.xml 's/bypassRoute src="ann" dst="ben"/bypassRoute src="ann" dst="earth"/' \
    14 "'earth' is not in zone 'n1'"
spoil bypass.xml 's/bypassRoute src="ann" dst="ben"/bypassRoute src="n1" dst="ben"/' \
    14 "'n1' is not in zone 'n1'"
spoil bypass.xml 's/<bypassRoute src="ann"/<bypassRoute symmetrical="YES" src="ann"/' \
    14 "<bypassRoute> has a symmetrical; it leads one way"
spoil bypass.xml '14s/<link_ctn id="direct".>//' 14 \
    "<bypassRoute> has no <link_ctn>"
spoil bypass.xml 's/<bypassASroute src="n1"/<bypassASroute src="north"/' 40 \
    "there is a bypass from 'north' to 'south' already"
spoil bypass.xml '19,30s/<bypassZoneRoute src="n2"/<bypassZoneRoute src="earth"/' 22 \
    "'earth' is not inside of zone 'north'"
spoil bypass.xml '37s/src="north"/src="cat"/' 37 \
    "'cat' is no zone; allowed: a zone"
spoil bypass.xml 's/gw_src="ben" gw_dst="dan"/gw_src="cat" gw_dst="dan"/' 40 \
    "gw_src is 'cat', which is no host and no router of zone 'n1'"

cube 'radical="0-11" topology="TORUS" topo_parameters="3,2,2"'
spoil cube.xml 's/0-11/0-10/' 1 \
    "cluster 'q' has 11 hosts, but its topo_parameters are for 12"
spoil cube.xml 's/3,2,2/3,x/' 1 "topo_parameters is '3,x'; allowed: numbers, commas and semicolons"
cube 'radical="0-4999" bb_bw="1GBps"'
spoil cube.xml 's/0-4999/0-5000/' 1 "it has 5001 hosts; allowed: up to 5000, if it is not one plain cluster"

spoil server.xml 's/"x86_64" vendor="G/"sparc" vendor="G/' 2 \
    "arch is 'sparc'; allowed: x86_64, arm64, ppc64"
spoil server.xml 's/AuthenticAMD/Acme/' 24 "vendor is 'Acme'; allowed: GenuineIntel, AuthenticAMD, CentaurHauls, \"  Shanghai  \""
spoil server.xml 's/ numaid="1"//' 24 "<cpu> has no 'numaid'"
spoil server.xml 's/numaid="1"/numaid="x"/' 24 \
    "numaid is 'x'; allowed: a whole number from -1 to 100000"
spoil server.xml 's/8.0 GT/9.0 GT/' 25 \
    "link_speed is '9.0 GT/s PCIe'; allowed: 2.5, 5, 8, 16, 32 or 64 GT/s"
spoil server.xml '25s/ link_speed="[^"]*"//' 25 "<pci> has no 'link_speed'"
spoil server.xml '25s/link_width="16"/link_width="99"/' 25 \
    "link_width is '99'; allowed: a whole number from 0 to 64"
spoil server.xml 's/0000:81/0000:01/' 25 \
    "there is a busid '0000:01:00.0' already"
spoil server.xml 's/dev="2"/dev="1"/' 26 "there is a <gpu> with dev 1 already"
spoil server.xml 's/ dev="2"//' 26 "<gpu> has no 'dev'"
spoil server.xml 's/sm="86"/sm="8.6"/' 26 \
    "sm is '8.6'; allowed: a whole number from 0 to 1000"
spoil server.xml 's/target="0000:03/target="0000:04/' 6 "target is '0000:04:00.0'; allowed: the busid of another <gpu>, or of an NVSwitch (tclass 0x0680..)"
spoil server.xml 's/:02:00.0" count="4"/:02:00.0" count="5"/' 6 \
    "4 NVLinks lead to '0000:03:00.0', and 5 back"
spoil server.xml 's/count="8"/count="0"/' 8 \
    "count is '0'; allowed: a whole number from 1 to 1000"
spoil server.xml 's/count="8" //' 8 "<nvlink> has no 'count'"
spoil server.xml 's/speed="400000"/speed="0"/' 18 \
    "speed is '0'; allowed: a whole number from 1 to 100000000"
spoil server.xml 's/mlx5_0" dev="0"/mlx5_0" dev="1"/' 19 \
    "there is a <net> with dev 1 already"
spoil server.xml 's/latency="1.5"/latency="-1"/' 18 \
    "latency is '-1'; allowed: microseconds from 0 on"
spoil server.xml 's/<nvlink target="0000:a1.*/<c2c bw="1"\/>/' 8 \
    "<c2c> is not converted"
spoil server.xml 's/<nvlink target="0000:a1.*/<xgmi\/>/' 8 \
    "unknown <xgmi> inside of <gpu>; allowed: nvlink, c2c"
spoil server.xml 's/<gpu dev="2".*/<gpu dev="2" sm="86"\/><gpu dev="3" sm="86"\/>/' \
    26 "a <gpu> must be alone in its <pci>"
spoil server.xml 's/<\(.*\)nic>/<\1nick>/' 17 "unknown <nick> inside of <pci>"
spoil server.xml '2,28d' 1 "it has no <gpu> and no <net>"
spoil server.xml '$d' 29 "no element found"

check "a file that there is not is refused" \
    fails 2 "$work/none.xml:0: it cannot be opened" "$work/none.xml"
check "no file is refused" refuses "no FILE is given; allowed: one"

# ---- Anything ----------------------------------------------------------------

# Files with pieces left out, doubled, or of other lines: each is converted into
# what the library reads, or is refused with one line.
survives()  # FILE
{
    lines=$(wc -l <"$work/$1")
    for i in $(seq 30); do
        from=$((i * 7919 % lines + 1))
        other=$((i * 104729 % lines + 1))
        case $((i % 4)) in
        0) sed "${from}d" "$work/$1" ;;
        1) sed "${from}p" "$work/$1" ;;
        2) sed "${from}s/\"[^\"]*\"/\"$i\"/" "$work/$1" ;;
        3) sed "${from}r /dev/stdin" "$work/$1" <<END
$(sed -n "${other}p" "$work/$1")
END
            ;;
        esac >"$work/fuzz.xml"
        status=0
        timeout 20 "$program" "$work/fuzz.xml" >"$work/own" 2>"$work/err" ||
            status=$?
        if [ $status -eq 0 ]; then
            "$topology" --format=csv "file:$work/own" >"$work/out" 2>&1 ||
                grep -q 'no way leads' "$work/out" ||
                { cat "$work/out"; return 1; }
        else
            [ $status -eq 2 ] && [ "$(wc -l <"$work/err")" -eq 1 ] ||
                { echo "$i: $status"; cat "$work/err"; return 1; }
        fi
    done
}
check "platforms that are damaged are read or refused" survives all.xml
check "bypasses that are damaged are read or refused" survives bypass.xml
check "servers that are damaged are read or refused" survives server.xml

done_checking
