/* What a link is like when: a text such as
 *
 *     0 rate 1G; 5 off; 7 on; repeat 10
 *
 * which says at which seconds its rate or its latency are others, or it is off,
 * and after how many all that begins again. */
#ifndef DS_TOPOLOGY_TIMETABLE_H
#define DS_TOPOLOGY_TIMETABLE_H

#include <stdbool.h>
#include <stddef.h>

typedef enum ds__timed_deed {
    DS__TIMED_RATE,
    DS__TIMED_LATENCY,
    DS__TIMED_OFF,
    DS__TIMED_ON,
} ds__timed_deed;

typedef struct ds__timed {
    double time;
    ds__timed_deed deed;
    double value;
} ds__timed;

/* Invariants: times do not go down, and are finite and at least 0; a period is
 * greater than all of them. */
typedef struct ds__timetable {
    ds__timed *entries;
    size_t count;  /* at least 1 */
    double period; /* 0: it does not begin again */
} ds__timetable;

/* Reads all of a text.  False: why says at which character, from 1, what is
 * wrong, and the table is empty. */
bool ds__timetable_read(ds__timetable *table, const char *text, char *why,
                        size_t size);
void ds__timetable_free(ds__timetable *table);

#endif
