/* Errors that a program adds: classes and codes of its own, and what they are
 * called.  Each rank has its own. */
#ifndef DS_MPI_CODES_H
#define DS_MPI_CODES_H

#include <stdbool.h>

/* The first of them; the same numbers in every ABI, beyond all of theirs. */
enum { DS__OWN_CODES = 1 << 30 };

typedef struct ds__code {
    bool there;
    int class;     /* a class of the library, or of the program's own */
    char *text;    /* NULL: none */
    int num_codes; /* that are of this class */
} ds__code;

/* Invariant: the last one is there. */
typedef struct ds__codes {
    int n;
    ds__code *all;
    int last; /* that was asked for */
} ds__codes;

static inline bool ds__code_is_own(int error)
{
    return error >= DS__OWN_CODES;
}

/* Returns the number of a new one of a class, which is one of the program's own
 * that is there, or of the library; 0: the new one is a class itself. */
int ds__code_add(ds__codes *codes, int class);

/* Returns what has that number; NULL: nothing. */
ds__code *ds__code_get(const ds__codes *codes, int error);

/* What is of a class is there no more. */
void ds__code_remove(ds__codes *codes, int error);

/* NULL: it has no text. */
void ds__code_set_text(ds__code *code, const char *text);

#endif
