/* Variables of every kind are each image's own. */
#include <stdio.h>

int rank(void);
void next(void);

int zero;
int one = 1;
static int hidden = 10;
static int *const pointer = &hidden;
static int *table[] = { &zero, &one, &hidden };
static const char *words[] = { "a", "b" };
static int twice(int x)
{
    return 2 * x;
}
static int (*functions[])(int) = { twice };
static char large[1 << 20];

static int count(void)
{
    static int calls = 100;

    return ++calls;
}

int main(int argc, char **argv)
{
    for (int i = 0; i <= rank(); i++) {
        zero++;
        *table[1] += 1;
        *pointer += functions[0](1);
        large[sizeof(large) - 1]++;
        count();
        next();
    }
    words[0] = argv[argc - 1];
    next();
    printf("%d: %d %d %d %d %d %s %s %d\n", rank(), zero, one, hidden,
           *table[2], count(), words[0], words[1], large[sizeof(large) - 1]);
    return table[2] == &hidden ? 0 : 1;
}
