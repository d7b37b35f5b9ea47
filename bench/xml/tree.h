/* An XML file as a tree of elements, and what is wrong with it.
 *
 * Whatever is made lives until the program ends, and what is wrong ends it: a
 * converter has nothing to go on with. */
#ifndef BENCH_XML_TREE_H
#define BENCH_XML_TREE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct xml_element xml_element;
struct xml_element {
    const char *name;
    unsigned long line;
    const char **attributes; /* a name, a value, ...; ends with NULL */
    xml_element *parent;     /* NULL: it is the outermost one */
    xml_element *first;      /* inside of it */
    xml_element *last;
    xml_element *next;
};

/* Reads a file, or standard input if it is called "-". */
xml_element *xml_read(const char *path);

/* Says what is wrong with an element, and ends the program with status 2. */
__attribute__((noreturn, format(printf, 2, 3))) void
xml_wrong(const xml_element *e, const char *format, ...);

bool xml_is(const xml_element *e, const char *name);

/* An attribute that must be there, or may be left out. */
const char *xml_need(const xml_element *e, const char *attribute);
const char *xml_get(const xml_element *e, const char *attribute,
                    const char *otherwise);

/* Which of these an attribute is; otherwise: if it is left out.  The names end
 * with NULL. */
size_t xml_choice(const xml_element *e, const char *attribute,
                  const char *const *names, size_t otherwise);

/* A whole number of an attribute that must be there. */
long xml_whole(const xml_element *e, const char *attribute, long min, long max);

/* Numbers with units, as SimGrid has them: 10Gbps, 1.25GiBps, 50us. */
double xml_rate(const xml_element *e, const char *attribute);
double xml_seconds(const xml_element *e, const char *attribute,
                   const char *otherwise);

/* Memory that is given back when the program ends. */
void *xml_alloc(size_t count, size_t size);
char *xml_keep(const char *text, size_t length);
__attribute__((format(printf, 1, 2))) char *xml_format(const char *format, ...);

/* Gives back what has been made since a mark. */
void *xml_mark(void);
void xml_release(void *mark);

/* Makes room for one more in an array whose length was doubled so far. */
void *xml_room(void *array, size_t n, size_t size);

#endif
