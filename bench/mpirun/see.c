/* See see.h. */

#include "bench/mpirun/see.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/common/setting.h"
#include "mpi/run/own.h"

static const char *const wildcard_names[] = { "first", "drawn" };
static const args_known wildcards = { wildcard_names, 2 };

static const args_range seeds_range = {
    .allowed = "whole numbers from 1 to 1000000, also as in 1k",
    .min = 1,
    .max = 1e6,
    .whole = true,
    .units = args_counts,
};

const args_option see_table[SEE_OPTIONS] = {
    [SEE_COMPUTE] = {
        .name = "compute",
        .unit = "HOW",
        .type = ARGS_STRING,
        .at = offsetof(see_options, compute),
        .shown = "none",
        .help = "How long ranks compute between calls: none; measured, or "
                "measured:FACTOR; record:FILE, measured and written down; "
                "replay:FILE, as it was; call:TIME, the same for each call",
    },
    [SEE_PAYLOAD] = {
        .name = "payload",
        .unit = "HOW",
        .type = ARGS_STRING,
        .at = offsetof(see_options, payload),
        .shown = "all",
        .help = "none or none:BYTES: messages of at least so many bytes take "
                "their time, and carry nothing",
    },
    [SEE_WILDCARDS] = {
        .name = "wildcards",
        .unit = "NAME",
        .type = ARGS_CHOICE,
        .at = offsetof(see_options, wildcards),
        .known = &wildcards,
        .preset = "first",
        .help = "Which message a receive from anybody takes: the first that "
                "has come, or drawn from those of all senders",
    },
    [SEE_JITTER] = {
        .name = "jitter",
        .unit = "TIME",
        .type = ARGS_REAL,
        .at = offsetof(see_options, jitter),
        .range = &setting_latency_range,
        .preset = "0",
        .help = "A message is late by at most so long, drawn from the seed",
    },
    [SEE_SEEDS] = {
        .name = "seeds",
        .unit = "NUMBER",
        .type = ARGS_COUNT,
        .at = offsetof(see_options, seeds),
        .range = &seeds_range,
        .shown = "one run",
        .help = "Run with so many seeds, on all processors, and tell how they "
                "end; wildcards are drawn",
    },
    [SEE_PROFILE] = {
        .name = "profile",
        .type = ARGS_FLAG,
        .at = offsetof(see_options, profile),
        .help = "Tell how long calls took, by their lines",
    },
    [SEE_EXPLAIN] = {
        .name = "explain",
        .type = ARGS_FLAG,
        .at = offsetof(see_options, explain),
        .help = "Tell what calls waited for, and hold collectives against "
                "their closed forms and what none can beat",
    },
    [SEE_FORMAT] = ARGS_FORMAT_ROW('f', offsetof(see_options, format)),
};

/* ---- How long ranks compute -----------------------------------------------*/

#define ALLOWED                                                                \
    "none, measured, measured:FACTOR, record:FILE, replay:FILE, call:TIME"

static const char *const names[] = {
    [DS__COMPUTE_NONE] = "none",     [DS__COMPUTE_MEASURED] = "measured",
    [DS__COMPUTE_RECORD] = "record", [DS__COMPUTE_REPLAY] = "replay",
    [DS__COMPUTE_CALL] = "call",
};
enum { MODES = sizeof(names) / sizeof(*names) };

static const args_range factor_range = {
    .allowed = "numbers from 0 to 1e9",
    .max = 1e9,
};

static failure read_number(const char *name, const char *text,
                           const args_range *range, double *x)
{
    const args_option option = { .type = ARGS_REAL, .range = range };

    return args_read(&option, name, text, x);
}

/* What stands behind the colon; NULL: there is none. */
static failure read_rest(const char *rest, ds__compute_config *config)
{
    switch (config->mode) {
    case DS__COMPUTE_NONE:
        return rest == NULL ? SUCCESS
                            : failure_new(BAD_USAGE,
                                          "--compute: none takes nothing more");
    case DS__COMPUTE_MEASURED:
        config->factor = 1;
        return rest == NULL ? SUCCESS
                            : read_number("--compute", rest, &factor_range,
                                          &config->factor);
    case DS__COMPUTE_CALL:
        return read_number("--compute", rest == NULL ? "" : rest,
                           &setting_latency_range, &config->seconds);
    case DS__COMPUTE_RECORD:
    case DS__COMPUTE_REPLAY:
        break;
    }
    config->file = rest;
    if (rest != NULL && *rest != '\0')
        return SUCCESS;
    return failure_new(BAD_USAGE, "--compute: %s needs a file, as in %s:FILE",
                       names[config->mode], names[config->mode]);
}

failure see_payload(const see_options *o, double *bare_from)
{
    const char *text = o->payload == NULL ? "all" : o->payload;

    *bare_from = INFINITY;
    if (strcmp(text, "all") == 0)
        return SUCCESS;
    if (strncmp(text, "none", 4) != 0 || (text[4] != '\0' && text[4] != ':'))
        return failure_new(BAD_USAGE,
                           "--payload: bad value '%s'; allowed: all, none, "
                           "none:BYTES",
                           text);
    *bare_from = 0;
    return text[4] == '\0' ? SUCCESS
                           : read_number("--payload", text + 5,
                                         &setting_bytes_range, bare_from);
}

failure see_compute(const see_options *o, ds__compute_config *config)
{
    const char *text = o->compute == NULL ? "none" : o->compute;
    const size_t n = strcspn(text, ":");

    *config = (ds__compute_config){ 0 };
    for (int i = 0; i < MODES; i++)
        if (strlen(names[i]) == n && strncmp(text, names[i], n) == 0) {
            config->mode = (ds__compute_mode)i;
            return read_rest(text[n] == ':' ? text + n + 1 : NULL, config);
        }
    return failure_new(BAD_USAGE, "--compute: bad value '%s'; allowed: %s",
                       text, ALLOWED);
}

__attribute__((format(printf, 1, 2))) static char *words(const char *format,
                                                         ...)
{
    va_list args;
    char *text = NULL;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    return args_need(text);
}

char *see_compute_words(const ds__compute_config *config)
{
    const uint64_t unknown = ds__compute_unknown();

    switch (config->mode) {
    case DS__COMPUTE_NONE:
        break;
    case DS__COMPUTE_MEASURED:
        return words(" with computing measured, times %g, so that no other run "
                     "is the same",
                     config->factor);
    case DS__COMPUTE_RECORD:
        return words(" with computing measured and written to %s",
                     config->file);
    case DS__COMPUTE_REPLAY:
        if (unknown > 0)
            return words(
                " with computing as %s has it, but for %llu calls that "
                "it does not know and before which it takes none",
                config->file, (unsigned long long)unknown);
        return words(" with computing as %s has it", config->file);
    case DS__COMPUTE_CALL:
        return words(" with %g s of computing before each call",
                     config->seconds);
    }
    return words(ds__own_computed()
                     ? ", in which computing takes what the program says"
                     : ", in which computing takes none");
}
