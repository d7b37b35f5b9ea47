/* Reads a history as Jepsen writes it.
 *
 * EDN has more than Jepsen's histories use, and those have more than is looked
 * at here: a map for each beginning and each end of a call, with keywords for
 * keys, one after another or in one vector.  What is not looked at must still
 * be EDN.  Operations of processes that are no numbers, such as :nemesis, are
 * nobody's calls and are left out. */

#include "explore/edn.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "explore/history.h"
#include "explore/print.h"

/* How deep what is skipped may be nested. */
#define MOST_DEPTH 64

typedef enum value_kind {
    NOTHING, /* there is no such key */
    NIL,
    NUMBER,
    KEYWORD,
    PAIR,  /* a vector of two numbers or nils */
    OTHER, /* anything else */
} value_kind;

typedef struct value {
    value_kind kind;
    int64_t numbers[2];
    const char *word; /* without the colon */
    size_t length;
} value;

typedef enum field {
    PROCESS,
    TYPE,
    F,
    VALUE,
    KEY,
    TIME,
    RESULT,
    NUM_FIELDS,
} field;

static const char *const field_names[NUM_FIELDS] = {
    "process", "type", "f", "value", "key", "time", "result",
};

/* A call that has begun. */
typedef struct open_call {
    uint64_t process;
    size_t call;
} open_call;

/* Invariant: at <= end; line counts the line ends before at. */
typedef struct reader {
    const ds_model *model;
    ds_history *history;
    const char *at;
    const char *end;
    unsigned long line;
    ds__text *why;
    bool failed;
    open_call *open;
    size_t num_open;
    size_t max_open;
    unsigned long map_line; /* where the present map begins */
    value fields[NUM_FIELDS];
} reader;

const ds_model_op *ds__edn_op(const ds_model *model, int op, ds_model_op *spare,
                              char name[DS__EDN_NAME])
{
    const ds_model_op *known = ds__find_op(model, op);

    if (known != NULL)
        return known;
    ds__format(name, DS__EDN_NAME, "op-%d", op);
    *spare = (ds_model_op){ name, 2, true, false };
    return spare;
}

/* ---- Failure --------------------------------------------------------------*/

/* Notes what is wrong, the first time; always false. */
__attribute__((format(printf, 3, 4))) static bool
wrong(reader *r, unsigned long line, const char *format, ...)
{
    va_list args;

    if (r->failed)
        return false;
    r->failed = true;
    if (r->why == NULL)
        return false;
    ds__text_add(r->why, "line %lu: ", line);
    va_start(args, format);
    ds__text_addv(r->why, format, args);
    va_end(args);
    return false;
}

/* ---- Words ----------------------------------------------------------------*/

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',';
}

/* Goes to the next thing; false: there is none. */
static bool find_thing(reader *r)
{
    bool comment = false;

    for (; r->at < r->end; r->at++) {
        if (*r->at == '\n') {
            r->line++;
            comment = false;
        } else if (*r->at == ';') {
            comment = true;
        }
        if (!comment && !is_space(*r->at))
            return true;
    }
    return false;
}

static bool is_delimiter(char c)
{
    return is_space(c) || strchr("(){}[]\";", c) != NULL;
}

/* Takes what goes up to the next delimiter; a NUL is one that nothing takes. */
static size_t take_word(reader *r, const char **word)
{
    *word = r->at;
    while (r->at < r->end && !is_delimiter(*r->at))
        r->at++;
    return (size_t)(r->at - *word);
}

static bool take_string(reader *r)
{
    unsigned long line = r->line;

    for (r->at++; r->at < r->end; r->at++) {
        if (*r->at == '"') {
            r->at++;
            return true;
        }
        if (*r->at == '\\' && r->at + 1 < r->end)
            r->at++;
        r->line += *r->at == '\n';
    }
    return wrong(r, line, "the string that begins here does not end");
}

static bool is_word(const char *word, size_t length, const char *what)
{
    return strlen(what) == length && memcmp(word, what, length) == 0;
}

/* Reads digits, a sign before them perhaps; false: they are none, or too
 * many. */
static bool read_number(const char *word, size_t length, int64_t *number)
{
    char digits[24];
    char *end;
    size_t first = length > 0 && (*word == '-' || *word == '+');

    if (length == first || length >= sizeof(digits) ||
        !isdigit((unsigned char)word[first]))
        return false;
    memcpy(digits, word, length);
    digits[length] = '\0';
    errno = 0;
    *number = strtoll(digits, &end, 10);
    return *end == '\0' && errno == 0;
}

/* ---- Values ---------------------------------------------------------------*/

static bool read_value(reader *r, value *v, int depth);

/* Takes everything up to a closing bracket; of a vector, notes whether it is a
 * pair. */
static bool read_group(reader *r, value *v, char close, int depth)
{
    unsigned long line = r->line;
    size_t count = 0;
    bool plain = close == ']';

    if (depth == MOST_DEPTH)
        return wrong(r, line, "more than %d brackets in each other",
                     MOST_DEPTH);
    for (r->at++; find_thing(r) && *r->at != close; count++) {
        value inner = { 0 };
        if (!read_value(r, &inner, depth + 1))
            return false;
        plain = plain && (inner.kind == NUMBER || inner.kind == NIL);
        if (plain && count < 2)
            v->numbers[count] = inner.numbers[0];
    }
    if (r->at == r->end)
        return wrong(r, line, "there is no %c for the bracket here", close);
    r->at++;
    v->kind = plain && count == 2 ? PAIR : OTHER;
    return true;
}

/* Takes a tag, such as #inst, or the # of a set, and what comes after it. */
static bool read_tagged(reader *r, value *v, int depth)
{
    const char *word;

    r->at++;
    if (r->at < r->end && *r->at == '{')
        return read_group(r, v, '}', depth);
    if (take_word(r, &word) == 0 || depth == MOST_DEPTH || !find_thing(r))
        return wrong(r, r->line, "there is nothing after #");
    return read_value(r, v, depth + 1);
}

static bool read_plain(reader *r, value *v)
{
    const char *word;
    size_t length = take_word(r, &word);

    if (length == 0)
        return wrong(r, r->line, "nothing can begin like this");
    v->kind = OTHER;
    if (*word == ':') {
        *v = (value){ .kind = KEYWORD, .word = word + 1, .length = length - 1 };
    } else if (is_word(word, length, "nil")) {
        v->kind = NIL;
        v->numbers[0] = DS_NIL;
    } else if (read_number(word, length, &v->numbers[0])) {
        v->kind = NUMBER;
    }
    return true;
}

/* Reads one thing, which has begun. */
static bool read_value(reader *r, value *v, int depth)
{
    assert(r->at < r->end);
    switch (*r->at) {
    case '{':
        return read_group(r, v, '}', depth);
    case '[':
        return read_group(r, v, ']', depth);
    case '(':
        return read_group(r, v, ')', depth);
    case '"':
        v->kind = OTHER;
        return take_string(r);
    case '#':
        return read_tagged(r, v, depth);
    default:
        return read_plain(r, v);
    }
}

/* ---- Maps -----------------------------------------------------------------*/

static field find_field(const value *key)
{
    field f = 0;

    while (f < NUM_FIELDS && !is_word(key->word, key->length, field_names[f]))
        f++;
    return f;
}

static bool read_entry(reader *r)
{
    value key = { 0 };
    value other;

    if (!read_value(r, &key, 1))
        return false;
    if (key.kind != KEYWORD)
        return wrong(r, r->line, "a key of an operation is a keyword");
    if (!find_thing(r) || *r->at == '}')
        return wrong(r, r->line, ":%.*s has no value", (int)key.length,
                     key.word);
    field f = find_field(&key);
    value *v = f == NUM_FIELDS ? &other : &r->fields[f];
    if (v != &other && v->kind != NOTHING)
        return wrong(r, r->line, ":%s is there twice", field_names[f]);
    return read_value(r, v, 1);
}

static bool read_map(reader *r)
{
    memset(r->fields, 0, sizeof(r->fields));
    r->map_line = r->line;
    for (r->at++; find_thing(r) && *r->at != '}';)
        if (!read_entry(r))
            return false;
    if (r->at == r->end)
        return wrong(r, r->map_line, "the operation here does not end");
    r->at++;
    return true;
}

/* ---- Operations -----------------------------------------------------------*/

static bool is_keyword(const value *v, const char *word)
{
    return v->kind == KEYWORD && is_word(v->word, v->length, word);
}

/* Lists what the model knows, for a complaint about what it does not. */
static bool unknown_op(reader *r)
{
    const value *f = &r->fields[F];
    char names[200];
    ds__text text;

    ds__text_init(&text, names, sizeof(names));
    for (int op = 1; ds__find_op(r->model, op) != NULL; op++)
        ds__text_add(&text, "%s:%s", op > 1 ? ", " : "",
                     ds__find_op(r->model, op)->name);
    if (f->kind != KEYWORD)
        return wrong(r, r->map_line, ":f is a keyword, one of %s", names);
    return wrong(r, r->map_line, ":f :%.*s is none of those of \"%s\": %s",
                 f->length < 40 ? (int)f->length : 40, f->word, r->model->name,
                 names);
}

/* Reads the number of an operation that the model has no name for. */
static bool read_op_number(const value *f, int *op)
{
    int64_t number;

    if (f->kind != KEYWORD || f->length <= 3 || memcmp(f->word, "op-", 3) != 0)
        return false;
    if (!read_number(f->word + 3, f->length - 3, &number) || number < INT_MIN ||
        number > INT_MAX)
        return false;
    *op = (int)number;
    return true;
}

/* Finds the number of an operation by its name. */
static bool find_op(const reader *r, int *op)
{
    const value *f = &r->fields[F];

    for (*op = 1; ds__find_op(r->model, *op) != NULL; ++*op)
        if (is_keyword(f, ds__find_op(r->model, *op)->name))
            return true;
    return read_op_number(f, op) && ds__find_op(r->model, *op) == NULL;
}

/* Takes the arguments out of :value. */
static bool read_args(reader *r, const ds_model_op *op, int64_t args[2])
{
    const value *v = &r->fields[VALUE];
    bool one = v->kind == NUMBER || v->kind == NIL;

    args[0] = 0;
    args[1] = 0;
    if (op->args == 0)
        return v->kind == NIL || v->kind == NOTHING ||
               wrong(r, r->map_line, ":%s begins with :value nil", op->name);
    if (op->args == 1 && !one)
        return wrong(r, r->map_line, ":%s takes a number, or nil", op->name);
    if (op->args > 1 && v->kind != PAIR)
        return wrong(r, r->map_line, ":%s takes two numbers, [1 2]", op->name);
    memcpy(args, v->numbers, (size_t)op->args * sizeof(*args));
    return true;
}

static bool is_number_or_nil(const value *v)
{
    return v->kind == NUMBER || v->kind == NIL;
}

/* Finds the result: where nothing is asked, it is :value; elsewhere :result,
 * and that it was done if nothing is said. */
static bool read_result(reader *r, const ds_model_op *op, int64_t *result)
{
    const value *v = &r->fields[op->args == 0 ? VALUE : RESULT];

    *result = 0;
    if (!op->gives)
        return true;
    *result = 1;
    if (op->args > 0 && op->refuses && v->kind == NOTHING)
        return true;
    if (!is_number_or_nil(v))
        return wrong(r, r->map_line, ":%s ends with a number, or nil, as :%s",
                     op->name, op->args == 0 ? "value" : "result");
    *result = v->numbers[0];
    return true;
}

static open_call *find_open(reader *r, uint64_t process)
{
    for (size_t i = 0; i < r->num_open; i++)
        if (r->open[i].process == process)
            return &r->open[i];
    return NULL;
}

static double seconds(const reader *r)
{
    return (double)r->fields[TIME].numbers[0] * 1e-9;
}

static bool add_open(reader *r, uint64_t process, size_t call)
{
    if (r->num_open == r->max_open) {
        size_t more = r->max_open == 0 ? 8 : r->max_open * 2;
        open_call *open = realloc(r->open, more * sizeof(*open));
        if (open == NULL)
            return wrong(r, r->map_line, "out of memory");
        r->open = open;
        r->max_open = more;
    }
    r->open[r->num_open++] = (open_call){ process, call };
    return true;
}

static bool begin(reader *r, uint64_t process, int number,
                  const ds_model_op *op)
{
    int64_t args[2];

    if (find_open(r, process) != NULL)
        return wrong(r, r->map_line,
                     "process %" PRIu64 " begins a call before it has ended "
                     "another",
                     process);
    if (!read_args(r, op, args))
        return false;
    size_t call = ds_history_begin(r->history, seconds(r), process, number,
                                   r->fields[KEY].numbers[0], args[0], args[1]);
    if (call == SIZE_MAX)
        return wrong(r, r->map_line, "out of memory");
    return add_open(r, process, call);
}

/* Tells whether the arguments, if they are repeated, are what they were. */
static bool is_same_call(reader *r, const ds_call *call, int number,
                         const ds_model_op *op)
{
    const value *v = &r->fields[VALUE];

    if (call->op != number || call->key != r->fields[KEY].numbers[0])
        return false;
    if (op->args == 0)
        return op->gives || v->kind == NIL || v->kind == NOTHING;
    if (v->kind == NOTHING || (v->kind == NIL && call->arg[0] != DS_NIL))
        return true;
    if (op->args == 1)
        return is_number_or_nil(v) && v->numbers[0] == call->arg[0];
    return v->kind == PAIR && v->numbers[0] == call->arg[0] &&
           v->numbers[1] == call->arg[1];
}

static bool finish(reader *r, size_t call, const ds_model_op *op)
{
    const value *type = &r->fields[TYPE];
    int64_t result;

    if (is_keyword(type, "info"))
        return true;
    if (is_keyword(type, "fail") && r->fields[RESULT].kind == NOTHING) {
        ds_history_forget(r->history, call);
        return true;
    }
    if (!read_result(r, op, &result))
        return false;
    ds_history_end(r->history, seconds(r), call, result);
    return true;
}

static bool end(reader *r, uint64_t process, int number, const ds_model_op *op)
{
    open_call *open = find_open(r, process);

    if (open == NULL)
        return wrong(r, r->map_line,
                     "process %" PRIu64 " ends a call that it has not begun",
                     process);
    size_t call = open->call;
    if (!is_same_call(r, ds_history_at(r->history, call), number, op))
        return wrong(r, r->map_line,
                     "process %" PRIu64 " ends another call than it began",
                     process);
    *open = r->open[--r->num_open];
    return finish(r, call, op);
}

static bool is_type(const value *type)
{
    return is_keyword(type, "invoke") || is_keyword(type, "ok") ||
           is_keyword(type, "fail") || is_keyword(type, "info");
}

/* Judges what has been read, and adds it to the history. */
static bool add_operation(reader *r)
{
    const value *process = &r->fields[PROCESS];
    ds_model_op spare;
    char name[DS__EDN_NAME];
    int number;

    if (!is_type(&r->fields[TYPE]))
        return wrong(r, r->map_line,
                     ":type is one of :invoke, :ok, :fail, :info");
    if (process->kind == KEYWORD)
        return true;
    if (process->kind != NUMBER || process->numbers[0] < 0)
        return wrong(r, r->map_line, ":process is a number from 0 on");
    if (r->fields[KEY].kind != NOTHING && r->fields[KEY].kind != NUMBER)
        return wrong(r, r->map_line, ":key is a number");
    if (r->fields[TIME].kind != NOTHING && r->fields[TIME].kind != NUMBER)
        return wrong(r, r->map_line, ":time is a number of nanoseconds");
    if (!find_op(r, &number))
        return unknown_op(r);
    const ds_model_op *op = ds__edn_op(r->model, number, &spare, name);
    if (is_keyword(&r->fields[TYPE], "invoke"))
        return begin(r, (uint64_t)process->numbers[0], number, op);
    return end(r, (uint64_t)process->numbers[0], number, op);
}

/* A tag before a map says what kind of record it was to Jepsen. */
static bool skip_tag(reader *r)
{
    const char *word;

    if (*r->at == '#' && take_word(r, &word) > 1)
        return find_thing(r) ||
               wrong(r, r->line, "there is no operation after the tag");
    return true;
}

static bool read_history(reader *r)
{
    bool in_vector = find_thing(r) && *r->at == '[';

    if (in_vector)
        r->at++;
    while (find_thing(r) && !(in_vector && *r->at == ']')) {
        if (!skip_tag(r))
            return false;
        if (*r->at != '{')
            return wrong(r, r->line, "an operation is a map, {:process ...}");
        if (!read_map(r) || !add_operation(r))
            return false;
    }
    if (!in_vector)
        return true;
    if (r->at == r->end)
        return wrong(r, r->line, "there is no ] for the first [");
    r->at++;
    return !find_thing(r) || wrong(r, r->line, "there is something after ]");
}

/* ---- The file -------------------------------------------------------------*/

/* Reads all there is; NULL: no memory, or an error, which stays in file. */
static char *slurp(FILE *file, size_t *size)
{
    size_t capacity = 4096;
    char *text = malloc(capacity);

    *size = 0;
    while (text != NULL) {
        *size += fread(text + *size, 1, capacity - *size, file);
        if (*size < capacity)
            break;
        char *more =
            capacity > SIZE_MAX / 2 ? NULL : realloc(text, capacity * 2);
        if (more == NULL) {
            free(text);
            return NULL;
        }
        text = more;
        capacity *= 2;
    }
    if (text != NULL && ferror(file)) {
        free(text);
        return NULL;
    }
    return text;
}

ds_history *ds_history_read_edn(const ds_model *model, FILE *file, char *why,
                                size_t size)
{
    size_t length = 0;
    char *text = model == NULL || file == NULL ? NULL : slurp(file, &length);
    ds__text told;
    reader r = { .model = model,
                 .history = ds_history_new(),
                 .at = text,
                 .end = text == NULL ? NULL : text + length,
                 .line = 1 };

    if (why != NULL && size > 0) {
        ds__text_init(&told, why, size);
        r.why = &told;
    }
    if (text == NULL)
        wrong(&r, 1,
              file != NULL && ferror(file) ? "it cannot be read"
                                           : "out of memory");
    else if (r.history == NULL)
        wrong(&r, 1, "out of memory");
    else
        read_history(&r);
    free(text);
    free(r.open);
    if (!r.failed)
        return r.history;
    ds_history_free(r.history);
    return NULL;
}
