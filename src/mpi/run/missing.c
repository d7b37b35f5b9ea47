/* Each missing function gets one of so many that are alike but for a number. */

#include "mpi/run/missing.h"

#include <assert.h>
#include <string.h>

#include "mpi/call.h"

static char *names[512];
static size_t count;

static _Noreturn void call(size_t i, void *site)
{
    assert(i < count);
    ds__mpi_enter_always(names[i], site);
    ds__mpi_die(1,
                "this function is not there yet; distsys-mpi(7) lists what is");
}

typedef void stand_in(void);

/* Functions by their numbers in base 8. */
#define ONE(n)                                                                 \
    static void missing_##n(void)                                              \
    {                                                                          \
        call(0##n, __builtin_return_address(0));                               \
    }
#define EIGHT(n)                                                               \
    ONE(n##0)                                                                  \
    ONE(n##1) ONE(n##2) ONE(n##3) ONE(n##4) ONE(n##5) ONE(n##6) ONE(n##7)
#define ALL(n)                                                                 \
    EIGHT(n##0)                                                                \
    EIGHT(n##1)                                                                \
    EIGHT(n##2) EIGHT(n##3) EIGHT(n##4) EIGHT(n##5) EIGHT(n##6) EIGHT(n##7)
ALL(0)
ALL(1)
ALL(2)
ALL(3)
ALL(4)
ALL(5)
ALL(6)
ALL(7)

#define EIGHT_NAMES(n)                                                         \
    missing_##n##0, missing_##n##1, missing_##n##2, missing_##n##3,            \
        missing_##n##4, missing_##n##5, missing_##n##6, missing_##n##7
#define ALL_NAMES(n)                                                           \
    EIGHT_NAMES(n##0), EIGHT_NAMES(n##1), EIGHT_NAMES(n##2),                   \
        EIGHT_NAMES(n##3), EIGHT_NAMES(n##4), EIGHT_NAMES(n##5),               \
        EIGHT_NAMES(n##6), EIGHT_NAMES(n##7)
static stand_in *const functions[] = {
    ALL_NAMES(0), ALL_NAMES(1), ALL_NAMES(2), ALL_NAMES(3),
    ALL_NAMES(4), ALL_NAMES(5), ALL_NAMES(6), ALL_NAMES(7),
};

uintptr_t ds__missing_add(const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return (uintptr_t)functions[i];
    if (count == sizeof(names) / sizeof(*names))
        return 0;
    names[count] = ds__mpi_alloc(1, strlen(name) + 1);
    strcpy(names[count], name);
    return (uintptr_t)functions[count++];
}

size_t ds__missing_count(void)
{
    return count;
}

const char *ds__missing_name(size_t i)
{
    assert(i < count);
    return names[i];
}
