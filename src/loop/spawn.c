/* Threads that are different from others: in their stack, for one. */

#include <unistd.h>

#include "loop/state.h"

/* Whether a thread may have a stack of so many bytes, which are made whole
 * pages. */
static bool size_fits(ds_loop *loop, size_t size, size_t *whole)
{
    const size_t least = (size_t)sysconf(_SC_THREAD_STACK_MIN);

    if (size >= least && loop->exec->stack_possible(size)) {
        *whole = ds__whole_pages(size);
        return true;
    }
    ds__fail(loop, DS_EMISUSE,
             size < least ? "ds_spawn_with: stack_size is %zu; it must be 0 or "
                            "at least %zu bytes"
                          : "ds_spawn_with: stack_size is %zu; the system has "
                            "no room for one such stack; %zu is the least",
             size, least);
    return false;
}

void ds_spawn_with(ds_loop *loop, ds_thread_fn *fn, void *arg,
                   const ds_spawn_config *config)
{
    const ds_spawn_config none = { 0 };
    size_t size = 0;

    if (config == NULL)
        config = &none;
    if (loop != NULL && config->stack_size != 0 &&
        !size_fits(loop, config->stack_size, &size))
        return;
    ds_handle *h = ds__spawn(loop, fn, arg, config->daemon, "ds_spawn_with");
    if (h == NULL)
        return;
    h->stack_size = size;
    if (config->name != NULL)
        ds__give_name(h, config->name, "ds_spawn_with");
}
