/* What lies on a disk; see the header. */

#include "net/store.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"

/* What a disk writes at a time: a torn write ends at a multiple of it. */
#define SECTOR 512

struct ds__stored {
    ds__stored *next;
    unsigned char *bytes; /* NULL if room is 0 */
    size_t size;
    size_t room;
    char name[];
};

/* size is that of data, or what a cut leaves. */
struct ds__change {
    ds__change *next;
    ds__change_kind kind;
    bool kept; /* by a crash */
    uint64_t number;
    size_t size;
    unsigned char *data; /* behind the name */
    char name[];
};

/* ---- Images ---------------------------------------------------------------*/

static bool is_called(const ds__stored *record, const char *name)
{
    return record->name[0] == name[0] && strcmp(record->name, name) == 0;
}

/* Returns where the record hangs, or where it would. */
static ds__stored **find(ds__image *image, const char *name)
{
    ds__stored **at = &image->records;

    while (*at != NULL && !is_called(*at, name))
        at = &(*at)->next;
    return at;
}

static void remove_at(ds__stored **at)
{
    ds__stored *record = *at;

    *at = record->next;
    free(record->bytes);
    free(record);
}

static void clear_image(ds__image *image)
{
    while (image->records != NULL)
        remove_at(&image->records);
}

static ds__stored *make_at(ds__stored **at, const char *name)
{
    size_t length = strlen(name) + 1;
    ds__stored *record = calloc(1, sizeof(*record) + length);

    if (record == NULL)
        return NULL;
    memcpy(record->name, name, length);
    *at = record;
    return record;
}

static bool make_room(ds__stored *record, size_t room)
{
    size_t more = record->room < SECTOR / 2 ? SECTOR : record->room * 2;

    if (room <= record->room)
        return true;
    if (more < room)
        more = room;
    unsigned char *bytes = realloc(record->bytes, more);
    if (bytes == NULL)
        return false;
    record->bytes = bytes;
    record->room = more;
    return true;
}

/* Writes size bytes from offset on, and ends the record there. */
static bool write_at(ds__image *image, const char *name, bool append,
                     const void *data, size_t size)
{
    ds__stored **at = find(image, name);
    ds__stored *record = *at;
    bool fresh = record == NULL;

    if (fresh && (record = make_at(at, name)) == NULL)
        return false;
    size_t offset = append ? record->size : 0;
    if (size > SIZE_MAX - offset || !make_room(record, offset + size)) {
        if (fresh)
            remove_at(at);
        return false;
    }
    if (size > 0)
        memcpy(record->bytes + offset, data, size);
    record->size = offset + size;
    return true;
}

/* Cuts a record, which goes if it is cut to nothing. */
static void cut(ds__image *image, const char *name, size_t size)
{
    ds__stored **at = find(image, name);

    if (*at == NULL)
        return;
    if (size == 0)
        remove_at(at);
    else if (size < (*at)->size)
        (*at)->size = size;
}

static bool apply(ds__image *image, ds__change_kind kind, const char *name,
                  const void *data, size_t size)
{
    if (kind != DS__CHANGE_CUT)
        return write_at(image, name, kind == DS__CHANGE_APPEND, data, size);
    cut(image, name, size);
    return true;
}

/* ---- Changes --------------------------------------------------------------*/

static void forget_changes(ds__store *store)
{
    while (store->first != NULL) {
        ds__change *change = store->first;
        store->first = change->next;
        free(change);
    }
    store->end = &store->first;
}

void ds__store_init(ds__store *store)
{
    *store = (ds__store){ 0 };
    store->end = &store->first;
}

void ds__store_clear(ds__store *store)
{
    forget_changes(store);
    clear_image(&store->now);
    clear_image(&store->safe);
}

static ds__change *new_change(ds__change_kind kind, const char *name,
                              const void *data, size_t size)
{
    size_t length = strlen(name) + 1;
    size_t bytes = kind == DS__CHANGE_CUT ? 0 : size;

    if (bytes > SIZE_MAX / 2)
        return NULL;
    ds__change *change = malloc(sizeof(*change) + length + bytes);
    if (change == NULL)
        return NULL;
    *change = (ds__change){
        .kind = kind,
        .size = size,
        .data = (unsigned char *)change->name + length,
    };
    memcpy(change->name, name, length);
    if (bytes > 0)
        memcpy(change->data, data, bytes);
    return change;
}

bool ds__store_change(ds__store *store, ds__change_kind kind, const char *name,
                      const void *data, size_t size)
{
    ds__change *change = new_change(kind, name, data, size);

    if (change == NULL)
        return false;
    if (!apply(&store->now, kind, name, data, size)) {
        free(change);
        return false;
    }
    change->number = store->changes++;
    *store->end = change;
    store->end = &change->next;
    return true;
}

/* Takes the oldest change off, and applies so many bytes of it to what is
 * safe, or nothing. */
static bool settle_first(ds__store *store, bool keep, size_t size)
{
    ds__change *change = store->first;
    bool done = !keep || apply(&store->safe, change->kind, change->name,
                               change->data, size);

    if (!done)
        return false;
    store->first = change->next;
    if (store->first == NULL)
        store->end = &store->first;
    free(change);
    return true;
}

bool ds__store_sync(ds__store *store, uint64_t before)
{
    while (store->first != NULL && store->first->number < before)
        if (!settle_first(store, true, store->first->size))
            return false;
    return true;
}

/* ---- A crash --------------------------------------------------------------*/

typedef enum fate {
    KEEP_ALL,
    KEEP_NONE,
    KEEP_FIRST,
    KEEP_ANY,
    NUM_FATES,
} fate;

static size_t count(const ds__store *store)
{
    size_t n = 0;

    for (const ds__change *c = store->first; c != NULL; c = c->next)
        n++;
    return n;
}

/* A part of a write, from its beginning: whole sectors, and fewer than all. */
static size_t torn(const ds__change *change,
                   uint64_t (*draw)(void *arg, uint64_t n), void *arg)
{
    size_t sectors = (change->size + SECTOR - 1) / SECTOR;

    if (change->kind == DS__CHANGE_CUT || sectors == 0 || draw(arg, 2) == 0)
        return change->size;
    return (size_t)draw(arg, sectors) * SECTOR;
}

/* Makes what is safe what there is. */
static bool copy_safe(ds__store *store)
{
    clear_image(&store->now);
    for (const ds__stored *r = store->safe.records; r != NULL; r = r->next)
        if (!write_at(&store->now, r->name, false, r->bytes, r->size))
            return false;
    return true;
}

/* Marks the changes that are kept, and returns the last of them. */
static ds__change *choose(ds__store *store, fate f, size_t keep,
                          uint64_t (*draw)(void *arg, uint64_t n), void *arg)
{
    ds__change *last = NULL;
    size_t i = 0;

    for (ds__change *c = store->first; c != NULL; c = c->next, i++) {
        c->kept = f == KEEP_ALL || (f == KEEP_FIRST && i < keep) ||
                  (f == KEEP_ANY && draw(arg, 2) == 1);
        if (c->kept)
            last = c;
    }
    return last;
}

bool ds__store_crash(ds__store *store, uint64_t (*draw)(void *arg, uint64_t n),
                     void *arg, uint64_t *lost)
{
    size_t n = count(store);

    if (n == 0)
        return true;
    fate f = (fate)draw(arg, NUM_FATES);
    size_t keep = f == KEEP_FIRST ? (size_t)draw(arg, n + 1) : 0;
    const ds__change *last = choose(store, f, keep, draw, arg);
    while (store->first != NULL) {
        const ds__change *c = store->first;
        size_t size = c == last ? torn(c, draw, arg) : c->size;
        *lost += !c->kept || size < c->size;
        if (!settle_first(store, c->kept, size))
            return false;
    }
    return copy_safe(store);
}

/* ---- Reading --------------------------------------------------------------*/

static const ds__stored *look(const ds__store *store, const char *name)
{
    return *find((ds__image *)&store->now, name);
}

size_t ds__store_size(const ds__store *store, const char *name)
{
    const ds__stored *record = look(store, name);

    return record == NULL ? 0 : record->size;
}

size_t ds__store_read(const ds__store *store, const char *name, size_t offset,
                      void *data, size_t size)
{
    const ds__stored *record = look(store, name);

    if (record == NULL || offset >= record->size)
        return 0;
    size_t there = record->size - offset;
    size_t n = size < there ? size : there;
    if (n > 0)
        memcpy(data, record->bytes + offset, n);
    return n;
}

/* ---- Invariants -----------------------------------------------------------*/

static void check_image(const ds__image *image)
{
    for (const ds__stored *r = image->records; r != NULL; r = r->next) {
        assert(r->size <= r->room);
        assert((r->bytes == NULL) == (r->room == 0));
        assert(*find((ds__image *)image, r->name) == r); /* no name twice */
    }
}

void ds__store_check(const ds__store *store)
{
    ds__change *const *end = &store->first;
    uint64_t number = 0;

    check_image(&store->now);
    check_image(&store->safe);
    for (const ds__change *c = store->first; c != NULL; c = c->next) {
        assert(c->number >= number && c->number < store->changes);
        number = c->number + 1;
        end = &c->next;
    }
    assert(store->end == end);
}
