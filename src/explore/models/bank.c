/* A bank.  A state is the balance of each account, as many as calls name. */

#include "explore/models/models.h"

/* More than this would be a mistake, and a state of 8 MiB. */
#define MOST_ACCOUNTS (1 << 20)

typedef struct bank_state {
    int64_t count; /* of the accounts that have been paid into; a state has
                    * room for them */
    int64_t balances[];
} bank_state;

static int64_t from_of(const ds_call *call)
{
    return (int64_t)((uint64_t)call->arg[0] >> 32);
}

static int64_t to_of(const ds_call *call)
{
    return call->arg[0] & UINT32_MAX;
}

static bool is_account(int64_t account)
{
    return account >= 0 && account < MOST_ACCOUNTS;
}

static int64_t balance(const bank_state *b, int64_t account)
{
    return account < b->count ? b->balances[account] : 0;
}

static int64_t sum(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

/* Adds to an account; false: it would be overdrawn.  Accounts without money at
 * the end of the array are none, so that equal banks are equal bytes. */
static bool add(bank_state *b, int64_t account, int64_t amount)
{
    int64_t now = sum(balance(b, account), amount);

    if (now < 0)
        return false;
    if (account >= b->count)
        b->count = account + 1;
    b->balances[account] = now;
    while (b->count > 0 && b->balances[b->count - 1] == 0)
        b->count--;
    return true;
}

static int64_t total(const bank_state *b)
{
    int64_t all = 0;

    for (int64_t i = 0; i < b->count; i++)
        all = sum(all, b->balances[i]);
    return all;
}

static bool move(bank_state *b, const ds_call *call)
{
    int64_t from = from_of(call);
    int64_t to = to_of(call);
    int64_t amount = call->arg[1];

    if (!is_account(from) || !is_account(to))
        return false;
    if (amount < 0 || balance(b, from) < amount)
        return ds__gave(call, 0);
    add(b, from, -amount);
    add(b, to, amount);
    return ds__gave(call, 1);
}

static bool step(void *state, const ds_call *call)
{
    bank_state *b = state;

    switch (call->op) {
    case DS_BANK_PAY:
        return is_account(call->arg[0]) &&
               ds__gave(call, add(b, call->arg[0], call->arg[1]));
    case DS_BANK_MOVE:
        return move(b, call);
    case DS_BANK_READ:
        return is_account(call->arg[0]) &&
               ds__gave(call, balance(b, call->arg[0]));
    case DS_BANK_TOTAL:
        return ds__gave(call, total(b));
    default:
        return false;
    }
}

static size_t measure(const ds_call *const *calls, size_t n)
{
    int64_t most = 0;

    for (size_t i = 0; i < n; i++) {
        bool moves = calls[i]->op == DS_BANK_MOVE;
        int64_t a = moves ? from_of(calls[i]) : calls[i]->arg[0];
        int64_t b = moves ? to_of(calls[i]) : 0;
        if (is_account(a) && a > most)
            most = a;
        if (is_account(b) && b > most)
            most = b;
    }
    return sizeof(bank_state) + ((size_t)most + 1) * sizeof(int64_t);
}

static void show(char *text, size_t size, const void *state)
{
    const bank_state *b = state;
    ds__text t;

    ds__text_init(&t, text, size);
    for (int64_t i = 0; i < b->count && i < 5; i++)
        ds__text_add(&t, "%s%lld", i > 0 ? "/" : "", (long long)b->balances[i]);
    ds__text_add(&t, b->count == 0 ? "empty" : b->count > 5 ? "/..." : "");
}

static const ds_model_op ops[] = {
    { "pay", 2, true, true },   { "move", 2, true, true },
    { "read", 1, true, false }, { "total", 0, true, false },
    { NULL, 0, false, false },
};

const ds_model ds_bank_model = {
    .name = "bank",
    .size = sizeof(bank_state) + 64 * sizeof(int64_t),
    .init = ds__init_zero,
    .step = step,

    .ops = ops,
    .measure = measure,
    .show = show,
    .anonymous = true,
};
