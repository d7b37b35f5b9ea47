/* See texts.h. */

#include "bench/trace/texts.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"

/* FNV-1a, whose upper bits are the better ones. */
static uint64_t hash(const char *text)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (; *text != '\0'; text++)
        h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return h ^ h >> 29;
}

static size_t *place_of(const trace_texts *t, const char *text)
{
    size_t i = hash(text) & (t->room - 1);

    while (t->table[i] != 0 && strcmp(t->all[t->table[i] - 1], text) != 0)
        i = (i + 1) & (t->room - 1);
    return &t->table[i];
}

static void grow(trace_texts *t)
{
    t->room = t->room == 0 ? 64 : 2 * t->room;
    free(t->table);
    t->table = args_alloc(t->room, sizeof(*t->table));
    memset(t->table, 0, t->room * sizeof(*t->table));
    for (size_t i = 0; i < t->n; i++)
        *place_of(t, t->all[i]) = i + 1;
    t->all = args_realloc(t->all, t->room / 2, sizeof(*t->all));
}

size_t trace_texts_number(trace_texts *t, const char *text)
{
    if (t->n >= t->room / 2)
        grow(t);
    size_t *at = place_of(t, text);
    if (*at == 0) {
        t->all[t->n] = args_alloc(strlen(text) + 1, 1);
        strcpy(t->all[t->n], text);
        *at = ++t->n;
    }
    return *at;
}

void trace_texts_free(trace_texts *t)
{
    for (size_t i = 0; i < t->n; i++)
        free(t->all[i]);
    free(t->all);
    free(t->table);
    *t = (trace_texts){ 0 };
}
