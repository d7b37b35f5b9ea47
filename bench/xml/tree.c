/* Reads XML into a tree; see the header. */

#include "bench/xml/tree.h"

#include <expat.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"

/* No element is deeper than anybody would write it. */
enum { MOST_DEEP = 200, CHUNK = 65536 };

/* The file that is being read: there is one. */
static const char *path = "-";

/* ---- Memory ---------------------------------------------------------------*/

typedef union block {
    union block *next;
    max_align_t align;
} block;

static block *blocks;

void *xml_alloc(size_t count, size_t size)
{
    if (size > 0 && count > (SIZE_MAX - sizeof(block)) / size)
        count = (SIZE_MAX - sizeof(block)) / size; /* which there is not */
    block *b = args_alloc(1, sizeof(*b) + count * size);

    b->next = blocks;
    blocks = b;
    return memset(b + 1, 0, count * size);
}

char *xml_keep(const char *text, size_t length)
{
    char *copy = xml_alloc(length + 1, 1);

    memcpy(copy, text, length);
    return copy;
}

char *xml_format(const char *format, ...)
{
    char small[1];
    va_list args;

    va_start(args, format);
    int length = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    char *text = xml_alloc((size_t)length + 1, 1);
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return text;
}

void *xml_room(void *array, size_t n, size_t size)
{
    if (n > 0 && (n & (n - 1)) != 0)
        return array;
    void *more = xml_alloc(n == 0 ? 1 : 2 * n, size);
    if (n > 0)
        memcpy(more, array, n * size);
    return more;
}

void *xml_mark(void)
{
    return blocks;
}

void xml_release(void *mark)
{
    while (blocks != mark) {
        block *first = blocks;
        blocks = first->next;
        free(first);
    }
}

/* ---- What is wrong --------------------------------------------------------*/

__attribute__((noreturn, format(printf, 2, 0))) static void
wrong_at(unsigned long line, const char *format, va_list args)
{
    char text[512];

    vsnprintf(text, sizeof(text), format, args);
    args_warn("%s:%lu: %s", path, line, text);
    exit(2);
}

void xml_wrong(const xml_element *e, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    wrong_at(e->line, format, args);
}

__attribute__((noreturn, format(printf, 2, 3))) static void
wrong_line(unsigned long line, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    wrong_at(line, format, args);
}

/* ---- Reading --------------------------------------------------------------*/

typedef struct reading {
    XML_Parser parser;
    xml_element *root;
    xml_element *at;
    size_t deep;
} reading;

static const char **keep_attributes(const char **given)
{
    size_t n = 0;

    while (given[n] != NULL)
        n++;
    const char **kept = xml_alloc(n + 1, sizeof(*kept));
    for (size_t i = 0; i < n; i++)
        kept[i] = xml_keep(given[i], strlen(given[i]));
    return kept;
}

static void start(void *arg, const char *name, const char **attributes)
{
    reading *r = arg;
    xml_element *e = xml_alloc(1, sizeof(*e));
    xml_element *parent = r->at;

    e->name = xml_keep(name, strlen(name));
    e->line = XML_GetCurrentLineNumber(r->parser);
    e->attributes = keep_attributes(attributes);
    e->parent = parent;
    if (++r->deep > MOST_DEEP)
        xml_wrong(e, "<%.40s> is inside of more than %d others", name,
                  MOST_DEEP);
    if (parent == NULL)
        r->root = e;
    else if (parent->last == NULL)
        parent->first = e;
    else
        parent->last->next = e;
    if (parent != NULL)
        parent->last = e;
    r->at = e;
}

static void end(void *arg, const char *name)
{
    reading *r = arg;

    (void)name;
    r->at = r->at->parent;
    r->deep--;
}

/* Entities of a file's own can be made to grow beyond all bounds, and neither
 * format has any. */
static void entity(void *arg, const char *name, int is_parameter,
                   const char *value, int length, const char *base,
                   const char *system, const char *public, const char *notation)
{
    const reading *r = arg;

    (void)is_parameter;
    (void)value;
    (void)length;
    (void)base;
    (void)system;
    (void)public;
    (void)notation;
    wrong_line(XML_GetCurrentLineNumber(r->parser),
               "it defines an entity, '%.40s'; there are none in such a file",
               name);
}

static void read_all(reading *r, FILE *file)
{
    bool last = false;

    while (!last) {
        void *buffer = XML_GetBuffer(r->parser, CHUNK);
        if (buffer == NULL) {
            args_warn("out of memory");
            exit(1);
        }
        size_t n = fread(buffer, 1, CHUNK, file);
        if (ferror(file))
            wrong_line(1, "it cannot be read");
        last = n < CHUNK && feof(file);
        if (XML_ParseBuffer(r->parser, (int)n, last) != XML_STATUS_OK)
            wrong_line(XML_GetCurrentLineNumber(r->parser), "%s",
                       XML_ErrorString(XML_GetErrorCode(r->parser)));
    }
}

xml_element *xml_read(const char *name)
{
    FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
    reading r = { .parser = XML_ParserCreate(NULL) };

    path = name;
    if (file == NULL)
        wrong_line(0, "it cannot be opened");
    if (r.parser == NULL) {
        args_warn("out of memory");
        exit(1);
    }
    XML_SetUserData(r.parser, &r);
    XML_SetElementHandler(r.parser, start, end);
    XML_SetEntityDeclHandler(r.parser, entity);
    read_all(&r, file);
    XML_ParserFree(r.parser);
    if (file != stdin)
        fclose(file);
    return r.root;
}

/* ---- Attributes -----------------------------------------------------------*/

bool xml_is(const xml_element *e, const char *name)
{
    return strcmp(e->name, name) == 0;
}

const char *xml_get(const xml_element *e, const char *attribute,
                    const char *otherwise)
{
    for (const char **a = e->attributes; *a != NULL; a += 2)
        if (strcmp(a[0], attribute) == 0)
            return a[1];
    return otherwise;
}

const char *xml_need(const xml_element *e, const char *attribute)
{
    const char *value = xml_get(e, attribute, NULL);

    if (value == NULL)
        xml_wrong(e, "<%s> has no '%s'", e->name, attribute);
    return value;
}

size_t xml_choice(const xml_element *e, const char *attribute,
                  const char *const *names, size_t otherwise)
{
    const char *value = xml_get(e, attribute, NULL);
    char allowed[200] = "";

    if (value == NULL)
        return otherwise;
    for (size_t i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], value) == 0)
            return i;
        const size_t used = strlen(allowed);
        snprintf(allowed + used, sizeof(allowed) - used, "%s%s",
                 i == 0 ? "" : ", ", names[i]);
    }
    xml_wrong(e, "unknown %s '%.40s'; allowed: %s", attribute, value, allowed);
}

long xml_whole(const xml_element *e, const char *attribute, long min, long max)
{
    const char *text = xml_need(e, attribute);
    char *rest;
    long value = strtol(text, &rest, 10);

    if (rest == text || *rest != '\0' || value < min || value > max)
        xml_wrong(e, "%s is '%.40s'; allowed: a whole number from %ld to %ld",
                  attribute, text, min, max);
    return value;
}
