/* Making windows, what is known of them, and their errors. */
#include <stdlib.h>
#include <string.h>

#include "check.h"

static int copies;
static int removals;
static int errors_seen;
static int last_error;

/* ---- Memory ---------------------------------------------------------------*/

static void *attr_of(MPI_Win win, int key)
{
    void *value = NULL;
    int flag = 0;

    MPI_Win_get_attr(win, key, &value, &flag);
    CHECK(flag);
    return value;
}

static void check_kind(MPI_Win win, void *base, MPI_Aint bytes, int unit,
                       int flavor)
{
    CHECK(attr_of(win, MPI_WIN_BASE) == base);
    CHECK(*(MPI_Aint *)attr_of(win, MPI_WIN_SIZE) == bytes);
    CHECK(*(int *)attr_of(win, MPI_WIN_DISP_UNIT) == unit);
    CHECK(*(int *)attr_of(win, MPI_WIN_CREATE_FLAVOR) == flavor);
    CHECK(*(int *)attr_of(win, MPI_WIN_MODEL) == MPI_WIN_UNIFIED);
}

static void flavors(void)
{
    double mine[3];
    double *base;
    MPI_Win win;

    MPI_Win_create(mine, sizeof(mine), 8, MPI_INFO_NULL, MPI_COMM_WORLD, &win);
    check_kind(win, mine, sizeof(mine), 8, MPI_WIN_FLAVOR_CREATE);
    MPI_Win_free(&win);
    CHECK(win == MPI_WIN_NULL);
    MPI_Win_allocate(16 * rank, 4, MPI_INFO_NULL, MPI_COMM_WORLD, &base, &win);
    check_kind(win, base, 16 * rank, 4, MPI_WIN_FLAVOR_ALLOCATE);
    MPI_Win_free(&win);
    MPI_Win_create_dynamic(MPI_INFO_NULL, MPI_COMM_WORLD, &win);
    check_kind(win, NULL, 0, 1, MPI_WIN_FLAVOR_DYNAMIC);
    MPI_Win_free(&win);
}

/* Everybody's part begins where that of the one before ends. */
static void shared(void)
{
    const MPI_Aint bytes = rank == 1 ? 0 : 8 * (rank + 1);
    char *base;
    char *query;
    char *end = NULL;
    MPI_Aint at;
    int unit;
    MPI_Win win;

    MPI_Win_allocate_shared(bytes, 8, MPI_INFO_NULL, MPI_COMM_WORLD, &base,
                            &win);
    check_kind(win, base, bytes, 8, MPI_WIN_FLAVOR_SHARED);
    memset(base, rank, (size_t)bytes);
    MPI_Win_fence(0, win);
    for (int i = 0; i < size; i++) {
        MPI_Win_shared_query(win, i, &at, &unit, &query);
        CHECK(at == (i == 1 ? 0 : 8 * (i + 1)) && unit == 8);
        CHECK(end == NULL || query == end);
        CHECK(at == 0 || (query[0] == i && query[at - 1] == i));
        end = query + at;
    }
    MPI_Win_shared_query(win, MPI_PROC_NULL, &at, &unit, &query);
    CHECK(at == 8 && query[0] == 0);
    MPI_Win_free(&win);
}

static void parts_apart(void)
{
    char *base;
    MPI_Info info;
    MPI_Win win;

    MPI_Info_create(&info);
    MPI_Info_set(info, "alloc_shared_noncontig", "true");
    MPI_Win_allocate_shared(rank + 1, 1, info, MPI_COMM_WORLD, &base, &win);
    MPI_Info_free(&info);
    CHECK((MPI_Aint)base % 16 == 0);
    MPI_Win_free(&win);
}

/* What is attached is accessed by its address; two pieces that touch as one. */
static void attached(void)
{
    int *memory = calloc(4, sizeof(int));
    const int give[4] = { 1, 2, 3, 4 };
    MPI_Aint address;
    MPI_Win win;

    MPI_Win_create_dynamic(MPI_INFO_NULL, MPI_COMM_WORLD, &win);
    MPI_Win_attach(win, memory, 2 * sizeof(int));
    MPI_Win_attach(win, memory + 2, 2 * sizeof(int));
    MPI_Get_address(memory, &address);
    MPI_Sendrecv_replace(&address, 1, MPI_AINT, (rank + size - 1) % size, 0,
                         (rank + 1) % size, 0, MPI_COMM_WORLD,
                         MPI_STATUS_IGNORE);
    MPI_Win_fence(0, win);
    MPI_Put(give, 4, MPI_INT, (rank + 1) % size, address, 4, MPI_INT, win);
    MPI_Win_fence(0, win);
    for (int i = 0; i < 4; i++)
        CHECK(memory[i] == give[i]);
    MPI_Win_set_errhandler(win, MPI_ERRORS_RETURN);
    CHECK(MPI_Put(give, 4, MPI_INT, (rank + 1) % size, address + 4, 4, MPI_INT,
                  win) == MPI_ERR_RMA_RANGE);
    CHECK(MPI_Win_attach(win, memory + 1, 4) == MPI_ERR_RMA_ATTACH);
    CHECK(MPI_Win_detach(win, memory + 1) == MPI_ERR_BASE);
    MPI_Win_fence(MPI_MODE_NOSUCCEED, win);
    CHECK(MPI_Win_detach(win, memory) == MPI_SUCCESS);
    CHECK(MPI_Win_detach(win, memory + 2) == MPI_SUCCESS);
    MPI_Win_free(&win);
    free(memory);
}

/* ---- What is kept ---------------------------------------------------------*/

static int copy(MPI_Win win, int key, void *extra, void *value, void *made,
                int *flag)
{
    copies++;
    *flag = 0;
    return MPI_SUCCESS;
}

static int removed(MPI_Win win, int key, void *value, void *extra)
{
    CHECK(value == &removals && extra == &copies);
    removals++;
    return MPI_SUCCESS;
}

static void attributes(MPI_Win win)
{
    int key;
    int flag;
    void *value;

    MPI_Win_create_keyval(copy, removed, &key, &copies);
    MPI_Win_get_attr(win, key, &value, &flag);
    CHECK(!flag);
    MPI_Win_set_attr(win, key, &removals);
    MPI_Win_get_attr(win, key, &value, &flag);
    CHECK(flag && value == &removals);
    MPI_Win_delete_attr(win, key);
    CHECK(removals == 1);
    MPI_Win_set_attr(win, key, &removals);
    MPI_Win_free_keyval(&key);
    CHECK(key == MPI_KEYVAL_INVALID);
}

static void names_and_hints(MPI_Win win)
{
    char text[MPI_MAX_OBJECT_NAME];
    int n;
    MPI_Info info;

    MPI_Win_get_name(win, text, &n);
    CHECK(n == 0 && text[0] == '\0');
    MPI_Win_set_name(win, "halo");
    MPI_Win_get_name(win, text, &n);
    CHECK(n == 4 && strcmp(text, "halo") == 0);
    MPI_Info_create(&info);
    MPI_Info_set(info, "no_locks", "false");
    MPI_Win_set_info(win, info);
    MPI_Info_free(&info);
    MPI_Win_get_info(win, &info);
    MPI_Info_get(info, "no_locks", 10, text, &n);
    CHECK(n && strcmp(text, "false") == 0);
    MPI_Info_free(&info);
}

static void groups(MPI_Win win)
{
    MPI_Group all;
    MPI_Group group;
    int result;

    MPI_Comm_group(MPI_COMM_WORLD, &all);
    MPI_Win_get_group(win, &group);
    MPI_Group_compare(all, group, &result);
    CHECK(result == MPI_IDENT);
    MPI_Group_free(&all);
    MPI_Group_free(&group);
}

/* ---- Errors ---------------------------------------------------------------*/

static MPI_Win handled;

static void handle(MPI_Win *win, int *error, ...)
{
    CHECK(*win == handled);
    errors_seen++;
    last_error = *error;
}

static void handlers(MPI_Win win)
{
    MPI_Errhandler own;
    MPI_Errhandler got;
    int x = 0;

    MPI_Win_get_errhandler(win, &got);
    CHECK(got == MPI_ERRORS_ARE_FATAL);
    MPI_Win_create_errhandler(handle, &own);
    MPI_Win_set_errhandler(win, own);
    MPI_Win_get_errhandler(win, &got);
    CHECK(got == own);
    handled = win;
    MPI_Win_call_errhandler(win, MPI_ERR_OTHER);
    CHECK(errors_seen == 1 && last_error == MPI_ERR_OTHER);
    CHECK(MPI_Put(&x, 1, MPI_INT, 0, 0, 1, MPI_INT, win) == MPI_ERR_RMA_SYNC);
    CHECK(errors_seen == 2 && last_error == MPI_ERR_RMA_SYNC);
    MPI_Errhandler_free(&got);
    MPI_Errhandler_free(&own);
}

#define FAILS(call, error) CHECK((call) == MPI_ERR_##error)

/* Of 4 integers. */
static void wrong_accesses(MPI_Win win)
{
    int x[8] = { 0 };
    double d = 0;
    MPI_Datatype pair;
    MPI_Op own;

    MPI_Win_fence(0, win);
    FAILS(MPI_Put(x, 1, MPI_INT, size, 0, 1, MPI_INT, win), RANK);
    FAILS(MPI_Put(x, -1, MPI_INT, 0, 0, 1, MPI_INT, win), COUNT);
    FAILS(MPI_Put(x, 1, MPI_DATATYPE_NULL, 0, 0, 1, MPI_INT, win), TYPE);
    FAILS(MPI_Put(x, 1, MPI_INT, 0, -1, 1, MPI_INT, win), DISP);
    FAILS(MPI_Put(x, 1, MPI_INT, 0, 4, 1, MPI_INT, win), RMA_RANGE);
    FAILS(MPI_Get(x, 8, MPI_INT, 0, 3, 2, MPI_INT, win), RMA_RANGE);
    FAILS(MPI_Put(x, 2, MPI_INT, 0, 0, 1, MPI_INT, win), TRUNCATE);
    FAILS(MPI_Get(x, 1, MPI_INT, 0, 0, 2, MPI_INT, win), TRUNCATE);
    MPI_Type_contiguous(2, MPI_INT, &pair);
    FAILS(MPI_Put(x, 1, pair, 0, 0, 2, MPI_INT, win), TYPE);
    MPI_Type_commit(&pair);
    FAILS(MPI_Fetch_and_op(x, x + 4, pair, 0, 0, MPI_SUM, win), TYPE);
    MPI_Type_free(&pair);
    FAILS(MPI_Accumulate(&d, 1, MPI_DOUBLE, 0, 0, 2, MPI_INT, MPI_SUM, win),
          TYPE);
    FAILS(MPI_Accumulate(&d, 1, MPI_DOUBLE, 0, 0, 1, MPI_DOUBLE, MPI_BAND, win),
          OP);
    FAILS(MPI_Accumulate(x, 1, MPI_INT, 0, 0, 1, MPI_INT, MPI_NO_OP, win), OP);
    MPI_Op_create((MPI_User_function *)MPI_Abort, 1, &own);
    FAILS(MPI_Accumulate(x, 1, MPI_INT, 0, 0, 1, MPI_INT, own, win), OP);
    MPI_Op_free(&own);
    FAILS(MPI_Compare_and_swap(&d, &d, &d, MPI_DOUBLE, 0, 0, win), TYPE);
    MPI_Win_fence(MPI_MODE_NOSUCCEED, win);
}

static void wrong_epochs(MPI_Win win)
{
    int x = 0;
    MPI_Group none = MPI_GROUP_EMPTY;

    FAILS(MPI_Win_unlock(0, win), RMA_SYNC);
    FAILS(MPI_Win_flush(0, win), RMA_SYNC);
    FAILS(MPI_Win_complete(win), RMA_SYNC);
    FAILS(MPI_Win_wait(win), RMA_SYNC);
    FAILS(MPI_Win_unlock_all(win), RMA_SYNC);
    FAILS(MPI_Win_lock(17, 0, 0, win), LOCKTYPE);
    FAILS(MPI_Win_lock(MPI_LOCK_SHARED, size, 0, win), RANK);
    FAILS(MPI_Win_lock(MPI_LOCK_SHARED, 0, MPI_MODE_NOPRECEDE, win), ASSERT);
    FAILS(MPI_Win_fence(MPI_MODE_NOCHECK, win), ASSERT);
    MPI_Win_start(none, 0, win);
    FAILS(MPI_Win_start(none, 0, win), RMA_SYNC);
    FAILS(MPI_Put(&x, 1, MPI_INT, 0, 0, 1, MPI_INT, win), RMA_SYNC);
    FAILS(MPI_Win_fence(0, win), RMA_SYNC);
    MPI_Win_complete(win);
    MPI_Win_post(none, 0, win);
    FAILS(MPI_Win_post(none, 0, win), RMA_SYNC);
    FAILS(MPI_Win_free(&win), RMA_SYNC);
    MPI_Win_wait(win);
    MPI_Win_lock(MPI_LOCK_SHARED, rank, 0, win);
    FAILS(MPI_Win_lock(MPI_LOCK_SHARED, rank, 0, win), RMA_SYNC);
    FAILS(MPI_Win_lock_all(0, win), RMA_SYNC);
    FAILS(MPI_Put(&x, 1, MPI_INT, (rank + 1) % size, 0, 1, MPI_INT, win),
          RMA_SYNC);
    FAILS(MPI_Win_free(&win), RMA_SYNC);
    MPI_Win_unlock(rank, win);
}

static void wrong_windows(void)
{
    int x;
    MPI_Win win = MPI_WIN_NULL;

    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    FAILS(MPI_Win_fence(0, MPI_WIN_NULL), WIN);
    FAILS(MPI_Win_free(&win), WIN);
    FAILS(MPI_Win_create(&x, -1, 1, MPI_INFO_NULL, MPI_COMM_WORLD, &win), SIZE);
    FAILS(MPI_Win_create(&x, 4, 0, MPI_INFO_NULL, MPI_COMM_WORLD, &win), DISP);
    FAILS(MPI_Win_create(&x, 4, 1, MPI_INFO_NULL, MPI_COMM_NULL, &win), COMM);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);
}

int main(int argc, char **argv)
{
    int memory[4] = { 0 };
    MPI_Win win;

    begin(&argc, &argv);
    flavors();
    shared();
    parts_apart();
    attached();
    MPI_Win_create(memory, sizeof(memory), sizeof(int), MPI_INFO_NULL,
                   MPI_COMM_WORLD, &win);
    attributes(win);
    names_and_hints(win);
    groups(win);
    handlers(win);
    MPI_Win_set_errhandler(win, MPI_ERRORS_RETURN);
    FAILS(MPI_Win_attach(win, memory, 4), RMA_FLAVOR);
    wrong_accesses(win);
    wrong_epochs(win);
    MPI_Win_free(&win);
    CHECK(removals == 2 && copies == 0);
    wrong_windows();
    return end();
}
