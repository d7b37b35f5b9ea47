/* What a flight recorder must not forget; see the header. */

#include "loop/trace/standing.h"

#include <assert.h>
#include <stdlib.h>

#include "base/table.h"

/* ---- What is void ---------------------------------------------------------*/

/* What is known of later records, while going backwards. */
typedef struct later {
    ds__table seen;
    bool no_memory;
} later;

/* What is noted besides kinds of records. */
#define OVER    UINT64_C(0x100)
#define MACHINE UINT64_C(0x200)
#define CHANCE  (UINT64_C(1) << 32)
#define WIRE    (UINT64_C(2) << 32)

/* Notes that there is such a record; true: there was one already. */
static bool noted(later *l, uint64_t what, uint64_t a, uint64_t b)
{
    const size_t before = l->seen.count;

    if (ds__table_put(&l->seen, (ds__table_key){ .a = what, .b = a, .c = b }) ==
        NULL)
        l->no_memory = true;
    return l->seen.count == before && !l->no_memory;
}

static bool has_ended(const later *l, uint64_t thread)
{
    return ds__table_find(&l->seen, (ds__table_key){
                                        .a = DS__TELL_END,
                                        .b = thread,
                                    }) != NULL;
}

/* Of links, records of one line of a plan end together; those of the program,
 * of one network, are mended together. */
static bool is_over(const later *l, const ds__raw *raw)
{
    return ds__table_find(&l->seen, (ds__table_key){ .a = OVER,
                                                     .b = raw->who,
                                                     .c = raw->value }) != NULL;
}

static bool link_is_void(later *l, const ds__raw *raw)
{
    const bool planned = raw->value != ds__bits(0);
    const bool ends =
        raw->flag == DS__FAULT_HEAL || (planned && raw->flag == DS__FAULT_MEND);

    if (planned || raw->flag != DS__FAULT_CHANCE) {
        const bool over = is_over(l, raw);
        if (ends)
            noted(l, OVER, raw->who, raw->value);
        return over || (ends && planned);
    }
    return noted(l, CHANCE + raw->who, raw->a, raw->b);
}

static bool fault_is_void(later *l, const ds__raw *raw)
{
    switch ((ds__fault_kind)raw->flag) {
    case DS__FAULT_HEAL:
    case DS__FAULT_CUT:
    case DS__FAULT_HOLD:
    case DS__FAULT_MEND:
    case DS__FAULT_CHANCE:
    case DS__FAULT_PART:
        return link_is_void(l, raw);
    case DS__FAULT_OFF:
    case DS__FAULT_ON:
        return noted(l, WIRE + raw->who, raw->a, raw->value) ||
               raw->flag == DS__FAULT_ON;
    case DS__FAULT_TORN:
    case DS__FAULT_LIED:
    case DS__FAULT_ROT:
        return true;
    default:
        return noted(l, MACHINE + raw->flag, raw->a, 0);
    }
}

/* Whether a later record says all that this one does.  A thread that has ended
 * leaves nothing. */
static bool is_void(later *l, const ds__raw *raw)
{
    switch ((ds__tell_kind)raw->kind) {
    case DS__TELL_END:
        noted(l, DS__TELL_END, raw->who, 0);
        return true;
    case DS__TELL_SPAWN:
    case DS__TELL_START:
        return has_ended(l, raw->who);
    case DS__TELL_STATE:
        return has_ended(l, raw->who) || noted(l, raw->kind, raw->who, 0);
    case DS__TELL_NAME:
        return (raw->flag == DS__NAMED_THREAD && has_ended(l, raw->a)) ||
               noted(l, raw->kind, raw->flag, raw->a);
    case DS__TELL_RUN:
    case DS__TELL_RAN:
        return noted(l, raw->kind, 0, 0);
    case DS__TELL_LINK:
        return noted(l, raw->kind, raw->who, raw->a);
    case DS__TELL_FAULT:
        return fault_is_void(l, raw);
    default:
        return false;
    }
}

/* Marks what is void by a kind that there is not.  Going backwards needs to
 * know where records begin, since texts lie between them. */
static bool mark_void(ds__standing *s)
{
    size_t *starts = malloc((s->used + 1) * sizeof(*starts));
    size_t n = 0;
    later l = { 0 };

    if (starts == NULL)
        return false;
    ds__table_init(&l.seen, sizeof(ds__entry));
    for (size_t i = 0; i < s->used; i += ds__slots_of(&s->slots[i]))
        starts[n++] = i;
    while (n > 0) {
        ds__raw *raw = &s->slots[starts[--n]];
        if (is_void(&l, raw))
            raw->kind = DS__TELL_LAST;
    }
    ds__table_free(&l.seen);
    free(starts);
    return !l.no_memory;
}

/* False: no memory, and some that is void may still be there. */
static bool tidy(ds__standing *s)
{
    size_t used = 0;
    const bool well = mark_void(s);

    for (size_t i = 0; i < s->used;) {
        const size_t n = ds__slots_of(&s->slots[i]);
        if (s->slots[i].kind != DS__TELL_LAST) {
            memmove(&s->slots[used], &s->slots[i], n * sizeof(*s->slots));
            used += n;
        }
        i += n;
    }
    s->used = used;
    return well;
}

/* ---- Keeping --------------------------------------------------------------*/

/* Makes room for n more slots: by tidying, and if that leaves more than half of
 * it in use, by growing, so that a slot is looked at a few times at most. */
static bool make_room(ds__standing *s, size_t n)
{
    if (s->room - s->used >= n)
        return true;
    if (s->used > 0 && !tidy(s))
        return false;
    if (s->room / 2 >= s->used + n)
        return true;

    const size_t room = 2 * (s->room + n);
    ds__raw *slots = realloc(s->slots, room * sizeof(*slots));
    if (slots == NULL)
        return false;
    s->slots = slots;
    s->room = room;
    return true;
}

bool ds__standing_keep(ds__standing *s, const ds__chunk *chunk)
{
    if (!chunk->stands)
        return true;
    if (!make_room(s, chunk->slots))
        return false;
    for (size_t i = 0; i < chunk->slots;) {
        const size_t n = ds__slots_of(&chunk->raw[i]);
        if (ds__stands(chunk->raw[i].kind)) {
            memcpy(&s->slots[s->used], &chunk->raw[i], n * sizeof(*s->slots));
            s->used += n;
        }
        i += n;
    }
    assert(s->used <= s->room);
    return true;
}

bool ds__standing_next(const ds__standing *s, size_t *at, ds__chunk *chunk)
{
    chunk->first = chunk->sends = 0;
    chunk->records = chunk->slots = 0;
    chunk->stands = true;
    while (*at < s->used) {
        const size_t n = ds__slots_of(&s->slots[*at]);
        if (chunk->slots + n > DS__CHUNK_SLOTS)
            break;
        memcpy(&chunk->raw[chunk->slots], &s->slots[*at],
               n * sizeof(*s->slots));
        chunk->slots += n;
        chunk->records++;
        *at += n;
    }
    return chunk->records > 0;
}

void ds__standing_free(ds__standing *s)
{
    free(s->slots);
    *s = (ds__standing){ 0 };
}
