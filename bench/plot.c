/* See plot.h.  gnuplot reads a script from a pipe, and the data within it. */

#include "bench/plot.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/args.h"

static const char *terminal_of(const char *file)
{
    const char *ending = strrchr(file, '.');

    if (ending != NULL && strcmp(ending, ".svg") == 0)
        return "svg size 900,600 dynamic background rgb 'white'";
    if (ending != NULL && strcmp(ending, ".png") == 0)
        return "pngcairo size 900,600";
    return NULL;
}

void plot_check(const char *option, const char *file)
{
    if (terminal_of(file) == NULL)
        args_fail("%s: \"%s\" is not allowed; allowed: the name of a file that "
                  "ends in .svg or .png",
                  option, file);
    if (system("command -v gnuplot >/dev/null 2>&1") != 0)
        args_give_up("%s needs gnuplot, which is not installed; the package is "
                     "called gnuplot",
                     option);
}

/* In gnuplot's single quotes a quote is written twice. */
static void put_quoted(FILE *out, const char *text)
{
    putc('\'', out);
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            putc('\'', out);
        putc(*text, out);
    }
    putc('\'', out);
}

static void put_setting(FILE *out, const char *name, const char *text)
{
    fprintf(out, "set %s ", name);
    put_quoted(out, text);
    putc('\n', out);
}

static void put_data(FILE *out, const struct plot *plot)
{
    for (size_t i = 0; i < plot->num_lines; i++) {
        fprintf(out, "$line%zu << END\n", i);
        for (size_t k = 0; k < plot->n; k++)
            fprintf(out, "%.17g %.17g\n", plot->x[k], plot->lines[i].y[k]);
        fputs("END\n", out);
    }
}

/* Far enough apart to be told apart, also where lines lie close together. */
static const char *const colours[] = {
    "#e6194b", "#3cb44b", "#4363d8", "#f58231", "#911eb4", "#00a5b5", "#f032e6",
    "#7f9f00", "#9a6324", "#000080", "#800000", "#808080", "#d4a000", "#ff8fa0",
};
enum { COLOURS = sizeof colours / sizeof *colours };

static void put_style(FILE *out, size_t i, bool bound)
{
    if (bound)
        fputs("lines linewidth 3 dashtype 2 linecolor 'black'", out);
    else
        fprintf(out,
                "linespoints linewidth 1.5 pointsize 0.8 pointtype %zu "
                "linecolor '%s'",
                i + 1, colours[i % COLOURS]);
}

static void put_script(FILE *out, const struct plot *plot)
{
    fprintf(out, "set terminal %s\n", terminal_of(plot->file));
    put_setting(out, "output", plot->file);
    put_setting(out, "title", plot->title);
    put_setting(out, "xlabel", plot->x_label);
    put_setting(out, "ylabel", plot->y_label);
    fputs("set logscale xy\nset format x '10^{%T}'\nset format y '10^{%T}'\n"
          "set autoscale fix\nset grid\nset key outside right noenhanced\n",
          out);
    put_data(out, plot);
    for (size_t i = 0; i < plot->num_lines; i++) {
        fprintf(out, "%s$line%zu using 1:2 with ", i == 0 ? "plot " : ", ", i);
        put_style(out, i, i + 1 == plot->num_lines);
        fputs(" title ", out);
        put_quoted(out, plot->lines[i].name);
    }
    putc('\n', out);
}

void plot_draw(const struct plot *plot)
{
    signal(SIGPIPE, SIG_IGN); /* its exit status says more */
    FILE *gnuplot = popen("gnuplot", "w");

    if (gnuplot == NULL)
        args_give_up("cannot run gnuplot: %s", strerror(errno));
    put_script(gnuplot, plot);
    if (pclose(gnuplot) != 0)
        args_give_up("gnuplot could not draw %s", plot->file);
}
