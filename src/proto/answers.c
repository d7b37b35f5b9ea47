/* Answers, and where they are put. */
#include "proto/answers.h"

#include <stdlib.h>
#include <string.h>

bool ds__answer_ask(ds_handle *h, ds_asker *asker, size_t to, void *packet,
                    size_t size)
{
    ds_msg answer;

    if (!ds_ask(h, asker, to, packet, size, &answer))
        return false;
    memcpy(packet, answer.data, size);
    ds_msg_drop(&answer);
    return true;
}

ds_msg *ds__answers_ask(ds_handle *h, ds_asker *asker, void *packet,
                        size_t size, size_t wanted)
{
    ds_msg *answers = malloc(wanted * sizeof(*answers));

    if (answers == NULL) {
        ds_fail(h, "ds_ask_all: there is no memory for %zu answers", wanted);
        return NULL;
    }
    if (ds_ask_all(h, asker, packet, size, wanted, answers))
        return answers;
    free(answers);
    return NULL;
}

void ds__answers_drop(ds_msg *answers, size_t wanted)
{
    for (size_t i = 0; answers != NULL && i < wanted; i++)
        ds_msg_drop(&answers[i]);
    free(answers);
}
