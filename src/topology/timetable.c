/* Reads what a link is like when; see the header. */

#include "topology/timetable.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "topology/number.h"

/* Invariants: text <= at; said is empty until something is wrong. */
typedef struct reader {
    ds__timetable *table;
    size_t max;
    const char *text;
    const char *at;
    ds__text said;
} reader;

typedef struct word {
    const char *at;
    size_t length;
} word;

/* ---- Words ----------------------------------------------------------------*/

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Returns the next word, which is empty at a semicolon and at the end. */
static word peek(reader *r)
{
    word w;

    while (is_blank(*r->at))
        r->at++;
    w.at = r->at;
    w.length = strcspn(r->at, " \t;");
    return w;
}

static word take(reader *r)
{
    word w = peek(r);

    r->at += w.length;
    return w;
}

static bool is_word(word w, const char *text)
{
    return w.length == strlen(text) && memcmp(w.at, text, w.length) == 0;
}

/* Says what is allowed in the place of a word; always false. */
static bool wrong(reader *r, word w, const char *allowed)
{
    ds__text_add(&r->said, "at character %zu, '%.*s': allowed: %s",
                 (size_t)(w.at - r->text) + 1,
                 w.length < 30 ? (int)w.length : 30, w.at, allowed);
    return false;
}

/* ---- Entries --------------------------------------------------------------*/

static bool read_seconds(reader *r, double *seconds)
{
    word w = take(r);

    return ds__number_read(w.at, w.length, ds__unit_seconds, seconds) ||
           wrong(r, w, DS__ALLOWED_SECONDS);
}

static bool read_rate(reader *r, double *rate)
{
    word w = take(r);

    return (ds__number_read(w.at, w.length, ds__unit_bytes, rate) &&
            *rate > 0) ||
           wrong(r, w, DS__ALLOWED_BYTES);
}

static bool add(reader *r, ds__timed timed)
{
    ds__timetable *t = r->table;

    if (t->count == r->max) {
        size_t max = r->max == 0 ? 4 : 2 * r->max;
        ds__timed *more = realloc(t->entries, max * sizeof(*more));
        if (more == NULL) {
            ds__text_add(&r->said, "out of memory");
            return false;
        }
        t->entries = more;
        r->max = max;
    }
    t->entries[t->count++] = timed;
    return true;
}

static bool read_deed(reader *r, double time)
{
    ds__timed timed = { .time = time };
    word w = take(r);

    if (is_word(w, "rate")) {
        timed.deed = DS__TIMED_RATE;
        return read_rate(r, &timed.value) && add(r, timed);
    }
    if (is_word(w, "latency")) {
        timed.deed = DS__TIMED_LATENCY;
        return read_seconds(r, &timed.value) && add(r, timed);
    }
    if (!is_word(w, "off") && !is_word(w, "on"))
        return wrong(r, w, "rate, latency, off, on");
    timed.deed = is_word(w, "off") ? DS__TIMED_OFF : DS__TIMED_ON;
    return add(r, timed);
}

static double last_time(const ds__timetable *t)
{
    return t->count == 0 ? 0 : t->entries[t->count - 1].time;
}

static bool read_entry(reader *r)
{
    word w = peek(r);
    double time;

    if (!read_seconds(r, &time))
        return false;
    if (time < last_time(r->table))
        return wrong(r, w, "a time that is no earlier than the one before");
    do
        if (!read_deed(r, time))
            return false;
    while (peek(r).length > 0);
    return true;
}

/* What has more than nothing to repeat. */
static bool read_repeat(reader *r)
{
    word first = take(r);

    if (r->table->count == 0)
        return wrong(r, first, "a time, since there is nothing to repeat");
    word w = peek(r);
    if (!read_seconds(r, &r->table->period))
        return false;
    if (!(r->table->period > last_time(r->table)))
        return wrong(r, w, "seconds that are more than the last time");
    return peek(r).length == 0 || wrong(r, peek(r), "the end");
}

static bool read_all(reader *r)
{
    for (;;) {
        if (!(is_word(peek(r), "repeat") ? read_repeat(r) : read_entry(r)))
            return false;
        if (*r->at == '\0')
            return true;
        r->at++;
        if (peek(r).length == 0 && *r->at == '\0')
            return true;
        if (r->table->period > 0)
            return wrong(r, peek(r), "the end");
    }
}

bool ds__timetable_read(ds__timetable *table, const char *text, char *why,
                        size_t size)
{
    reader r = { .table = table, .text = text, .at = text };

    *table = (ds__timetable){ 0 };
    ds__text_init(&r.said, why, size);
    if (read_all(&r))
        return true;
    ds__timetable_free(table);
    return false;
}

void ds__timetable_free(ds__timetable *table)
{
    free(table->entries);
    *table = (ds__timetable){ 0 };
}
