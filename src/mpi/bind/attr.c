/* Attributes of communicators, datatypes and windows, and names of datatypes.
 */

#include <assert.h>
#include <limits.h>
#include <string.h>

#include "mpi/bind/abi.h"

/* ---- Keys -----------------------------------------------------------------*/

/* The program's functions call MPI as they like; afterwards this call is still
 * the one that is being made. */
typedef struct calling {
    const char *call;
    void *site;
} calling;

static calling leave_for_program(void)
{
    const ds__rank *me = ds__me();

    return (calling){ .call = me->now->call, .site = me->now->site };
}

static void return_from_program(calling was)
{
    ds__rank *me = ds__me();

    me->now->call = was.call;
    me->now->site = was.site;
}

static int call_copy(const ds__keyval *key, void *owner, void *value,
                     void **made, bool *copied)
{
    const calling was = leave_for_program();
    int flag = 0;
    int code;

    if (key->of == DS__COMM)
        code = ((MPI_Comm_copy_attr_function *)key->copy)(
            ABI_NAME(comm_handle)(owner), (int)key->object.handle, key->extra,
            value, made, &flag);
    else if (key->of == DS__WIN)
        code = ((MPI_Win_copy_attr_function *)key->copy)(
            HANDLE(MPI_Win, (ds__win *)owner), (int)key->object.handle,
            key->extra, value, made, &flag);
    else
        code = ((MPI_Type_copy_attr_function *)key->copy)(
            ABI_NAME(type_handle)(owner), (int)key->object.handle, key->extra,
            value, made, &flag);
    *copied = flag != 0;
    return_from_program(was);
    return code;
}

static int call_remove(const ds__keyval *key, void *owner, void *value)
{
    const calling was = leave_for_program();
    int code;

    if (key->of == DS__COMM)
        code = ((MPI_Comm_delete_attr_function *)key->remove)(
            ABI_NAME(comm_handle)(owner), (int)key->object.handle, value,
            key->extra);
    else if (key->of == DS__WIN)
        code = ((MPI_Win_delete_attr_function *)key->remove)(
            HANDLE(MPI_Win, (ds__win *)owner), (int)key->object.handle, value,
            key->extra);
    else
        code = ((MPI_Type_delete_attr_function *)key->remove)(
            ABI_NAME(type_handle)(owner), (int)key->object.handle, value,
            key->extra);
    return_from_program(was);
    return code;
}

#ifdef DS_MPICH
/* Programs of MPICH have a function of the library for what is a constant
 * elsewhere. */
int ds__mpich_dup_fn(int comm, int key, void *extra, void *value, void *made,
                     int *flag)
{
    *(void **)made = value;
    *flag = 1;
    return MPI_SUCCESS;
}

static ds__copying copying(void (*copy)(void))
{
    return copy == NULL ? DS__COPY_NOT : DS__COPY_OWN;
}
#else
static ds__copying copying(void (*copy)(void))
{
    return copy == (void (*)(void))MPI_COMM_NULL_COPY_FN ? DS__COPY_NOT
           : copy == (void (*)(void))MPI_COMM_DUP_FN     ? DS__COPY_SAME
                                                         : DS__COPY_OWN;
}
#endif

static int make_key(ds__kind of, void (*copy)(void), void (*remove)(void),
                    int *keyval, void *extra)
{
    NEED_RESULT(ds__me()->world, keyval);
    ds__keyval *key = ds__mpi_alloc(1, sizeof(*key));
    *key = (ds__keyval){
        .of = of,
        .copying = copying(copy),
        .copy = copy,
        .remove = remove,
        .extra = extra,
        .call_copy = call_copy,
        .call_remove = call_remove,
    };
    ds__keyval_add(key);
    *keyval = (int)ds__object_give(key);
    return MPI_SUCCESS;
}

static ds__keyval *find_key(int keyval, ds__kind of)
{
    ds__keyval *key = ds__object_get((uint32_t)keyval, DS__KEYVAL);

    return key != NULL && key->of == of ? key : NULL;
}

static const char *kind_name(ds__kind of)
{
    return of == DS__COMM  ? "communicator"
           : of == DS__WIN ? "window"
                           : "datatype";
}

#define NEED_KEY(c, key, keyval, of)                                           \
    ds__keyval *const key = find_key(keyval, of);                              \
    if (key == NULL)                                                           \
    FAIL(c, ERR_KEYVAL,                                                        \
         "this is no key of the program's own for a %s, or it has been freed", \
         kind_name(of))

static int free_key(ds__kind of, int *keyval)
{
    NEED_RESULT(ds__me()->world, keyval);
    NEED_KEY(ds__me()->world, key, *keyval, of);
    ds__keyval_free(key);
    *keyval = MPI_KEYVAL_INVALID;
    return MPI_SUCCESS;
}

#define KEYS(name_of_create, name_of_free, of, copy_fn, remove_fn)             \
    API int F(name_of_create)(copy_fn * copy, remove_fn * remove, int *keyval, \
                              void *extra)                                     \
    {                                                                          \
        ENTER(name_of_create);                                                 \
        return make_key(of, (void (*)(void))copy, (void (*)(void))remove,      \
                        keyval, extra);                                        \
    }                                                                          \
    API int F(name_of_free)(int *keyval)                                       \
    {                                                                          \
        ENTER(name_of_free);                                                   \
        return free_key(of, keyval);                                           \
    }
KEYS(Comm_create_keyval, Comm_free_keyval, DS__COMM,
     MPI_Comm_copy_attr_function, MPI_Comm_delete_attr_function)
KEYS(Type_create_keyval, Type_free_keyval, DS__TYPE,
     MPI_Type_copy_attr_function, MPI_Type_delete_attr_function)
KEYS(Win_create_keyval, Win_free_keyval, DS__WIN, MPI_Win_copy_attr_function,
     MPI_Win_delete_attr_function)
KEYS(Keyval_create, Keyval_free, DS__COMM, MPI_Copy_function,
     MPI_Delete_function)

/* ---- Values ---------------------------------------------------------------*/

static int fail_own(ds__comm *c, int code)
{
    assert(code != 0);
    FAIL(c, ERR_OTHER, "a function of the program for an attribute returned %d",
         code);
}

int ABI_NAME(attrs_copy)(ds__comm *c, const ds__attr *list, void *owner,
                         ds__attr **copies)
{
    const int code = ds__attrs_copy(list, owner, copies);

    return code == 0 ? MPI_SUCCESS : fail_own(c, code);
}

int ABI_NAME(attrs_clear)(ds__comm *c, ds__attr **list, void *owner)
{
    const int code = ds__attrs_clear(list, owner);

    return code == 0 ? MPI_SUCCESS : fail_own(c, code);
}

static int set_value(ds__comm *c, ds__attr **list, void *owner, ds__kind of,
                     int keyval, void *value)
{
    NEED_KEY(c, key, keyval, of);
    if (key->freed)
        FAIL(c, ERR_KEYVAL, "the key has been freed, and is for old values");
    const int code = ds__attr_set(list, owner, key, value);
    return code == 0 ? MPI_SUCCESS : fail_own(c, code);
}

static int remove_value(ds__comm *c, ds__attr **list, void *owner, ds__kind of,
                        int keyval)
{
    void *value;

    NEED_KEY(c, key, keyval, of);
    if (!ds__attr_get(*list, key, &value))
        FAIL(c, ERR_KEYVAL, "there is no value under that key");
    const int code = ds__attr_remove(list, owner, key);
    return code == 0 ? MPI_SUCCESS : fail_own(c, code);
}

static int get_value(ds__comm *c, const ds__attr *list, ds__kind of, int keyval,
                     void *value, int *flag)
{
    void *found = NULL;

    NEED_KEY(c, key, keyval, of);
    *flag = ds__attr_get(list, key, &found);
    if (*flag)
        *(void **)value = found;
    return MPI_SUCCESS;
}

/* Returns where the value of a predefined key is; NULL: it is none of them.
 * Every rank could read and write files, and none is on a host of its own. */
static int *predefined(int keyval)
{
    static int tag_ub = INT_MAX;
    static int host = MPI_PROC_NULL;
    static int io = MPI_ANY_SOURCE;
    static int wtime_is_global = 1;
    static int universe_size;
    static int appnum = 0;

    switch (keyval) {
    case MPI_TAG_UB:
        return &tag_ub;
    case MPI_HOST:
        return &host;
    case MPI_IO:
        return &io;
    case MPI_WTIME_IS_GLOBAL:
        return &wtime_is_global;
    case MPI_UNIVERSE_SIZE:
        universe_size = ds__the_world.num_ranks;
        return &universe_size;
    case MPI_APPNUM:
        return &appnum;
    case MPI_LASTUSEDCODE:
        return ABI_NAME(last_used_code)();
    default:
        return NULL;
    }
}

#define COMM_VALUES(name_of_set, name_of_get, name_of_delete)                  \
    API int F(name_of_set)(MPI_Comm comm, int keyval, void *value)             \
    {                                                                          \
        ENTER(name_of_set);                                                    \
        NEED_COMM(c, comm);                                                    \
        return set_value(c, &c->attrs, c, DS__COMM, keyval, value);            \
    }                                                                          \
    API int F(name_of_get)(MPI_Comm comm, int keyval, void *value, int *flag)  \
    {                                                                          \
        ENTER(name_of_get);                                                    \
        NEED_COMM(c, comm);                                                    \
        NEED_RESULT(c, value);                                                 \
        NEED_RESULT(c, flag);                                                  \
        int *there = predefined(keyval);                                       \
        if (there == NULL)                                                     \
            return get_value(c, c->attrs, DS__COMM, keyval, value, flag);      \
        *(int **)value = there;                                                \
        *flag = 1;                                                             \
        return MPI_SUCCESS;                                                    \
    }                                                                          \
    API int F(name_of_delete)(MPI_Comm comm, int keyval)                       \
    {                                                                          \
        ENTER(name_of_delete);                                                 \
        NEED_COMM(c, comm);                                                    \
        return remove_value(c, &c->attrs, c, DS__COMM, keyval);                \
    }
COMM_VALUES(Comm_set_attr, Comm_get_attr, Comm_delete_attr)
COMM_VALUES(Attr_put, Attr_get, Attr_delete)

API int F(Type_set_attr)(MPI_Datatype type, int keyval, void *value)
{
    ds__rank *me = ENTER(Type_set_attr);

    NEED_TYPE(me->world, t, type);
    return set_value(me->world, &ds__type_notes(me, t)->attrs, t, DS__TYPE,
                     keyval, value);
}

API int F(Type_get_attr)(MPI_Datatype type, int keyval, void *value, int *flag)
{
    ds__rank *me = ENTER(Type_get_attr);

    NEED_TYPE(me->world, t, type);
    NEED_RESULT(me->world, value);
    NEED_RESULT(me->world, flag);
    return get_value(me->world, ds__type_notes(me, t)->attrs, DS__TYPE, keyval,
                     value, flag);
}

API int F(Type_delete_attr)(MPI_Datatype type, int keyval)
{
    ds__rank *me = ENTER(Type_delete_attr);

    NEED_TYPE(me->world, t, type);
    return remove_value(me->world, &ds__type_notes(me, t)->attrs, t, DS__TYPE,
                        keyval);
}

/* Returns the value of a predefined key, which is the base itself or where a
 * number is; NULL: it is none of them. */
static void *predefined_of(ds__win *w, int keyval)
{
    static int flavors[] = {
        [DS__WIN_CREATE] = MPI_WIN_FLAVOR_CREATE,
        [DS__WIN_ALLOCATE] = MPI_WIN_FLAVOR_ALLOCATE,
        [DS__WIN_DYNAMIC] = MPI_WIN_FLAVOR_DYNAMIC,
        [DS__WIN_SHARED] = MPI_WIN_FLAVOR_SHARED,
    };
    static int model = MPI_WIN_UNIFIED;

    switch (keyval) {
    case MPI_WIN_SIZE:
        return &w->size;
    case MPI_WIN_DISP_UNIT:
        return &w->small_unit;
    case MPI_WIN_CREATE_FLAVOR:
        return &flavors[w->flavor];
    case MPI_WIN_MODEL:
        return &model;
    default:
        return NULL;
    }
}

API int F(Win_set_attr)(MPI_Win win, int keyval, void *value)
{
    ENTER(Win_set_attr);
    NEED_WIN(w, win);
    return set_value(w->comm, &w->attrs, w, DS__WIN, keyval, value);
}

API int F(Win_get_attr)(MPI_Win win, int keyval, void *value, int *flag)
{
    ENTER(Win_get_attr);
    NEED_WIN(w, win);
    NEED_RESULT(w->comm, value);
    NEED_RESULT(w->comm, flag);
    void *there = keyval == MPI_WIN_BASE ? w->base : predefined_of(w, keyval);
    if (there == NULL && keyval != MPI_WIN_BASE)
        return get_value(w->comm, w->attrs, DS__WIN, keyval, value, flag);
    *(void **)value = there;
    *flag = 1;
    return MPI_SUCCESS;
}

API int F(Win_delete_attr)(MPI_Win win, int keyval)
{
    ENTER(Win_delete_attr);
    NEED_WIN(w, win);
    return remove_value(w->comm, &w->attrs, w, DS__WIN, keyval);
}

/* ---- Names of datatypes ---------------------------------------------------*/

API int F(Type_set_name)(MPI_Datatype type, const char *name)
{
    ds__rank *me = ENTER(Type_set_name);

    NEED_TYPE(me->world, t, type);
    if (name == NULL || strlen(name) >= MPI_MAX_OBJECT_NAME)
        FAIL(me->world, ERR_ARG, "a name has less than %d characters",
             MPI_MAX_OBJECT_NAME);
    ds__notes *notes = ds__type_notes(me, t);
    notes->name = ds__mpi_realloc(notes->name, strlen(name) + 1, 1);
    strcpy(notes->name, name);
    return MPI_SUCCESS;
}

API int F(Type_get_name)(MPI_Datatype type, char *name, int *resultlen)
{
    ds__rank *me = ENTER(Type_get_name);

    NEED_TYPE(me->world, t, type);
    NEED_RESULT(me->world, name);
    NEED_RESULT(me->world, resultlen);
    const ds__notes *notes = ds__type_notes(me, t);
    strcpy(name, notes->name != NULL ? notes->name : ABI_NAME(type_name)(type));
    *resultlen = (int)strlen(name);
    return MPI_SUCCESS;
}

#define LIST(N)                                                                \
    N(Attr_delete)                                                             \
    N(Attr_get)                                                                \
    N(Attr_put)                                                                \
    N(Comm_create_keyval)                                                      \
    N(Comm_delete_attr)                                                        \
    N(Comm_free_keyval)                                                        \
    N(Comm_get_attr)                                                           \
    N(Comm_set_attr)                                                           \
    N(Keyval_create)                                                           \
    N(Keyval_free)                                                             \
    N(Type_create_keyval)                                                      \
    N(Type_delete_attr)                                                        \
    N(Type_free_keyval)                                                        \
    N(Type_get_attr)                                                           \
    N(Type_get_name)                                                           \
    N(Type_set_attr)                                                           \
    N(Type_set_name)                                                           \
    N(Win_create_keyval)                                                       \
    N(Win_delete_attr)                                                         \
    N(Win_free_keyval)                                                         \
    N(Win_get_attr)                                                            \
    N(Win_set_attr)
DEFINE_NAMES(attr_names, LIST)
