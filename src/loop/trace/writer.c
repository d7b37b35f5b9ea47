/* Chunks of records to a file; see the header. */

#include "loop/trace/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/text.h"

/* ---- The file -------------------------------------------------------------*/

static void fail(ds__trace_file *file, int error)
{
    char line[512];
    ds__text text;

    if (file->failed)
        return;
    file->failed = true;
    ds__text_init(&text, line, sizeof(line));
    ds__text_add(&text, "distsys: the trace %.300s ends here: %s\n", file->name,
                 strerror(error));
    ssize_t ignored = write(STDERR_FILENO, line, text.used);
    (void)ignored;
}

void ds__trace_file_write(ds__trace_file *file, const ds__encoder *encoder)
{
    const uint8_t *bytes = encoder->bytes;
    size_t left = encoder->used;

    while (left > 0 && !file->failed) {
        ssize_t n = write(file->fd, bytes, left);
        if (n > 0) {
            bytes += n;
            left -= (size_t)n;
        } else if (n < 0 && errno != EINTR) {
            fail(file, errno);
        }
    }
}

/* A device or a pipe has nothing to lose, and no place to go back to. */
void ds__trace_file_restart(ds__trace_file *file, ds__encoder *encoder,
                            uint32_t flags)
{
    if (ftruncate(file->fd, 0) == 0)
        lseek(file->fd, 0, SEEK_SET);
    ds__encode_head(encoder, flags);
    ds__trace_file_write(file, encoder);
}

/* What another loop is writing must not be lost. */
int ds__trace_file_open(ds__trace_file *file, const char *name,
                        ds__encoder *encoder, uint32_t flags)
{
    const int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

    *file = (ds__trace_file){ .name = name, .fd = fd };
    if (fd < 0)
        return errno;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        close(fd);
        return EWOULDBLOCK;
    }
    ds__trace_file_restart(file, encoder, flags);
    return 0;
}

void ds__trace_file_close(ds__trace_file *file)
{
    if (close(file->fd) != 0 && errno != EINTR)
        fail(file, errno);
}

/* ---- The thread -----------------------------------------------------------*/

static void encode(ds__writer *w, ds__chunk *chunk)
{
    if (chunk->slots == 0 || w->file.failed)
        return;
    ds__encode_chunk(&w->encoder, chunk, 0);
    ds__trace_file_write(&w->file, &w->encoder);
}

static void *be_writer(void *arg)
{
    ds__writer *w = arg;

    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (!w->full && !w->over)
            pthread_cond_wait(&w->changed, &w->lock);
        if (!w->full)
            break;
        ds__chunk *chunk = &w->chunks[1 - w->filling];
        pthread_mutex_unlock(&w->lock);
        encode(w, chunk);
        pthread_mutex_lock(&w->lock);
        w->full = false;
        pthread_cond_signal(&w->changed);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* The program's signals are for its own threads. */
int ds__writer_start(ds__writer *w)
{
    sigset_t all, before;

    w->full = false;
    w->over = false;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int error = pthread_create(&w->thread, NULL, be_writer, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    w->on = error == 0;
    return error;
}

void ds__writer_stop(ds__writer *w)
{
    pthread_mutex_lock(&w->lock);
    w->over = true;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    w->on = false;
}

/* The chunks change places only when none is being written. */
static ds__chunk *hand_over(ds__writer *w)
{
    pthread_mutex_lock(&w->lock);
    while (w->full)
        pthread_cond_wait(&w->changed, &w->lock);
    w->filling = 1 - w->filling;
    w->full = true;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->lock);
    return &w->chunks[w->filling];
}

ds__chunk *ds__writer_turn(ds__writer *w)
{
    if (w->on)
        return hand_over(w);
    encode(w, &w->chunks[w->filling]);
    return &w->chunks[w->filling];
}

/* ---- Beginning and end ----------------------------------------------------*/

int ds__writer_open(ds__writer *w, const char *name)
{
    ds__encoder_init(&w->encoder);
    w->filling = 0;
    w->on = false;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, NULL);

    const int error = ds__trace_file_open(&w->file, name, &w->encoder, 0);
    if (error != 0) {
        pthread_cond_destroy(&w->changed);
        pthread_mutex_destroy(&w->lock);
    }
    return error;
}

void ds__writer_close(ds__writer *w)
{
    ds__trace_file_close(&w->file);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
}
