/* The lines of a file; see the header. */

#include "topology/read/lines.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"
#include "topology/topology.h"

enum { LARGEST = 1 << 28 }; /* of a file, in bytes */

/* ---- What is wrong --------------------------------------------------------*/

static bool say(const ds__lines *lines, const char *format, va_list args)
{
    char why[DS__TOPOLOGY_ERROR_MAX / 2];
    char line[40] = "";

    if (lines->number > 0)
        snprintf(line, sizeof(line), ", line %zu", lines->number);
    ds__vformat(why, sizeof(why), format, args);
    return ds__topology_wrong(lines->topology,
                              "ds_topology_parse: %.300s%s: %s", lines->path,
                              line, why);
}

bool ds__lines_wrong(const ds__lines *lines, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(lines, format, args);
    va_end(args);
    return false;
}

bool ds__lines_wrong_file(const ds__lines *lines, const char *format, ...)
{
    ds__lines whole = { .topology = lines->topology, .path = lines->path };
    va_list args;

    va_start(args, format);
    say(&whole, format, args);
    va_end(args);
    return false;
}

/* ---- The file -------------------------------------------------------------*/

/* Reads all there is, also of what has no size, such as a pipe. */
static bool read_all(ds__lines *lines, FILE *file)
{
    size_t used = 0;

    for (size_t size = 4096;; size *= 2) {
        char *text = realloc(lines->text, size + 1);

        if (text == NULL)
            return ds__topology_no_memory(lines->topology, "ds_topology_parse");
        lines->text = text;
        used += fread(text + used, 1, size - used, file);
        text[used] = '\0';
        if (ferror(file))
            return ds__lines_wrong(lines, "%s", strerror(errno));
        if (used < size)
            break;
        if (size >= LARGEST)
            return ds__lines_wrong(lines, "it has more than %d bytes", LARGEST);
    }
    if (strlen(lines->text) != used)
        return ds__lines_wrong(lines, "it is no text: byte %zu is 0",
                               strlen(lines->text) + 1);
    lines->at = lines->text;
    return true;
}

bool ds__lines_open(ds__lines *lines, ds_topology *topology, const char *path,
                    size_t length)
{
    char *name = malloc(length + 1);

    *lines = (ds__lines){ .topology = topology, .path = name };
    if (name == NULL)
        return ds__topology_no_memory(topology, "ds_topology_parse");
    memcpy(name, path, length);
    name[length] = '\0';
    FILE *file = fopen(name, "re");
    if (file == NULL)
        return ds__lines_wrong(lines, "%s", strerror(errno));
    bool good = read_all(lines, file);
    fclose(file);
    return good;
}

void ds__lines_close(ds__lines *lines)
{
    free(lines->text);
    free(lines->words);
    free((char *)(uintptr_t)lines->path);
    *lines = (ds__lines){ 0 };
}

static const char blanks[] = " \t\r\v\f";

void ds__lines_peek(const ds__lines *lines, char *word, size_t size)
{
    const char *at = lines->text;

    for (;;) {
        at += strspn(at, " \t\r\v\f\n");
        if (*at != '#')
            break;
        at += strcspn(at, "\n");
    }
    snprintf(word, size, "%.*s", (int)strcspn(at, " \t\r\v\f\n"), at);
}

static bool add_word(ds__lines *lines, char *word)
{
    if (lines->n == lines->max) {
        size_t max = lines->max == 0 ? 16 : 2 * lines->max;
        char **words = reallocarray(lines->words, max, sizeof(*words));

        if (words == NULL)
            return ds__topology_no_memory(lines->topology, "ds_topology_parse");
        lines->words = words;
        lines->max = max;
    }
    lines->words[lines->n++] = word;
    assert(lines->n <= lines->max);
    return true;
}

static bool is_between(char c, const char *between)
{
    return c != '\0' && (strchr(blanks, c) || strchr(between, c));
}

bool ds__lines_cut(ds__lines *lines, const char *between)
{
    char *at = lines->line;

    lines->n = 0;
    for (;;) {
        while (is_between(*at, between))
            *at++ = '\0';
        if (*at == '\0')
            return true;
        if (!add_word(lines, at))
            return false;
        while (*at != '\0' && !is_between(*at, between))
            at++;
    }
}

bool ds__lines_find(ds__lines *lines)
{
    lines->n = 0;
    while (*lines->at != '\0') {
        char *line = lines->at;
        size_t length = strcspn(line, "\n");

        lines->at += length + (line[length] == '\n');
        line[length] = '\0';
        lines->number++;
        length = strcspn(line, "#");
        lines->comment = line + length + (line[length] == '#');
        line[length] = '\0';
        lines->line = line;
        if (line[strspn(line, blanks)] != '\0')
            return true;
    }
    return false;
}

bool ds__lines_next(ds__lines *lines)
{
    return ds__lines_find(lines) && ds__lines_cut(lines, "");
}

/* ---- Words ----------------------------------------------------------------*/

bool ds__lines_is(const ds__lines *lines, size_t word, const char *text)
{
    return word < lines->n && strcmp(lines->words[word], text) == 0;
}

bool ds__lines_has(const ds__lines *lines, size_t min, size_t max,
                   const char *form)
{
    if (lines->n >= min && lines->n <= max)
        return true;
    return ds__lines_wrong(lines, "%zu words; allowed: %s", lines->n, form);
}

bool ds__lines_count(const ds__lines *lines, size_t word, const char *what,
                     size_t min, size_t max, size_t *count)
{
    const char *text = word < lines->n ? lines->words[word] : "";
    uint64_t value;

    if (!ds__number_whole(text, strlen(text), max, &value) || value < min)
        return ds__lines_wrong(lines,
                               "'%.30s' where %s must be; allowed: %zu to %zu",
                               text, what, min, max);
    *count = (size_t)value;
    return true;
}

bool ds__lines_rate(const ds__lines *lines, size_t word, const ds__unit *units,
                    const char *allowed, double *rate)
{
    const char *text = word < lines->n ? lines->words[word] : "";

    if (ds__number_read(text, strlen(text), units, rate) && *rate > 0)
        return true;
    return ds__lines_wrong(lines, "bad rate '%.30s'; allowed: %s", text,
                           allowed);
}

bool ds__lines_seconds(const ds__lines *lines, size_t word, double *seconds)
{
    const char *text = word < lines->n ? lines->words[word] : "";

    if (ds__number_read(text, strlen(text), ds__unit_seconds, seconds))
        return true;
    return ds__lines_wrong(lines, "bad latency '%.30s'; allowed: %s", text,
                           DS__ALLOWED_SECONDS);
}
