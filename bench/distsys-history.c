/* distsys-history: judges a history that was written to a file, by this library
 * or by Jepsen. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <distsys/history.h>

#include "bench/common/args.h"

#define PROGRAM "distsys-history"

enum { WRONG = 10, UNDECIDED = 14, MOST_MODELS = 32 };

typedef struct options {
    const char *file;
    size_t model;
    double seconds;
    bool list;
} options;

/* Filled in from those of the library. */
static const char *model_names[MOST_MODELS];
static args_known known_models = { model_names, 0 };

static const args_range seconds_range = {
    .allowed = "0, for no limit, or more seconds",
    .min = 0,
    .max = 1e9,
    .units = args_seconds,
};

static const args_option table[] = {
    {
        .name = "model",
        .letter = 'm',
        .unit = "NAME",
        .type = ARGS_CHOICE,
        .at = offsetof(options, model),
        .known = &known_models,
        .preset = "nil-register",
        .help = "What the object is; see --list",
    },
    {
        .name = "file",
        .letter = 'f',
        .unit = "FILE",
        .type = ARGS_STRING,
        .at = offsetof(options, file),
        .shown = "standard input",
        .help = "The history, in EDN",
    },
    {
        .name = "seconds",
        .unit = "SECONDS",
        .type = ARGS_REAL,
        .at = offsetof(options, seconds),
        .range = &seconds_range,
        .preset = "60",
        .help = "Longest time to look at it; 0: no limit",
    },
    {
        .name = "list",
        .type = ARGS_FLAG,
        .at = offsetof(options, list),
        .help = "List the models and their operations",
    },
};

enum { OPTIONS = sizeof(table) / sizeof(*table) };

static const args_program program = {
    PROGRAM,
    "Judges whether a history is linearizable, and if not, shows the fewest "
    "calls that cannot be put in any order.\v"
    "The status is 0 if it is, 10 if it is not, and 14 if that could not be "
    "decided.",
};

static void list_models(void)
{
    size_t n;
    const ds_model *const *all = ds_model_all(&n);

    for (size_t i = 0; i < n; i++) {
        printf("%-14s", all[i]->name);
        for (int op = 0; all[i]->ops[op].name != NULL; op++)
            printf("%s%s", op > 0 ? ", " : "", all[i]->ops[op].name);
        printf("\n");
    }
}

static failure judge(const options *o, const ds_history *history,
                     const ds_model *model)
{
    static char why[16384];
    ds_verdict verdict =
        ds_history_check(history, model, o->seconds, why, sizeof(why));

    if (verdict == DS_LINEARIZABLE)
        printf("%s: linearizable, %zu calls\n", model->name,
               ds_history_size(history));
    else
        printf("%s\n", why);
    if (verdict == DS_NOT_LINEARIZABLE)
        return (failure){ WRONG, NULL };
    return (failure){ verdict == DS_UNDECIDED ? UNDECIDED : 0, NULL };
}

static failure judge_file(const options *o)
{
    const ds_model *model = ds_model_all(NULL)[o->model];
    const char *name = o->file == NULL ? "standard input" : o->file;
    FILE *file = o->file == NULL ? stdin : fopen(o->file, "r");
    char why[400];

    if (file == NULL)
        return failure_new(BAD_USAGE, "%s: %s", name, strerror(errno));
    ds_history *history = ds_history_read_edn(model, file, why, sizeof(why));
    if (file != stdin)
        fclose(file);
    if (history == NULL)
        return failure_new(BAD_USAGE, "%s: %s", name, why);
    failure result = judge(o, history, model);
    ds_history_free(history);
    return result;
}

int main(int argc, char **argv)
{
    options o = { 0 };
    const args_option *all[OPTIONS];
    const args_table tables[] = { { NULL, all, OPTIONS, &o } };
    const ds_model *const *models = ds_model_all(&known_models.n);

    for (size_t i = 0; i < OPTIONS; i++)
        all[i] = &table[i];
    for (size_t i = 0; i < known_models.n && i < MOST_MODELS; i++)
        model_names[i] = models[i]->name;
    failure why = args_parse(&program, tables, 1, argc, argv);
    if (why.status == 0 && o.list)
        list_models();
    else if (why.status == 0)
        why = judge_file(&o);
    args_free(tables, 1);
    return args_end(why);
}
