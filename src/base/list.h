/* A doubly linked list whose links lie inside the things it links.
 *
 * The head is a link itself and the list is a ring through it, so that neither
 * insertion nor removal knows an end.  A link that is in no list points to
 * itself, which makes removing it twice harmless. */
#ifndef DS_BASE_LIST_H
#define DS_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* The struct of type type whose member `member` is at p. */
#define ds__container(p, type, member)                                         \
    ((type *)(void *)((char *)(p)-offsetof(type, member)))

typedef struct ds__link {
    struct ds__link *prev;
    struct ds__link *next;
} ds__link;

static inline void ds__list_init(ds__link *head)
{
    head->prev = head;
    head->next = head;
}

static inline bool ds__list_empty(const ds__link *head)
{
    return head->next == head;
}

static inline void ds__list_append(ds__link *head, ds__link *link)
{
    link->prev = head->prev;
    link->next = head;
    head->prev->next = link;
    head->prev = link;
}

static inline void ds__list_remove(ds__link *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    ds__list_init(link);
}

/* Takes the first link off, or returns NULL. */
static inline ds__link *ds__list_shift(ds__link *head)
{
    ds__link *first = head->next;

    if (first == head)
        return NULL;
    ds__list_remove(first);
    return first;
}

#endif
