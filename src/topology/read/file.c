/* file:PATH, in any of the formats, which the first word gives away. */

#include <string.h>
#include <strings.h>

#include "topology/build.h"
#include "topology/read/formats.h"
#include "topology/topology.h"

/* ---- Which format ---------------------------------------------------------*/

static bool begins_own(const char *word)
{
    return strcmp(word, "distsys") == 0;
}

static bool begins_ns3(const char *word)
{
    return word[0] >= '0' && word[0] <= '9';
}

static bool begins_htsim(const char *word)
{
    return strcasecmp(word, "nodes") == 0 || strcasecmp(word, "tiers") == 0 ||
           strcasecmp(word, "podsize") == 0 || strcasecmp(word, "tier") == 0;
}

static bool begins_astra(const char *word)
{
    static const char *const keys[] = { "topology", "npus_count", "bandwidth",
                                        "latency" };

    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        size_t length = strlen(keys[i]);

        if (strncmp(word, keys[i], length) == 0 &&
            (word[length] == ':' || word[length] == '\0'))
            return true;
    }
    return false;
}

static bool begins_ibnetdiscover(const char *word)
{
    static const char *const keys[] = { "vendid=", "devid=", "sysimgguid=",
                                        "switchguid=", "caguid=" };

    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
        if (strncmp(word, keys[i], strlen(keys[i])) == 0)
            return true;
    return strcmp(word, "Switch") == 0 || strcmp(word, "Ca") == 0;
}

static const struct {
    bool (*begins)(const char *word);
    bool (*read)(ds__source *source);
    bool needs_latency;
} formats[] = {
    { begins_own, ds__read_own, false },
    { begins_ns3, ds__read_ns3, false },
    { begins_htsim, ds__read_htsim, false },
    { begins_astra, ds__read_astra, false },
    { begins_ibnetdiscover, ds__read_ibnetdiscover, true },
};

static bool read_file(ds__source *source)
{
    char word[32];

    ds__lines_peek(&source->lines, word, sizeof(word));
    for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
        if (formats[i].begins(word)) {
            if (source->spec->latency_said && !formats[i].needs_latency)
                return ds__lines_wrong(&source->lines,
                                       "it says latencies itself, so none can "
                                       "be given");
            return formats[i].read(source);
        }
    return ds__lines_wrong(
        &source->lines,
        "'%s' begins no format; allowed: 'distsys topology 1', the numbers of "
        "an ns-3 topology, 'Nodes' of htsim, 'topology:' of ASTRA-sim, "
        "'vendid=' of ibnetdiscover",
        word);
}

static bool build_file(ds_topology *topology, ds__cursor *shape,
                       const ds__spec *spec)
{
    ds__source source = { .topology = topology, .shape = shape, .spec = spec };
    bool good = ds__lines_open(&source.lines, topology, shape->at,
                               (size_t)(shape->end - shape->at)) &&
                read_file(&source);

    ds__lines_close(&source.lines);
    return good;
}

const ds__kind ds__kind_file = {
    .name = "file",
    .shape = "PATH",
    .is_file = true,
    .build = build_file,
};
