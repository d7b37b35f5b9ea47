/* See plot.h.
 *
 * gnuplot reads a script, with the data within it, from a file without a name,
 * and writes the picture to a pipe.  So it opens no file itself, and a disk
 * that is full does not go unnoticed, which it would not mind. */

#include "bench/plot.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static void __attribute__((noreturn)) cannot_write(const char *file)
{
    args_give_up("cannot write %s: %s", file, strerror(errno));
}

/* Leaves what is there as it is. */
static void check_writable(const char *file)
{
    FILE *out = fopen(file, "ab");

    if (out == NULL || fclose(out) != 0)
        cannot_write(file);
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
    check_writable(file);
}

/* ---- The script -----------------------------------------------------------*/

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
enum { COLOURS = sizeof(colours) / sizeof(*colours) };

/* Of n lines; the last one is the bound.  Each is drawn over those before it,
 * with smaller points, so that they can be seen where they coincide. */
static void put_style(FILE *out, size_t i, size_t n)
{
    if (i + 1 == n)
        fputs("lines linewidth 3 dashtype 2 linecolor 'black'", out);
    else
        fprintf(out,
                "linespoints linewidth 1.5 pointsize %.2f pointtype %zu "
                "linecolor '%s'",
                0.6 + (double)(n - 2 - i) / (double)n, i + 1,
                colours[i % COLOURS]);
}

static void put_script(FILE *out, const struct plot *plot)
{
    fprintf(out, "set terminal %s\n", terminal_of(plot->file));
    put_setting(out, "title", plot->title);
    put_setting(out, "xlabel", plot->x_label);
    put_setting(out, "ylabel", plot->y_label);
    fputs("set logscale xy\nset format x '10^{%T}'\nset format y '10^{%T}'\n"
          "set autoscale fix\nset grid\nset key outside right noenhanced\n",
          out);
    if (plot->n == 1) /* which by itself is no range */
        fprintf(out, "set xrange [%.17g:%.17g]\n", plot->x[0] / 2,
                plot->x[0] * 2);
    put_data(out, plot);
    for (size_t i = 0; i < plot->num_lines; i++) {
        fprintf(out, "%s$line%zu using 1:2 with ", i == 0 ? "plot " : ", ", i);
        put_style(out, i, plot->num_lines);
        fputs(" title ", out);
        put_quoted(out, plot->lines[i].name);
    }
    putc('\n', out);
}

/* ---- The picture ----------------------------------------------------------*/

/* Makes the script standard input, which the program has no use for, and its
 * children inherit.  Where that was closed it is standard input at once, so it
 * stays open. */
static void become_input(const struct plot *plot)
{
    FILE *script = tmpfile();

    if (script == NULL)
        args_give_up("cannot make a temporary file: %s", strerror(errno));
    put_script(script, plot);
    rewind(script);
    if (ferror(script) || dup2(fileno(script), STDIN_FILENO) < 0)
        args_give_up("cannot hand gnuplot its script: %s", strerror(errno));
}

static void copy(FILE *in, FILE *out)
{
    char buffer[4096];
    size_t n;

    while ((n = fread(buffer, 1, sizeof(buffer), in)) > 0)
        fwrite(buffer, 1, n, out);
}

void plot_draw(const struct plot *plot)
{
    become_input(plot);
    FILE *out = fopen(plot->file, "wb");
    if (out == NULL)
        cannot_write(plot->file);
    FILE *picture = popen("gnuplot", "r");
    if (picture == NULL)
        args_give_up("cannot run gnuplot: %s", strerror(errno));
    copy(picture, out);
    if (pclose(picture) != 0)
        args_give_up("gnuplot could not draw %s", plot->file);
    if (ferror(out) || fclose(out) != 0)
        cannot_write(plot->file);
}
