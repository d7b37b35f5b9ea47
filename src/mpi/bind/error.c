/* Classes and codes of errors, also those that a program adds.  All of this is
 * allowed at any time. */

#include <stdio.h>
#include <string.h>

#include "mpi/bind/abi.h"

int *ABI_NAME(last_used_code)(void)
{
    ds__codes *codes = &ds__me()->codes;

    codes->last =
        codes->n == 0 ? MPI_ERR_LASTCODE : DS__OWN_CODES + codes->n - 1;
    return &codes->last;
}

/* A code of the program's own that is there, or a class of the library. */
static bool is_error(const ds__rank *me, int error)
{
    return ds__code_get(&me->codes, error) != NULL ||
           (!ds__code_is_own(error) &&
            (error == MPI_ERR_UNKNOWN ||
             ABI_NAME(error_in)(error) != DS__ERR_UNKNOWN));
}

#define NEED_ERROR(me, error)                                                  \
    if (!is_error(me, error))                                                  \
    FAIL((me)->world, ERR_ARG, "%d is no error", error)

#define NEED_OWN(me, code, error)                                              \
    ds__code *const code = ds__code_get(&(me)->codes, error);                  \
    if (code == NULL)                                                          \
    FAIL((me)->world, ERR_ARG, "%d is no error that was added", error)

API int F(Error_class)(int errorcode, int *errorclass)
{
    ds__rank *me = ENTER_ALWAYS(Error_class);

    NEED_RESULT(me->world, errorclass);
    NEED_ERROR(me, errorcode);
    const ds__code *own = ds__code_get(&me->codes, errorcode);
    *errorclass = own == NULL ? errorcode : ERROR(own->class);
    return MPI_SUCCESS;
}

API int F(Error_string)(int errorcode, char *string, int *resultlen)
{
    ds__rank *me = ENTER_ALWAYS(Error_string);

    NEED_RESULT(me->world, string);
    NEED_RESULT(me->world, resultlen);
    NEED_ERROR(me, errorcode);
    const ds__code *own = ds__code_get(&me->codes, errorcode);
    const int error = ABI_NAME(error_in)(errorcode);
    if (own != NULL)
        strcpy(string, own->text != NULL ? own->text : "");
    else
        sprintf(string, "%s: %s", ds__error_name(error), ds__error_text(error));
    *resultlen = (int)strlen(string);
    return MPI_SUCCESS;
}

API int F(Add_error_class)(int *errorclass)
{
    ds__rank *me = ENTER_ALWAYS(Add_error_class);

    NEED_RESULT(me->world, errorclass);
    *errorclass = ds__code_add(&me->codes, 0);
    return MPI_SUCCESS;
}

API int F(Add_error_code)(int errorclass, int *errorcode)
{
    ds__rank *me = ENTER_ALWAYS(Add_error_code);
    const ds__code *own = ds__code_get(&me->codes, errorclass);

    NEED_RESULT(me->world, errorcode);
    NEED_ERROR(me, errorclass);
    if (errorclass == MPI_SUCCESS || (own != NULL && own->class != errorclass))
        FAIL(me->world, ERR_ARG, "%d is no class of errors", errorclass);
    *errorcode = ds__code_add(&me->codes, ABI_NAME(error_in)(errorclass));
    return MPI_SUCCESS;
}

API int F(Add_error_string)(int errorcode, const char *string)
{
    ds__rank *me = ENTER_ALWAYS(Add_error_string);

    NEED_OWN(me, code, errorcode);
    if (string == NULL || strlen(string) >= MPI_MAX_ERROR_STRING)
        FAIL(me->world, ERR_ARG, "a text has less than %d characters",
             MPI_MAX_ERROR_STRING);
    ds__code_set_text(code, string);
    return MPI_SUCCESS;
}

API int F(Remove_error_class)(int errorclass)
{
    ds__rank *me = ENTER_ALWAYS(Remove_error_class);

    NEED_OWN(me, code, errorclass);
    if (code->class != errorclass)
        FAIL(me->world, ERR_ARG, "%d is a code, and no class", errorclass);
    if (code->num_codes > 0)
        FAIL(me->world, ERR_ARG, "%d codes are of that class", code->num_codes);
    ds__code_remove(&me->codes, errorclass);
    return MPI_SUCCESS;
}

API int F(Remove_error_code)(int errorcode)
{
    ds__rank *me = ENTER_ALWAYS(Remove_error_code);

    NEED_OWN(me, code, errorcode);
    if (code->class == errorcode)
        FAIL(me->world, ERR_ARG, "%d is a class, and no code", errorcode);
    if (code->text != NULL)
        FAIL(me->world, ERR_ARG, "the code has a text, which goes first");
    ds__code_remove(&me->codes, errorcode);
    return MPI_SUCCESS;
}

API int F(Remove_error_string)(int errorcode)
{
    ds__rank *me = ENTER_ALWAYS(Remove_error_string);

    NEED_OWN(me, code, errorcode);
    if (code->text == NULL)
        FAIL(me->world, ERR_ARG, "%d has no text", errorcode);
    ds__code_set_text(code, NULL);
    return MPI_SUCCESS;
}

#define LIST(N)                                                                \
    N(Add_error_class)                                                         \
    N(Add_error_code)                                                          \
    N(Add_error_string)                                                        \
    N(Error_class)                                                             \
    N(Error_string)                                                            \
    N(Remove_error_class)                                                      \
    N(Remove_error_code)                                                       \
    N(Remove_error_string)
DEFINE_NAMES(error_names, LIST)
