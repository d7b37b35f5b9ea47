/* The recorder: listens to a loop, and makes a trace of what it is told.
 *
 * It has one chunk to fill, and gets another when that is full, from a writer
 * to a file or from a flight recorder. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/list.h"
#include "loop/loop.h"
#include "loop/trace/flight.h"
#include "loop/trace/spec.h"
#include "loop/trace/words.h"

/* Invariants: one of writer and flight is NULL, and chunk is that one's; at and
 * end are places in it, and the slots before at are used, text_slots of them by
 * texts.  at is end as well if the trace is at its end, for want of memory. */
typedef struct recorder {
    ds__probe probe; /* first */
    ds__raw *at;     /* where the next record goes */
    ds__raw *end;
    uint64_t sends;   /* so far */
    ds__chunk *chunk; /* that is being filled */
    size_t text_slots;
    uint64_t records; /* before it */
    uint64_t saved;   /* records, when the file was last made whole */
    bool lacks_memory;
    ds_loop *loop;
    ds__words words;
    ds__spec spec;
    ds__writer *writer;
    ds__flight *flight;
} recorder;

/* ---- Chunks ---------------------------------------------------------------*/

static void begin_chunk(recorder *r, ds__chunk *chunk)
{
    chunk->first = r->records;
    chunk->sends = r->sends;
    chunk->records = 0;
    chunk->slots = 0;
    chunk->stands = false;
    r->chunk = chunk;
    r->at = chunk->raw;
    r->end = chunk->raw + DS__CHUNK_SLOTS;
    r->text_slots = 0;
}

/* Brings the chunk up to date with what is in it. */
static void count_chunk(recorder *r)
{
    if (r->lacks_memory)
        return;
    r->chunk->slots = (size_t)(r->at - r->chunk->raw);
    r->chunk->records = r->chunk->slots - r->text_slots;
}

/* What there is so far stays. */
static void fail_memory(recorder *r)
{
    count_chunk(r);
    r->lacks_memory = true;
    r->at = r->end;
    ds__fail_memory(r->loop, "the trace");
}

static bool turn(recorder *r)
{
    count_chunk(r);
    r->records += r->chunk->records;
    ds__chunk *next = r->writer != NULL ? ds__writer_turn(r->writer)
                                        : ds__flight_turn(r->flight);
    if (next == NULL) {
        fail_memory(r);
        return false;
    }
    begin_chunk(r, next);
    if (r->lacks_memory)
        r->at = r->end;
    return !r->lacks_memory;
}

/* A place in the next chunk; NULL: there is none any more. */
__attribute__((noinline)) static ds__raw *place_beyond(recorder *r,
                                                       size_t slots)
{
    if (r->lacks_memory || !turn(r))
        return NULL;

    ds__raw *raw = r->at;
    r->at += slots;
    return raw;
}

/* A place for a record of so many slots, likewise. */
static inline ds__raw *place(recorder *r, size_t slots)
{
    ds__raw *raw = r->at;

    if (__builtin_expect((size_t)(r->end - raw) < slots, 0))
        return place_beyond(r, slots);
    r->at = raw + slots;
    return raw;
}

/* ---- Records --------------------------------------------------------------*/

#define BIT(kind) (UINT64_C(1) << (kind))

/* The kinds whose value is a number, not a double; those whose text is a word,
 * and so comes again; of these, those whose words are the library's own, and
 * never change; and those that come with every message, and have no text. */
#define NUMBERS                                                                \
    (BIT(DS__TELL_RUN) | BIT(DS__TELL_RAN) | BIT(DS__TELL_WAKE) |              \
     BIT(DS__TELL_TAKE) | BIT(DS__TELL_BEGIN) | BIT(DS__TELL_ARRIVE) |         \
     BIT(DS__TELL_LOSE) | BIT(DS__TELL_BECAUSE) | BIT(DS__TELL_HELD))
#define WORDS                                                                  \
    (BIT(DS__TELL_WAIT) | BIT(DS__TELL_SLEEP) | BIT(DS__TELL_COMPUTE) |        \
     BIT(DS__TELL_CALL) | BIT(DS__TELL_STATE) | BIT(DS__TELL_COUNT))
#define OWN_WORDS (BIT(DS__TELL_WAIT) | BIT(DS__TELL_SLEEP))
#define PLAIN                                                                  \
    (BIT(DS__TELL_WAKE) | BIT(DS__TELL_TAKE) | BIT(DS__TELL_SEND) |            \
     BIT(DS__TELL_BEGIN) | BIT(DS__TELL_ARRIVE) | BIT(DS__TELL_LOSE) |         \
     BIT(DS__TELL_STEP) | BIT(DS__TELL_BECAUSE))

_Static_assert(DS__TELL_LAST <= 64, "a bit for each kind");

/* In its place at once, since most records have nothing else. */
static inline void fill(ds__raw *raw, const ds__record *told, uint16_t aux,
                        bool has_text)
{
    raw->time = told->time;
    raw->kind = (uint8_t)told->kind;
    raw->flag = (uint8_t)told->flag;
    raw->aux = aux & DS__WORDS_MAX;
    raw->has_text = has_text;
    raw->who = (uint32_t)told->who;
    raw->a = told->a;
    raw->b = told->b;
    raw->value = BIT(told->kind) & NUMBERS ? told->id : ds__bits(told->x);
}

/* A text that would not fit beside its record ends earlier. */
static void put_text(recorder *r, const ds__record *told)
{
    const size_t most = (DS__CHUNK_SLOTS - 1) * DS__SLOT - sizeof(uint32_t);
    const size_t len = strlen(told->text);
    const uint32_t bytes = (uint32_t)(len < most ? len : most);
    const size_t slots = ds__text_slots(bytes);
    ds__raw *at = place(r, 1 + slots);

    if (at == NULL)
        return;
    r->text_slots += slots;
    fill(at, told, 0, true);
    memset(at + slots, 0, DS__SLOT); /* what follows the last byte */
    memcpy(at + 1, &bytes, sizeof(bytes));
    memcpy((char *)(at + 1) + sizeof(bytes), told->text, bytes);
}

/* A word that has just got its number is told first. */
static void introduce(recorder *r, uint16_t number, const ds__record *told)
{
    put_text(r, &(ds__record){
                    .kind = DS__TELL_NAME,
                    .flag = DS__NAMED_WORD,
                    .time = told->time,
                    .a = number,
                    .text = told->text,
                });
    r->chunk->stands = true;
}

static void put_plain(recorder *r, const ds__record *told, uint16_t aux)
{
    ds__raw *at = place(r, 1);

    if (at != NULL)
        fill(at, told, aux, false);
}

__attribute__((noinline)) static void put_word(recorder *r,
                                               const ds__record *told)
{
    uint16_t number;

    switch (ds__words_find(&r->words, told->text, &number)) {
    case DS__WORD_NEW:
        introduce(r, number, told);
        break;
    case DS__WORD_OLD:
        break;
    case DS__WORD_TOO_MANY:
        put_text(r, told);
        return;
    case DS__WORD_NO_MEMORY:
        fail_memory(r);
        return;
    }
    put_plain(r, told, number);
}

__attribute__((noinline)) static void put_rare(recorder *r,
                                               const ds__record *told)
{
    if (r->lacks_memory)
        return;
    if (told->text == NULL)
        put_plain(r, told, 0);
    else if (BIT(told->kind) & WORDS)
        put_word(r, told);
    else
        put_text(r, told);
    if (ds__stands(told->kind))
        r->chunk->stands = true;
}

/* It is the first of the next chunk. */
__attribute__((noinline)) static void
put_beyond(recorder *r, const ds__record *told, uint16_t aux)
{
    put_plain(r, told, aux);
    r->sends += told->kind == DS__TELL_SEND;
}

/* What comes often needs a store, and nothing else. */
static void record(ds__probe *probe, const ds__record *told)
{
    recorder *r = (recorder *)probe;
    const uint64_t kind = BIT(told->kind);
    uint16_t aux = 0;

    if ((kind & PLAIN) == 0) {
        aux = kind & OWN_WORDS ? ds__words_near(&r->words, told->text) : 0;
        if (__builtin_expect(aux == 0, 0)) {
            put_rare(r, told);
            return;
        }
    }
    ds__raw *at = r->at;
    if (__builtin_expect(at == r->end, 0)) {
        put_beyond(r, told, aux);
        return;
    }
    r->at = at + 1;
    fill(at, told, aux, false);
    r->sends += told->kind == DS__TELL_SEND;
}

/* ---- Runs -----------------------------------------------------------------*/

static bool begin(ds__probe *probe, ds_loop *loop)
{
    recorder *r = ds__container(probe, recorder, probe);

    if (r->writer == NULL)
        return true;
    const int error = ds__writer_start(r->writer);
    if (error == 0)
        return true;
    ds__fail(loop, DS_ETHREAD,
             "ds_loop_run: the system refuses to start the thread that writes "
             "the trace: %s",
             strerror(error));
    return false;
}

/* What there is so far is in the file after each run. */
static void save(recorder *r)
{
    count_chunk(r);
    const uint64_t records = r->records + r->chunk->records;
    if (records == r->saved)
        return;
    r->saved = records;
    if (r->writer != NULL)
        turn(r);
    else
        ds__flight_write(r->flight);
}

static void end(ds__probe *probe)
{
    recorder *r = ds__container(probe, recorder, probe);

    save(r);
    if (r->writer != NULL)
        ds__writer_stop(r->writer);
}

static void show(ds__probe *probe)
{
    recorder *r = ds__container(probe, recorder, probe);

    count_chunk(r);
    ds__flight_write(r->flight);
}

/* ---- Beginning and end ----------------------------------------------------*/

static void free_recorder(ds__probe *probe)
{
    recorder *r = ds__container(probe, recorder, probe);

    save(r);
    if (r->writer != NULL) {
        ds__writer_close(r->writer);
        free(r->writer);
    } else {
        ds__flight_free(r->flight);
    }
    ds__words_free(&r->words);
    ds__spec_free(&r->spec);
    free(r);
}

static void say_fault(ds_loop *loop, const char *spec, ds__spec_fault fault)
{
    if (fault == DS__SPEC_NO_MEMORY)
        ds__fail_memory(loop, "ds_loop_new");
    else
        ds__fail(loop, DS_EMISUSE,
                 "ds_loop_new: trace is \"%s\"; it must be a file%s", spec,
                 fault == DS__SPEC_NO_FILE
                     ? ""
                     : ", and then \",last=SIZE\", such as 64M and at least "
                       "64K, or \",steps\", or both");
}

/* That a program makes several loops at a time is no reason to stop it. */
static void say_unopened(ds_loop *loop, const char *file, int error)
{
    if (error != EWOULDBLOCK) {
        ds__fail(loop, DS_EMISUSE,
                 "ds_loop_new: the trace \"%s\" cannot be written: %s", file,
                 strerror(error));
        return;
    }
    fprintf(stderr,
            "distsys: a loop is not traced, since another one is being traced "
            "to %s\n",
            file);
}

/* 0: opened; ENOMEM, or why not. */
static int open_file(recorder *r)
{
    int error = ENOMEM;

    if (r->spec.last > 0) {
        r->flight = ds__flight_new(r->spec.last);
        if (r->flight != NULL)
            error = ds__flight_open(r->flight, r->spec.file);
        if (error == 0)
            begin_chunk(r, &r->flight->ring[0]);
        r->probe.show = show;
    } else {
        r->writer = malloc(sizeof(*r->writer));
        if (r->writer != NULL)
            error = ds__writer_open(r->writer, r->spec.file);
        if (error == 0)
            begin_chunk(r, &r->writer->chunks[0]);
    }
    return error;
}

ds__probe *ds__trace_open(ds_loop *loop, const char *spec)
{
    recorder *r = calloc(1, sizeof(*r));

    if (r == NULL) {
        ds__fail_memory(loop, "ds_loop_new");
        return NULL;
    }
    r->probe = (ds__probe){
        .record = record,
        .begin = begin,
        .end = end,
        .free = free_recorder,
    };
    r->loop = loop;

    const ds__spec_fault fault = ds__spec_read(&r->spec, spec);
    if (fault != DS__SPEC_SOUND) {
        say_fault(loop, spec, fault);
        free(r);
        return NULL;
    }
    r->probe.spec = r->spec.text;
    r->probe.steps = r->spec.steps;
    const int error = open_file(r);
    if (error == 0)
        return &r->probe;
    if (error == ENOMEM)
        ds__fail_memory(loop, "ds_loop_new");
    else
        say_unopened(loop, r->spec.file, error);
    free(r->writer);
    free(r->flight);
    ds__spec_free(&r->spec);
    free(r);
    return NULL;
}
