/* Scripts for shells; see the header. */

#include "bench/common/completion.h"

#include <string.h>

/* What a script is written from, and where to. */
typedef struct script {
    FILE *out;
    const char *program;
    const args_table *tables;
    size_t n;
    const args_operands *operands;
} script;

typedef void writer(const script *s, const args_option *o);

static void each_option(const script *s, writer *write)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < s->tables[i].n; k++)
            write(s, s->tables[i].options[k]);
}

/* ---- What an option takes -------------------------------------------------*/

static bool takes_list(const args_option *o)
{
    return o->type == ARGS_NAMES;
}

static bool takes_file(const args_option *o)
{
    return o->unit != NULL && strcmp(o->unit, "FILE") == 0;
}

static bool takes_folder(const args_option *o)
{
    return o->unit != NULL && strcmp(o->unit, "FOLDER") == 0;
}

static void put_names(const script *s, const args_option *o)
{
    for (size_t i = 0; i < o->known->n; i++)
        fprintf(s->out, "%s%s", i == 0 ? "" : " ", o->known->names[i]);
    if (takes_list(o))
        fprintf(s->out, " all");
}

/* A text between single quotes, in which some characters have a backslash
 * before them. */
static void put_quoted(const script *s, const char *text, const char *special)
{
    for (; *text != '\0'; text++)
        if (*text == '\'')
            fputs("'\\''", s->out);
        else
            fprintf(s->out, "%s%c", strchr(special, *text) ? "\\" : "", *text);
}

/* The name of a function, which has no hyphens. */
static void put_function(const script *s)
{
    putc('_', s->out);
    for (const char *c = s->program; *c != '\0'; c++)
        putc(*c == '-' ? '_' : *c, s->out);
}

/* ---- bash -----------------------------------------------------------------*/

/* bash takes "--name=value" for three words. */
static const char bash_begin[] =
    "()\n"
    "{\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} before=\n"
    "    local prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    if [ \"$cur\" = = ]; then\n"
    "        cur=\n"
    "    elif [ \"$prev\" = = ]; then\n"
    "        prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n"
    "    COMPREPLY=()\n"
    "    case $prev in\n";

static void bash_value(const script *s, const args_option *o)
{
    if (o->type == ARGS_FLAG)
        return;
    fprintf(s->out, "    --%s", o->name);
    if (o->letter != 0)
        fprintf(s->out, " | -%c", o->letter);
    fprintf(s->out, ")\n");
    if (takes_list(o))
        fprintf(s->out, "        [[ $cur == *,* ]] && before=${cur%%,*},\n");
    if (o->known != NULL) {
        fprintf(s->out, "        COMPREPLY=($(compgen -P \"$before\" -W '");
        put_names(s, o);
        fprintf(s->out, "' -- \"${cur##*,}\"))\n");
    } else if (takes_file(o) || takes_folder(o)) {
        fprintf(s->out, "        COMPREPLY=($(compgen -%c -- \"$cur\"))\n",
                takes_file(o) ? 'f' : 'd');
        fprintf(s->out, "        compopt -o filenames 2>/dev/null\n");
    }
    fprintf(s->out, "        return\n        ;;\n");
}

static void bash_name(const script *s, const args_option *o)
{
    fprintf(s->out, " --%s%s", o->name, o->type == ARGS_FLAG ? "" : "=");
}

static void write_bash(const script *s)
{
    put_function(s);
    fputs(bash_begin, s->out);
    each_option(s, bash_value);
    fprintf(s->out, "    esac\n"
                    "    if [[ $cur == -* ]]; then\n"
                    "        COMPREPLY=($(compgen -W '--help --usage "
                    "--version");
    each_option(s, bash_name);
    fprintf(s->out, "' -- \"$cur\"))\n"
                    "        [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace "
                    "2>/dev/null\n"
                    "        return\n"
                    "    fi\n");
    if (s->operands != NULL)
        fprintf(s->out, "    COMPREPLY=($(compgen -f -- \"$cur\"))\n"
                        "    compopt -o filenames 2>/dev/null\n");
    fprintf(s->out, "    return 0\n}\ncomplete -F ");
    put_function(s);
    fprintf(s->out, " %s\n", s->program);
}

/* ---- zsh ------------------------------------------------------------------*/

static void zsh_option(const script *s, const args_option *o)
{
    const char *equals = o->type == ARGS_FLAG ? "" : "=";

    if (o->letter != 0)
        fprintf(s->out, "    '(-%c --%s)'{-%c,--%s%s}'[", o->letter, o->name,
                o->letter, o->name, equals);
    else
        fprintf(s->out, "    '--%s%s[", o->name, equals);
    put_quoted(s, o->help, "[]:\\");
    putc(']', s->out);
    if (o->type != ARGS_FLAG)
        fprintf(s->out, ":%s:", o->unit);
    if (takes_list(o))
        fprintf(s->out, "_sequence compadd - ");
    else if (o->known != NULL)
        putc('(', s->out);
    if (o->known != NULL)
        put_names(s, o);
    if (o->known != NULL && !takes_list(o))
        putc(')', s->out);
    if (o->known == NULL && takes_file(o))
        fprintf(s->out, "_files");
    if (o->known == NULL && takes_folder(o))
        fprintf(s->out, "_files -/");
    fprintf(s->out, "' \\\n");
}

static void write_zsh(const script *s)
{
    fprintf(s->out, "#compdef %s\n_arguments -S \\\n", s->program);
    each_option(s, zsh_option);
    fprintf(s->out, "    '(- *)--help[Say how it is used]' \\\n"
                    "    '(- *)--usage[Say so in short]' \\\n"
                    "    '(- *)--version[Say which version it is]'");
    if (s->operands != NULL)
        fprintf(s->out, s->operands->command ? " \\\n    '*::program:_normal'"
                                             : " \\\n    '*:file:_files'");
    putc('\n', s->out);
}

/* ---- fish -----------------------------------------------------------------*/

static void fish_option(const script *s, const args_option *o)
{
    fprintf(s->out, "complete -c %s -l %s", s->program, o->name);
    if (o->letter != 0)
        fprintf(s->out, " -s %c", o->letter);
    if (o->type != ARGS_FLAG)
        fprintf(s->out, takes_file(o) ? " -r -F" : " -x");
    if (o->known != NULL) {
        fprintf(s->out, takes_list(o) ? " -a '(__fish_append , " : " -a '");
        put_names(s, o);
        fprintf(s->out, takes_list(o) ? ")'" : "'");
    } else if (takes_folder(o)) {
        fprintf(s->out, " -a '(__fish_complete_directories)'");
    }
    fprintf(s->out, " -d '");
    put_quoted(s, o->help, "");
    fprintf(s->out, "'\n");
}

static void write_fish(const script *s)
{
    if (s->operands == NULL)
        fprintf(s->out, "complete -c %s -f\n", s->program);
    each_option(s, fish_option);
    fprintf(s->out,
            "complete -c %s -l help -d 'Say how it is used'\n"
            "complete -c %s -l usage -d 'Say so in short'\n"
            "complete -c %s -l version -d 'Say which version it is'\n",
            s->program, s->program, s->program);
}

/* ---- All of them ----------------------------------------------------------*/

static const struct {
    const char *name;
    void (*write)(const script *s);
} shells[] = {
    { "bash", write_bash },
    { "fish", write_fish },
    { "zsh", write_zsh },
};

failure completion_write(FILE *out, const char *shell, const char *program,
                         const args_table *tables, size_t n,
                         const args_operands *operands)
{
    const script s = { out, program, tables, n, operands };

    for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
        if (strcmp(shells[i].name, shell) == 0) {
            shells[i].write(&s);
            return (failure){ 0 };
        }
    return failure_new(BAD_USAGE,
                       "--completion: '%s' is no shell that is known; allowed: "
                       "bash, fish, zsh",
                       shell);
}
