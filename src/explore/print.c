/* Calls as reports have them; see the header. */

#include "explore/print.h"

#include "base/text.h"

const ds_model_op *ds__find_op(const ds_model *model, int op)
{
    if (model->ops == NULL || op < 1)
        return NULL;
    for (int i = 0; model->ops[i].name != NULL; i++)
        if (i == op - 1)
            return &model->ops[i];
    return NULL;
}

static void add_value(ds__text *text, int64_t value)
{
    if (value == DS_NIL)
        ds__text_add(text, "nil");
    else
        ds__text_add(text, "%lld", (long long)value);
}

/* A model that says nothing gets all the numbers. */
static void print_numbers(ds__text *text, const ds_call *call)
{
    ds__text_add(text, "op %d(", call->op);
    add_value(text, call->arg[0]);
    ds__text_add(text, ", ");
    add_value(text, call->arg[1]);
    ds__text_add(text, ")");
}

void ds__print_call(const ds_model *model, const ds_call *call, char *text,
                    size_t size)
{
    const ds_model_op *op = ds__find_op(model, call->op);
    ds__text t;

    text[0] = '\0';
    if (model->print != NULL) {
        model->print(text, size, call);
        return;
    }
    ds__text_init(&t, text, size);
    if (op == NULL) {
        print_numbers(&t, call);
    } else {
        ds__text_add(&t, "%s(", op->name);
        for (int i = 0; i < op->args && i < 2; i++) {
            ds__text_add(&t, i > 0 ? ", " : "");
            add_value(&t, call->arg[i]);
        }
        ds__text_add(&t, ")");
    }
    if (!call->returned || (op != NULL && !op->gives))
        return;
    ds__text_add(&t, " = ");
    add_value(&t, call->result);
}
