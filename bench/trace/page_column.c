/* See page_column.h; bench/trace/page/column.js reads it.
 *
 * A number is a symbol and bits behind it.  A number below 16 is its own symbol
 * without any.  Else it has n bits, of which the highest is 1; the symbol is
 * 16 + 2 * (n - 5) and the next bit, and the n - 2 bits that are left follow,
 * the lowest first.
 *
 * Symbols have the codes of Huffman, of at most 15 bits.  They are canonical:
 * shorter ones come first, and among those of a length the lower symbol; so
 * their lengths tell them.  The highest bit of a code comes first.
 *
 * The bits fill bytes from the lowest on: first 4 bits for each of 114 symbols,
 * with the length of its code or 0, and then the numbers.  The bytes are in
 * base64. */

#include "bench/trace/page_column.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "bench/common/args.h"

enum { SYMBOLS = 114, SMALL = 16, LONGEST = 15 };

typedef struct code {
    uint8_t length[SYMBOLS];
    uint16_t bits[SYMBOLS];
} code;

/* Bits on their way to bytes, and those on their way to base64. */
typedef struct pen {
    FILE *out;
    uint64_t bits;
    unsigned num_bits;
    uint8_t bytes[3];
    unsigned num_bytes;
} pen;

uint64_t page_folded(int64_t value)
{
    return value < 0 ? 2 * (uint64_t)(-(value + 1)) + 1 : 2 * (uint64_t)value;
}

/* ---- Symbols --------------------------------------------------------------*/

static unsigned bits_of(uint64_t value)
{
    unsigned n = 0;

    for (; value != 0; value >>= 1)
        n++;
    return n;
}

static unsigned symbol_of(uint64_t value)
{
    if (value < SMALL)
        return (unsigned)value;
    const unsigned n = bits_of(value);
    return SMALL + 2 * (n - 5) + (unsigned)(value >> (n - 2) & 1);
}

/* ---- Codes ----------------------------------------------------------------*/

/* The two that occur the least become one, until one is left: how often each
 * was part of that is the length of its code.  False: one is too long. */
static bool find_lengths(const uint64_t *count, uint8_t *length)
{
    uint64_t weight[SYMBOLS];
    size_t tree[SYMBOLS]; /* in which one a symbol is; they are named by one */

    for (size_t i = 0; i < SYMBOLS; i++) {
        weight[i] = count[i];
        tree[i] = i;
        length[i] = 0;
    }
    for (;;) {
        size_t a = SYMBOLS, b = SYMBOLS;
        for (size_t i = 0; i < SYMBOLS; i++) {
            if (weight[i] == 0)
                continue;
            if (a == SYMBOLS || weight[i] < weight[a]) {
                b = a;
                a = i;
            } else if (b == SYMBOLS || weight[i] < weight[b]) {
                b = i;
            }
        }
        if (b == SYMBOLS) {
            if (a < SYMBOLS && length[a] == 0)
                length[a] = 1; /* the only one */
            return true;
        }
        weight[a] += weight[b];
        weight[b] = 0;
        for (size_t i = 0; i < SYMBOLS; i++) {
            if (tree[i] != a && tree[i] != b)
                continue;
            tree[i] = a;
            if (count[i] > 0 && ++length[i] > LONGEST)
                return false;
        }
    }
}

/* Counts that are nearer to each other have shorter codes. */
static void make_code(code *c, uint64_t *count)
{
    unsigned next = 0;

    while (!find_lengths(count, c->length))
        for (size_t i = 0; i < SYMBOLS; i++)
            count[i] = count[i] == 0 ? 0 : count[i] / 2 + 1;
    for (unsigned n = 1; n <= LONGEST; n++) {
        next <<= 1;
        for (size_t i = 0; i < SYMBOLS; i++)
            if (c->length[i] == n)
                c->bits[i] = (uint16_t)next++;
    }
}

/* ---- Writing --------------------------------------------------------------*/

static void put_base64(pen *p)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned x = (unsigned)p->bytes[0] << 16 |
                       (unsigned)p->bytes[1] << 8 | (unsigned)p->bytes[2];
    const char text[] = { digits[x >> 18], digits[x >> 12 & 63],
                          p->num_bytes > 1 ? digits[x >> 6 & 63] : '=',
                          p->num_bytes > 2 ? digits[x & 63] : '=' };

    fwrite(text, 1, sizeof(text), p->out);
    memset(p->bytes, 0, sizeof(p->bytes));
    p->num_bytes = 0;
}

static void put_byte(pen *p)
{
    p->bytes[p->num_bytes++] = (uint8_t)p->bits;
    p->bits >>= 8;
    if (p->num_bytes == sizeof(p->bytes))
        put_base64(p);
}

static void put_bits(pen *p, uint64_t value, unsigned n)
{
    assert(n <= 56 && value >> n == 0);
    p->bits |= value << p->num_bits;
    for (p->num_bits += n; p->num_bits >= 8; p->num_bits -= 8)
        put_byte(p);
}

static void put_code(pen *p, const code *c, unsigned symbol)
{
    for (unsigned n = c->length[symbol]; n > 0; n--)
        put_bits(p, c->bits[symbol] >> (n - 1) & 1, 1);
}

static void put_value(pen *p, const code *c, uint64_t value)
{
    put_code(p, c, symbol_of(value));
    if (value >= SMALL) {
        const unsigned n = bits_of(value) - 2;
        put_bits(p, value & ((UINT64_C(1) << n) - 1), n);
    }
}

static void finish(pen *p)
{
    if (p->num_bits > 0)
        put_byte(p);
    if (p->num_bytes > 0)
        put_base64(p);
}

void page_column(FILE *out, const char *name, const uint64_t *values, size_t n)
{
    uint64_t count[SYMBOLS] = { 0 };
    code c = { .length = { 0 } };
    pen p = { .out = out };

    for (size_t i = 0; i < n; i++) {
        assert(values[i] >> 53 == 0);
        count[symbol_of(values[i])]++;
    }
    make_code(&c, count);
    fprintf(out, "<script type=\"text/plain\" id=\"%s\" data-n=\"%zu\">", name,
            n);
    for (size_t i = 0; i < SYMBOLS; i++)
        put_bits(&p, c.length[i], 4);
    for (size_t i = 0; i < n; i++)
        put_value(&p, &c, values[i]);
    finish(&p);
    fprintf(out, "</script>\n");
}
