/* A basic type is one number or two; a number has a size here and one there. */

#include "mpi/external.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

typedef struct number {
    size_t here;
    size_t there;
    bool is_signed; /* what is shorter there is extended so */
} number;

typedef struct numbers {
    size_t n;
    number all[2];
} numbers;

/* What is as long there as it is here needs no sign. */
static number same(size_t size)
{
    return (number){ .here = size, .there = size };
}

static numbers numbers_of(ds__basic basic)
{
    const size_t size = ds__type_basic(basic)->size;
    const size_t first = ds__pair_value_size(basic);
    numbers n = { .n = 1, .all = { same(size) } };

    if (ds__type_class(basic) == DS__COMPLEX)
        n = (numbers){ .n = 2, .all = { same(size / 2), same(size / 2) } };
    if (first > 0)
        n = (numbers){ .n = 2, .all = { same(first), same(size - first) } };
    if (basic == DS__BASIC_LONG || basic == DS__BASIC_UNSIGNED_LONG ||
        basic == DS__BASIC_LONG_INT)
        n.all[0].there = 4;
    if (basic == DS__BASIC_WCHAR)
        n.all[0].there = 2;
    n.all[0].is_signed = basic == DS__BASIC_LONG || basic == DS__BASIC_LONG_INT;
    return n;
}

/* ---- One number -----------------------------------------------------------*/

static bool is_little(void)
{
    const uint16_t one = 1;

    return *(const unsigned char *)&one == 1;
}

/* Bytes from one order to the other, the lowest first or last. */
static void copy_lowest(unsigned char *to, const unsigned char *from, size_t n,
                        bool reversed)
{
    for (size_t i = 0; i < n; i++)
        to[i] = from[reversed ? n - 1 - i : i];
}

#if LDBL_MANT_DIG == 64
/* The 80 bits that x86 has: sign and exponent are the same, the fraction has 49
 * bits less, and its first one is stored. */
enum { LESS = 49 };

typedef struct extended {
    unsigned sign_exponent;
    uint64_t high; /* 48 bits of the fraction of 112 */
    uint64_t low;
} extended;

static void put_long_double(unsigned char *to, const unsigned char *from)
{
    uint64_t mantissa;
    uint16_t head;
    extended e;

    memcpy(&mantissa, from, sizeof(mantissa));
    memcpy(&head, from + sizeof(mantissa), sizeof(head));
    const uint64_t fraction = mantissa << 1 >> 1;
    e = (extended){ .sign_exponent = head,
                    .high = fraction >> (64 - LESS),
                    .low = fraction << LESS };
    to[0] = (unsigned char)(e.sign_exponent >> 8);
    to[1] = (unsigned char)e.sign_exponent;
    for (int i = 0; i < 6; i++)
        to[2 + i] = (unsigned char)(e.high >> (8 * (5 - i)));
    for (int i = 0; i < 8; i++)
        to[8 + i] = (unsigned char)(e.low >> (8 * (7 - i)));
}

/* To the nearest, of two that are as near to the even one. */
static uint64_t round_fraction(const extended *e, bool *carried)
{
    const uint64_t rest = e->low << (64 - LESS);
    const uint64_t half = UINT64_C(1) << 63;
    uint64_t fraction = e->high << (64 - LESS) | e->low >> LESS;

    if (rest > half || (rest == half && (fraction & 1) != 0))
        fraction++;
    *carried = fraction >> 63 != 0;
    return fraction << 1 >> 1;
}

static void get_long_double(unsigned char *to, const unsigned char *from)
{
    const uint64_t first = UINT64_C(1) << 63;
    extended e = { .sign_exponent = (unsigned)from[0] << 8 | from[1] };
    bool carried;

    for (int i = 0; i < 6; i++)
        e.high = e.high << 8 | from[2 + i];
    for (int i = 0; i < 8; i++)
        e.low = e.low << 8 | from[8 + i];
    const unsigned exponent = e.sign_exponent & 0x7fff;
    const bool is_nan = exponent == 0x7fff && (e.high | e.low) != 0;
    uint64_t mantissa = round_fraction(&e, &carried);
    if (is_nan)
        mantissa |= first >> 1;
    else if (carried)
        e.sign_exponent++;
    if (exponent != 0 || carried)
        mantissa |= first;
    const uint16_t head = (uint16_t)e.sign_exponent;
    memset(to, 0, sizeof(long double));
    memcpy(to, &mantissa, sizeof(mantissa));
    memcpy(to + sizeof(mantissa), &head, sizeof(head));
}

static bool is_long_double(const number *n)
{
    return n->here == sizeof(long double);
}
#else
/* It is the same but for the order of bytes. */
#define put_long_double(to, from) ((void)(to), (void)(from))
#define get_long_double(to, from) ((void)(to), (void)(from))
#define is_long_double(n)         false
#endif

static void put(unsigned char *to, const unsigned char *from, const number *n)
{
    const bool little = is_little();

    assert(n->there <= n->here);
    if (is_long_double(n))
        put_long_double(to, from);
    else
        copy_lowest(to, from + (little ? 0 : n->here - n->there), n->there,
                    little);
}

static void get(unsigned char *to, const unsigned char *from, const number *n)
{
    const bool little = is_little();
    const int fill = n->is_signed && (from[0] & 0x80) != 0 ? 0xff : 0;

    if (is_long_double(n)) {
        get_long_double(to, from);
        return;
    }
    memset(to, fill, n->here);
    copy_lowest(to + (little ? 0 : n->here - n->there), from, n->there, little);
}

/* ---- Elements -------------------------------------------------------------*/

static size_t basic_size(ds__basic basic)
{
    const numbers n = numbers_of(basic);

    return n.all[0].there + (n.n > 1 ? n.all[1].there : 0);
}

size_t ds__external_size(const ds__type *t)
{
    size_t size = 0;

    if (t->size == 0)
        return 0;
    if (t->base >= 0) {
        const ds__basic base = (ds__basic)t->base;
        return t->size / ds__type_basic(base)->size * basic_size(base);
    }
    for (size_t i = 0; i < t->num_parts; i++)
        size += t->parts[i].count * t->parts[i].times *
                ds__external_size(t->parts[i].old);
    return size;
}

/* Between bytes in a row here, and those there; so many bytes of one of them.
 */
static void convert(char *there, char *here, size_t bytes, ds__basic basic,
                    bool out)
{
    const numbers n = numbers_of(basic);

    assert(bytes % ds__type_basic(basic)->size == 0);
    for (size_t done = 0; done < bytes;)
        for (size_t i = 0; i < n.n; i++) {
            if (out)
                put((unsigned char *)there, (unsigned char *)here, &n.all[i]);
            else
                get((unsigned char *)here, (unsigned char *)there, &n.all[i]);
            here += n.all[i].here;
            there += n.all[i].there;
            done += n.all[i].here;
        }
}

static char *convert_all(char *there, char *elements, size_t count,
                         const ds__type *t, bool out);

static char *convert_part(char *there, char *element, const ds__part *p,
                          bool out)
{
    for (size_t i = 0; i < p->times; i++)
        there = convert_all(there, element + p->at + (ptrdiff_t)i * p->step,
                            p->count, p->old, out);
    return there;
}

/* What is there is not changed if it goes out, nor what is here if it comes
 * in. */
static char *convert_all(char *there, char *elements, size_t count,
                         const ds__type *t, bool out)
{
    const size_t bytes = count * t->size;

    if (bytes == 0)
        return there;
    if (t->base < 0) {
        for (size_t k = 0; k < count; k++)
            for (size_t i = 0; i < t->num_parts; i++)
                there = convert_part(there, elements + (ptrdiff_t)k * t->extent,
                                     &t->parts[i], out);
        return there;
    }
    char *packed = ds__mpi_room(bytes);
    if (out)
        ds__type_pack(packed, elements, count, t);
    convert(there, packed, bytes, (ds__basic)t->base, out);
    if (!out)
        ds__type_unpack(elements, packed, bytes, t);
    free(packed);
    return there + count * ds__external_size(t);
}

char *ds__external_pack(char *to, const void *from, size_t count,
                        const ds__type *t)
{
    return convert_all(to, (char *)from, count, t, true);
}

const char *ds__external_unpack(void *to, const char *from, size_t count,
                                const ds__type *t)
{
    return convert_all((char *)from, to, count, t, false);
}
