/* Tests of the walks over the engines of the switched network: a few flows are
 * under way long after the beginning, and a sound engine passes its walk after
 * each instant; then each case spoils one thing, in a process of its own, and
 * the walk stops that. */
#ifndef DS_TESTS_WALKED_H
#define DS_TESTS_WALKED_H

#include <check.h>

#include "net/fluid/engine.h"

enum { WALKED_PORTS = 4, WALKED_FLOWS = 9 };

typedef struct walked_spoil {
    const char *what; /* is wrong */
    void (*spoil)(ds__fluid *engine);
} walked_spoil;

typedef struct walked {
    const ds_switch_engine *engine;
    const ds_switch *model;
    uint32_t far_port; /* of the second three flows, and of them alone */
    const walked_spoil *spoils;
    int num_spoils;
} walked;

extern ds__flow walked_flows[WALKED_FLOWS];

/* Adds both tests; what is pointed at stays until they have run. */
void walked_add(TCase *tc, const walked *what);

#endif
