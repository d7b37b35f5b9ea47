/* How a simulation ended; see the header. */

#include "loop/outcome.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "loop/state.h"

/* Bytes of a text, and of a line, where each of those may take six. */
enum { MOST_TEXT = 600, MOST_LINE = 4096 };

int ds__outcome_file(const char *value)
{
    char *end;
    long file;

    if (*value < '0' || *value > '9')
        return -1;
    errno = 0;
    file = strtol(value, &end, 10);
    if (*end != '\0' || errno != 0 || file > 1 << 20 ||
        fcntl((int)file, F_GETFD) < 0)
        return -1;
    return (int)file;
}

/* What is not ASCII goes through as it is; a character of several bytes is not
 * cut. */
static void add_string(ds__text *line, const char *string)
{
    size_t n = strnlen(string, MOST_TEXT);

    while (n > 0 && string[n] != '\0' &&
           ((unsigned char)string[n] & 0xc0) == 0x80)
        n--;
    ds__text_add(line, "\"");
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)string[i];

        if (c == '"' || c == '\\')
            ds__text_add(line, "\\%c", c);
        else if (c == '\n')
            ds__text_add(line, "\\n");
        else if (c < ' ' || c == 0x7f)
            ds__text_add(line, "\\u%04x", c);
        else
            ds__text_add(line, "%c", c);
    }
    ds__text_add(line, "\"");
}

void ds__outcome_write(int file, const ds__outcome *o)
{
    char buf[MOST_LINE];
    ds__text line;
    const int before = errno;

    ds__text_init(&line, buf, sizeof(buf));
    ds__text_add(&line, "{\"status\": \"%s\", \"text\": ", o->status);
    add_string(&line, o->text);
    ds__text_add(&line,
                 ", \"digest\": \"%016llx\", \"seconds\": %.17g, "
                 "\"events\": %llu, \"messages\": %llu, \"exec\": \"%s\"}\n",
                 (unsigned long long)o->digest, o->seconds,
                 (unsigned long long)o->events, (unsigned long long)o->messages,
                 o->exec == DS_FIBERS ? "fibers" : "threads");
    assert(line.used > 0 && buf[line.used - 1] == '\n');
    while (write(file, buf, line.used) < 0 && errno == EINTR)
        continue;
    errno = before;
}

/* ---- Of a run -------------------------------------------------------------*/

uint64_t ds__loop_messages(const ds_loop *loop)
{
    uint64_t sent = 0;

    for (const ds__resident *r = loop->residents; r != NULL; r = r->next)
        if (r->messages != NULL)
            sent += r->messages(r);
    return sent;
}

static ds__past so_far(const ds_loop *loop)
{
    return (ds__past){ .time = loop->now,
                       .events = ds__budget_events(&loop->budget),
                       .messages = ds__loop_messages(loop) };
}

ds__past ds__past_of(const ds_loop *loop)
{
    return loop->report < 0 ? (ds__past){ 0 } : so_far(loop);
}

void ds__outcome_tell(const ds_loop *loop, const ds__past *before)
{
    const ds__past after = so_far(loop);
    const ds__outcome outcome = {
        .status = ds_strstatus(loop->last.status),
        .text = loop->last.text,
        .digest = loop->digest,
        .seconds = after.time - before->time,
        .events = after.events - before->events,
        .messages = after.messages - before->messages,
        .exec = loop->config.exec,
    };

    assert(loop->report >= 0 && after.events >= before->events &&
           after.messages >= before->messages);
    ds__outcome_write(loop->report, &outcome);
}
