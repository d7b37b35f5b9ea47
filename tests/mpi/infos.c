/* Info objects keep words under words; communicators have some. */
#include "check.h"
#include <string.h>

/* Whether an object has that value under a key; NULL: nothing. */
static int has(MPI_Info info, const char *key, const char *value)
{
    char found[MPI_MAX_INFO_VAL + 1] = "?";
    int flag = -1;

    MPI_Info_get(info, key, MPI_MAX_INFO_VAL, found, &flag);
    if (value == NULL)
        return flag == 0 && strcmp(found, "?") == 0;
    return flag == 1 && strcmp(found, value) == 0;
}

static void keep_words(MPI_Info info)
{
    char key[MPI_MAX_INFO_KEY + 1];
    char value[8] = "untouch";
    int n;
    int flag;

    MPI_Info_get_nkeys(info, &n);
    CHECK(n == 0);
    MPI_Info_set(info, "first", "one");
    MPI_Info_set(info, "second", "two");
    MPI_Info_set(info, "third", "three");
    MPI_Info_set(info, "first", "another");
    CHECK(has(info, "first", "another") && has(info, "third", "three"));
    CHECK(has(info, "First", NULL));
    MPI_Info_get_nkeys(info, &n);
    CHECK(n == 3);
    MPI_Info_get_nthkey(info, 1, key);
    CHECK(strcmp(key, "second") == 0);
    MPI_Info_get_valuelen(info, "first", &n, &flag);
    CHECK(flag && n == 7);
    n = -5;
    MPI_Info_get_valuelen(info, "none", &n, &flag);
    CHECK(!flag && n == -5);
    MPI_Info_get(info, "first", 3, value, &flag);
    CHECK(flag && memcmp(value, "ano\0uch", 8) == 0);
    MPI_Info_delete(info, "second");
    CHECK(has(info, "second", NULL) && has(info, "third", "three"));
    MPI_Info_get_nthkey(info, 1, key);
    CHECK(strcmp(key, "third") == 0);
}

/* Those came with MPI 4.0. */
static void tell_lengths(MPI_Info info)
{
    char value[8] = "untouch";
    int flag;
    int n = 0;

    MPI_Info_get_string(info, "first", &n, NULL, &flag);
    CHECK(flag && n == 8);
    n = 4;
    MPI_Info_get_string(info, "first", &n, value, &flag);
    CHECK(flag && n == 8 && memcmp(value, "ano\0uch", 8) == 0);
    MPI_Info_get_string(info, "first", &n, value, &flag);
    CHECK(flag && n == 8 && strcmp(value, "another") == 0);
    n = 3;
    MPI_Info_get_string(info, "none", &n, value, &flag);
    CHECK(!flag && n == 3 && strcmp(value, "another") == 0);
}

static int class_of(int code)
{
    int c;

    MPI_Error_class(code, &c);
    return c;
}

static void refuse(MPI_Info info)
{
    char word[2 * MPI_MAX_INFO_VAL];
    MPI_Info none = MPI_INFO_NULL;
    int n;

    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    memset(word, 'x', sizeof(word));
    word[sizeof(word) - 1] = '\0';
    CHECK(class_of(MPI_Info_set(info, "", "x")) == MPI_ERR_INFO_KEY);
    CHECK(class_of(MPI_Info_set(info, word, "x")) == MPI_ERR_INFO_KEY);
    CHECK(class_of(MPI_Info_set(info, "x", word)) == MPI_ERR_INFO_VALUE);
    CHECK(class_of(MPI_Info_delete(info, "x")) == MPI_ERR_INFO_NOKEY);
    CHECK(class_of(MPI_Info_get_nthkey(info, 2, word)) == MPI_ERR_ARG);
    CHECK(class_of(MPI_Info_get_nthkey(info, -1, word)) == MPI_ERR_ARG);
    CHECK(class_of(MPI_Info_get_nkeys(none, &n)) == MPI_ERR_INFO);
    CHECK(class_of(MPI_Info_free(&none)) == MPI_ERR_INFO);
    CHECK(class_of(MPI_Info_set(MPI_INFO_ENV, "x", "y")) == MPI_ERR_INFO);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);
    MPI_Info_get_nkeys(info, &n);
    CHECK(n == 2);
}

/* Of a communicator those are kept that MPI has names for. */
static void of_comms(MPI_Info info)
{
    static const char tag[] = "mpi_assert_no_any_tag";
    static const char length[] = "mpi_assert_exact_length";
    MPI_Info other;
    MPI_Info used;
    MPI_Comm a;
    MPI_Comm b;
    MPI_Request request;
    int n;

    MPI_Comm_get_info(MPI_COMM_WORLD, &used);
    MPI_Info_get_nkeys(used, &n);
    CHECK(used != MPI_INFO_NULL && n == 0);
    MPI_Info_free(&used);
    MPI_Info_set(info, tag, "true");
    MPI_Comm_dup_with_info(MPI_COMM_WORLD, info, &a);
    MPI_Info_create(&other);
    MPI_Info_set(other, length, "true");
    MPI_Info_set(other, "fourth", "four");
    MPI_Comm_set_info(a, other);
    MPI_Info_set(other, tag, "false");
    MPI_Comm_dup(a, &b);
    MPI_Comm_set_info(a, other);
    MPI_Comm_get_info(a, &used);
    CHECK(has(used, tag, "false") && has(used, length, "true"));
    MPI_Info_free(&used);
    MPI_Info_free(&other);
    MPI_Comm_free(&a);
    MPI_Comm_get_info(b, &used);
    CHECK(has(used, tag, "true") && has(used, length, "true"));
    CHECK(has(used, "first", NULL) && has(used, "fourth", NULL));
    MPI_Info_free(&used);
    MPI_Comm_dup_with_info(b, MPI_INFO_NULL, &a);
    MPI_Comm_get_info(a, &used);
    CHECK(has(used, tag, NULL));
    MPI_Info_free(&used);
    CHECK(has(info, "first", "another"));
    MPI_Comm_free(&b);
    MPI_Comm_idup_with_info(a, info, &b, &request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    MPI_Comm_get_info(b, &used);
    CHECK(has(used, tag, "true") && has(used, length, NULL));
    MPI_Info_free(&used);
    MPI_Comm_free(&a);
    MPI_Comm_free(&b);
}

int main(int argc, char **argv)
{
    MPI_Info info;
    MPI_Info twin;

    begin(&argc, &argv);
    MPI_Info_create(&info);
    keep_words(info);
    tell_lengths(info);
    refuse(info);
    of_comms(info);
    MPI_Info_dup(info, &twin);
    MPI_Info_set(info, "first", "one");
    CHECK(has(twin, "first", "another") && has(twin, "third", "three"));
    MPI_Info_free(&info);
    CHECK(info == MPI_INFO_NULL);
    MPI_Info_free(&twin);
    MPI_Info_create_env(argc, argv, &info);
    MPI_Info_free(&info);
    return end();
}
