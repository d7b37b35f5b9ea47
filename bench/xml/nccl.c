/* Servers of NCCL; see the header.
 *
 * Hosts are the GPUs, by dev, and behind them the ports of networks, by dev.
 * Switches are the NUMA nodes of the CPUs, the PCI bridges, and, for all
 * NVSwitches together, one.  Rates are NCCL's (src/graph/topo.h and topo.cc, of
 * version 2.27), in GB/s:
 *
 *     an NVLink   by the compute capability of the GPU, in each direction
 *     PCI         width x speed / 80, of speeds rounded as NCCL has them
 *     CPUs        by their make
 *     a network   its Mb/s / 8000
 *
 * A message from GPU to GPU by way of an Intel CPU takes 6/5 of its size of the
 * cable to that, so such a cable has 5/6 of its rate here. */

#include "bench/xml/nccl.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bench/xml/out.h"

#define GB 1e9

typedef enum device_kind { GPU, NET, CPU, BRIDGE } device_kind;

typedef struct device {
    device_kind kind;
    const xml_element *e;
    const char *id; /* of a bridge, or what a GPU is in */
    long dev;       /* of a host */
    long sm;        /* of a GPU */
    size_t up;      /* what it hangs on; SIZE_MAX: nothing */
    double rate;    /* of the cable to that, bytes a second */
    double latency; /* likewise, seconds */
    size_t number;  /* among the hosts, or the switches */
} device;

typedef struct server {
    device *devices;
    size_t n;
    size_t num_hosts;
    size_t num_switches;
    bool has_nvswitch; /* which is the last switch */
} server;

/* ---- Rates ----------------------------------------------------------------*/

static double nvlink_rate(long sm)
{
    static const struct {
        long from;
        double rate;
    } rates[] = { { 100, 40.1 }, { 90, 20.6 }, { 87, 20 }, { 86, 12 },
                  { 70, 20 },    { 60, 18 },   { 0, 20 } };
    size_t i = 0;

    while (sm < rates[i].from)
        i++;
    return rates[i].rate * GB;
}

/* Returns the rate of a cable of PCI Express, as in link_speed="16.0 GT/s PCIe"
 * link_width="16". */
static double pci_rate(const xml_element *e)
{
    static const struct {
        double speed;
        double counts;
    } speeds[] = { { 2.5, 15 }, { 5, 30 },   { 8, 60 },
                   { 16, 120 }, { 32, 240 }, { 64, 480 } };
    const char *text = xml_need(e, "link_speed");
    const long width = xml_whole(e, "link_width", 0, 64);
    const double speed = strtod(text, NULL);
    double counts = *text == '\0' ? 60 : 0; /* unknown: as the third one */

    for (size_t i = 0; i < sizeof(speeds) / sizeof(*speeds); i++)
        if (speeds[i].speed == speed)
            counts = speeds[i].counts;
    if (counts == 0)
        xml_wrong(e,
                  "link_speed is '%.40s'; allowed: 2.5, 5, 8, 16, 32 or 64 "
                  "GT/s",
                  text);
    return counts * (double)(width == 0 ? 16 : width) / 80 * GB;
}

static long number_of(const xml_element *e, const char *attribute)
{
    return strtol(xml_get(e, attribute, "0"), NULL, 0);
}

static double intel_rate(const xml_element *e)
{
    const long model = number_of(e, "modelid");

    if (number_of(e, "familyid") != 6 || model < 0x55)
        return 6;
    if (model >= 0xcf || (model >= 0xad && model <= 0xaf))
        return 40;
    return model >= 0x8f ? 22 : 10;
}

/* Families are counted from 15, or as the processor says. */
static double amd_rate(const xml_element *e)
{
    const long family = number_of(e, "familyid");

    if (family == 0x8f || family < 25)
        return 16;
    return family == 0xaf || family == 25 ? 24 : 32;
}

/* Between two NUMA nodes. */
static double cpu_rate(const xml_element *e)
{
    const char *arch = xml_need(e, "arch");
    const char *vendor = xml_get(e, "vendor", "");

    if (strcmp(arch, "arm64") == 0)
        return 6 * GB;
    if (strcmp(arch, "ppc64") == 0)
        return 32 * GB;
    if (strcmp(arch, "x86_64") != 0)
        xml_wrong(e, "arch is '%.40s'; allowed: x86_64, arm64, ppc64", arch);
    if (strcmp(vendor, "GenuineIntel") == 0)
        return intel_rate(e) * GB;
    if (strcmp(vendor, "AuthenticAMD") == 0)
        return amd_rate(e) * GB;
    if (strcmp(vendor, "CentaurHauls") == 0 ||
        strcmp(vendor, "  Shanghai  ") == 0)
        return (number_of(e, "modelid") == 0x5b ? 9 : 6) * GB;
    xml_wrong(e,
              "vendor is '%.40s'; allowed: GenuineIntel, AuthenticAMD, "
              "CentaurHauls, \"  Shanghai  \"",
              vendor);
}

static bool is_intel(const xml_element *e)
{
    return strcmp(xml_get(e, "vendor", ""), "GenuineIntel") == 0;
}

/* ---- Devices --------------------------------------------------------------*/

static size_t add_device(server *s, device d)
{
    s->devices = xml_room(s->devices, s->n, sizeof(*s->devices));
    s->devices[s->n] = d;
    return s->n++;
}

static const device *find_id(const server *s, const char *id)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->devices[i].id != NULL && strcmp(s->devices[i].id, id) == 0)
            return &s->devices[i];
    return NULL;
}

static void refuse_double(const server *s, device_kind kind, long dev,
                          const xml_element *e)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->devices[i].kind == kind && s->devices[i].dev == dev)
            xml_wrong(e, "there is a <%s> with dev %ld already", e->name, dev);
}

static void add_net(server *s, const xml_element *e, size_t up)
{
    const long dev = xml_whole(e, "dev", 0, 100000);
    const long speed = xml_whole(e, "speed", 1, 100000000);
    const double us = strtod(xml_get(e, "latency", "0"), NULL);

    refuse_double(s, NET, dev, e);
    if (!(us >= 0 && us < 1e9))
        xml_wrong(e, "latency is '%.40s'; allowed: microseconds from 0 on",
                  xml_get(e, "latency", "0"));
    add_device(s, (device){ .kind = NET,
                            .e = e,
                            .dev = dev,
                            .up = up,
                            .rate = (double)speed / 8000 * GB,
                            .latency = us * 1e-6 });
}

static void add_nic(server *s, const xml_element *e, size_t up)
{
    for (const xml_element *c = e->first; c != NULL; c = c->next) {
        if (!xml_is(c, "net"))
            xml_wrong(c, "unknown <%.40s> inside of <nic>; allowed: net",
                      c->name);
        add_net(s, c, up);
    }
}

static double up_rate(const server *s, const xml_element *e, size_t up)
{
    const device *above = &s->devices[up];
    const bool intel = above->kind == CPU && is_intel(above->e);

    return pci_rate(e) * (intel ? 5.0 / 6 : 1);
}

/* A GPU is all there is of its bridge. */
static void add_gpu(server *s, const xml_element *pci, const xml_element *e,
                    size_t up)
{
    const long dev = xml_whole(e, "dev", 0, 100000);

    refuse_double(s, GPU, dev, e);
    add_device(s, (device){ .kind = GPU,
                            .e = e,
                            .id = xml_need(pci, "busid"),
                            .dev = dev,
                            .sm = xml_whole(e, "sm", 0, 1000),
                            .up = up,
                            .rate = up_rate(s, pci, up) });
}

static void add_pci(server *s, const xml_element *e, size_t up)
{
    const char *id = xml_need(e, "busid");

    if (find_id(s, id) != NULL)
        xml_wrong(e, "there is a busid '%.40s' already", id);
    if (e->first != NULL && xml_is(e->first, "gpu") && e->first == e->last) {
        add_gpu(s, e, e->first, up);
        return;
    }
    const size_t here = add_device(s, (device){ .kind = BRIDGE,
                                                .e = e,
                                                .id = id,
                                                .up = up,
                                                .rate = up_rate(s, e, up) });
    for (const xml_element *c = e->first; c != NULL; c = c->next) {
        if (xml_is(c, "pci"))
            add_pci(s, c, here);
        else if (xml_is(c, "nic"))
            add_nic(s, c, here);
        else if (xml_is(c, "gpu"))
            xml_wrong(c, "a <gpu> must be alone in its <pci>");
        else if (!xml_is(c, "pcilink"))
            xml_wrong(c, "unknown <%.40s> inside of <pci>", c->name);
    }
}

static void add_cpu(server *s, const xml_element *e)
{
    const size_t here =
        add_device(s, (device){ .kind = CPU,
                                .e = e,
                                .dev = xml_whole(e, "numaid", -1, 100000),
                                .up = SIZE_MAX,
                                .rate = cpu_rate(e) });

    for (const xml_element *c = e->first; c != NULL; c = c->next) {
        if (xml_is(c, "pci"))
            add_pci(s, c, here);
        else if (xml_is(c, "nic"))
            add_nic(s, c, here);
        else
            xml_wrong(c, "unknown <%.40s> inside of <cpu>; allowed: pci, nic",
                      c->name);
    }
}

/* ---- Numbers --------------------------------------------------------------*/

static size_t number_hosts(server *s, device_kind kind, size_t next)
{
    for (size_t i = 0; i < s->n; i++) {
        device *d = &s->devices[i];
        if (d->kind != kind)
            continue;
        d->number = next;
        for (size_t k = 0; k < s->n; k++)
            d->number +=
                s->devices[k].kind == kind && s->devices[k].dev < d->dev;
    }
    for (size_t i = 0; i < s->n; i++)
        next += s->devices[i].kind == kind;
    return next;
}

static void number_all(server *s)
{
    s->num_hosts = number_hosts(s, NET, number_hosts(s, GPU, 0));
    for (size_t i = 0; i < s->n; i++)
        if (s->devices[i].kind == CPU || s->devices[i].kind == BRIDGE)
            s->devices[i].number = s->num_switches++;
}

/* ---- NVLinks --------------------------------------------------------------*/

static bool is_nvswitch(const xml_element *e)
{
    return strncmp(xml_get(e, "tclass", ""), "0x0680", 6) == 0;
}

static bool is_nvlink(const xml_element *e)
{
    if (xml_is(e, "nvlink"))
        return true;
    if (!xml_is(e, "c2c"))
        xml_wrong(e, "unknown <%.40s> inside of <gpu>; allowed: nvlink, c2c",
                  e->name);
    xml_wrong(e, "<c2c> is not converted");
}

/* How many of its NVLinks lead from one GPU to a bus. */
static long count_to(const device *gpu, const char *id)
{
    long count = 0;

    for (const xml_element *c = gpu->e->first; c != NULL; c = c->next)
        if (is_nvlink(c) && strcmp(xml_need(c, "target"), id) == 0)
            count += xml_whole(c, "count", 1, 1000);
    return count;
}

static long count_to_switches(const device *gpu)
{
    long count = 0;

    for (const xml_element *c = gpu->e->first; c != NULL; c = c->next)
        if (is_nvlink(c) && is_nvswitch(c))
            count += xml_whole(c, "count", 1, 1000);
    return count;
}

/* Both ends must say the same. */
static void check_nvlinks(server *s, const device *gpu)
{
    for (const xml_element *c = gpu->e->first; c != NULL; c = c->next) {
        if (!is_nvlink(c))
            continue;
        if (is_nvswitch(c)) {
            xml_whole(c, "count", 1, 1000);
            s->has_nvswitch = true;
            continue;
        }
        const char *target = xml_need(c, "target");
        const device *other = find_id(s, target);
        if (other == NULL || other->kind != GPU || other == gpu)
            xml_wrong(c,
                      "target is '%.40s'; allowed: the busid of another "
                      "<gpu>, or of an NVSwitch (tclass 0x0680..)",
                      target);
        if (count_to(gpu, other->id) != count_to(other, gpu->id))
            xml_wrong(c, "%ld NVLinks lead to '%.40s', and %ld back",
                      count_to(gpu, other->id), target,
                      count_to(other, gpu->id));
    }
}

/* ---- Writing --------------------------------------------------------------*/

static char kind_of(const device *d)
{
    return d->kind == GPU || d->kind == NET ? 'h' : 's';
}

static void put_names(const server *s, FILE *file)
{
    for (size_t i = 0; i < s->n; i++) {
        const device *d = &s->devices[i];
        const char *name = d->kind == GPU ? xml_format("GPU %ld", d->dev)
                           : d->kind == NET
                               ? xml_format("network %ld, %s", d->dev,
                                            xml_get(d->e, "name", ""))
                           : d->kind == CPU ? xml_format("NUMA %ld", d->dev)
                                            : xml_format("PCI %s", d->id);
        out_called(file, kind_of(d), d->number, name);
    }
    if (s->has_nvswitch)
        out_called(file, 's', s->num_switches, "the NVSwitches");
}

static void put_cable(FILE *file, const device *a, const device *b, double rate,
                      double latency)
{
    fprintf(file, "cable %c%zu %c%zu", kind_of(a), a->number, kind_of(b),
            b->number);
    out_rate(file, rate, latency, false, false);
}

/* NVLinks come first: of ways that are as short they are the better ones. */
static void put_nvlinks(const server *s, FILE *file)
{
    for (size_t i = 0; i < s->n; i++) {
        const device *gpu = &s->devices[i];
        if (gpu->kind != GPU)
            continue;
        const long to_switches = count_to_switches(gpu);
        if (to_switches > 0) {
            fprintf(file, "cable h%zu s%zu", gpu->number, s->num_switches);
            out_rate(file, (double)to_switches * nvlink_rate(gpu->sm), 0, false,
                     false);
        }
        for (size_t k = i + 1; k < s->n; k++) {
            const device *other = &s->devices[k];
            const long n = other->kind == GPU ? count_to(gpu, other->id) : 0;
            if (n > 0)
                put_cable(file, gpu, other, (double)n * nvlink_rate(gpu->sm),
                          0);
        }
    }
}

/* Each NUMA node is joined with each other one. */
static void put_rest(const server *s, FILE *file)
{
    for (size_t i = 0; i < s->n; i++) {
        const device *d = &s->devices[i];
        if (d->up != SIZE_MAX)
            put_cable(file, d, &s->devices[d->up], d->rate, d->latency);
        for (size_t k = i + 1; d->kind == CPU && k < s->n; k++)
            if (s->devices[k].kind == CPU)
                put_cable(file, d, &s->devices[k], d->rate, 0);
    }
}

void nccl_convert(const xml_element *e, const char *path, FILE *file)
{
    server s = { .n = 0 };

    for (const xml_element *c = e->first; c != NULL; c = c->next) {
        if (!xml_is(c, "cpu"))
            xml_wrong(c, "unknown <%.40s> inside of <system>; allowed: cpu",
                      c->name);
        add_cpu(&s, c);
    }
    number_all(&s);
    if (s.num_hosts == 0)
        xml_wrong(e, "it has no <gpu> and no <net>");
    for (size_t i = 0; i < s.n; i++)
        if (s.devices[i].kind == GPU)
            check_nvlinks(&s, &s.devices[i]);
    out_begin(file, path, s.num_hosts, s.num_switches + s.has_nvswitch);
    put_names(&s, file);
    put_nvlinks(&s, file);
    put_rest(&s, file);
}
