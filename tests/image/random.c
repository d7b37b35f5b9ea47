/* Random numbers are those of a process of its own: with an argument, of one
 * process alone, whose number is given. */
#include <stdio.h>
#include <stdlib.h>

#ifdef ALONE
static int number;
static int rank(void)
{
    return number;
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
#ifdef ALONE
    number = atoi(argv[1]);
#endif
    int first = rand();
    next();
    srand((unsigned)rank() + 7);
    srand48(rank());
    next();
    long second = random();
    next();
    printf("%d: %d %ld %.12f %ld\n", rank(), first, second, drand48(),
           lrand48());
    return 0;
}
