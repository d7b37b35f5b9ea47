/* See plot.h.
 *
 * gnuplot reads a script, with the data within it, from a file without a name,
 * and writes the picture to a pipe.  So it opens no file itself, and a disk
 * that is full does not go unnoticed, which it would not mind.  What a user has
 * set for himself (-d) must not draw it elsewhere. */

#include "bench/common/plot.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool ends_in(const char *file, const char *ending)
{
    const char *last = strrchr(file, '.');

    return last != NULL && strcmp(last, ending) == 0;
}

static const char *terminal_of(const char *file)
{
    if (ends_in(file, ".svg"))
        return "svg size 900,600 dynamic background rgb 'white'";
    if (ends_in(file, ".png"))
        return "pngcairo size 900,600";
    return NULL;
}

static failure cannot_write(const char *file)
{
    return failure_new(EXIT_FAILURE, "cannot write %s: %s", file,
                       strerror(errno));
}

/* Leaves what is there as it is. */
static failure check_writable(const char *file)
{
    FILE *out = fopen(file, "ab");

    return out == NULL || fclose(out) != 0 ? cannot_write(file) : SUCCESS;
}

/* Without a shell, which might be what cannot be started. */
static bool is_installed(const char *program)
{
    const char *path = getenv("PATH");
    char file[4096];

    while (path != NULL && *path != '\0') {
        size_t length = strcspn(path, ":");

        snprintf(file, sizeof(file), "%.*s/%s", (int)length, path, program);
        if (access(file, X_OK) == 0)
            return true;
        path += length + (path[length] == ':');
    }
    return false;
}

failure plot_check(const char *option, const char *file)
{
    if (terminal_of(file) == NULL)
        return failure_new(BAD_USAGE,
                           "%s: \"%s\" is not allowed; allowed: the name of a "
                           "file that ends in .svg or .png",
                           option, file);
    if (!is_installed("gnuplot"))
        return failure_new(EXIT_FAILURE,
                           "%s needs gnuplot, which is not installed; the "
                           "package is called gnuplot",
                           option);
    return check_writable(file);
}

/* ---- The script -----------------------------------------------------------*/

/* In gnuplot's single quotes a quote is written twice, and a new line cannot be
 * written at all. */
static void put_quoted(FILE *out, const char *text)
{
    putc('\'', out);
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            putc('\'', out);
        if (*text == '\n')
            fputs("'.\"\\n\".'", out);
        else
            putc(*text, out);
    }
    putc('\'', out);
}

static void put_data(FILE *out, const plot *p)
{
    for (size_t i = 0; i < p->num_lines; i++) {
        fprintf(out, "$line%zu << END\n", i);
        for (size_t k = 0; k < p->n; k++)
            fprintf(out, "%.17g %.17g\n", p->x[k], p->lines[i].y[k]);
        fputs("END\n", out);
    }
}

/* Far enough apart to be told apart, also where lines lie close together. */
static const char *const colours[] = {
    "#e6194b", "#3cb44b", "#4363d8", "#f58231", "#911eb4", "#00a5b5", "#f032e6",
    "#7f9f00", "#9a6324", "#000080", "#800000", "#808080", "#d4a000", "#ff8fa0",
};
enum { COLOURS = sizeof(colours) / sizeof(*colours) };

/* Of n lines of algorithms; what comes behind them is the bound.  Each is drawn
 * over those before it, with smaller points, so that they can be seen where
 * they coincide. */
static void put_style(FILE *out, size_t i, size_t n)
{
    if (i == n)
        fputs("lines linewidth 3 dashtype 2 linecolor 'black'", out);
    else
        fprintf(out,
                "linespoints linewidth 1.5 pointsize %.2f pointtype %zu "
                "linecolor '%s'",
                0.6 + (double)(n - 1 - i) / (double)(n + 1), i + 1,
                colours[i % COLOURS]);
}

/* ---- The axes -------------------------------------------------------------*/

typedef struct axis_range {
    double low;
    double high;
} axis_range;

/* What is not above 0 has no place on an axis of logarithms. */
static void extend(axis_range *range, double value)
{
    if (value <= 0)
        return;
    range->low = fmin(range->low, value);
    range->high = fmax(range->high, value);
}

static axis_range range_of_x(const plot *p)
{
    axis_range range = { INFINITY, 0 };

    for (size_t k = 0; k < p->n; k++)
        extend(&range, p->x[k]);
    return range;
}

static axis_range range_of_y(const plot *p)
{
    axis_range range = { INFINITY, 0 };

    for (size_t i = 0; i < p->num_lines; i++)
        for (size_t k = 0; k < p->n; k++)
            extend(&range, p->lines[i].y[k]);
    return range;
}

/* Which tenths of a power of ten get a number, from 10 to 99. */
typedef bool tics_fn(int tenths);

static bool tics_powers(int tenths)
{
    return tenths == 10;
}

static bool tics_125(int tenths)
{
    return tenths == 10 || tenths == 20 || tenths == 50;
}

static bool tics_whole(int tenths)
{
    return tenths % 10 == 0;
}

static bool tics_all(int tenths)
{
    return tenths > 0;
}

/* An axis, and how its numbers are written where they are not powers of ten. */
typedef struct plot_axis {
    char name;
    const char *label;
    axis_range range;
    const char *unit_label;
    double unit;
} plot_axis;

/* How many there are; with an out, writes them there. */
static int tics(FILE *out, const plot_axis *axis, tics_fn *wanted)
{
    const axis_range *range = &axis->range;
    int n = 0;

    for (int power = (int)floor(log10(range->low)) - 1;
         power <= log10(range->high); power++) {
        for (int tenths = 10; tenths < 100; tenths++) {
            double x = tenths * pow(10, power - 1);

            if (!wanted(tenths) || x < range->low || x > range->high)
                continue;
            if (out != NULL)
                fprintf(out, "%s'%.12g' %.2g", n > 0 ? ", " : "",
                        x / axis->unit, x);
            n++;
        }
    }
    return n;
}

/* As few numbers as can be, but two of them at least, or nobody could read the
 * axis.  Where powers of ten do, gnuplot knows how many there is room for. */
static void put_axis(FILE *out, plot_axis axis)
{
    static tics_fn *const fewest_first[] = { tics_125, tics_whole, tics_all };
    size_t i = 0;

    if (axis.range.high < 2 * axis.range.low) {
        axis.range.low /= 1.5;
        axis.range.high *= 1.5;
    }
    fprintf(out, "set %crange [%.17g:%.17g]\n", axis.name, axis.range.low,
            axis.range.high);
    if (tics(NULL, &axis, tics_powers) >= 2) {
        fprintf(out, "set %clabel '%s'\nset format %c '10^{%%T}'\n", axis.name,
                axis.label, axis.name);
        return;
    }
    while (tics(NULL, &axis, fewest_first[i]) < 3)
        i++;
    fprintf(out, "set %clabel '%s'\nset %ctics (", axis.name, axis.unit_label,
            axis.name);
    tics(out, &axis, fewest_first[i]);
    fputs(")\n", out);
}

static void put_sizes(FILE *out, const plot *p)
{
    const char *label = p->x_label == NULL ? "elements of 8 bytes" : p->x_label;

    put_axis(out, (plot_axis){ 'x', label, range_of_x(p), label, 1 });
}

static void put_other(FILE *out, const plot *p)
{
    put_axis(out, (plot_axis){ 'y', p->y_label, range_of_y(p), p->y_label, 1 });
}

static void put_seconds(FILE *out, const plot *p)
{
    static const struct {
        const char *label;
        double unit;
    } units[] = { { "seconds", 1 },
                  { "milliseconds", 1e-3 },
                  { "microseconds", 1e-6 },
                  { "nanoseconds", 1e-9 } };
    axis_range range = range_of_y(p);
    size_t i = 0;

    while (i < 3 && range.low < units[i].unit)
        i++;
    put_axis(out, (plot_axis){ 'y', "seconds", range, units[i].label,
                               units[i].unit });
}

/* ---- All of it ------------------------------------------------------------*/

static void put_script(FILE *out, const plot *p)
{
    fprintf(out, "set terminal %s\n", terminal_of(p->file));
    fputs("set title ", out);
    put_quoted(out, p->title);
    putc('\n', out);
    fputs("set logscale xy\nset grid\nset key outside right noenhanced\n", out);
    put_sizes(out, p);
    if (p->y_label == NULL)
        put_seconds(out, p);
    else
        put_other(out, p);
    put_data(out, p);
    for (size_t i = 0; i < p->num_lines; i++) {
        fprintf(out, "%s$line%zu using 1:2 with ", i == 0 ? "plot " : ", ", i);
        put_style(out, i, p->num_lines - p->is_bounded);
        fputs(" title ", out);
        put_quoted(out, p->lines[i].name);
    }
    putc('\n', out);
}

/* ---- The picture ----------------------------------------------------------*/

/* Makes the script standard input, which the program has no use for, and its
 * children inherit.  Where that was closed it is standard input at once, so it
 * stays open. */
static failure become_input(const plot *p)
{
    FILE *script = tmpfile();

    if (script == NULL)
        return failure_new(EXIT_FAILURE, "cannot make a temporary file: %s",
                           strerror(errno));
    put_script(script, p);
    rewind(script);
    if (ferror(script) || dup2(fileno(script), STDIN_FILENO) < 0)
        return failure_new(EXIT_FAILURE, "cannot hand gnuplot its script: %s",
                           strerror(errno));
    return SUCCESS;
}

static void copy(FILE *in, FILE *out)
{
    char buffer[4096];
    size_t n;

    while ((n = fread(buffer, 1, sizeof(buffer), in)) > 0)
        fwrite(buffer, 1, n, out);
}

/* Without the tabs that its lines begin with. */
static void copy_text(FILE *in, FILE *out)
{
    int c;

    while ((c = getc(in)) != EOF)
        if (c != '\t')
            putc(c, out);
}

static failure copy_picture(const plot *p, FILE *out)
{
    FILE *picture = popen("gnuplot -d", "r");

    if (picture == NULL)
        return failure_new(EXIT_FAILURE, "cannot run gnuplot: %s",
                           strerror(errno));
    if (ends_in(p->file, ".svg"))
        copy_text(picture, out);
    else
        copy(picture, out);
    if (pclose(picture) != 0)
        return failure_new(EXIT_FAILURE, "gnuplot could not draw %s", p->file);
    return SUCCESS;
}

failure plot_draw(const plot *p)
{
    failure why = become_input(p);

    if (why.status != 0)
        return why;
    FILE *out = fopen(p->file, "wb");
    if (out == NULL)
        return cannot_write(p->file);
    why = copy_picture(p, out);
    bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed)
        return why.status != 0 ? why : cannot_write(p->file);
    return why;
}
