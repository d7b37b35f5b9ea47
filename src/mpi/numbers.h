/* Numbers that mean something in MPI, as its ABI of version 5.0 has them.  What
 * talks to programs translates those of other ABIs. */
#ifndef DS_MPI_NUMBERS_H
#define DS_MPI_NUMBERS_H

enum {
    DS__MPI_ANY_SOURCE = -1,
    DS__MPI_ANY_TAG = -2,
    DS__PROC_NULL = -3,
    DS__ROOT = -4,
    DS__UNDEFINED = -32766,
};

/* Classes of errors. */
enum {
    DS__SUCCESS = 0,
    DS__ERR_BUFFER = 1,
    DS__ERR_COUNT = 2,
    DS__ERR_TYPE = 3,
    DS__ERR_TAG = 4,
    DS__ERR_COMM = 5,
    DS__ERR_RANK = 6,
    DS__ERR_REQUEST = 7,
    DS__ERR_ROOT = 8,
    DS__ERR_GROUP = 9,
    DS__ERR_OP = 10,
    DS__ERR_TOPOLOGY = 11,
    DS__ERR_DIMS = 12,
    DS__ERR_ARG = 13,
    DS__ERR_UNKNOWN = 14,
    DS__ERR_TRUNCATE = 15,
    DS__ERR_OTHER = 16,
    DS__ERR_INTERN = 17,
    DS__ERR_PENDING = 18,
    DS__ERR_IN_STATUS = 19,
    DS__ERR_ASSERT = 22,
    DS__ERR_BASE = 24,
    DS__ERR_DISP = 26,
    DS__ERR_INFO_KEY = 31,
    DS__ERR_INFO_NOKEY = 32,
    DS__ERR_INFO_VALUE = 33,
    DS__ERR_INFO = 34,
    DS__ERR_KEYVAL = 36,
    DS__ERR_LOCKTYPE = 37,
    DS__ERR_NO_MEM = 39,
    DS__ERR_RMA_ATTACH = 46,
    DS__ERR_RMA_CONFLICT = 47,
    DS__ERR_RMA_RANGE = 48,
    DS__ERR_RMA_SHARED = 49,
    DS__ERR_RMA_SYNC = 50,
    DS__ERR_SIZE = 52,
    DS__ERR_WIN = 56,
    DS__ERR_RMA_FLAVOR = 57,
    DS__ERR_SESSION = 60,
    DS__ERRORS = 63, /* how many there may be */
};

/* How groups and communicators compare. */
enum {
    DS__IDENT,
    DS__CONGRUENT,
    DS__SIMILAR,
    DS__UNEQUAL,
};

/* Where a buffer would be, and is not. */
extern char ds__in_place[1];
#define DS__IN_PLACE ((void *)ds__in_place)

/* Returns the name of a class, as MPI_ERR_TAG. */
const char *ds__error_name(int error);

/* Returns what it means, in a sentence without its end. */
const char *ds__error_text(int error);

#endif
