/* Writes topologies; see the header. */

#include "bench/xml/out.h"

#include <stdlib.h>

/* The fewest digits that read back as the same. */
static void put_number(FILE *file, double value)
{
    char text[40];

    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    fprintf(file, " %s", text);
}

/* In a comment nothing may end the line. */
static void put_comment(FILE *file, const char *text)
{
    for (; *text != '\0'; text++)
        fputc((unsigned char)*text < ' ' ? ' ' : *text, file);
}

void out_begin(FILE *file, const char *path, size_t hosts, size_t switches)
{
    fprintf(file, "distsys topology 1\n# of ");
    put_comment(file, path);
    fprintf(file, "\nhosts %zu\nswitches %zu\n", hosts, switches);
}

void out_called(FILE *file, char kind, size_t number, const char *name)
{
    fprintf(file, "# %c%zu is ", kind, number);
    put_comment(file, name);
    fputc('\n', file);
}

void out_rate(FILE *file, double rate, double latency, bool half, bool fat)
{
    put_number(file, rate);
    put_number(file, latency);
    fprintf(file, "%s%s\n", half ? " half" : "", fat ? " fatpipe" : "");
}
