/* Calls that wait until a moment instead of for a span: they work out the span
 * and wait for that. */

#include <math.h>

#include "loop/loop.h"

bool ds__seconds_until(ds_handle *h, double time, bool infinite,
                       const char *call, double *seconds)
{
    const double now = ds_now(h);
    double span = fmax(time - now, 0);

    if (isnan(time) || (time == INFINITY && !infinite)) {
        ds__fail(ds_handle_loop(h), DS_EMISUSE, "%s: time is %g; it must be %s",
                 call, time, infinite ? "a number" : "finite");
        return false;
    }
    /* The difference is rounded, and so their sum may be another moment. */
    while (now + span < time)
        span = nextafter(span, INFINITY);
    while (now + span > time && span > 0)
        span = nextafter(span, 0);
    *seconds = span;
    return true;
}

bool ds_sleep_until(ds_handle *h, double time)
{
    double seconds;

    return ds__seconds_until(h, time, false, "ds_sleep_until", &seconds) &&
           ds_sleep(h, seconds);
}

bool ds_poll_until(ds_handle *h, ds_stream *const *streams, size_t n,
                   double time, ds_event *event)
{
    double seconds;

    if (event != NULL)
        *event = (ds_event){ 0 };
    return ds__seconds_until(h, time, true, "ds_poll_until", &seconds) &&
           ds_poll_timeout(h, streams, n, seconds, event);
}
