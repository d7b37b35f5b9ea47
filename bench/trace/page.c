/* See page.h.
 *
 * What is the same on each page is in bench/trace/page, and comes here as two
 * arrays, page_head and page_tail; the data goes between them. */

#include "bench/trace/page.h"

#include <stdio.h>

#include "bench/trace/output.h"
#include "bench/trace/page_data.h"

#include "bench/trace/page_text.inc"

failure trace_page(const trace_view *view, const char *file)
{
    FILE *out;
    page_data page;
    failure why = trace_output_open(&out, file);

    if (why.status != 0)
        return why;
    fwrite(page_head, 1, sizeof(page_head), out);
    page_data_make(&page, view, out);
    page_columns(&page);
    page_ports(&page);
    page_facts(&page);
    page_data_free(&page);
    fwrite(page_tail, 1, sizeof(page_tail), out);
    return trace_output_close(out, file, why);
}
