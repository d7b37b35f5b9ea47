/* The table of handles. */

#include "mpi/object.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* A place is an object, or the next place that is free. */
typedef union place {
    ds__object *object;
    size_t next;
} place;

/* The first places are never used: MPICH has constants of those numbers. */
enum { PLACES = 1 << 26, FIRST = 16 };

static place *places;
static size_t num_places;
static size_t max_places;
/* A handle that was given back rests before it is given out again, so that who
 * still has it is told. */
enum { RESTING = 4096 };
static size_t first_free; /* 0: none */
static size_t last_free;
static size_t num_free;

_Noreturn void ds__mpi_no_memory(void)
{
    fputs("distsys-mpirun: there is no memory\n", stderr);
    _Exit(1);
}

void *ds__mpi_alloc(size_t count, size_t size)
{
    void *memory = calloc(count > 0 ? count : 1, size);

    if (memory == NULL)
        ds__mpi_no_memory();
    return memory;
}

void *ds__mpi_room(size_t size)
{
    void *memory = malloc(size > 0 ? size : 1);

    if (memory == NULL)
        ds__mpi_no_memory();
    return memory;
}

void *ds__mpi_realloc(void *old, size_t count, size_t size)
{
    void *memory = reallocarray(old, count, size);

    if (memory == NULL)
        ds__mpi_no_memory();
    return memory;
}

static size_t take_place(void)
{
    size_t i = first_free;

    if (num_free > RESTING) {
        first_free = places[i].next;
        num_free--;
        return i;
    }
    if (num_places == max_places) {
        max_places = 2 * max_places + 64;
        places = ds__mpi_realloc(places, max_places, sizeof(*places));
    }
    if (num_places == PLACES)
        ds__mpi_no_memory();
    if (num_places == 0)
        num_places = FIRST;
    return num_places++;
}

void ds__object_add(void *object, ds__kind kind)
{
    ((ds__object *)object)->refs = 0;
    ds__object_add_again(object, kind);
}

void ds__object_add_again(void *object, ds__kind kind)
{
    ds__object *o = object;
    const size_t i = take_place();

    assert(i >= FIRST && i < num_places && kind > 0);
    places[i].object = o;
    o->kind = kind;
    o->refs++;
    o->handle = UINT32_C(0x80000000) | (uint32_t)kind << 26 | (uint32_t)i;
}

/* Whether a place is free is not to be seen in it; what was there says so. */
void *ds__object_get(uint64_t handle, ds__kind kind)
{
    const size_t i = handle & (PLACES - 1);

    if (handle >> 26 != (UINT32_C(0x80000000) >> 26 | (uint32_t)kind) ||
        i < FIRST || i >= num_places || places[i].next < num_places)
        return NULL;
    ds__object *o = places[i].object;
    return o->kind == kind && o->handle == handle ? o : NULL;
}

uint32_t ds__object_give(void *object)
{
    ds__object *o = object;

    if (o->made.call == NULL)
        o->made = ds__spot_here();
    return o->handle;
}

void ds__objects_each(void (*fn)(const ds__object *object))
{
    for (size_t i = FIRST; i < num_places; i++)
        if (places[i].next >= num_places)
            fn(places[i].object);
}

void ds__object_remove(void *object)
{
    ds__object *o = object;
    const size_t i = o->handle & (PLACES - 1);

    assert(o->handle != 0 && places[i].object == o);
    o->handle = 0;
    places[i].next = 0;
    if (num_free++ == 0)
        first_free = i;
    else
        places[last_free].next = i;
    last_free = i;
}
