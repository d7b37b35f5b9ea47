/* Files that describe networks: a good one of each format is what it says, and
 * one that is spoilt is refused with its line. */

#include "harness.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "topology/topology.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))

/* ---- Good files -----------------------------------------------------------*/

static const char own[] = "# two hosts at either switch\n"
                          "distsys topology 1\n"
                          "hosts 4\n"
                          "switches 2\n"
                          "\n"
                          "cable h0 s0 10Gbit 1us\n"
                          "cable h1 s0 10Gbit 1us half\n"
                          "cable h2 s1 2.5G 500ns   # another\n"
                          "cable h3 s1 1G 0 half fatpipe\n"
                          "cable s0 s1 4e9 2us\n"
                          "link loop 20G 0 fatpipe\n"
                          "route h0 h0 loop\n"
                          "route h0 h2 h0-s0 s0-s1 s1-h2\n";

static const char ns3[] = "7 3 7\n"
                          "2 5 6\n"
                          "0 2 400Gbps 0.0005ms 0\n"
                          "1 2 400Gbps 0.0005ms 0\n"
                          "3 5 100Gbps 1us 0.000000\n"
                          "4 5 100Gbps 1us 0\n"
                          "2 6 800Gbps 2us 0\n"
                          "5 6 800Gbps 2us 0\n"
                          "1 3 1Gbps 1ns 0\n";

static const char simai[] = "9 2 2 3 12 H800\n"
                            "4 5 6 7\n"
                            "8\n"
                            "0 4 2880Gbps 0.000025ms 0\n"
                            "1 4 2880Gbps 0.000025ms 0\n"
                            "2 5 2880Gbps 0.000025ms 0\n"
                            "3 5 2880Gbps 0.000025ms 0\n"
                            "0 6 200Gbps 0.0005ms 0\n"
                            "2 6 200Gbps 0.0005ms 0\n"
                            "1 7 200Gbps 0.0005ms 0\n"
                            "3 7 200Gbps 0.0005ms 0\n"
                            "6 8 400Gbps 0.0005ms 0\n"
                            "7 8 400Gbps 0.0005ms 0\n"
                            "6 8 400Gbps 0.0005ms 0\n"
                            "7 8 400Gbps 0.0005ms 0\n";

static const char htsim[] = "# 16 nodes\n"
                            "Nodes 16\n"
                            "Tiers 3\n"
                            "Podsize 8\n"
                            "\n"
                            "Tier 0\n"
                            "Downlink_speed_Gbps 200\n"
                            "Radix_Up 2\n"
                            "Radix_Down 4\n"
                            "Oversubscribed 2\n"
                            "Queue_Up 100\n"
                            "Switch_Latency_ns 30\n"
                            "Downlink_Latency_ns 1000\n"
                            "\n"
                            "Tier 1\n"
                            "Downlink_speed_Gbps 400\n"
                            "Radix_Up 4\n"
                            "Radix_Down 4\n"
                            "Bundle 2\n"
                            "Switch_Latency_ns 50\n"
                            "Downlink_Latency_ns 2000\n"
                            "\n"
                            "Tier 2\n"
                            "Downlink_speed_Gbps 800\n"
                            "Radix_Down 2\n"
                            "Downlink_Latency_ns 3000\n";

static const char astra[] = "# three dimensions\n"
                            "topology: [ Ring, FullyConnected, Switch ]\n"
                            "npus_count: [ 5, 4, 2 ]  # 40\n"
                            "\n"
                            "bandwidth: [ 50.0, 25, 12.5 ]  # GB/s\n"
                            "latency: [ 500.0, 1000, 0 ]  # ns\n";

static const char ib[] =
    "#\n"
    "# Topology file: generated on Sat Nov 21 10:00:00 2026\n"
    "#\n"
    "vendid=0x2c9\n"
    "switchguid=0x2c902004885b0(2c902004885b0)\n"
    "Switch\t36 \"S-0a\"\t\t# \"leaf\" enhanced port 0 lid 4 lmc 0\n"
    "[1]\t\"H-01\"[1](2c91) \t\t# \"one HCA-1\" lid 1 4xEDR\n"
    "[2]\t\"H-02\"[1](2c92) \t\t# \"two HCA-1\" lid 2 4xFDR\n"
    "[3]\t\"S-0b\"[7]\t\t# \"spine\" lid 5 12xHDR\n"
    "\n"
    "vendid=0x2c9\n"
    "Switch\t36 \"S-0b\"\t\t# \"spine\" enhanced port 0 lid 5 lmc 0\n"
    "[7]\t\"S-0a\"[3]\t\t# \"leaf\" lid 4 12xHDR\n"
    "[8]\t\"H-02\"[2](2c93) \t\t# \"two HCA-1\" lid 3 1xSDR\n"
    "\n"
    "caguid=0x01\n"
    "Ca\t1 \"H-01\"\t\t# \"one HCA-1\"\n"
    "[1](2c91) \t\"S-0a\"[1]\t\t# lid 1 lmc 0 \"leaf\" lid 4 4xEDR\n"
    "\n"
    "caguid=0x02\n"
    "Ca\t2 \"H-02\"\t\t# \"two HCA-1\"\n"
    "[1](2c92) \t\"S-0a\"[2]\t\t# lid 2 lmc 0 \"leaf\" lid 4 4xFDR\n"
    "[2](2c93) \t\"S-0b\"[8]\t\t# lid 3 lmc 0 \"spine\" lid 5 1xSDR\n";

/* ---- Reading one ----------------------------------------------------------*/

/* Parses file:PATH and options, with the path of a file that is gone when it is
 * closed. */
static ds_topology *parse(const char *text, size_t length, const char *options)
{
    FILE *file = tmpfile();
    char name[100];

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, length, file), length);
    fflush(file);
    snprintf(name, sizeof(name), "file:/dev/fd/%d%s", fileno(file), options);
    ds_topology *topology = ds_topology_parse(name);
    ck_assert_ptr_nonnull(topology);
    ds__topology_check(topology);
    fclose(file);
    return topology;
}

static ds_topology *parse_good(const char *text, const char *options)
{
    ds_topology *topology = parse(text, strlen(text), options);

    ck_assert_str_eq(ds_topology_error(topology), "");
    return topology;
}

static void is(const ds_topology *topology, size_t hosts, size_t places,
               size_t links)
{
    ck_assert_uint_eq(ds_topology_num_hosts(topology), hosts);
    ck_assert_uint_eq(topology->num_places, places);
    ck_assert_uint_eq(ds_topology_num_links(topology), links);
}

/* The way has these links, of which this is the least rate, and this is the sum
 * of their latencies. */
static void has_way(const ds_topology *topology, size_t from, size_t to,
                    const char *names, double rate, double latency)
{
    size_t links[64];
    size_t n = ds_topology_route(topology, from, to, 0, links, 64);
    char found[1024] = "";
    double least = 1e300, sum = 0;

    ck_assert_uint_le(n, 64);
    for (size_t i = 0; i < n; i++) {
        const ds_link *link = ds_topology_link(topology, links[i]);

        strcat(strcat(found, i > 0 ? " " : ""), link->name);
        least = link->rate < least ? link->rate : least;
        sum += link->latency;
    }
    ck_assert_str_eq(found, names);
    ck_assert_double_eq(least, rate);
    ck_assert_double_eq_tol(sum, latency, 1e-18);
}

START_TEST(the_own_format_is_read)
{
    ds_topology *t = parse_good(own, "");

    is(t, 4, 6, 9);
    has_way(t, 0, 0, "loop", 20e9, 0);
    has_way(t, 0, 1, "h0-s0 h1-s0", 1.25e9, 2e-6);
    has_way(t, 0, 2, "h0-s0 s0-s1 s1-h2", 1.25e9, 3.5e-6);
    has_way(t, 3, 2, "h3-s1 s1-h2", 1e9, 0.5e-6);
    has_way(t, 3, 1, "h3-s1 s1-s0 h1-s0", 1e9, 3e-6);
    ck_assert_int_eq(ds_topology_link(t, 5)->sharing, DS_FATPIPE);
    ck_assert_int_eq(ds_topology_link(t, 6)->sharing, DS_SHARED);
    ck_assert_int_eq(ds_topology_link(t, 8)->sharing, DS_FATPIPE);
    ds_topology_free(t);
}
END_TEST

/* The host of the last line has two cables and is no way for others. */
START_TEST(an_ns3_topology_is_read)
{
    ds_topology *t = parse_good(ns3, "");

    is(t, 4, 7, 14);
    has_way(t, 0, 1, "h0-s0 s0-h1", 50e9, 1e-6);
    has_way(t, 1, 2, "h1-h2", 0.125e9, 1e-9);
    has_way(t, 0, 2, "h0-s0 s0-s2 s2-s1 s1-h2", 12.5e9, 5.5e-6);
    has_way(t, 0, 3, "h0-s0 s0-s2 s2-s1 s1-h3", 12.5e9, 5.5e-6);
    ds_topology_free(t);
}
END_TEST

START_TEST(a_simai_topology_is_read)
{
    ds_topology *t = parse_good(simai, "");

    is(t, 4, 9, 24);
    has_way(t, 0, 1, "h0-s0 s0-h1", 360e9, 0.05e-6);
    has_way(t, 0, 2, "h0-s2 s2-h2", 25e9, 1e-6);
    has_way(t, 0, 3, "h0-s2 s2-s4 s4-s3 s3-h3", 25e9, 2e-6);
    ds_topology_free(t);
}
END_TEST

/* Up a switch's latency is that of the switch above, down that of the one
 * below, and none to a host. */
START_TEST(an_htsim_topology_is_read)
{
    ds_topology *t = parse_good(htsim, "");

    is(t, 16, 16 + 4 + 2 + 4, 2 * (16 + 8 + 8));
    has_way(t, 0, 3, "h0-s0 s0-h3", 25e9, 2.030e-6);
    has_way(t, 0, 4, "h0-s0 s0-s4 s4-s1 s1-h4", 25e9, 6.110e-6);
    has_way(t, 1, 5, "h1-s0 s0-s4.1 s4-s1.1 s1-h5", 25e9, 6.110e-6);
    has_way(t, 0, 8, "h0-s0 s0-s4 s4-s6 s6-s5 s5-s2 s2-h8", 25e9, 12.16e-6);
    ds_topology_free(t);
}
END_TEST

/* 2^30, and the way goes by dimension. */
START_TEST(an_astra_network_is_read)
{
    ds_topology *t = parse_good(astra, "");
    const double gib = 1073741824;

    is(t, 40, 60, 2 * (40 + 60 + 40));
    has_way(t, 0, 2, "h0-h1 h1-h2", 50 * gib, 1e-6);
    has_way(t, 0, 3, "h0-h4 h4-h3", 50 * gib, 1e-6);
    has_way(t, 7, 17, "h7-h17", 25 * gib, 1e-6);
    has_way(t, 17, 7, "h17-h7", 25 * gib, 1e-6);
    has_way(t, 3, 23, "h3-s3 s3-h23", 12.5 * gib, 0);
    has_way(t, 39, 0, "h39-h35 h35-h20 h20-s0 s0-h0", 12.5 * gib, 1.5e-6);
    ds_topology_free(t);
}
END_TEST

START_TEST(rings_of_astra_go_onwards_at_a_tie)
{
    ds_topology *t = parse_good("topology: [ Ring, Ring ]\n"
                                "npus_count: [ 4, 2 ]\n"
                                "bandwidth: [ 1, 1 ]\nlatency: [ 0, 0 ]\n",
                                "");

    is(t, 8, 8, 2 * (8 + 4));
    has_way(t, 0, 2, "h0-h1 h1-h2", 0x1p30, 0);
    has_way(t, 3, 1, "h3-h0 h0-h1", 0x1p30, 0);
    has_way(t, 5, 1, "h5-h1", 0x1p30, 0);
    ds_topology_free(t);
}
END_TEST

START_TEST(a_fabric_is_read)
{
    ds_topology *t = parse_good(ib, ",latency=300ns");
    const double fdr = 4 * 14.0625e9 * 64 / 66 / 8;

    is(t, 2, 4, 8);
    has_way(t, 0, 1, "h0-s0 s0-h1", fdr, 0.6e-6);
    ck_assert_double_eq(ds_topology_link(t, 0)->rate, 12.5e9);
    ck_assert_double_eq(ds_topology_link(t, 4)->rate, 75e9);
    ck_assert_double_eq(ds_topology_link(t, 6)->rate, 0.25e9);
    ds_topology_free(t);
}
END_TEST

START_TEST(lines_may_end_as_they_do_elsewhere)
{
    char text[sizeof(ns3) * 2];
    size_t n = 0;

    for (const char *at = ns3; *at != '\0'; at++) {
        if (*at == '\n')
            text[n++] = '\r';
        text[n++] = *at;
    }
    text[n] = '\0';
    ds_topology *t = parse_good(text, "");
    is(t, 4, 7, 14);
    ds_topology_free(t);
    text[strlen(text) - 2] = '\0'; /* no end of the last line */
    t = parse_good(text, "");
    is(t, 4, 7, 14);
    ds_topology_free(t);
}
END_TEST

START_TEST(other_routings_go_with_files)
{
    ds_topology *t = parse_good(htsim, ",routing=ecmp-message,seed=3");
    size_t links[64];
    size_t used = 0;
    bool seen[64] = { false };

    for (uint64_t message = 0; message < 100; message++) {
        ck_assert_uint_eq(ds_topology_route(t, 0, 15, message, links, 64), 6);
        used += !seen[links[2]];
        seen[links[2]] = true;
    }
    ck_assert_uint_eq(used, 4);
    ds_topology_free(t);
}
END_TEST

/* ---- Spoilt files ---------------------------------------------------------*/

/* In such a file, the first old text is replaced by a new one. */
static const struct {
    const char *file;
    const char *old, *new;
    size_t line; /* 0: the file as a whole */
    const char *why;
} spoilt[] = {
    { own, "distsys topology 1", "distsys topology 2", 2, "allowed: 'dist" },
    { own, "distsys topology 1", "dist topology 1", 0, "'dist' begins no" },
    { own, "distsys topology 1\n", "", 0, "'hosts' begins no format" },
    { own, "hosts 4", "hosts 0", 3, "'0' where hosts must be; allowed: 1 to" },
    { own, "hosts 4", "hosts", 3, "1 words; allowed: what, and how many" },
    { own, "hosts 4", "hosts 4 4", 3, "3 words" },
    { own, "hosts 4", "hosts 4x", 3, "'4x' where hosts must be" },
    { own, "hosts 4\n", "", 5, "'hosts' comes before this" },
    { own, "switches 2", "hosts 2", 4, "hosts are said twice" },
    { own, "switches 2", "swiches 2", 4, "unknown 'swiches'; allowed: hosts" },
    { own, "route h0 h0", "switches 3\nroute h0 h0", 12, "switches come bef" },
    { own, "cable h0 s0 10Gbit 1us", "cable h0 s0 10Gbit", 6, "4 words" },
    { own, "cable h0 s0", "cable h4 s0", 6,
      "'h4' where a place must be; "
      "allowed: h0 to h3, s0 to s1" },
    { own, "cable h0 s0", "cable h0 s2", 6, "'s2' where a place must be" },
    { own, "cable h0 s0", "cable h0 x0", 6, "'x0' where a place must be" },
    { own, "cable h0 s0", "cable h0 h0", 6, "a cable from h0 to itself" },
    { own, "10Gbit 1us", "0 1us", 6, "bad rate '0'; allowed: bytes a second" },
    { own, "10Gbit 1us", "10Gbps 1us", 6, "bad rate '10Gbps'" },
    { own, "10Gbit 1us", "10Gbit -1", 6, "bad latency '-1'; allowed: seconds" },
    { own, "1us half", "1us hulf", 7, "unknown 'hulf'; allowed: half, fat" },
    { own, "link loop 20G 0 fatpipe", "link loop 20G 0 half", 11,
      "unknown 'half'; allowed: fatpipe" },
    { own, "h0 h0 loop", "h0 s0 loop", 12,
      "'s0' where a host must be; "
      "allowed: h0 to h3" },
    { own, "h0 h0 loop", "h0 h0", 12, "3 words; allowed: route FROM TO LINK" },
    { own, "h0 h0 loop", "h0 h0 lop", 12, "no link is called 'lop'" },
    { own, "link loop", "link h0-s0", 12, "no link is called 'loop'" },
    { own, "cable h1 s0 10Gbit 1us half", "cable h0 s0 1 0 half", 13,
      "several links are called 'h0-s0'" },
    { own, "route h0 h2", "cable h0 h1 1 1\nroute h0 h2", 13,
      "links come before routes" },

    { ns3, "7 3 7", "7 3", 1, "2 words; allowed: 3, nodes, switches and" },
    { ns3, "7 3 7", "7 3 7 1", 1, "4 words; allowed: 3" },
    { ns3, "7 3 7", "0 3 7", 1, "'0' where the number of nodes must be" },
    { ns3, "7 3 7", "7 7 7", 1, "7 of 7 nodes are switches; one or more is" },
    { ns3, "7 3 7", "7 3 8", 0, "it has 7 links; the first line says 8" },
    { ns3, "7 3 7", "7 3 6", 9, "one link too many; the first line says 6" },
    { ns3, "7 3 7", "7 3 -7", 1, "'-7' where the number of links must be" },
    { ns3, "7 3 7", "7 2 7", 2, "3 switches are named up to here; the first" },
    { ns3, "7 3 7", "7 4 7", 3, "switch 2 is named twice" },
    { ns3, "7 3 7", "6 3 7", 2,
      "'6' where the number of a switch must be; "
      "allowed: 0 to 5" },
    { ns3, "2 5 6", "2 5 5", 2, "switch 5 is named twice" },
    { ns3, "0 2 400Gbps", "0 7 400Gbps", 3, "'7' where a node must be; allo" },
    { ns3, "0 2 400Gbps", "2 2 400Gbps", 3, "a link from node 2 to itself" },
    { ns3, "400Gbps", "400G", 3, "bad rate '400G'; allowed: bits a second" },
    { ns3, "400Gbps", "0Gbps", 3, "bad rate '0Gbps'" },
    { ns3, "400Gbps", "-4Gbps", 3, "bad rate '-4Gbps'" },
    { ns3, "0.0005ms", "0.0005m", 3, "bad latency '0.0005m'; allowed" },
    { ns3, "0.0005ms 0", "0.0005ms", 3, "4 words; allowed: source, dest" },
    { ns3, "0.0005ms 0", "0.0005ms 0 0", 3, "6 words" },
    { ns3, "0.000000", "0.01", 5, "bad error rate '0.01'; allowed: 0, as" },
    { ns3, "0.000000", "none", 5, "bad error rate 'none'" },
    { simai, "9 2 2 3 12 H800", "9 2 2 3 12", 1, "5 words; allowed: 3" },
    { simai, "9 2 2 3 12 H800", "9 2 7 3 12 H800", 1, "10 of 9 nodes are" },
    { simai, "9 2 2 3 12 H800", "9 2 x 3 12 H800", 1,
      "'x' where the number "
      "of switches in serv" },
    { simai, "\n8\n", "\n7\n", 3, "switch 7 is named twice" },

    { htsim, "Nodes 16", "Nodes 17", 0, "Nodes is 17, but there is room for" },
    { htsim, "Nodes 16", "Nodes", 2, "1 words; allowed: a word and its val" },
    { htsim, "Nodes 16", "Nodes 0", 2, "'0' where Nodes must be" },
    { htsim, "Nodes 16\n", "", 0, "it has no 'Nodes'" },
    { htsim, "Tiers 3\n", "", 5, "'Tiers' comes before this" },
    { htsim, "Tiers 3", "Tiers 4", 3, "'4' where Tiers must be; allowed: 2 " },
    { htsim, "Tiers 3", "Tiers 2", 23, "there are 2 tiers, from 0" },
    { htsim, "Tiers 3", "Tiers 3\nTiers 3", 4, "Tiers is said twice" },
    { htsim, "Podsize 8", "Podsize 4", 0, "Podsize is 4, but a switch of ti" },
    { htsim, "Tier 0\n", "", 6, "'Tier 0' comes before this" },
    { htsim, "Tier 0", "Tier 1", 6, "'1' where the next tier must be" },
    { htsim, "Tier 2", "Tier 1", 23, "'1' where the next tier must be" },
    { htsim, "speed_Gbps 200", "speed_Gbps 200G", 7, "bad value '200G'" },
    { htsim, "speed_Gbps 200", "speed_Gbps 0", 7, "bad value '0'; allowed: a" },
    { htsim, "Downlink_speed_Gbps 200\n", "", 0, "tier 0 has no Downlink_sp" },
    { htsim, "Radix_Up 2", "Radix_Up 2.5", 8,
      "bad value '2.5'; allowed: a "
      "whole number above 0" },
    { htsim, "Radix_Up 2\n", "", 0, "tier 0 has no Radix_Up" },
    { htsim, "Radix_Up 2", "Radix_Up 3", 0, "tier 0 has Radix_Down 4 and Ra" },
    { htsim, "Radix_Down 4", "Radix_Down 5", 0, "Podsize is 8, but a switch" },
    { htsim, "Oversubscribed 2", "Oversubscribed 1", 0, "tier 0 has Radix_D" },
    { htsim, "Queue_Up 100", "Queue 100", 11, "unknown 'Queue'; allowed: No" },
    { htsim, "Bundle 2", "Bundle 3", 0, "Radix_Down of tier 1 is 4, which 3" },
    { htsim, "Bundle 2", "Bundle 2\nBundle 2", 20, "Bundle is said twice" },
    { htsim, "Latency_ns 1000", "Latency_ns -1", 13, "bad value '-1'; allow" },
    { htsim,
      "Tier 2\nDownlink_speed_Gbps 800\nRadix_Down 2\n"
      "Downlink_Latency_ns 3000\n",
      "", 0, "it has 2 of 3 tiers" },

    { astra, "Ring,", "Ringo,", 2, "unknown 'Ringo'; allowed: Ring, Fully" },
    { astra, "Ring,", "Ring", 2, "allowed: key: [ a, b ], with up to 16" },
    { astra, "Ring,", ",", 2, "allowed: key: [ a, b ]" },
    { astra, "Switch ]", "Switch", 2, "allowed: key: [ a, b ]" },
    { astra, "topology: [ Ring, FullyConnected, Switch ]", "topology: Ring", 2,
      "allowed: key: [ a, b ]" },
    { astra, "topology:", "topology", 2, "allowed: key: [ a, b ]" },
    { astra, "topology:", "network:", 0, "'network:' begins no format" },
    { astra, "npus_count:", "npus:", 3, "unknown 'npus'; allowed: topology," },
    { astra, "npus_count:", "topology:", 3, "topology is said twice" },
    { astra, "[ 5, 4, 2 ]", "[ 5, 4 ]", 3, "2 dimensions; above are 3" },
    { astra, "[ 5, 4, 2 ]", "[ 5, 4, 2, 2 ]", 3, "4 dimensions; above are" },
    { astra, "[ 5, 4, 2 ]", "[ 5, 4, 0 ]", 3, "'0' where the places of a " },
    { astra, "[ 5, 4, 2 ]", "[ 5, 4.5, 2 ]", 3, "'4.5' where the places of" },
    { astra, "[ 5, 4, 2 ]", "[ [5, 4], 2 ]", 3, "allowed: key: [ a, b ]" },
    { astra, "50.0", "0.0", 5, "bad rate '0.0'; allowed: GB/s above 0, of" },
    { astra, "50.0", "50GB/s", 5, "bad rate '50GB/s'" },
    { astra, "50.0", "inf", 5, "bad rate 'inf'" },
    { astra, "500.0", "-1", 6, "bad latency '-1'; allowed: ns from 0 on" },
    { astra, "500.0", "500ns", 6, "bad latency '500ns'" },
    { astra, "latency: [ 500.0, 1000, 0 ]", "", 0, "it has no 'latency:'" },
    { astra, "npus_count: [ 5, 4, 2 ]", "", 0, "it has no 'npus_count:'" },

    { ib, "Switch\t36 \"S-0a\"", "Switch\t\"S-0a\"", 6, "2 words; allowed: k" },
    { ib, "Switch\t36 \"S-0a\"", "Switch\t36 S-0a", 6, "'S-0a' where a name" },
    { ib, "Switch\t36 \"S-0a\"", "Switch\t36 \"S-0a", 6, "'\"S-0a' where a n" },
    { ib, "Switch\t36 \"S-0a\"", "Rt\t36 \"S-0a\"", 6, "unknown 'Rt'; allowe" },
    { ib, "Switch\t36 \"S-0a\"", "Switch\t36 \"S-0b\"", 12, "\"S-0b\" is the" },
    { ib, "Switch\t36 \"S-0a\"", "Switch\t36 \"S-0c\"", 7, "at its other end" },
    { ib, "Switch\t36 \"S-0a\"", "", 7, "no Switch or Ca is before this" },
    { ib, "[1]\t", "[x]\t", 7, "'[x]' where a port must be, such as [1]" },
    { ib, "[1]\t", "1\t", 7, "unknown '1'; allowed: Switch, Ca, [port]" },
    { ib, "[1]\t", "[1\t", 7, "'[1' where a port must be" },
    { ib, "[1]\t", "[2]\t", 8, "a port of \"S-0a\" is there twice" },
    { ib, "[1]\t", "[4]\t", 7, "at its other end, \"H-01\", this cable is no" },
    { ib, "\"H-01\"[1]", "\"H-01\"", 7, "'(2c91)' where a port must be" },
    { ib, "\"H-01\"[1]", "\"H-01\"[2]", 7, "at its other end, \"H-01\"" },
    { ib, "\"H-01\"[1]", "\"H-03\"[1]", 7, "there is no \"H-03\"" },
    { ib, "\"H-01\"[1]", "\"S-0a\"[1]", 7, "a cable of \"S-0a\" ends where" },
    { ib, "4xEDR", "4xDDR", 7, "at its other end, \"H-01\", this cable is n" },
    { ib, "4xEDR", "4xEDRA", 7, "the line ends with '4xEDRA' where a rate" },
    { ib, "4xEDR", "EDR", 7, "the line ends with 'EDR' where a rate must be" },
    { ib, "4xEDR", "0xEDR", 7, "the line ends with '0xEDR'" },
    { ib, " lid 1 4xEDR", "", 7, "the line ends with 'HCA-1\"' where" },
    { ib, "\t\t# \"one HCA-1\" lid 1 4xEDR", "", 7, "the line ends with ''" },
};

/* Returns the spoilt text; to be freed. */
static char *replace(const char *text, const char *old, const char *new)
{
    const char *at = strstr(text, old);
    char *result = malloc(strlen(text) + strlen(new) + 1);

    ck_assert_msg(at != NULL, "there is no \"%s\"", old);
    memcpy(result, text, (size_t)(at - text));
    strcpy(result + (at - text), new);
    strcat(result, at + strlen(old));
    return result;
}

START_TEST(a_spoilt_file_is_refused_with_its_line)
{
    char *text = replace(spoilt[_i].file, spoilt[_i].old, spoilt[_i].new);
    ds_topology *topology = parse(text, strlen(text), "");
    const char *error = ds_topology_error(topology);
    char wanted[300];

    if (spoilt[_i].line > 0)
        snprintf(wanted, sizeof(wanted), ", line %zu: %s", spoilt[_i].line,
                 spoilt[_i].why);
    else
        snprintf(wanted, sizeof(wanted), ": %s", spoilt[_i].why);
    ck_assert_int_eq(strncmp(error, "ds_topology_parse: /dev/fd/", 27), 0);
    error += 27 + strspn(error + 27, "0123456789");
    ck_assert_msg(strncmp(error, wanted, strlen(wanted)) == 0,
                  "%s\n-> %s\n'%s'\ninstead of\n'%s'", spoilt[_i].old,
                  spoilt[_i].new, error, wanted);
    ds_topology_free(topology);
    free(text);
}
END_TEST

START_TEST(there_are_twenty_spoilt_files_of_each_format)
{
    static const char *const files[] = { own, ns3, htsim, astra, ib };

    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        size_t n = 0;

        for (size_t k = 0; k < ARRAY_SIZE(spoilt); k++)
            n += spoilt[k].file == files[i];
        ck_assert_uint_ge(n, 20);
    }
}
END_TEST

START_TEST(what_is_no_file_is_refused)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        { "file:", "ds_topology_parse: : No such file or directory" },
        { "file:no/such/file",
          "ds_topology_parse: no/such/file: No such file or directory" },
        { "file:/", "ds_topology_parse: /: Is a directory" },
        { "file:/dev/null,rate=1",
          "ds_topology_parse: 'file:/dev/null,rate=1', at character 16: a file "
          "says that itself; allowed: routing, seed, and latency if it has "
          "none" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        ds_topology *topology = ds_topology_parse(cases[i].text);

        ck_assert_str_eq(ds_topology_error(topology), cases[i].why);
        ds_topology_free(topology);
    }
}
END_TEST

START_TEST(a_file_that_is_no_text_is_refused)
{
    static const char text[] = "7 3 7\n\0\n";
    ds_topology *topology = parse(text, sizeof(text) - 1, "");

    ck_assert_ptr_nonnull(
        strstr(ds_topology_error(topology), "it is no text: byte 7 is 0"));
    ds_topology_free(topology);
    topology = parse("", 0, "");
    ck_assert_ptr_nonnull(
        strstr(ds_topology_error(topology), "'' begins no format; allowed: "));
    ds_topology_free(topology);
}
END_TEST

START_TEST(latencies_are_not_said_twice)
{
    ds_topology *topology = parse(ns3, strlen(ns3), ",latency=1us");

    ck_assert_ptr_nonnull(strstr(ds_topology_error(topology),
                                 ": it says latencies itself, so none can be "
                                 "given"));
    ds_topology_free(topology);
}
END_TEST

/* ---- Any file at all ------------------------------------------------------*/

START_TEST(any_file_is_sound_or_refused)
{
    static const char *const files[] = { own, ns3, simai, htsim, astra, ib };
    static const char signs[] = "0123456789 \t\n#:[],.\"-xhs\xff";
    const uint64_t texts = harness_full() ? 20000 : 2000;
    size_t refused = 0;

    for (uint64_t i = 0; i < texts; i++) {
        char text[2048];
        const uint64_t random = ds__mix(i + 1);

        strcpy(text, files[i % ARRAY_SIZE(files)]);
        for (uint64_t k = 0; k <= random % 3; k++) {
            uint64_t draw = ds__mix(random + k);
            size_t at = draw / 64 % strlen(text);

            if (draw % 3 == 0)
                memmove(text + at, text + at + 1, strlen(text + at));
            else if (draw % 64 == 1)
                text[at + (at == 0)] = '\0';
            else
                text[at] = signs[draw / 65536 % (sizeof(signs) - 1)];
        }
        ds_topology *topology = parse(text, strlen(text), "");
        refused += ds_topology_error(topology)[0] != '\0';
        if (topology->num_links < 1000)
            ds_topology_route(topology, 0, topology->num_hosts - 1, i, NULL, 0);
        ds_topology_free(topology);
    }
    ck_assert_uint_gt(refused, texts / 4);
    ck_assert_uint_lt(refused, texts);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, the_own_format_is_read);
    tcase_add_test(tc, an_ns3_topology_is_read);
    tcase_add_test(tc, a_simai_topology_is_read);
    tcase_add_test(tc, an_htsim_topology_is_read);
    tcase_add_test(tc, an_astra_network_is_read);
    tcase_add_test(tc, rings_of_astra_go_onwards_at_a_tie);
    tcase_add_test(tc, a_fabric_is_read);
    tcase_add_test(tc, lines_may_end_as_they_do_elsewhere);
    tcase_add_test(tc, other_routings_go_with_files);
    tcase_add_loop_test(tc, a_spoilt_file_is_refused_with_its_line, 0,
                        ARRAY_SIZE(spoilt));
    tcase_add_test(tc, there_are_twenty_spoilt_files_of_each_format);
    tcase_add_test(tc, what_is_no_file_is_refused);
    tcase_add_test(tc, a_file_that_is_no_text_is_refused);
    tcase_add_test(tc, latencies_are_not_said_twice);
    tcase_add_test(tc, any_file_is_sound_or_refused);
}

int main(void)
{
    return harness_main("topology_files", add);
}
