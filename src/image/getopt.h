/* getopt() of a rank: that of the system's library remembers where it is in a
 * group of options in a place that nobody else can reach. */
#ifndef DS_IMAGE_GETOPT_H
#define DS_IMAGE_GETOPT_H

#include <getopt.h>

/* As the functions of those names, of the current image. */
int ds__getopt(int argc, char *const *argv, const char *shorts);
int ds__getopt_long(int argc, char *const *argv, const char *shorts,
                    const struct option *longs, int *index);
int ds__getopt_long_only(int argc, char *const *argv, const char *shorts,
                         const struct option *longs, int *index);

#endif
