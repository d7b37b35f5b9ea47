#ifndef DISTSYS_VERSION_H
#define DISTSYS_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif

/* The version that a program is compiled with; as a number that grows with it,
 * 1,000,000 for the first part, 1,000 for the second and 1 for the third. */
#define DS_VERSION_MAJOR 0
#define DS_VERSION_MINOR 1
#define DS_VERSION_PATCH 0
#define DS_VERSION       "0.1.0"
#define DS_VERSION_NUMBER                                                      \
    (DS_VERSION_MAJOR * 1000000 + DS_VERSION_MINOR * 1000 + DS_VERSION_PATCH)

/* The version of the library that it runs with, which may be a later one of the
 * same soname; a constant, such as "0.1.0". */
const char *ds_version(void);

#ifdef __cplusplus
}
#endif

#endif
