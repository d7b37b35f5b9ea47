/* The report for programs: objects, a line each. */

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "explore/runner/report.h"

static void print_string(const char *text)
{
    putchar('"');
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c == '\n')
            printf("\\n");
        else if (c < 0x20)
            printf("\\u%04x", (unsigned)c);
        else
            putchar(c);
    }
    putchar('"');
}

static void print_number(double number)
{
    char text[40];

    ds__format(text, sizeof(text), "%.9g", number);
    printf("%s", text);
}

/* The plan under which it fails, and what it was shrunk from. */
static void print_plan(const ds__finding *finding)
{
    const ds__aftermath *after = finding == NULL ? NULL : finding->after;
    bool small = after != NULL && after->small.failed;
    char *text = small ? ds_plan_print(after->small.plan) : NULL;

    printf(", \"plan\": ");
    if (text != NULL)
        print_string(text);
    else if (finding == NULL || finding->plan == NULL || small)
        printf("null");
    else
        print_string(finding->plan);
    free(text);
    if (small)
        printf(", \"shrunk_from\": %zu", ds_plan_size(after->small.before));
    else
        printf(", \"shrunk_from\": null");
}

void ds__report_json_failure(ds__campaign *c, const ds__news_failure *news,
                             const ds__finding *finding)
{
    uint64_t seed = c->options->first + news->trial;
    ds__fate fate = finding == NULL ? news->fate : finding->result.fate;
    char repeat[DS__REPEAT_SIZE];

    if (fate == DS__WELL)
        fate = DS__FICKLE; /* it was well once, and then another one */
    ds__report_repeat(c, seed, finding, repeat);
    printf("{\"test\": ");
    print_string(c->test.name);
    printf(", \"seed\": %llu, \"verdict\": ", (unsigned long long)seed);
    print_string(ds__fate_name(fate));
    printf(", \"why\": ");
    print_string(
        finding == NULL
            ? news->why
            : ds__aftermath_result(finding->after, &finding->result)->why);
    print_plan(finding);
    printf(", \"repeat\": ");
    print_string(repeat);
    printf("}\n");
}

static void print_faults(const ds__campaign *c)
{
    const ds__bites *b = &c->tally.bites;
    const char *between = "";

    for (unsigned i = 0; i < DS__NUM_FAMILIES; i++)
        if ((c->test.hazards >> i & 1) != 0 || b->planned[i] > 0) {
            printf("%s\"%s\": {\"planned\": %llu, \"bit\": %llu}", between,
                   ds__family_names[i], (unsigned long long)b->planned[i],
                   (unsigned long long)b->bit[i]);
            between = ", ";
        }
}

void ds__report_json(const ds__campaign *c)
{
    const ds__tally *t = &c->tally;
    uint64_t first = 0;

    for (size_t i = 0; i < c->num_kinds; i++)
        if (c->kinds[i].finding->result.fate != DS__WELL &&
            (first == 0 || c->kinds[i].finding->seed < first))
            first = c->kinds[i].finding->seed;
    printf("{\"test\": ");
    print_string(c->test.name);
    printf(", \"trials\": %llu, \"failed\": %llu, \"first\": ",
           (unsigned long long)t->trials, (unsigned long long)t->failed);
    if (first == 0)
        printf("null");
    else
        printf("%llu", (unsigned long long)first);
    printf(", \"seconds\": ");
    print_number(c->seconds);
    printf(", \"events\": %llu, \"messages\": %llu, \"simulated_seconds\": ",
           (unsigned long long)t->events, (unsigned long long)t->messages);
    print_number((double)t->nanoseconds / 1e9);
    printf(", \"faults\": {");
    print_faults(c);
    printf("}}\n");
}
