/* A list, of which what is removed is used again. */

#include "mpi/codes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mpi/object.h"

ds__code *ds__code_get(const ds__codes *codes, int error)
{
    const int i = error - DS__OWN_CODES;

    if (!ds__code_is_own(error) || i >= codes->n || !codes->all[i].there)
        return NULL;
    return &codes->all[i];
}

int ds__code_add(ds__codes *codes, int class)
{
    int i = 0;

    assert(class >= 0 && (codes->n == 0 || codes->all[codes->n - 1].there));
    while (i < codes->n && codes->all[i].there)
        i++;
    if (i == codes->n)
        codes->all = ds__mpi_realloc(codes->all, (size_t)++codes->n,
                                     sizeof(*codes->all));
    const int number = DS__OWN_CODES + i;
    codes->all[i] = (ds__code){
        .there = true,
        .class = class == 0 ? number : class,
    };
    assert(ds__code_get(codes, number) != NULL);
    if (class != 0 && ds__code_is_own(class))
        ds__code_get(codes, class)->num_codes++;
    return number;
}

void ds__code_set_text(ds__code *code, const char *text)
{
    assert(code->there);
    free(code->text);
    code->text =
        text == NULL ? NULL : strcpy(ds__mpi_room(strlen(text) + 1), text);
}

void ds__code_remove(ds__codes *codes, int error)
{
    ds__code *gone = ds__code_get(codes, error);

    assert(gone != NULL && gone->num_codes == 0);
    ds__code_set_text(gone, NULL);
    gone->there = false;
    if (gone->class != error && ds__code_is_own(gone->class))
        ds__code_get(codes, gone->class)->num_codes--;
    while (codes->n > 0 && !codes->all[codes->n - 1].there)
        codes->n--;
}
