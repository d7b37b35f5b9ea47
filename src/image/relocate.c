/* The relocations of a program: a kind for each thing that a linker leaves to
 * be filled in.  What other machines call them is a table. */

#include "image/relocate.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

typedef enum kind {
    NOTHING,
    RELATIVE,  /* a place of the image itself */
    SYMBOL,    /* where a symbol is, plus a number */
    COPY,      /* the bytes of a symbol of somebody else */
    IRELATIVE, /* what a function of the image returns */
    LOCAL,     /* of thread-local variables */
    UNKNOWN,
} kind;

#if defined(__x86_64__)
static kind kind_of(uint32_t type)
{
    switch (type) {
    case R_X86_64_NONE:
        return NOTHING;
    case R_X86_64_RELATIVE:
        return RELATIVE;
    case R_X86_64_64:
    case R_X86_64_GLOB_DAT:
    case R_X86_64_JUMP_SLOT:
        return SYMBOL;
    case R_X86_64_COPY:
        return COPY;
    case R_X86_64_IRELATIVE:
        return IRELATIVE;
    case R_X86_64_DTPMOD64:
    case R_X86_64_DTPOFF64:
    case R_X86_64_TPOFF64:
    case R_X86_64_TLSDESC:
        return LOCAL;
    default:
        return UNKNOWN;
    }
}
#elif defined(__aarch64__)
static kind kind_of(uint32_t type)
{
    switch (type) {
    case R_AARCH64_NONE:
        return NOTHING;
    case R_AARCH64_RELATIVE:
        return RELATIVE;
    case R_AARCH64_ABS64:
    case R_AARCH64_GLOB_DAT:
    case R_AARCH64_JUMP_SLOT:
        return SYMBOL;
    case R_AARCH64_COPY:
        return COPY;
    case R_AARCH64_IRELATIVE:
        return IRELATIVE;
    case R_AARCH64_TLS_DTPMOD:
    case R_AARCH64_TLS_DTPREL:
    case R_AARCH64_TLS_TPREL:
    case R_AARCH64_TLSDESC:
        return LOCAL;
    default:
        return UNKNOWN;
    }
}
#endif

typedef struct work {
    const ds__elf *elf;
    unsigned char *base;
    const ds__binding *binding;
    ds__slots *slots;
    ds__text *why;
} work;

static bool add_slot(work *w, size_t at)
{
    ds__slots *s = w->slots;

    assert(at < w->elf->span && s->n <= s->max);
    if (s->n == s->max) {
        size_t max = 2 * s->max + 256;
        size_t *more = reallocarray(s->at, max, sizeof(*more));
        if (more == NULL) {
            ds__text_add(w->why, "there is no memory for its relocations");
            return false;
        }
        s->at = more;
        s->max = max;
    }
    s->at[s->n++] = at;
    return true;
}

static void store(work *w, size_t at, uint64_t value)
{
    memcpy(w->base + at, &value, sizeof(value));
}

/* Whether size bytes there may be written. */
static bool is_writable(const ds__elf *elf, size_t at, size_t size)
{
    for (size_t i = 0; i < elf->num_segments; i++) {
        const ds__elf_segment *s = &elf->segments[i];
        if (s->writable && at >= s->at && at - s->at <= s->size &&
            s->size - (at - s->at) >= size)
            return true;
    }
    return false;
}

/* Stores what a function of the image chooses, most often another of it. */
static bool store_chosen(work *w, size_t at, uint64_t chooser, int64_t addend)
{
    const uint64_t value =
        ((uintptr_t(*)(void))(uintptr_t)chooser)() + (uint64_t)addend;

    store(w, at, value);
    return value - (uint64_t)w->base >= w->elf->span || add_slot(w, at);
}

/* ---- Symbols --------------------------------------------------------------*/

static bool read_symbol(work *w, const Elf64_Rela *r, Elf64_Sym *symbol)
{
    const void *there = ds__elf_at(
        w->elf, w->elf->symbols + ELF64_R_SYM(r->r_info) * sizeof(*symbol),
        sizeof(*symbol));

    if (there == NULL) {
        ds__text_add(w->why, "its table of symbols is cut off");
        return false;
    }
    memcpy(symbol, there, sizeof(*symbol));
    return true;
}

static bool find_foreign(work *w, const Elf64_Sym *symbol, uint64_t *value)
{
    const char *name = ds__elf_string(w->elf, symbol->st_name);

    *value = w->binding->find(w->binding->arg, name);
    if (*value != 0 || ELF64_ST_BIND(symbol->st_info) == STB_WEAK)
        return true;
    ds__text_add(w->why, "it uses %s, which nobody has", name);
    return false;
}

static void tell(work *w, const Elf64_Sym *symbol, size_t at, bool is_copy)
{
    const ds__foreign what = {
        .name = ds__elf_string(w->elf, symbol->st_name),
        .at = at,
        .is_copy = is_copy,
    };

    w->binding->bound(w->binding->arg, &what);
}

static bool fill_symbol(work *w, const Elf64_Rela *r)
{
    Elf64_Sym symbol;
    uint64_t value;

    if (!read_symbol(w, r, &symbol))
        return false;
    if (symbol.st_shndx == SHN_UNDEF) {
        if (!find_foreign(w, &symbol, &value))
            return false;
        store(w, r->r_offset, value + (uint64_t)r->r_addend);
        tell(w, &symbol, r->r_offset, false);
        return true;
    }
    if (symbol.st_shndx == SHN_ABS) {
        store(w, r->r_offset, symbol.st_value + (uint64_t)r->r_addend);
        return true;
    }
    value = (uint64_t)w->base + symbol.st_value;
    if (ELF64_ST_TYPE(symbol.st_info) == STT_GNU_IFUNC)
        return store_chosen(w, r->r_offset, value, r->r_addend);
    store(w, r->r_offset, value + (uint64_t)r->r_addend);
    return add_slot(w, r->r_offset);
}

static bool fill_copy(work *w, const Elf64_Rela *r)
{
    Elf64_Sym symbol;
    uint64_t value;

    if (!read_symbol(w, r, &symbol) || !find_foreign(w, &symbol, &value))
        return false;
    if (!is_writable(w->elf, r->r_offset, symbol.st_size)) {
        ds__text_add(w->why, "it has a copy of %s outside of its data",
                     ds__elf_string(w->elf, symbol.st_name));
        return false;
    }
    if (value != 0)
        memcpy(w->base + r->r_offset, (const void *)(uintptr_t)value,
               symbol.st_size);
    tell(w, &symbol, r->r_offset, true);
    return true;
}

/* ---- Relocations ----------------------------------------------------------*/

static bool refuse(work *w, const Elf64_Rela *r, const char *what)
{
    Elf64_Sym symbol = { 0 };

    if (read_symbol(w, r, &symbol))
        ds__text_add(w->why, "it has a relocation of kind %u (%s), of \"%s\"",
                     (unsigned)ELF64_R_TYPE(r->r_info), what,
                     ds__elf_string(w->elf, symbol.st_name));
    return false;
}

static bool fill(work *w, const Elf64_Rela *r)
{
    const kind k = kind_of((uint32_t)ELF64_R_TYPE(r->r_info));

    if (k == NOTHING)
        return true;
    if (k == LOCAL)
        return refuse(
            w, r, "thread-local variables of a library, which are not found");
    if (k == UNKNOWN)
        return refuse(w, r, "unknown here");
    if (!is_writable(w->elf, r->r_offset, k == COPY ? 1 : sizeof(uint64_t)))
        return refuse(w, r, "outside of its data");
    switch (k) {
    case RELATIVE:
        store(w, r->r_offset, (uint64_t)w->base + (uint64_t)r->r_addend);
        return add_slot(w, r->r_offset);
    case IRELATIVE:
        return store_chosen(w, r->r_offset,
                            (uint64_t)w->base + (uint64_t)r->r_addend, 0);
    case COPY:
        return fill_copy(w, r);
    default:
        return fill_symbol(w, r);
    }
}

/* Functions that choose among others (IRELATIVE) may look at what is relocated,
 * and are asked in a second round. */
static bool fill_table(work *w, ds__elf_relocations table, bool choosing)
{
    const unsigned char *all = ds__elf_at(w->elf, table.at, table.size);

    for (size_t i = 0; i < table.size / sizeof(Elf64_Rela); i++) {
        Elf64_Rela r;
        memcpy(&r, all + i * sizeof(r), sizeof(r));
        const kind k = kind_of((uint32_t)ELF64_R_TYPE(r.r_info));
        if ((k == IRELATIVE) == choosing && !fill(w, &r))
            return false;
    }
    return true;
}

static bool add_base(work *w, size_t at)
{
    uint64_t value;

    assert(w->base != NULL);
    if (!is_writable(w->elf, at, sizeof(value))) {
        ds__text_add(w->why, "it has a relocation outside of its data");
        return false;
    }
    memcpy(&value, w->base + at, sizeof(value));
    store(w, at, value + (uint64_t)w->base);
    return add_slot(w, at);
}

/* Packed ones: an even word is the place of one, an odd word has a bit for each
 * of the 63 words that follow. */
static bool fill_packed(work *w)
{
    const ds__elf_relocations table = w->elf->relr;
    const unsigned char *all = ds__elf_at(w->elf, table.at, table.size);
    size_t at = 0;

    for (size_t i = 0; i < table.size / sizeof(uint64_t); i++) {
        uint64_t word;
        memcpy(&word, all + i * sizeof(word), sizeof(word));
        if ((word & 1) == 0) {
            if (!add_base(w, word))
                return false;
            at = word + sizeof(word);
            continue;
        }
        for (size_t bit = 1; bit < 64; bit++)
            if ((word >> bit & 1) != 0 &&
                !add_base(w, at + (bit - 1) * sizeof(word)))
                return false;
        at += 63 * sizeof(word);
    }
    return true;
}

bool ds__relocate(const ds__elf *elf, unsigned char *base,
                  const ds__binding *binding, ds__slots *slots, ds__text *why)
{
    work w = { elf, base, binding, slots, why };

    assert(base != NULL && binding->find != NULL && binding->bound != NULL);
    return fill_packed(&w) && fill_table(&w, elf->rela, false) &&
           fill_table(&w, elf->plt, false) && fill_table(&w, elf->rela, true) &&
           fill_table(&w, elf->plt, true);
}
