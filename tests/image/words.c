/* Where a program is in its command line and in a text is its own. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#ifdef ALONE
static int rank(void)
{
    return 0;
}
static void next(void)
{
}
#else
int rank(void);
void next(void);
#endif

int main(int argc, char **argv)
{
    static const struct option longs[] = {
        { "size", required_argument, NULL, 's' },
        { "site", no_argument, NULL, 1000 },
        { "quiet", optional_argument, NULL, 'q' },
        { NULL, 0, NULL, 0 },
    };
    char text[] = "one two,three";
    char line[1000] = "";
    char *end = line;
    int c;

    while ((c = getopt_long(argc, argv, "ab:c::s:", longs, NULL)) != -1) {
        end += sprintf(end, " %d=%s", c, optarg == NULL ? "" : optarg);
        if (c == '?')
            end += sprintf(end, "(%d)", optopt);
        next();
    }
    end += sprintf(end, " |");
    for (; optind < argc; optind++)
        end += sprintf(end, " %s", argv[optind]);
    for (char *word = strtok(text, " ,"); word; word = strtok(NULL, " ,")) {
        end += sprintf(end, " %s", word);
        next();
    }
    printf("%d:%s\n", rank(), line);
    return 0;
}
