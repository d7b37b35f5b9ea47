/* How a program ends, and what time it has. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int rank(void);
void next(void);
void lines(void);

static void first(void)
{
    printf("%d: last\n", rank());
}

static void second(void)
{
    printf("%d: first\n", rank());
    atexit(first);
}

static void inner(int i)
{
    if (i == 0)
        lines();
    else
        inner(i - 1);
    fputs("", stdout);
}

__attribute__((constructor)) static void begin(void)
{
    printf("%d: constructor\n", rank());
}

__attribute__((destructor)) static void end(void)
{
    printf("%d: destructor\n", rank());
}

int main(void)
{
    struct timeval t;
    struct timespec m;
    double before;

    atexit(second);
    gettimeofday(&t, NULL);
    before = (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
    sleep(2);
    usleep(250000);
    nanosleep(&(struct timespec){ 1, 500 }, NULL);
    gettimeofday(&t, NULL);
    clock_gettime(CLOCK_MONOTONIC, &m);
    printf("%d: %.6f %ld.%09ld %ld\n", rank(),
           (double)t.tv_sec + 1e-6 * (double)t.tv_usec - before, (long)m.tv_sec,
           m.tv_nsec, (long)time(NULL));
    next();
    if (rank() == 1)
        inner(1);
    if (rank() == 2)
        _exit(7);
    exit(rank());
}
