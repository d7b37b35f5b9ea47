/* Parcels; see the header. */

#include "net/parcel.h"

#include <stdlib.h>
#include <string.h>

#include "net/net.h"

/* What one that is put aside is filled with: whoever still has a pointer to it
 * finds nothing that makes sense. */
#define DEAD 0xdd

/* The payload of a message points to the bytes. */
struct ds__parcel {
    union {
        ds_loop *loop;    /* of its messages; it may have gone */
        ds__parcel *next; /* of one put aside */
    };
    size_t size;
    max_align_t bytes[];
};

static ds__parcel *parcel_of(const void *bytes)
{
    return ds__container((void *)bytes, ds__parcel, bytes);
}

static size_t steps_of(size_t size)
{
    return size / DS__PARCEL_STEP + (size % DS__PARCEL_STEP > 0);
}

/* AddressSanitizer looks for uses of freed memory, so with it all is freed. */
int __asan_address_is_poisoned(const volatile void *at) __attribute__((weak));

void ds__parcels_init(ds__parcels *parcels)
{
    *parcels = (ds__parcels){
        .most = __asan_address_is_poisoned == NULL ? DS__PARCEL_MOST : 0,
    };
}

static ds__parcel *allocate(size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    return malloc(sizeof(ds__parcel) + steps_of(size) * DS__PARCEL_STEP);
}

/* One of this size, if one is put aside. */
static ds__parcel *take(ds__parcels *parcels, size_t size)
{
    if (parcels == NULL || size > parcels->most)
        return NULL;

    ds__parcel **shelf = &parcels->spare[steps_of(size)];
    ds__parcel *p = *shelf;
    if (p != NULL)
        *shelf = p->next;
    return p;
}

/* Those of a loop, for who may use them; NULL: the caller may not. */
static ds__parcels *parcels_of(const ds_loop *loop)
{
    ds__annex *annex = loop == NULL ? NULL : ds__own_annex(loop);

    return annex == NULL ? NULL : &annex->parcels;
}

void *ds__parcel_new(ds_loop *loop, const void *bytes, size_t size)
{
    ds__parcel *p = take(parcels_of(loop), size);

    if (p == NULL && (p = allocate(size)) == NULL)
        return NULL;
    p->loop = loop;
    p->size = size;
    if (size > 0)
        memcpy(p->bytes, bytes, size);
    return p->bytes;
}

void *ds__parcel_clone(const void *bytes)
{
    const ds__parcel *p = parcel_of(bytes);

    return ds__parcel_new(p->loop, bytes, p->size);
}

void ds__parcel_drop(void *bytes)
{
    ds__parcel *p = parcel_of(bytes);
    ds__parcels *parcels = parcels_of(p->loop);

    if (parcels == NULL || p->size > parcels->most) {
        free(p);
        return;
    }
    memset(p->bytes, DEAD, p->size);
    ds__parcel **shelf = &parcels->spare[steps_of(p->size)];
    p->next = *shelf;
    *shelf = p;
}

void ds__parcels_free(ds__parcels *parcels)
{
    const size_t n = sizeof(parcels->spare) / sizeof(*parcels->spare);

    for (size_t i = 0; i < n; i++)
        while (parcels->spare[i] != NULL) {
            ds__parcel *p = parcels->spare[i];
            parcels->spare[i] = p->next;
            free(p);
        }
}
