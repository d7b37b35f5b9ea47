/* Plans: arrays of lines, and what a line may say.
 *
 * A line is a plain struct that can be copied, changed and put into another
 * plan, so whoever makes plans smaller or gentler needs no text.  What kinds of
 * lines there are, and which numbers each has within which bounds, is a table:
 * parser, printer and the rest all go by it. */
#ifndef DS_EXPLORE_PLAN_PLAN_H
#define DS_EXPLORE_PLAN_PLAN_H

#include <distsys/explore.h>

#include "base/text.h"

typedef enum ds__plan_kind {
    DS__PLAN_FAULTS,
    DS__PLAN_PARTITION,
    DS__PLAN_CUT,
    DS__PLAN_HOLD,
    DS__PLAN_CRASH,
    DS__PLAN_PAUSE,
    DS__PLAN_CLOCK,
    DS__PLAN_SPEED,
    DS__PLAN_DISK,
    DS__PLAN_WIPE,
    DS__PLAN_RESEED,
    DS__PLAN_OFF,
    DS__NUM_PLAN_KINDS,
} ds__plan_kind;

/* Every node but the one at the other end of the link. */
#define DS__PLAN_EVERY UINT32_MAX

/* Fields that one line may have, at most. */
#define DS__PLAN_MOST 5

/* Where a crash or a pause comes: at once, or in the k-th call of a kind. */
typedef enum ds__plan_point {
    DS__PLAN_AT_ONCE,
    DS__PLAN_AT_CALL,
    DS__PLAN_AT_SEND,
    DS__PLAN_AT_SYNC,
    DS__NUM_PLAN_POINTS,
} ds__plan_point;

/* A node of a partition, and the side on which it is, from 0. */
typedef struct ds__plan_member {
    uint32_t node;
    uint32_t side;
} ds__plan_member;

/* Invariants: 0 <= time < until; what a line of its kind does not have is 0, or
 * false, or NULL; value[i] is within the bounds of field i and is 0 unless bit
 * i of named is set; no node is twice among the members, whose sides go up from
 * 0 one by one; point is one of its word's; name is not NULL, and can be read
 * as one word, if and only if the kind is OFF. */
typedef struct ds__plan_line {
    double time;
    double until; /* INFINITY: it stays so */
    ds__plan_kind kind;
    bool both;     /* of a link: also the other way */
    uint32_t node; /* of a link: where it comes from; may be DS__PLAN_EVERY */
    uint32_t to;   /* of a link; likewise */
    ds__plan_point point;
    uint64_t number; /* k of a point, >= 1; of a reseed */
    unsigned named;  /* which fields are said */
    double value[DS__PLAN_MOST];
    const ds__plan_member *members; /* the plan's own, in order of side */
    size_t num_members;
    const char *name; /* of a link of the network; the plan's own, likewise */
} ds__plan_line;

/* Invariants: count <= max lines. */
struct ds_plan {
    ds__plan_line *lines;
    size_t count;
    size_t max;
};

/* ---- What a line may say --------------------------------------------------*/

typedef enum ds__plan_bound {
    DS__PLAN_PROBABILITY, /* 0 to 1 */
    DS__PLAN_LENGTH,      /* finite, at least 0 */
    DS__PLAN_ANY,         /* finite */
    DS__PLAN_POSITIVE,    /* finite, greater than 0 */
    DS__PLAN_DRIFT,       /* finite, greater than -1 */
} ds__plan_bound;

typedef struct ds__plan_field {
    const char *name; /* NULL: the number stands alone, and must be there */
    ds__plan_bound bound;
    double gentlest; /* what comes nearest to no fault */
} ds__plan_field;

/* What stands between the word and the fields. */
typedef enum ds__plan_shape {
    DS__PLAN_LINK,   /* FROM > TO, FROM - TO */
    DS__PLAN_SIDES,  /* A,B | C,D */
    DS__PLAN_NODE,   /* NODE */
    DS__PLAN_NUMBER, /* a whole number */
    DS__PLAN_NAME,   /* NAME off */
} ds__plan_shape;

typedef struct ds__plan_word {
    const char *name;
    ds__plan_shape shape;
    bool ends;       /* may have an until */
    unsigned points; /* where it may come, or-ed together, besides at once */
    size_t num_fields;
    ds__plan_field field[DS__PLAN_MOST];
} ds__plan_word;

extern const ds__plan_word ds__plan_words[DS__NUM_PLAN_KINDS];
extern const char *const ds__plan_points[DS__NUM_PLAN_POINTS]; /* or NULL */

bool ds__plan_within(ds__plan_bound bound, double value);
const char *ds__plan_bound_text(ds__plan_bound bound);

/* Which families of hazards a line belongs to, as DS_HAZARD_..., or-ed
 * together; one of chances to each for which it has one. */
unsigned ds__plan_families(const ds__plan_line *line);

/* Asserts what stands above the structs. */
void ds__plan_check(const ds_plan *plan);

/* ---- Making plans ---------------------------------------------------------*/

ds_plan *ds__plan_new(void); /* NULL: no memory */

/* Returns whether a name can be read as one word. */
bool ds__plan_is_word(const char *name);

/* Copies what a line has that is the plan's own; false: no memory, and it has
 * nothing. */
bool ds__plan_own(ds__plan_line *line);
void ds__plan_disown(ds__plan_line *line);

/* Appends a copy of a line, also of another plan's; false: no memory. */
bool ds__plan_append(ds_plan *plan, const ds__plan_line *line);

/* Makes a plan of those lines of another for which keep[i] is set, or of all
 * if keep is NULL; NULL: no memory. */
ds_plan *ds__plan_pick(const ds_plan *plan, const bool *keep);

/* Whether two say the same, to the last bit. */
bool ds__plan_same_line(const ds__plan_line *a, const ds__plan_line *b);

/* Adds a line as it is printed, without the end of it.  size of text.buf is
 * enough if it is ds__plan_line_room(). */
size_t ds__plan_line_room(const ds__plan_line *line);
void ds__plan_print_line(const ds__plan_line *line, ds__text *text);

/* The same as a text to be freed; NULL: no memory. */
char *ds__plan_line_text(const ds__plan_line *line);

#endif
