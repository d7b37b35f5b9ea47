/* What belongs to a process and so to a rank: how it ends, random numbers,
 * where it is in a command line or a text, the time, and standard output. */

#include "image/libc.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "image/getopt.h"
#include "image/image.h"
#include "image/start.h"

/* ---- Random numbers -------------------------------------------------------*/

/* The same as those of the system's library, which has one state. */
static struct random_data *state(void)
{
    ds__image *im = ds__image_current;

    if (!im->has_random)
        initstate_r(1, im->random_state, sizeof(im->random_state), &im->random);
    im->has_random = true;
    return &im->random;
}

static long own_random(void)
{
    int32_t x;

    random_r(state(), &x);
    return x;
}

static int own_rand(void)
{
    return (int)own_random();
}

static void own_srandom(unsigned seed)
{
    srandom_r(seed, state());
}

static double own_drand48(void)
{
    double x;

    drand48_r(&ds__image_current->drand48, &x);
    return x;
}

static long own_lrand48(void)
{
    long x;

    lrand48_r(&ds__image_current->drand48, &x);
    return x;
}

static long own_mrand48(void)
{
    long x;

    mrand48_r(&ds__image_current->drand48, &x);
    return x;
}

static void own_srand48(long seed)
{
    srand48_r(seed, &ds__image_current->drand48);
}

/* ---- Time -----------------------------------------------------------------*/

/* When runs begin for programs that ask for a date, in 2001. */
#define EPOCH 1000000000

static double now(void)
{
    ds__image *im = ds__image_current;

    return im->program->host->now(im);
}

static void nap(double seconds)
{
    ds__image *im = ds__image_current;

    im->program->host->sleep(im, seconds);
}

/* Whole seconds and the rest of them, in parts of which a second has so many;
 * rounded, since 0.3 s is 300 ms though no double is. */
static long split(double seconds, long parts, time_t *whole)
{
    double rest = round((seconds - floor(seconds)) * (double)parts);

    *whole = (time_t)floor(seconds);
    if (rest < (double)parts)
        return (long)rest;
    ++*whole;
    return 0;
}

static time_t own_time(time_t *t)
{
    time_t result = EPOCH + (time_t)now();

    if (t != NULL)
        *t = result;
    return result;
}

static int own_gettimeofday(struct timeval *t, void *zone)
{
    time_t whole;

    t->tv_usec = split(now(), 1000000, &whole);
    t->tv_sec = EPOCH + whole;
    return 0;
}

static int own_clock_gettime(clockid_t id, struct timespec *t)
{
    time_t whole;

    t->tv_nsec = split(now(), 1000000000, &whole);
    t->tv_sec = id == CLOCK_REALTIME ? EPOCH + whole : whole;
    return 0;
}

static clock_t own_clock(void)
{
    return (clock_t)(now() * (double)CLOCKS_PER_SEC);
}

static unsigned own_sleep(unsigned seconds)
{
    nap(seconds);
    return 0;
}

static int own_usleep(useconds_t us)
{
    nap(us / 1e6);
    return 0;
}

static int own_nanosleep(const struct timespec *t, struct timespec *left)
{
    if (t->tv_sec < 0 || t->tv_nsec < 0 || t->tv_nsec > 999999999) {
        errno = EINVAL;
        return -1;
    }
    nap((double)t->tv_sec + (double)t->tv_nsec / 1e9);
    return 0;
}

/* ---- Standard output ------------------------------------------------------*/

static FILE *out(void)
{
    return *(FILE **)ds__image_current->vars[DS__VAR_STDOUT];
}

static int own_vprintf(const char *format, va_list args)
{
    return vfprintf(out(), format, args);
}

__attribute__((format(printf, 1, 2))) static int own_printf(const char *format,
                                                            ...)
{
    va_list args;

    va_start(args, format);
    int n = own_vprintf(format, args);
    va_end(args);
    return n;
}

/* As the compiler calls them with _FORTIFY_SOURCE. */
static int own_vprintf_chk(int flag, const char *format, va_list args)
{
    return own_vprintf(format, args);
}

__attribute__((format(printf, 2, 3))) static int
own_printf_chk(int flag, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int n = own_vprintf(format, args);
    va_end(args);
    return n;
}

static int own_puts(const char *text)
{
    return fputs(text, out()) == EOF || putc('\n', out()) == EOF ? EOF : 1;
}

static int own_putchar(int c)
{
    return putc(c, out());
}

/* A rank that closes its output does not close that of others. */
static int own_fclose(FILE *file)
{
    return file == out() ? fflush(file) : fclose(file);
}

/* ---- The rest -------------------------------------------------------------*/

static char *own_strtok(char *text, const char *separators)
{
    return strtok_r(text, separators, &ds__image_current->next_token);
}

typedef void any_fn(void);
#define NAMED(name, fn)                                                        \
    {                                                                          \
        name, (any_fn *)(fn)                                                   \
    }

static const struct {
    const char *name;
    any_fn *fn;
} table[] = {
    NAMED("_Exit", ds__image_leave),
    NAMED("__cxa_atexit", ds__start_cxa_atexit),
    NAMED("__cxa_thread_atexit", ds__start_cxa_atexit),
    NAMED("__libc_start_main", ds__start_main),
    NAMED("__printf_chk", own_printf_chk),
    NAMED("__vprintf_chk", own_vprintf_chk),
    NAMED("_exit", ds__image_leave),
    NAMED("atexit", ds__start_atexit),
    NAMED("clock", own_clock),
    NAMED("clock_gettime", own_clock_gettime),
    NAMED("drand48", own_drand48),
    NAMED("exit", ds__start_exit),
    NAMED("fclose", own_fclose),
    NAMED("getopt", ds__getopt),
    NAMED("getopt_long", ds__getopt_long),
    NAMED("getopt_long_only", ds__getopt_long_only),
    NAMED("gettimeofday", own_gettimeofday),
    NAMED("lrand48", own_lrand48),
    NAMED("mrand48", own_mrand48),
    NAMED("nanosleep", own_nanosleep),
    NAMED("printf", own_printf),
    NAMED("putchar", own_putchar),
    NAMED("puts", own_puts),
    NAMED("rand", own_rand),
    NAMED("random", own_random),
    NAMED("sleep", own_sleep),
    NAMED("srand", own_srandom),
    NAMED("srand48", own_srand48),
    NAMED("srandom", own_srandom),
    NAMED("strtok", own_strtok),
    NAMED("time", own_time),
    NAMED("usleep", own_usleep),
    NAMED("vprintf", own_vprintf),
};

uintptr_t ds__libc_find(const char *name)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (strcmp(name, table[i].name) == 0)
            return (uintptr_t)table[i].fn;
    return 0;
}
