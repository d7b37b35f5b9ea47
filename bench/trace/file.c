/* See file.h. */

#include "bench/trace/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/common/args.h"

/* ---- Bytes ----------------------------------------------------------------*/

static uint64_t get(const uint8_t *p, size_t bytes)
{
    uint64_t value = 0;

    for (size_t i = 0; i < bytes; i++)
        value |= (uint64_t)p[i] << 8 * i;
    return value;
}

/* Takes one off; false: it does not end. */
static bool take_varint(trace_file *f, uint64_t *value)
{
    unsigned shift = 0;

    *value = 0;
    while (f->p < f->end && shift < 64) {
        const uint8_t byte = *f->p++;
        *value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return true;
        shift += 7;
    }
    return false;
}

static bool take_difference(trace_file *f, uint64_t *value)
{
    uint64_t folded;

    if (!take_varint(f, &folded))
        return false;
    *value += folded >> 1 ^ (folded & 1 ? UINT64_MAX : 0);
    return true;
}

static bool take_difference32(trace_file *f, uint32_t *value)
{
    uint64_t wide = *value;
    bool taken = take_difference(f, &wide);

    *value = (uint32_t)wide;
    return taken;
}

/* ---- The file -------------------------------------------------------------*/

static failure unreadable(const char *name)
{
    return failure_new(BAD_USAGE, "%s: %s", name, strerror(errno));
}

/* All of it, however it comes. */
static failure slurp(trace_file *f, int fd)
{
    size_t room = 1 << 16;

    f->bytes = args_alloc(room, 1);
    for (;;) {
        ssize_t n = read(fd, f->bytes + f->size, room - f->size);
        if (n == 0)
            return SUCCESS;
        if (n < 0 && errno != EINTR)
            return unreadable(f->name);
        f->size += n > 0 ? (size_t)n : 0;
        if (f->size == room)
            f->bytes = args_realloc(f->bytes, room *= 2, 1);
    }
}

static failure check_head(const trace_file *f)
{
    const size_t magic = sizeof(DS__TRACE_MAGIC) - 1;
    const char *name = f->name;

    if (f->size < magic || memcmp(f->bytes, DS__TRACE_MAGIC, magic) != 0)
        return failure_new(BAD_USAGE, "%s: it is no trace", name);
    if (f->size < DS__TRACE_HEAD)
        return failure_new(BAD_USAGE, "%s: it is cut off at its beginning",
                           name);

    const uint64_t version = get(f->bytes + magic, 4);
    const uint64_t order = get(f->bytes + magic + 4, 4);
    if (order == 0x04030201)
        return failure_new(BAD_USAGE,
                           "%s: it has the other order of bytes, which no "
                           "version writes",
                           name);
    if (order != DS__TRACE_ORDER || version == 0)
        return failure_new(BAD_USAGE, "%s: its beginning is damaged", name);
    if (version > DS__TRACE_VERSION)
        return failure_new(
            BAD_USAGE, "%s: it is of version %u, and this program knows %u",
            name, (unsigned)version, (unsigned)DS__TRACE_VERSION);
    return SUCCESS;
}

enum { FLAGS_AT = 16 };

/* The first record that is not kept tells how many are forgotten, and the last
 * one how many there were. */
static void count_records(trace_file *f)
{
    bool first = true;

    for (size_t at = DS__TRACE_HEAD; at + DS__CHUNK_HEAD <= f->size;) {
        const uint8_t *head = f->bytes + at;
        if (get(head, 4) != DS__CHUNK_MAGIC)
            return;
        at += DS__CHUNK_HEAD + get(head + 8, 4);
        if (get(head + 4, 4) & DS__CHUNK_KEPT)
            continue;
        f->forgotten = first ? get(head + 16, 8) : f->forgotten;
        f->forgotten_sends = first ? get(head + 24, 8) : f->forgotten_sends;
        f->total = get(head + 16, 8) + get(head + 12, 4);
        first = false;
    }

    /* Only a flight recorder has made more than there are, each of which has
     * two bytes at least. */
    const bool all = !(get(f->bytes + FLAGS_AT, 4) & DS__TRACE_LAST);
    if (all && f->total > f->size / 2)
        f->total = f->size / 2;
}

static void forget_words(trace_file *f)
{
    for (size_t i = 0; i < f->num_words; i++)
        free(f->words[i]);
    f->num_words = 0;
}

void trace_rewind(trace_file *f)
{
    forget_words(f);
    f->next = DS__TRACE_HEAD;
    f->p = f->end = NULL;
    f->left = 0;
    f->damaged = 0;
    f->trouble[0] = '\0';
}

failure trace_open(trace_file *f, const char *name)
{
    const int fd = open(name, O_RDONLY | O_CLOEXEC);

    *f = (trace_file){ .name = name };
    if (fd < 0)
        return unreadable(name);
    failure why = slurp(f, fd);
    close(fd);
    if (why.status == 0)
        why = check_head(f);
    if (why.status != 0) {
        trace_close(f);
        return why;
    }
    ds__crc_init(&f->crc);
    count_records(f);
    trace_rewind(f);
    return SUCCESS;
}

void trace_close(trace_file *f)
{
    forget_words(f);
    free(f->words);
    free(f->bytes);
    free(f->text);
    *f = (trace_file){ 0 };
}

/* ---- Chunks ---------------------------------------------------------------*/

static void leave_out(trace_file *f, const char *what, size_t at)
{
    if (f->damaged++ == 0)
        snprintf(f->trouble, sizeof(f->trouble),
                 "%s at byte %zu of %zu; what it told is missing", what, at,
                 f->size);
}

static bool is_sound(const trace_file *f, const uint8_t *head, size_t bytes)
{
    uint32_t crc = ds__crc_of(&f->crc, 0, head, 32);

    crc = ds__crc_of(&f->crc, crc, head + DS__CHUNK_HEAD, bytes);
    return crc == get(head + 32, 4);
}

static void enter(trace_file *f, const uint8_t *head, size_t bytes)
{
    f->kept = (get(head + 4, 4) & DS__CHUNK_KEPT) != 0;
    f->left = (uint32_t)get(head + 12, 4);
    f->index = get(head + 16, 8);
    f->sends = get(head + 24, 8);
    f->p = head + DS__CHUNK_HEAD;
    f->end = f->p + bytes;
    f->time = 0;
    memset(f->last, 0, sizeof(f->last));
}

/* Enters the next sound chunk; false: there is none.  Behind a head that makes
 * no sense nothing can be found. */
static bool next_chunk(trace_file *f)
{
    while (f->next < f->size) {
        const size_t at = f->next;
        const uint8_t *head = f->bytes + at;
        const size_t left = f->size - at;
        const uint64_t bytes = left < DS__CHUNK_HEAD ? 0 : get(head + 8, 4);

        f->next = f->size;
        if (left < DS__CHUNK_HEAD || bytes > left - DS__CHUNK_HEAD ||
            get(head, 4) != DS__CHUNK_MAGIC) {
            leave_out(f,
                      left < DS__CHUNK_HEAD || get(head, 4) == DS__CHUNK_MAGIC
                          ? "it is cut off"
                          : "it is damaged",
                      at);
            return false;
        }
        f->next = at + DS__CHUNK_HEAD + bytes;
        if (is_sound(f, head, bytes)) {
            enter(f, head, bytes);
            return true;
        }
        leave_out(f, "it is damaged", at);
    }
    return false;
}

/* ---- Records --------------------------------------------------------------*/

static bool take_fields(trace_file *f, ds__raw *raw, unsigned mask)
{
    uint64_t bits = ds__bits(f->time);
    uint64_t aux = raw->aux;

    if ((mask & DS__HAS_TIME) && !take_difference(f, &bits))
        return false;
    if (mask & DS__HAS_FLAG) {
        if (f->p == f->end)
            return false;
        raw->flag = *f->p++;
    }
    if (((mask & DS__HAS_AUX) && !take_varint(f, &aux)) ||
        ((mask & DS__HAS_WHO) && !take_difference32(f, &raw->who)) ||
        ((mask & DS__HAS_A) && !take_difference32(f, &raw->a)) ||
        ((mask & DS__HAS_B) && !take_difference32(f, &raw->b)) ||
        ((mask & DS__HAS_VALUE) && !take_difference(f, &raw->value)))
        return false;
    raw->aux = aux & DS__WORDS_MAX;
    f->time = raw->time = ds__from_bits(bits);
    return true;
}

/* Copies it, with an end. */
static bool take_text(trace_file *f)
{
    uint64_t bytes;

    if (!take_varint(f, &bytes) || bytes > (size_t)(f->end - f->p))
        return false;
    if (bytes + 1 > f->text_room) {
        f->text_room = bytes + 1;
        f->text = args_realloc(f->text, f->text_room, 1);
    }
    memcpy(f->text, f->p, bytes);
    f->text[bytes] = '\0';
    f->p += bytes;
    return true;
}

static void learn(trace_file *f, size_t number)
{
    if (number >= f->num_words) {
        f->words = args_realloc(f->words, number + 1, sizeof(*f->words));
        memset(f->words + f->num_words, 0,
               (number + 1 - f->num_words) * sizeof(*f->words));
        f->num_words = number + 1;
    }
    free(f->words[number]);
    f->words[number] = args_alloc(strlen(f->text) + 1, 1);
    strcpy(f->words[number], f->text);
}

static bool take_record(trace_file *f, trace_record *r)
{
    if (f->end - f->p < 2)
        return false;

    const unsigned kind = *f->p++;
    const unsigned mask = *f->p++;
    ds__raw *raw = &f->last[kind];
    if (!take_fields(f, raw, mask) || ((mask & DS__HAS_TEXT) && !take_text(f)))
        return false;
    if (kind == DS__TELL_NAME && raw->flag == DS__NAMED_WORD &&
        (mask & DS__HAS_TEXT) && raw->a <= DS__WORDS_MAX)
        learn(f, raw->a);
    *r = (trace_record){
        .index = f->index,
        .time = raw->time,
        .kind = kind,
        .flag = raw->flag,
        .who = raw->who,
        .a = raw->a,
        .b = raw->b,
        .number = raw->value,
        .real = ds__from_bits(raw->value),
        .kept = f->kept,
    };
    if (kind == DS__TELL_SEND)
        r->number = ++f->sends;
    if (mask & DS__HAS_TEXT)
        r->text = f->text;
    else if (raw->aux != 0 && raw->aux < f->num_words)
        r->text = f->words[raw->aux];
    return true;
}

bool trace_next(trace_file *f, trace_record *r)
{
    for (;;) {
        if (f->left == 0 && !next_chunk(f))
            return false;
        if (f->left == 0)
            continue;
        f->left--;
        if (take_record(f, r)) {
            f->index++;
            return true;
        }
        f->left = 0;
        leave_out(f, "it is damaged", f->next);
    }
}

/* ---- Names ----------------------------------------------------------------*/

static const char *name_in(const char *const *names, size_t n, unsigned i)
{
    return i < n && names[i] != NULL ? names[i] : "?";
}

const char *trace_kind_name(unsigned kind)
{
    static const char *const names[DS__TELL_LAST] = {
        [DS__TELL_RUN] = "run",         [DS__TELL_RAN] = "ran",
        [DS__TELL_SPAWN] = "spawn",     [DS__TELL_START] = "start",
        [DS__TELL_END] = "end",         [DS__TELL_NAME] = "name",
        [DS__TELL_PORT] = "port",       [DS__TELL_NET] = "net",
        [DS__TELL_MODEL] = "model",     [DS__TELL_RATES] = "rates",
        [DS__TELL_WAIT] = "wait",       [DS__TELL_SLEEP] = "sleep",
        [DS__TELL_COMPUTE] = "compute", [DS__TELL_WAKE] = "wake",
        [DS__TELL_TAKE] = "take",       [DS__TELL_SEND] = "send",
        [DS__TELL_BEGIN] = "begin",     [DS__TELL_ARRIVE] = "arrive",
        [DS__TELL_LOSE] = "lose",       [DS__TELL_CALL] = "call",
        [DS__TELL_STEP] = "step",       [DS__TELL_BECAUSE] = "because",
        [DS__TELL_FAULT] = "fault",     [DS__TELL_MARK] = "mark",
        [DS__TELL_STATE] = "state",     [DS__TELL_COUNT] = "count",
        [DS__TELL_STUCK] = "stuck",     [DS__TELL_FOR] = "for",
        [DS__TELL_HELD] = "held",       [DS__TELL_LINK] = "link",
        [DS__TELL_WAY] = "way",         [DS__TELL_HOP] = "hop",
        [DS__TELL_SHARE] = "share",
    };

    return name_in(names, DS__TELL_LAST, kind);
}

const char *trace_loss_name(unsigned why)
{
    static const char *const names[] = {
        [DS__LOST_BY_NET] = "by the network",
        [DS__LOST_CUT] = "link cut",
        [DS__LOST_BY_CHANCE] = "by chance",
        [DS__LOST_BY_RULE] = "by a rule",
        [DS__LOST_DOWN] = "machine down",
        [DS__LOST_NO_MEMORY] = "no memory",
    };

    return name_in(names, sizeof(names) / sizeof(*names), why);
}

const char *trace_held_name(unsigned why)
{
    static const char *const names[] = {
        [DS__HELD_BY_LINK] = "link held",
        [DS__HELD_A_WHILE] = "a while",
        [DS__HELD_SECOND] = "second copy",
    };

    return name_in(names, sizeof(names) / sizeof(*names), why);
}

const char *trace_fault_name(unsigned what)
{
    static const char *const names[] = {
        [DS__FAULT_CRASH] = "crash",    [DS__FAULT_RESTART] = "restart",
        [DS__FAULT_PAUSE] = "pause",    [DS__FAULT_RESUME] = "resume",
        [DS__FAULT_SPEED] = "speed",    [DS__FAULT_CLOCK] = "clock",
        [DS__FAULT_STEP] = "step",      [DS__FAULT_DISK] = "disk",
        [DS__FAULT_CUT] = "cut",        [DS__FAULT_HOLD] = "hold",
        [DS__FAULT_MEND] = "mend",      [DS__FAULT_CHANCE] = "faults",
        [DS__FAULT_PART] = "partition", [DS__FAULT_HEAL] = "heal",
        [DS__FAULT_TORN] = "torn",      [DS__FAULT_LIED] = "lied",
        [DS__FAULT_ROT] = "rot",        [DS__FAULT_RESEED] = "reseed",
        [DS__FAULT_OFF] = "off",        [DS__FAULT_ON] = "on",
    };

    return name_in(names, sizeof(names) / sizeof(*names), what);
}
