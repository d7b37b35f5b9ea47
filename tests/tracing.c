/* See tracing.h. */

#include "tracing.h"

#include <unistd.h>

#include "bench/common/args.h"

static char name[64];

static void remove_file(void)
{
    unlink(name);
}

const char *tracing_file(void)
{
    if (*name == '\0')
        atexit(remove_file);
    snprintf(name, sizeof(name), "%s/trace-%ld", P_tmpdir, (long)getpid());
    unlink(name);
    return name;
}

records records_of(const char *file)
{
    records r = { 0 };
    size_t room = 0;
    trace_file f;
    failure why = trace_open(&f, file);

    ck_assert_msg(why.status == 0, "%s", why.text);
    for (;;) {
        if (r.n == room) {
            room = room == 0 ? 256 : room * 2;
            r.all = args_realloc(r.all, room, sizeof(*r.all));
        }
        trace_record *record = &r.all[r.n];
        if (!trace_next(&f, record))
            break;
        if (record->text != NULL)
            record->text = strdup(record->text);
        r.n++;
    }
    r.forgotten = f.forgotten;
    r.damaged = f.damaged;
    strcpy(r.trouble, f.trouble);
    trace_close(&f);
    return r;
}

void records_free(records *r)
{
    for (size_t i = 0; i < r->n; i++)
        free((char *)r->all[i].text);
    free(r->all);
    *r = (records){ 0 };
}

size_t count_of(const records *r, ds__tell_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < r->n; i++)
        n += r->all[i].kind == kind;
    return n;
}

const trace_record *nth_of(const records *r, ds__tell_kind kind, size_t i)
{
    for (size_t k = 0; k < r->n; k++)
        if (r->all[k].kind == kind && i-- == 0)
            return &r->all[k];
    ck_abort_msg("there is no such %s", trace_kind_name(kind));
}

char *bytes_of(const char *file, size_t *size)
{
    FILE *f = fopen(file, "rb");

    ck_assert_ptr_nonnull(f);
    fseek(f, 0, SEEK_END);
    *size = (size_t)ftell(f);
    rewind(f);
    char *bytes = malloc(*size + 1);
    ck_assert_uint_eq(fread(bytes, 1, *size, f), *size);
    fclose(f);
    return bytes;
}

void write_bytes(const char *file, const char *bytes, size_t size)
{
    FILE *f = fopen(file, "wb");

    ck_assert_uint_eq(fwrite(bytes, 1, size, f), size);
    fclose(f);
}
