/* What was worth reaching, and how many trials have reached it. */
#ifndef DS_EXPLORE_RUNNER_MARKS_H
#define DS_EXPLORE_RUNNER_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longer names are cut. */
#define DS__MARK_SIZE 120

typedef struct ds__mark {
    char name[DS__MARK_SIZE];
    uint64_t trials; /* that have reached it */
    uint64_t first;  /* the least seed that has */
    uint64_t latest; /* the last one that was counted */
} ds__mark;

/* In the order of being reached first, which is that of blocks of seeds; sorted
 * by name for showing. */
typedef struct ds__marks {
    ds__mark *list;
    size_t count;
    size_t capacity;
} ds__marks;

/* Counts n trials, which reached it, the least with this seed; false: no
 * memory. */
bool ds__marks_add(ds__marks *marks, const char *name, uint64_t seed,
                   uint64_t n);

/* Adds a mark that no trial has reached yet, unless it is there. */
bool ds__marks_know_one(ds__marks *marks, const char *name);

/* Counts the trial with this seed, once. */
bool ds__marks_reach(ds__marks *marks, const char *name, uint64_t seed);

void ds__marks_sort(ds__marks *marks); /* by name */
void ds__marks_clear(ds__marks *marks);
void ds__marks_free(ds__marks *marks);

#endif
