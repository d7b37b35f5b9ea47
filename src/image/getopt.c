/* Options of a command line, as getopt(3) of GNU has them: operands are moved
 * behind the options, unless POSIXLY_CORRECT is set or the text of options
 * begins with + (stop there) or - (an operand is an argument of option 1). */

#include "image/getopt.h"

#include <stdio.h>
#include <string.h>

#include "image/image.h"

/* One call of the function. */
typedef struct call {
    ds__image *im;
    int argc;
    char **argv;
    const char *shorts;
    const struct option *longs; /* or NULL */
    int *index;                 /* or NULL */
    bool only;                  /* one dash may begin a long one as well */
    char order;                 /* '+', '-', or 0: operands go behind */
    bool quiet;                 /* a missing argument is ':' */
} call;

static int *optind_of(ds__image *im)
{
    return im->vars[DS__VAR_OPTIND];
}

static void set_argument(const call *c, char *argument)
{
    *(char **)c->im->vars[DS__VAR_OPTARG] = argument;
}

static bool speaks(const call *c)
{
    return *(int *)c->im->vars[DS__VAR_OPTERR] != 0 && !c->quiet;
}

static int wrong(const call *c, int option, bool is_missing)
{
    *(int *)c->im->vars[DS__VAR_OPTOPT] = option;
    return is_missing && c->quiet ? ':' : '?';
}

/* ---- Operands -------------------------------------------------------------*/

static bool is_operand(const char *word)
{
    return word[0] != '-' || word[1] == '\0';
}

/* Moves argv[from] to place `to`, before it; those between go up by one. */
static void move_down(char **argv, int from, int to)
{
    char *word = argv[from];

    memmove(&argv[to + 1], &argv[to], (size_t)(from - to) * sizeof(*argv));
    argv[to] = word;
}

/* Moves the words of an option that was found behind operands before them:
 * those from `found` to where optind has come. */
static void put_before(const call *c, int found, int operands)
{
    int *ind = optind_of(c->im);

    for (int i = found; i < *ind; i++)
        move_down(c->argv, i, operands + i - found);
    *ind -= found - operands;
}

/* ---- Long options ---------------------------------------------------------*/

/* Returns the one that begins like that, or is that; -1: none, -2: several. */
static int find_long(const call *c, const char *name, size_t length)
{
    int found = -1;

    for (int i = 0; c->longs[i].name != NULL; i++) {
        const struct option *o = &c->longs[i];
        if (strncmp(o->name, name, length) != 0)
            continue;
        if (o->name[length] == '\0')
            return i;
        if (found >= 0 &&
            (c->longs[found].has_arg != o->has_arg ||
             c->longs[found].flag != o->flag || c->longs[found].val != o->val))
            found = -2;
        else if (found == -1)
            found = i;
    }
    return found;
}

static void say_ambiguous(const call *c, const char *name, size_t length)
{
    fprintf(stderr,
            "%s: option '--%s' is ambiguous; possibilities:", c->argv[0], name);
    for (int i = 0; c->longs[i].name != NULL; i++)
        if (strncmp(c->longs[i].name, name, length) == 0)
            fprintf(stderr, " '--%s'", c->longs[i].name);
    fputc('\n', stderr);
}

/* The word there is a long option, whose name begins at `name`. */
static int take_long(const call *c, const char *name)
{
    int *ind = optind_of(c->im);
    const size_t length = strcspn(name, "=");
    const int i = find_long(c, name, length);

    ++*ind;
    if (i < 0) {
        if (speaks(c) && i == -1)
            fprintf(stderr, "%s: unrecognized option '--%s'\n", c->argv[0],
                    name);
        else if (speaks(c))
            say_ambiguous(c, name, length);
        return wrong(c, 0, false);
    }
    const struct option *o = &c->longs[i];
    if (name[length] == '=' && o->has_arg == no_argument) {
        if (speaks(c))
            fprintf(stderr, "%s: option '--%s' doesn't allow an argument\n",
                    c->argv[0], o->name);
        return wrong(c, o->val, false);
    }
    if (name[length] == '=') {
        set_argument(c, (char *)name + length + 1);
    } else if (o->has_arg == required_argument) {
        if (*ind >= c->argc) {
            if (speaks(c))
                fprintf(stderr, "%s: option '--%s' requires an argument\n",
                        c->argv[0], o->name);
            return wrong(c, o->val, true);
        }
        set_argument(c, c->argv[(*ind)++]);
    }
    if (c->index != NULL)
        *c->index = i;
    if (o->flag == NULL)
        return o->val;
    *o->flag = o->val;
    return 0;
}

/* ---- Short options --------------------------------------------------------*/

static int take_short(const call *c)
{
    ds__image *im = c->im;
    int *ind = optind_of(im);
    const char letter = *im->next_option++;
    const char *known =
        letter == ':' || letter == ';' ? NULL : strchr(c->shorts, letter);
    char *rest = (char *)im->next_option;

    if (*rest == '\0') {
        im->next_option = NULL;
        ++*ind;
    }
    if (known == NULL) {
        if (speaks(c))
            fprintf(stderr, "%s: invalid option -- '%c'\n", c->argv[0], letter);
        return wrong(c, (unsigned char)letter, false);
    }
    if (known[1] != ':')
        return (unsigned char)letter;
    if (*rest != '\0') {
        set_argument(c, rest);
        im->next_option = NULL;
        ++*ind;
    } else if (known[2] != ':') {
        if (*ind >= c->argc) {
            if (speaks(c))
                fprintf(stderr, "%s: option requires an argument -- '%c'\n",
                        c->argv[0], letter);
            return wrong(c, (unsigned char)letter, true);
        }
        set_argument(c, c->argv[(*ind)++]);
    }
    return (unsigned char)letter;
}

/* ---- The next one ---------------------------------------------------------*/

static bool is_long(const call *c, const char *word)
{
    if (c->longs == NULL)
        return false;
    if (word[1] == '-')
        return true;
    return c->only && (word[2] != '\0' || strchr(c->shorts, word[1]) == NULL) &&
           find_long(c, word + 1, strcspn(word + 1, "=")) != -1;
}

static int take_word(const call *c, char *word)
{
    if (is_long(c, word))
        return take_long(c, word + (word[1] == '-' ? 2 : 1));
    c->im->next_option = word + 1;
    return take_short(c);
}

static int next(const call *c)
{
    int *ind = optind_of(c->im);
    const int operands = *ind;
    int found = operands;

    while (found < c->argc && is_operand(c->argv[found]) && c->order == 0)
        found++;
    if (found >= c->argc)
        return -1;
    if (strcmp(c->argv[found], "--") == 0) {
        move_down(c->argv, found, operands);
        ++*ind;
        return -1;
    }
    if (is_operand(c->argv[found])) {
        if (c->order == '+')
            return -1;
        set_argument(c, c->argv[(*ind)++]);
        return 1;
    }
    /* A group stays where it is until its last letter is taken, and is moved to
     * before the operands first so that optind may point at it. */
    if (found > operands && !is_long(c, c->argv[found])) {
        const char *rest = c->argv[found] + 1;
        const char *known = NULL;
        while (*rest != '\0' &&
               ((known = strchr(c->shorts, *rest)) == NULL || known[1] != ':'))
            rest++;
        const bool has_word = known != NULL && *rest != '\0' &&
                              rest[1] == '\0' && known[2] != ':' &&
                              found + 1 < c->argc;
        move_down(c->argv, found, operands);
        if (has_word)
            move_down(c->argv, found + 1, operands + 1);
        return take_word(c, c->argv[operands]);
    }
    *ind = found;
    const int result = take_word(c, c->argv[found]);
    if (found > operands)
        put_before(c, found, operands);
    return result;
}

static int options(call *c)
{
    int *ind = optind_of(c->im);

    set_argument(c, NULL);
    if (*ind == 0) {
        *ind = 1;
        c->im->next_option = NULL;
    }
    if (*c->shorts == '+' || *c->shorts == '-')
        c->order = *c->shorts++;
    else if (getenv("POSIXLY_CORRECT") != NULL)
        c->order = '+';
    c->quiet = *c->shorts == ':';
    return c->im->next_option != NULL ? take_short(c) : next(c);
}

int ds__getopt(int argc, char *const *argv, const char *shorts)
{
    return options(&(call){ .im = ds__image_current,
                            .argc = argc,
                            .argv = (char **)argv,
                            .shorts = shorts });
}

int ds__getopt_long(int argc, char *const *argv, const char *shorts,
                    const struct option *longs, int *index)
{
    return options(&(call){ .im = ds__image_current,
                            .argc = argc,
                            .argv = (char **)argv,
                            .shorts = shorts,
                            .longs = longs,
                            .index = index });
}

int ds__getopt_long_only(int argc, char *const *argv, const char *shorts,
                         const struct option *longs, int *index)
{
    return options(&(call){ .im = ds__image_current,
                            .argc = argc,
                            .argv = (char **)argv,
                            .shorts = shorts,
                            .longs = longs,
                            .index = index,
                            .only = true });
}
