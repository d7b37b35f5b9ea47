/* Small random histories of any model, about half of them linearizable. */
#ifndef RANDOM_HISTORY_H
#define RANDOM_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include <distsys/history.h>

/* Uniform below n, from a state that is moved on. */
uint64_t random_below(uint64_t *state, uint64_t n);

/* The same seed gives the same history: of at most n calls, by three processes,
 * about keys objects.  Some calls never return, and some are forgotten. */
ds_history *random_history(const ds_model *model, uint64_t seed, size_t n,
                           int64_t keys);

#endif
