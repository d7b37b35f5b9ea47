/* Errors of the program's own, and how often a handler of errors may be had and
 * is freed. */
#include "check.h"
#include <string.h>

static int called;
static int told;

static void handler(MPI_Comm *comm, int *error, ...)
{
    called++;
    told = *error;
}

static int last_used(void)
{
    int *last;
    int flag;

    MPI_Comm_get_attr(MPI_COMM_WORLD, MPI_LASTUSEDCODE, &last, &flag);
    CHECK(flag);
    return *last;
}

static int class_of(int code)
{
    int class = -1;

    MPI_Error_class(code, &class);
    return class;
}

static void classes(void)
{
    char text[MPI_MAX_ERROR_STRING];
    int length;
    int class;
    int other;
    int codes[3];
    int argument;

    CHECK(last_used() >= MPI_ERR_LASTCODE);
    MPI_Add_error_class(&class);
    MPI_Add_error_class(&other);
    CHECK(class > MPI_ERR_LASTCODE && other != class);
    for (int i = 0; i < 3; i++) {
        MPI_Add_error_code(i < 2 ? class : other, &codes[i]);
        CHECK(class_of(codes[i]) == (i < 2 ? class : other));
        CHECK(last_used() >= codes[i]);
    }
    MPI_Add_error_code(MPI_ERR_ARG, &argument);
    CHECK(class_of(argument) == MPI_ERR_ARG);
    CHECK(class_of(class) == class && class_of(MPI_ERR_TAG) == MPI_ERR_TAG);
    MPI_Error_string(codes[1], text, &length);
    CHECK(length == 0 && text[0] == '\0');
    MPI_Add_error_string(codes[1], "it is late");
    MPI_Error_string(codes[1], text, &length);
    CHECK(length == 10 && strcmp(text, "it is late") == 0);
    MPI_Add_error_string(codes[1], "it is early");
    MPI_Error_string(codes[1], text, &length);
    CHECK(strcmp(text, "it is early") == 0);
    MPI_Error_string(MPI_SUCCESS, text, &length);
    CHECK(length == (int)strlen(text) && length > 0);

    MPI_Comm_call_errhandler(MPI_COMM_WORLD, codes[2]);
    CHECK(called == 1 && told == codes[2]);
    MPI_Comm_call_errhandler(MPI_COMM_WORLD, MPI_ERR_TAG);
    CHECK(called == 2 && told == MPI_ERR_TAG);
}

#if MPI_VERSION >= 5
/* What has been removed is none, and goes in the order in which it came. */
static void removals(void)
{
    int class;
    int code;
    const int before = last_used();

    MPI_Add_error_class(&class);
    MPI_Add_error_code(class, &code);
    MPI_Add_error_string(code, "too much");
    called = 0;
    CHECK(MPI_Remove_error_class(class) == MPI_ERR_ARG && called == 1);
    CHECK(MPI_Remove_error_code(code) == MPI_ERR_ARG);
    CHECK(MPI_Remove_error_string(class) == MPI_ERR_ARG);
    CHECK(MPI_Remove_error_code(class) == MPI_ERR_ARG);
    CHECK(MPI_Remove_error_string(code) == MPI_SUCCESS);
    CHECK(MPI_Remove_error_code(code) == MPI_SUCCESS);
    CHECK(MPI_Remove_error_class(code) == MPI_ERR_ARG);
    CHECK(MPI_Remove_error_class(class) == MPI_SUCCESS);
    CHECK(MPI_Remove_error_class(MPI_ERR_TAG) == MPI_ERR_ARG);
    CHECK(last_used() == before);
}
#endif

/* None of these is an error of its own. */
static void mistakes(void)
{
    char text[MPI_MAX_ERROR_STRING + 1];
    int x;

    called = 0;
    CHECK(class_of(last_used() + 1) == -1);
    MPI_Add_error_code(last_used() + 1, &x);
    MPI_Add_error_string(MPI_ERR_TAG, "not so");
    MPI_Add_error_class(&x);
    memset(text, 'x', sizeof(text) - 1);
    text[MPI_MAX_ERROR_STRING] = '\0';
    MPI_Add_error_string(x, text);
    CHECK(called == 4 && told == MPI_ERR_ARG);
}

/* A handler is had as often as it was asked for, and kept by communicators that
 * have it, also by those that are made of them. */
static void handlers(void)
{
    MPI_Errhandler h;
    MPI_Errhandler again;
    MPI_Comm a;
    MPI_Comm b;

    MPI_Comm_dup(MPI_COMM_SELF, &a);
    MPI_Comm_create_errhandler(handler, &h);
    MPI_Comm_set_errhandler(a, h);
    MPI_Comm_get_errhandler(a, &again);
    CHECK(again == h);
    MPI_Errhandler_free(&again);
    CHECK(again == MPI_ERRHANDLER_NULL);
    MPI_Comm_set_errhandler(a, h);
    MPI_Errhandler_free(&h);
    MPI_Comm_get_errhandler(a, &again);
    CHECK(again != MPI_ERRHANDLER_NULL);
    MPI_Comm_dup(a, &b);
    MPI_Comm_set_errhandler(a, MPI_ERRORS_RETURN);
    MPI_Comm_get_errhandler(a, &h);
    CHECK(h == MPI_ERRORS_RETURN);
    MPI_Errhandler_free(&h);
    called = 0;
    MPI_Comm_call_errhandler(a, MPI_ERR_OTHER);
    CHECK(called == 0);
    MPI_Comm_call_errhandler(b, MPI_ERR_OTHER);
    CHECK(called == 1);
    MPI_Comm_set_errhandler(a, again);
    MPI_Errhandler_free(&again);
    MPI_Comm_free(&b);
    MPI_Comm_call_errhandler(a, MPI_ERR_OTHER);
    CHECK(called == 2);
    MPI_Comm_disconnect(&a);
    CHECK(a == MPI_COMM_NULL);
}

/* The names that MPI had for these at first. */
int MPI_Errhandler_create(MPI_Comm_errhandler_function *, MPI_Errhandler *);
int MPI_Errhandler_set(MPI_Comm, MPI_Errhandler);
int MPI_Errhandler_get(MPI_Comm, MPI_Errhandler *);

static void old_names(void)
{
    MPI_Errhandler h;
    MPI_Errhandler had;

    MPI_Errhandler_create(handler, &h);
    MPI_Errhandler_set(MPI_COMM_SELF, h);
    MPI_Errhandler_get(MPI_COMM_SELF, &had);
    CHECK(had == h);
    MPI_Errhandler_free(&had);
    MPI_Errhandler_free(&h);
    called = 0;
    MPI_Comm_call_errhandler(MPI_COMM_SELF, MPI_ERR_OTHER);
    CHECK(called == 1);
}

int main(int argc, char **argv)
{
    MPI_Errhandler h;

    begin(&argc, &argv);
    MPI_Comm_create_errhandler(handler, &h);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, h);
    MPI_Errhandler_free(&h);
    classes();
#if MPI_VERSION >= 5
    removals();
#endif
    mistakes();
    handlers();
    old_names();
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);
    return end();
}
