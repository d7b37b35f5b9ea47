/* See store.h. */

#include "bench/sweep/store.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/common/args.h"
#include "bench/sweep/json.h"
#include "bench/sweep/process.h"

static failure failure_of(const char *what)
{
    return failure_new(EXIT_FAILURE, "%s: %s", what, strerror(errno));
}

static char *path_of(const char *folder, const char *name)
{
    char *path;

    if (asprintf(&path, "%s/%s", folder, name) < 0)
        path = args_need(NULL);
    return path;
}

/* ---- The files of a folder ------------------------------------------------*/

static int is_ours(const struct dirent *entry)
{
    const char *name = entry->d_name;
    const size_t n = strlen(name);

    return strncmp(name, "results.", 8) == 0 && n >= 13 &&
           strcmp(name + n - 6, ".jsonl") == 0;
}

failure store_list(const char *folder, char ***names, size_t *n)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_ours, alphasort);

    *names = NULL;
    *n = 0;
    if (count < 0)
        return failure_of(folder);
    *names = args_alloc((size_t)count + 1, sizeof(**names));
    for (int i = 0; i < count; i++) {
        (*names)[(*n)++] = path_of(folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return SUCCESS;
}

void store_list_free(char **names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
}

/* ---- Reading --------------------------------------------------------------*/

typedef struct reading {
    const char *name;
    const grid *grid; /* or NULL */
    bool forced;
    bool known;   /* there was a head */
    failure head; /* what is wrong with the last one, which counts */
    bool same;    /* ... or it is as one would be written now */
    uint64_t size;
    uint64_t number; /* of the line */
    store_line_fn *take;
    void *self;
} reading;

static bool is_head(const char *line, size_t n)
{
    json_part value;

    return json_is_object(line, n) &&
           json_find((json_part){ line, n }, "distsys_sweep", &value);
}

/* One that was forced has another one behind it. */
static void take_head(reading *r, const char *line, size_t n)
{
    r->known = true;
    free(r->head.text);
    r->head = SUCCESS;
    if (r->grid != NULL)
        r->head = grid_compare(r->grid, line, n, r->name, r->forced, &r->same);
}

static failure take_line(reading *r, const char *line, size_t n)
{
    if (is_head(line, n)) {
        take_head(r, line, n);
        return SUCCESS;
    }
    if (!r->known)
        return failure_new(BAD_USAGE,
                           "%s: its first line does not say of which sweep it "
                           "is; take another folder",
                           r->name);
    if (!r->take(r->self, line, n))
        return failure_new(EXIT_FAILURE, "%s: line %llu is damaged", r->name,
                           (unsigned long long)r->number);
    return SUCCESS;
}

/* Up to the last whole line, which is where r->size is then. */
static failure read_file(reading *r)
{
    FILE *file = fopen(r->name, "re");
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    failure why = SUCCESS;

    if (file == NULL)
        return failure_of(r->name);
    while (why.status == 0 && (n = getline(&line, &room, file)) > 0 &&
           line[n - 1] == '\n') {
        r->number++;
        why = take_line(r, line, (size_t)n - 1);
        r->size += (uint64_t)n;
    }
    if (why.status == 0 && ferror(file))
        why = failure_of(r->name);
    fclose(file);
    free(line);
    if (r->head.status == 0)
        return why;
    free(why.text);
    return r->head;
}

/* All but one, which is NULL or read apart. */
static failure read_others(const char *folder, const char *one, reading like)
{
    char **names;
    size_t n;
    failure why = store_list(folder, &names, &n);

    for (size_t i = 0; i < n && why.status == 0; i++) {
        reading r = like;

        r.name = names[i];
        if (one == NULL || strcmp(one, names[i]) != 0)
            why = read_file(&r);
    }
    store_list_free(names, n);
    return why;
}

failure store_read(const char *folder, const grid *g, bool forced,
                   store_line_fn *take, void *self)
{
    return read_others(
        folder, NULL,
        (reading){ .grid = g, .forced = forced, .take = take, .self = self });
}

/* ---- Opening --------------------------------------------------------------*/

static failure make_folder(const char *folder)
{
    if (mkdir(folder, 0777) == 0 || errno == EEXIST)
        return SUCCESS;
    return failure_of(folder);
}

static char *name_of(const char *folder, uint64_t shard)
{
    char name[60];

    if (shard == UINT64_MAX)
        snprintf(name, sizeof(name), "results.jsonl");
    else
        snprintf(name, sizeof(name), "results.%llu.jsonl",
                 (unsigned long long)shard);
    return path_of(folder, name);
}

/* Of two that write to one file, the second one does not begin. */
static failure open_file(store *s)
{
    s->fd = open(s->name, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (s->fd < 0)
        return failure_of(s->name);
    if (flock(s->fd, LOCK_EX | LOCK_NB) == 0)
        return SUCCESS;
    if (errno == EWOULDBLOCK)
        return failure_new(EXIT_FAILURE,
                           "%s: another sweep is writing there now", s->name);
    args_warn("%s cannot be locked: %s; see to it that nobody else writes "
              "there",
              s->name, strerror(errno));
    return SUCCESS;
}

/* So that its name is on the disk, too. */
static failure sync_folder(const char *folder)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    failure why = SUCCESS;

    if (fd < 0 || fsync(fd) != 0)
        why = failure_of(folder);
    if (fd >= 0)
        close(fd);
    return why;
}

static failure add_head(store *s, const grid *g)
{
    size_t n;
    char *line = grid_head(g, &n);
    failure why = store_add(s, line, n);

    free(line);
    return why;
}

static failure read_own(store *s, reading like, bool *head)
{
    failure why;

    like.name = s->name;
    why = read_file(&like);
    s->size = like.size;
    *head = like.known && like.same;
    if (why.status == 0 && ftruncate(s->fd, (off_t)s->size) != 0)
        why = failure_of(s->name);
    return why;
}

failure store_open(store *s, const char *folder, uint64_t shard, const grid *g,
                   bool forced, store_line_fn *take, void *self)
{
    const reading like = {
        .grid = g, .forced = forced, .take = take, .self = self
    };
    bool head = false;
    failure why = make_folder(folder);

    *s = (store){ .fd = -1, .name = name_of(folder, shard) };
    if (why.status == 0)
        why = read_others(folder, s->name, like);
    if (why.status == 0)
        why = open_file(s);
    if (why.status == 0)
        why = read_own(s, like, &head);
    if (why.status == 0 && !head)
        why = add_head(s, g);
    if (why.status == 0 && !head)
        why = sync_folder(folder);
    return why;
}

/* ---- Adding ---------------------------------------------------------------*/

/* A line that did not fit is taken away again. */
failure store_add(store *s, const char *line, size_t n)
{
    ssize_t written;

    assert(n > 0 && line[n - 1] == '\n');
    if (s->fd < 0)
        return SUCCESS;
    do
        written = write(s->fd, line, n);
    while (written < 0 && errno == EINTR);
    if (written == (ssize_t)n) {
        s->size += n;
        s->dirty = true;
        return SUCCESS;
    }
    if (written >= 0)
        errno = ENOSPC;
    failure why = failure_new(EXIT_FAILURE,
                              "%s: %s; what is there is whole, and the same "
                              "command goes on from it",
                              s->name, strerror(errno));
    if (ftruncate(s->fd, (off_t)s->size) != 0)
        args_warn("%s: %s", s->name, strerror(errno));
    return why;
}

failure store_sync(store *s, bool now)
{
    if (!s->dirty || (!now && process_clock() < s->synced + 1))
        return SUCCESS;
    s->synced = process_clock();
    s->dirty = false;
    return fdatasync(s->fd) == 0 ? SUCCESS : failure_of(s->name);
}

failure store_close(store *s)
{
    failure why = s->fd < 0 ? SUCCESS : store_sync(s, true);

    if (s->fd >= 0)
        close(s->fd);
    free(s->name);
    s->fd = -1;
    s->name = NULL;
    return why;
}

/* ---- What it is a sweep of ------------------------------------------------*/

static failure read_head(const char *name, grid *g)
{
    FILE *file = fopen(name, "re");
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    failure why = SUCCESS;

    if (file == NULL)
        return failure_of(name);
    n = getline(&line, &room, file);
    if (n <= 0 || line[n - 1] != '\n' ||
        !grid_read_head(g, line, (size_t)n - 1))
        why = failure_new(
            BAD_USAGE, "%s: its first line does not say of which sweep it is",
            name);
    free(line);
    fclose(file);
    return why;
}

failure store_grid(const char *folder, grid *g)
{
    char **names;
    size_t n;
    failure why = store_list(folder, &names, &n);

    *g = (grid){ 0 };
    if (why.status == 0 && n == 0)
        why = failure_new(BAD_USAGE, "%s: there are no results", folder);
    if (why.status == 0)
        why = read_head(names[0], g);
    store_list_free(names, n);
    return why;
}
