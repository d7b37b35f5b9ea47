/* Thread-local variables are each image's own. */
#include <stdio.h>

int rank(void);
void next(void);

static int global = 7;
static _Thread_local int zero;
_Thread_local int one = 1;
static _Thread_local int *pointer = &global;
static _Thread_local char large[1000];

static int count(void)
{
    static _Thread_local int calls = 100;

    return ++calls;
}

int main(int argc, char **argv)
{
    for (int i = 0; i <= rank(); i++) {
        zero++;
        one += 2;
        ++*pointer;
        large[sizeof(large) - 1]++;
        count();
        next();
    }
    next();
    printf("%d: %d %d %d %d %d\n", rank(), zero, one, global,
           large[sizeof(large) - 1], count());
    return 0;
}
