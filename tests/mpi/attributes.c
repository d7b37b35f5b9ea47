/* Attributes go to duplicates as their keys say, and are removed when their
 * object is freed; datatypes have names. */
#include "check.h"
#include <string.h>

static int copies;
static int removals;
static int refuse;
static int state = 42;
static int removed[3];

/* The copy is one more. */
static int copy(MPI_Comm comm, int key, void *extra, void *value, void *made,
                int *flag)
{
    CHECK(extra == &state);
    copies++;
    *(char **)made = (char *)value + 1;
    *flag = value != &state; /* that value is not copied */
    return refuse == 1 ? MPI_ERR_OTHER : MPI_SUCCESS;
}

/* Meanwhile the value is there, and MPI may be called. */
static int erase(MPI_Comm comm, int key, void *value, void *extra)
{
    void *seen;
    int flag;

    CHECK(extra == &state);
    if (key != MPI_KEYVAL_INVALID && refuse == 3) {
        MPI_Comm_get_attr(comm, key, &seen, &flag);
        CHECK(flag && seen == value);
    }
    removals++;
    return refuse == 2 ? MPI_ERR_OTHER : MPI_SUCCESS;
}

static int copy_of_type(MPI_Datatype type, int key, void *extra, void *value,
                        void *made, int *flag)
{
    copies++;
    *(void **)made = extra;
    *flag = 1;
    return MPI_SUCCESS;
}

static int erase_of_type(MPI_Datatype type, int key, void *value, void *extra)
{
    removals++;
    return MPI_SUCCESS;
}

static int note_end(MPI_Comm comm, int key, void *value, void *extra)
{
    int flag;

    MPI_Finalized(&flag);
    if (!flag)
        removed[removals++] = *(int *)value;
    return MPI_SUCCESS;
}

static int error_class(int code)
{
    int c = MPI_SUCCESS;

    if (code != MPI_SUCCESS)
        MPI_Error_class(code, &c);
    return c;
}

static void *get(MPI_Comm comm, int key)
{
    void *value = NULL;
    int flag = -1;

    MPI_Comm_get_attr(comm, key, &value, &flag);
    CHECK(flag == 0 || flag == 1);
    return flag ? value : NULL;
}

static void of_the_world(void)
{
    CHECK(*(int *)get(MPI_COMM_WORLD, MPI_TAG_UB) >= 32767);
    CHECK(*(int *)get(MPI_COMM_WORLD, MPI_HOST) == MPI_PROC_NULL);
    CHECK(*(int *)get(MPI_COMM_WORLD, MPI_IO) == MPI_ANY_SOURCE);
    CHECK(*(int *)get(MPI_COMM_WORLD, MPI_WTIME_IS_GLOBAL) == 1);
    CHECK(*(int *)get(MPI_COMM_WORLD, MPI_UNIVERSE_SIZE) == size);
    CHECK(*(int *)get(MPI_COMM_WORLD, MPI_APPNUM) == 0);
    CHECK(*(int *)get(MPI_COMM_WORLD, MPI_LASTUSEDCODE) >= MPI_ERR_LASTCODE);
}

static void of_comms(void)
{
    char bytes[4];
    MPI_Comm a;
    MPI_Comm b;
    int own;
    int same;
    int none;

    MPI_Comm_create_keyval(copy, erase, &own, &state);
    MPI_Comm_create_keyval(MPI_COMM_DUP_FN, MPI_COMM_NULL_DELETE_FN, &same,
                           NULL);
    MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, erase, &none, &state);
    MPI_Comm_dup(MPI_COMM_WORLD, &a);
    CHECK(get(a, own) == NULL);
    MPI_Comm_set_attr(a, own, bytes);
    MPI_Comm_set_attr(a, same, bytes + 1);
    MPI_Comm_set_attr(a, none, bytes + 2);
    CHECK(get(a, own) == bytes && get(a, same) == bytes + 1);
    CHECK(get(MPI_COMM_WORLD, own) == NULL);

    MPI_Comm_dup(a, &b);
    CHECK(copies == 1 && removals == 0);
    CHECK(get(b, own) == bytes + 1 && get(b, same) == bytes + 1);
    CHECK(get(b, none) == NULL && get(a, none) == bytes + 2);
    MPI_Comm_set_attr(b, own, &state); /* in place of another */
    CHECK(removals == 1 && get(b, own) == &state);
    MPI_Comm_free(&b);
    CHECK(removals == 2);

    MPI_Comm_set_errhandler(a, MPI_ERRORS_RETURN);
    refuse = 1;
    b = MPI_COMM_WORLD;
    CHECK(MPI_Comm_dup(a, &b) != MPI_SUCCESS && b == MPI_COMM_NULL);
    refuse = 2;
    CHECK(MPI_Comm_delete_attr(a, own) != MPI_SUCCESS);
    CHECK(MPI_Comm_free(&a) != MPI_SUCCESS && a != MPI_COMM_NULL);
    CHECK(get(a, own) == bytes);
    refuse = 3;
    MPI_Comm_delete_attr(a, own);
    CHECK(get(a, own) == NULL);
    refuse = 0;
    CHECK(error_class(MPI_Comm_delete_attr(a, own)) == MPI_ERR_KEYVAL);
    CHECK(error_class(MPI_Comm_set_attr(a, MPI_TAG_UB, bytes)) ==
          MPI_ERR_KEYVAL);
    CHECK(error_class(MPI_Comm_set_attr(a, MPI_KEYVAL_INVALID, bytes)) ==
          MPI_ERR_KEYVAL);

    /* A value keeps its key. */
    MPI_Comm_set_attr(a, own, &state);
    MPI_Comm_free_keyval(&own);
    MPI_Comm_free_keyval(&none);
    CHECK(own == MPI_KEYVAL_INVALID);
    copies = removals = 0;
    MPI_Comm_dup(a, &b);
    CHECK(copies == 1 && get(b, same) == bytes + 1);
    MPI_Comm_free(&b);
    CHECK(removals == 0); /* that value was not copied */
    MPI_Comm_free(&a);
    CHECK(removals == 2);
    MPI_Comm_free_keyval(&same);
}

static void of_types(void)
{
    MPI_Datatype t;
    MPI_Datatype u;
    MPI_Comm twin;
    int key;
    int flag;
    void *value;

    copies = removals = 0;
    MPI_Type_create_keyval(copy_of_type, erase_of_type, &key, &state);
    MPI_Type_contiguous(3, MPI_INT, &t);
    MPI_Type_set_attr(t, key, &t);
    MPI_Type_dup(t, &u);
    MPI_Type_get_attr(u, key, &value, &flag);
    CHECK(flag && value == &state && copies == 1);
    MPI_Type_free(&t);
    CHECK(removals == 1);
    MPI_Type_delete_attr(u, key);
    MPI_Type_get_attr(u, key, &value, &flag);
    CHECK(!flag && removals == 2);
    MPI_Type_free(&u);
    CHECK(removals == 2);

    /* A basic type is each rank's own. */
    if (rank == 0)
        MPI_Type_set_attr(MPI_INT, key, &t);
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Type_get_attr(MPI_INT, key, &value, &flag);
    CHECK(flag == (rank == 0));
    if (rank == 0)
        MPI_Type_delete_attr(MPI_INT, key);
    MPI_Comm_dup(MPI_COMM_SELF, &twin);
    MPI_Comm_set_errhandler(twin, MPI_ERRORS_RETURN);
    CHECK(error_class(MPI_Comm_set_attr(twin, key, &t)) == MPI_ERR_KEYVAL);
    MPI_Comm_free(&twin);
    MPI_Type_free_keyval(&key);
}

static void have_names(void)
{
    char name[MPI_MAX_OBJECT_NAME];
    MPI_Datatype t;
    int n;

    MPI_Type_get_name(MPI_DOUBLE, name, &n);
    CHECK(strcmp(name, "MPI_DOUBLE") == 0 && n == 10);
    MPI_Type_get_name(MPI_2INT, name, &n);
    CHECK(strcmp(name, "MPI_2INT") == 0);
    /* The other name is the synonym. */
    MPI_Type_get_name(MPI_C_FLOAT_COMPLEX, name, &n);
    CHECK(strcmp(name, "MPI_C_COMPLEX") == 0 && n == 13);
    MPI_Type_get_name(MPI_INTEGER, name, &n);
    CHECK(strcmp(name, "MPI_INTEGER") == 0);
    MPI_Type_contiguous(2, MPI_INT, &t);
    MPI_Type_get_name(t, name, &n);
    CHECK(name[0] == '\0' && n == 0);
    MPI_Type_set_name(t, "a pair of numbers");
    MPI_Type_set_name(t, "pair");
    MPI_Type_get_name(t, name, &n);
    CHECK(strcmp(name, "pair") == 0 && n == 4);
    MPI_Type_free(&t);
    if (rank == 0)
        MPI_Type_set_name(MPI_INT, "mine");
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Type_get_name(MPI_INT, name, &n);
    CHECK(strcmp(name, rank == 0 ? "mine" : "MPI_INT") == 0);
}

/* The first names of these functions mean the same. */
static void by_old_names(void)
{
    MPI_Comm a;
    int *value;
    int key;
    int flag;

    copies = removals = 0;
    MPI_Keyval_create(MPI_DUP_FN, erase, &key, &state);
    MPI_Attr_put(MPI_COMM_SELF, key, &state);
    MPI_Comm_dup(MPI_COMM_SELF, &a);
    MPI_Attr_get(a, key, &value, &flag);
    CHECK(flag && value == &state);
    MPI_Attr_delete(a, key);
    MPI_Attr_get(a, key, &value, &flag);
    CHECK(!flag && removals == 1);
    MPI_Comm_free(&a);
    MPI_Attr_delete(MPI_COMM_SELF, key);
    MPI_Keyval_free(&key);
    CHECK(key == MPI_KEYVAL_INVALID);
}

/* A key that was freed is there until its last value is gone; it may be freed
 * meanwhile as often as one likes, also by what erases a value. */
static int free_again(MPI_Comm comm, int key, void *value, void *extra)
{
    int code = MPI_Comm_free_keyval(&key);

    CHECK(code == MPI_SUCCESS && key == MPI_KEYVAL_INVALID);
    removals++;
    return MPI_SUCCESS;
}

static void freed_keys(void)
{
    MPI_Comm a;
    int number;
    int key;
    int flag;
    void *value;
    void *const none = NULL;

    MPI_Comm_dup(MPI_COMM_SELF, &a);
    MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, free_again, &key, NULL);
    number = key;
    MPI_Comm_set_attr(a, key, &state);
    MPI_Comm_set_attr(MPI_COMM_SELF, key, none);
    MPI_Comm_free_keyval(&key);
    MPI_Comm_get_attr(a, number, &value, &flag);
    CHECK(flag && value == &state);
    MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN);
    MPI_Error_class(MPI_Comm_set_attr(MPI_COMM_SELF, number, &state), &flag);
    CHECK(flag == MPI_ERR_KEYVAL);
    removals = 0;
    MPI_Comm_delete_attr(MPI_COMM_SELF, number);
    CHECK(removals == 1);
    key = number;
    MPI_Comm_free_keyval(&key);
    MPI_Comm_free(&a);
    CHECK(removals == 2);
    MPI_Error_class(MPI_Comm_delete_attr(MPI_COMM_SELF, number), &flag);
    CHECK(flag == MPI_ERR_KEYVAL);
    MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_ARE_FATAL);
}

int main(int argc, char **argv)
{
    static int numbers[] = { 1, 2, 3 };
    int code;

    begin(&argc, &argv);
    of_the_world();
    of_comms();
    of_types();
    have_names();
    by_old_names();
    freed_keys();

    /* At the end, what was set last is removed first, before MPI has ended. */
    removals = 0;
    for (int i = 0; i < 3; i++) {
        int key;
        MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, note_end, &key, NULL);
        MPI_Comm_set_attr(MPI_COMM_SELF, key, &numbers[i]);
        MPI_Comm_free_keyval(&key);
    }
    code = end();
    if (removals != 3 || removed[0] != 3 || removed[1] != 2 || removed[2] != 1)
        code = 1;
    return code;
}
