/* Schedules in GOAL: what is read, what is refused, and when they are through;
 * against what LogGOPSim says, and against a plain queue of events. */

#include "stage.h"

#include "base/rng.h"
#include "bench/common/args.h"
#include "bench/goal/goal.h"
#include "bench/goal/play.h"

static goal schedule;

static void parse(const char *text)
{
    failure why = goal_parse(&schedule, "it.goal", text, strlen(text));

    ck_assert_msg(why.status == 0, "%s", why.text);
}

static void refuse(const char *text, const char *reason)
{
    failure why = goal_parse(&schedule, "it.goal", text, strlen(text));

    ck_assert_int_eq(why.status, EXIT_FAILURE);
    ck_assert_str_eq(why.text, reason);
    ck_assert_ptr_null(schedule.ops);
    free(why.text);
}

/* ---- Reading --------------------------------------------------------------*/

START_TEST(all_of_the_language_is_read)
{
    parse("// a comment\nnum_ranks 2 /* another\n of two lines */\n"
          "rank 1 {\n"
          "\tbegin: recv 70 b from 0 tag 7 cpu 0 nic 0\r\n"
          "  _2: calc 500 cpu 0\n\n"
          "  _2 irequires begin\n"
          "}\n"
          "rank 0 { send 70b to 1 nic 0 tag 7\n"
          "l9: calc 0\n"
          "}");
    ck_assert_uint_eq(schedule.num_ranks, 2);
    ck_assert_uint_eq(schedule.num_ops, 4);
    ck_assert_uint_eq(schedule.first[1], 2);
    const goal_op *ops = schedule.ops;
    ck_assert(ops[0].kind == GOAL_SEND && ops[0].size == 70);
    ck_assert(ops[0].peer == 1 && ops[0].tag == 7 && ops[0].line == 10);
    ck_assert(ops[1].kind == GOAL_CALC && ops[1].size == 0);
    ck_assert(ops[2].kind == GOAL_RECV && ops[2].way == ops[0].way);
    ck_assert(ops[3].kind == GOAL_CALC && ops[3].waits == 1);
    ck_assert(ops[2].num_after == 1);
    ck_assert(schedule.after[ops[2].first].op == 3);
    ck_assert(schedule.after[ops[2].first].begun);
    goal_free(&schedule);
}
END_TEST

START_TEST(a_label_may_be_used_before_it_stands)
{
    parse("num_ranks 1\nrank 0 {\na requires b\na: calc 1\nb: calc 2\n}\n");
    ck_assert_uint_eq(schedule.ops[0].waits, 1);
    ck_assert_uint_eq(schedule.ops[1].waits, 0);
    goal_free(&schedule);
}
END_TEST

START_TEST(a_rank_may_do_nothing)
{
    parse("num_ranks 2\nrank 0 {\n}\nrank 1 { }\n");
    ck_assert_uint_eq(schedule.num_ops, 0);
    goal_free(&schedule);
}
END_TEST

static const struct {
    const char *text;
    const char *reason;
} broken[] = {
    { "", "it.goal:1: num_ranks is missing" },
    { "rank 0 {\n}\n", "it.goal:1: num_ranks comes before the ranks" },
    { "num_ranks\n",
      "it.goal:1: the number of ranks is missing before the end of the line" },
    { "num_ranks 0\n", "it.goal:2: num_ranks is 0; there must be one" },
    { "num_ranks 1000001\n", "it.goal:1: the number of ranks is 1000001; it "
                             "must be at most 1000000" },
    { "num_ranks 1\nnum_ranks 1\n", "it.goal:2: num_ranks stands twice" },
    { "num_ranks 2\nrank 0 {\n}\n", "it.goal:4: rank 1 is missing" },
    { "num_ranks 1\nrank 1 {\n}\n", "it.goal:2: there is no rank 1 of 1" },
    { "num_ranks 1\nrank 0 {\n}\nrank 0 {\n}\n",
      "it.goal:4: rank 0 stands twice" },
    { "num_ranks 1\nrank 0\n",
      "it.goal:2: { is missing before the end of the line" },
    { "num_ranks 1\nrank 0 {\ncalc 1\n", "it.goal:2: rank 0 is never closed" },
    { "num_ranks 1\n/* rank 0 {\n}\n", "it.goal:2: a comment is never closed" },
    { "num_ranks 1\nranks 0 {\n}\n",
      "it.goal:2: num_ranks or rank is missing before \"ranks\"" },
    { "num_ranks 1\nrank 0 {\n1: calc 1\n}\n",
      "it.goal:3: an operation, a label or } is missing before \"1\"" },
    { "num_ranks 1\nrank 0 {\na calc 1\n}\n",
      "it.goal:3: a colon, requires or irequires is missing before \"calc\"" },
    { "num_ranks 1\nrank 0 {\na: wait 1\n}\n",
      "it.goal:3: send, recv or calc is missing before \"wait\"" },
    { "num_ranks 1\nrank 0 {\ncalc -1\n}\n",
      "it.goal:3: the size is missing before \"-\"" },
    { "num_ranks 1\nrank 0 {\ncalc 1.5\n}\n",
      "it.goal:3: the end of the line is missing before \".\"" },
    { "num_ranks 1\nrank 0 {\ncalc 9007199254740993\n}\n",
      "it.goal:3: a number is larger than 2^53" },
    { "num_ranks 1\nrank 0 {\ncalc 99999999999999999999999\n}\n",
      "it.goal:3: a number is larger than 2^53" },
    { "num_ranks 1\nrank 0 {\ncalc 1 tag 2\n}\n",
      "it.goal:3: tag, cpu, nic or the end of the line is missing before "
      "\"tag\"" },
    { "num_ranks 1\nrank 0 {\ncalc 1 cpu 0 cpu 0\n}\n",
      "it.goal:3: cpu is said twice" },
    { "num_ranks 1\nrank 0 {\ncalc 1 cpu 1\n}\n",
      "it.goal:3: cpu 1: a rank has one of them here, which is 0" },
    { "num_ranks 2\nrank 0 {\nsend 1 to 1\n}\n",
      "it.goal:3: b for bytes is missing before \"to\"" },
    { "num_ranks 2\nrank 0 {\nsend 1b from 1\n}\n",
      "it.goal:3: to is missing before \"from\"" },
    { "num_ranks 2\nrank 0 {\nsend 1b to 2\n}\n",
      "it.goal:3: there is no rank 2 of 2" },
    { "num_ranks 2\nrank 0 {\nrecv 1b from -1\n}\n",
      "it.goal:3: any source is not understood: what is received would depend "
      "on what comes first" },
    { "num_ranks 2\nrank 0 {\nrecv 1b from 1 tag -1\n}\n",
      "it.goal:3: any tag is not understood: what is received would depend on "
      "what comes first" },
    { "num_ranks 1\nrank 0 {\na: calc 1\nb: calc 1\na: calc 1\n}\n",
      "it.goal:5: label a stands twice" },
    { "num_ranks 1\nrank 0 {\na: calc 1\na requires b\n}\n",
      "it.goal:4: this rank has no label b" },
    { "num_ranks 1\nrank 0 {\na: calc 1\na requires\n}\n",
      "it.goal:4: a label is missing before the end of the line" },
    { "num_ranks 1\nrank 0 {\na: calc 1\na requires a\n}\n",
      "it.goal:3: this waits for itself, or for others that do" },
    { "num_ranks 1\nrank 0 {\na: calc 1\nb: calc 1\nc: calc 1\n"
      "b requires c\nc irequires b\n}\n",
      "it.goal:4: this waits for itself, or for others that do" },
    { "num_ranks 2\nrank 0 {\nsend 1b to 1\nsend 1b to 1\n}\n"
      "rank 1 {\nrecv 1b from 0\n}\n",
      "it.goal:3: of the messages from rank 0 to rank 1 with tag 0, 2 are sent "
      "and 1 received" },
    { "num_ranks 1\nrank 0 {\n\001\n}\n",
      "it.goal:3: an operation, a label or } is missing before a strange "
      "character" },
};
enum { num_broken = sizeof(broken) / sizeof(*broken) };

START_TEST(what_is_wrong_is_refused_with_its_line)
{
    refuse(broken[_i].text, broken[_i].reason);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_named)
{
    failure why = goal_read(&schedule, "/nowhere/it.goal");

    ck_assert_int_eq(why.status, EXIT_FAILURE);
    ck_contains(why.text, "/nowhere/it.goal: No such file");
    free(why.text);
}
END_TEST

/* ---- Damaged text ---------------------------------------------------------*/

static uint64_t dice;

static uint64_t roll(uint64_t n)
{
    dice += UINT64_C(0x9e3779b97f4a7c15);
    return ds__mix(dice) % n;
}

static const char whole[] =
    "num_ranks 2\n/* c */rank 0 {\nl1: send 70b to 1 tag 7 cpu 0\n"
    "l2: calc 500\nl2 requires l1\nl3: recv 5b from 1\n}\n"
    "rank 1 {\nl1: recv 70b from 0 tag 7 nic 0\nl2: send 5b to 0\n"
    "l2 irequires l1 // d\n}\n";

/* Some bytes are changed, left out, put in, or taken from elsewhere. */
START_TEST(damaged_text_is_read_or_refused_with_a_line)
{
    size_t refused = 0;

    dice = (uint64_t)_i + 1;
    for (int round = 0; round < 5000; round++) {
        char text[2 * sizeof(whole)];
        size_t len = sizeof(whole) - 1;
        memcpy(text, whole, len);
        for (uint64_t times = 1 + roll(4); times > 0; times--) {
            size_t at = roll(len);
            switch (roll(4)) {
            case 0:
                text[at] = (char)roll(256);
                break;
            case 1:
                memmove(text + at, text + at + 1, --len - at);
                break;
            case 2:
                memmove(text + at + 1, text + at, len++ - at);
                break;
            default:
                text[at] = text[roll(len)];
            }
        }
        failure why = goal_parse(&schedule, "it.goal", text, len);
        refused += why.status != 0;
        if (why.status != 0)
            ck_assert_ptr_eq(strstr(why.text, "it.goal:"), why.text);
        free(why.text);
        goal_free(&schedule);
    }
    ck_assert_uint_gt(refused, 2000);
    ck_assert_uint_lt(refused, 4990);
}
END_TEST

START_TEST(text_that_ends_early_is_refused)
{
    for (size_t len = 0; len < sizeof(whole) - 2; len++) {
        failure why = goal_parse(&schedule, "it.goal", whole, len);
        ck_assert_msg(why.status == EXIT_FAILURE, "%.*s", (int)len, whole);
        free(why.text);
    }
}
END_TEST

/* ---- Playing --------------------------------------------------------------*/

static ds_net *make_loggops(ds_loop *loop, ds_node *const *nodes, size_t n,
                            const void *arg)
{
    const double *p = arg;

    return ds_loggops_net_new(
        loop,
        &(ds_loggops_net_config){ nodes, n, p[0] * 1e-9, p[1] * 1e-9,
                                  p[2] * 1e-9, p[3] * 1e-9, p[4] * 1e-9, 0 });
}

/* Plays the schedule and frees it; ends are in nanoseconds. */
static uint64_t play_loggops(const double parameters[6], ds_exec exec,
                             uint64_t *ends)
{
    play_result result;
    const play_config config = {
        .net = make_loggops,
        .arg = parameters,
        .has_processors = true,
        .longest = parameters[5],
        .exec = exec,
    };
    failure why = play(&schedule, &config, &result);

    ck_assert_msg(why.status == 0, "%s", why.text);
    for (size_t i = 0; i < schedule.num_ranks; i++) {
        const double ns = result.ends[i] * 1e9;
        ends[i] = (uint64_t)llround(ns);
        ck_assert_msg(fabs(ns - (double)ends[i]) < 1e-4, "%.17g ns", ns);
    }
    free(result.ends);
    return result.digest;
}

/* ---- What LogGOPSim says --------------------------------------------------*/

enum { most_ranks = 16, most_text = 1 << 16 };

typedef struct told {
    char name[80];
    double parameters[6];
    char text[most_text];
    size_t len;
    size_t num_ranks;
    uint64_t ends[most_ranks];
} told;

static told oracle;

__attribute__((format(printf, 1, 2))) static void write_text(const char *format,
                                                             ...)
{
    va_list args;

    va_start(args, format);
    int n = vsnprintf(oracle.text + oracle.len, most_text - oracle.len, format,
                      args);
    va_end(args);
    ck_assert(n >= 0 && (size_t)n < most_text - oracle.len);
    oracle.len += (size_t)n;
}

/* The n-th operation of a rank, as tests/goal.txt has it, and whom it waits
 * for. */
static void expand(const char *word, size_t n)
{
    char kind = *word++;
    char *end;
    unsigned long size = strtoul(word, &end, 10);

    if (kind == 'c') {
        write_text("l%zu: calc %lu\n", n, size);
    } else {
        ck_assert(*end == (kind == 's' ? '>' : '<'));
        unsigned long peer = strtoul(end + 1, &end, 10);
        unsigned long tag = *end == '.' ? strtoul(end + 1, &end, 10) : 0;
        write_text("l%zu: %s %lub %s %lu tag %lu\n", n,
                   kind == 's' ? "send" : "recv", size,
                   kind == 's' ? "to" : "from", peer, tag);
    }
    while (*end != '\0') {
        const char *how = *end == '@' ? "requires" : "irequires";
        ck_assert(*end == '@' || *end == '~');
        write_text("l%zu %s l%lu\n", n, how, strtoul(end + 1, &end, 10));
    }
}

static void expand_rank(char *line)
{
    size_t n = 0;

    write_text("rank %zu {\n", oracle.num_ranks);
    char *word = strtok(line, " \n");
    for (; word != NULL && *word != '='; word = strtok(NULL, " \n"))
        expand(word, ++n);
    write_text("}\n");
    ck_assert_ptr_nonnull(word);
    oracle.ends[oracle.num_ranks++] = strtoull(strtok(NULL, " \n"), NULL, 10);
}

/* Reads the case at index, which the file must have. */
static void read_oracle(int index)
{
    const char *srcdir = getenv("srcdir");
    char line[1024];
    int at = -1;

    snprintf(line, sizeof(line), "%s/tests/goal.txt",
             srcdir == NULL ? "." : srcdir);
    FILE *file = fopen(line, "r");
    ck_assert_msg(file != NULL, "%s", line);
    memset(&oracle, 0, sizeof(oracle));
    while (fgets(line, sizeof(line), file) != NULL) {
        double *p = oracle.parameters;
        char *colon = strchr(line, ':');
        if (*line == '#')
            continue;
        at += colon != NULL;
        if (at == index && colon == NULL)
            expand_rank(line);
        else if (at == index)
            ck_assert_int_eq(sscanf(line, "%79[^:]: %lf %lf %lf %lf %lf %lf",
                                    oracle.name, p, p + 1, p + 2, p + 3, p + 4,
                                    p + 5),
                             7);
    }
    fclose(file);
    ck_assert_int_gt((int)oracle.num_ranks, 0);
}

static void parse_oracle(void)
{
    char head[64];
    static char text[most_text + sizeof(head)];

    snprintf(text, sizeof(text), "num_ranks %zu\n%s", oracle.num_ranks,
             oracle.text);
    parse(text);
}

START_TEST(each_rank_is_through_when_LogGOPSim_says)
{
    uint64_t ends[most_ranks];
    uint64_t digests[2];

    read_oracle(_i);
    parse_oracle();
    for (int exec = 0; exec < 2; exec++) {
        digests[exec] = play_loggops(oracle.parameters,
                                     exec ? DS_FIBERS : DS_THREADS, ends);
        for (size_t i = 0; i < oracle.num_ranks; i++)
            ck_assert_msg(ends[i] == oracle.ends[i],
                          "%s: rank %zu is through at %llu, and not %llu",
                          oracle.name, i, (unsigned long long)ends[i],
                          (unsigned long long)oracle.ends[i]);
    }
    ck_assert(digests[0] == digests[1]);
    goal_free(&schedule);
}
END_TEST

/* ---- A plain queue of events ----------------------------------------------*/

/* The model by its definition: all that can go on is in one queue by time, and
 * by number where times are equal; what cannot begin yet is put back.  Times
 * are whole nanoseconds. */
enum { MESSAGE = GOAL_KINDS, most_events = 4096 };

typedef struct event {
    uint64_t time;
    uint64_t number;
    int kind;
    size_t op;
} event;

static struct {
    event events[most_events];
    size_t n;
    uint64_t number;
    uint64_t processor[most_ranks];
    uint64_t sides[most_ranks][2];
    size_t left[most_events];
    bool came[most_events]; /* a message, of its send */
    bool posted[most_events];
    const double *p; /* L o g G O S */
} plain;

static void plain_add(uint64_t time, int kind, size_t op)
{
    ck_assert_uint_lt(plain.n, most_events);
    plain.events[plain.n++] = (event){ time, plain.number++, kind, op };
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t ns(size_t i)
{
    return (uint64_t)plain.p[i];
}

static event plain_take(void)
{
    size_t best = 0;

    for (size_t i = 1; i < plain.n; i++) {
        const event *a = &plain.events[i];
        const event *b = &plain.events[best];
        if (a->time < b->time || (a->time == b->time && a->number < b->number))
            best = i;
    }
    event first = plain.events[best];
    plain.events[best] = plain.events[--plain.n];
    return first;
}

static void plain_free(const size_t *ops, size_t n)
{
    for (int kind = 0; kind < GOAL_KINDS; kind++)
        for (size_t i = 0; i < n; i++) {
            const goal_op *op = &schedule.ops[ops[i]];
            uint64_t time = plain.processor[op->rank];
            if (op->kind == GOAL_SEND)
                time = later(time, plain.sides[op->rank][0]);
            if ((int)op->kind == kind)
                plain_add(time, kind, ops[i]);
        }
}

static void plain_go_on(size_t number, bool begun, bool done)
{
    const goal_op *op = &schedule.ops[number];
    size_t ready[64];
    size_t n = 0;

    for (int pass = begun ? 0 : 1; pass < (done ? 2 : 1); pass++)
        for (size_t i = 0; i < op->num_after; i++) {
            const goal_after *after = &schedule.after[op->first + i];
            if (after->begun == (pass == 0) && --plain.left[after->op] == 0)
                ready[n++] = after->op;
        }
    plain_free(ready, n);
}

/* The other end of a message, which is alone on its way. */
static size_t partner(size_t op)
{
    for (size_t i = 0; i < schedule.num_ops; i++)
        if (i != op && schedule.ops[i].kind != GOAL_CALC &&
            schedule.ops[i].way == schedule.ops[op].way)
            return i;
    ck_abort_msg("operation %zu is alone", op);
    return 0;
}

/* Who has the lesser rank goes on first. */
static void plain_meet(uint64_t now, size_t send, size_t recv, bool begun)
{
    const goal_op *s = &schedule.ops[send];
    const bool is_long = (double)s->size > plain.p[5];

    if (is_long) {
        plain.processor[s->rank] = later(plain.processor[s->rank], now);
        plain.sides[s->rank][0] = later(plain.sides[s->rank][0], now);
    }
    if (is_long && s->rank < schedule.ops[recv].rank)
        plain_go_on(send, false, true);
    plain_go_on(recv, begun, true);
    if (is_long && s->rank > schedule.ops[recv].rank)
        plain_go_on(send, false, true);
}

static void plain_send(event e, const goal_op *op)
{
    uint64_t *processor = &plain.processor[op->rank];
    uint64_t *side = &plain.sides[op->rank][0];

    if (later(*processor, *side) > e.time) {
        e.time = later(*processor, *side);
        plain.events[plain.n++] = e;
        return;
    }
    *processor = e.time + ns(1) + (op->size - 1) * ns(4);
    *side = e.time + ns(2) + (op->size - 1) * ns(3);
    plain_add(e.time + ns(1) + ns(0), MESSAGE, e.op);
    plain_go_on(e.op, true, (double)op->size <= plain.p[5]);
}

static void plain_message(event e, const goal_op *op)
{
    uint64_t *processor = &plain.processor[op->peer];
    uint64_t *side = &plain.sides[op->peer][1];

    if (later(*processor, *side) > e.time) {
        e.time = later(*processor, *side);
        plain.events[plain.n++] = e;
        return;
    }
    *processor = e.time + ns(1) + (op->size - 1) * later(ns(3), ns(4));
    *side = e.time + ns(2) + (op->size - 1) * ns(3);
    plain.came[e.op] = true;
    if (plain.posted[partner(e.op)])
        plain_meet(e.time, e.op, partner(e.op), false);
}

static void plain_event(event e)
{
    const goal_op *op = &schedule.ops[e.op];
    uint64_t *processor = &plain.processor[op->rank];

    if (e.kind == GOAL_SEND) {
        plain_send(e, op);
    } else if (e.kind == MESSAGE) {
        plain_message(e, op);
    } else if (e.kind == GOAL_RECV) {
        plain.posted[e.op] = true;
        if (plain.came[partner(e.op)])
            plain_meet(e.time, partner(e.op), e.op, true);
        else
            plain_go_on(e.op, true, false);
    } else if (*processor > e.time) {
        e.time = *processor;
        plain.events[plain.n++] = e;
    } else {
        *processor = e.time + op->size;
        plain_go_on(e.op, true, true);
    }
}

static void play_plainly(const double parameters[6])
{
    memset(&plain, 0, sizeof(plain));
    plain.p = parameters;
    for (size_t i = 0; i < schedule.num_ops; i++)
        plain.left[i] = schedule.ops[i].waits;
    for (size_t rank = 0; rank < schedule.num_ranks; rank++) {
        size_t ready[most_events];
        size_t n = 0;
        for (size_t i = schedule.first[rank]; i < schedule.first[rank + 1]; i++)
            if (schedule.ops[i].waits == 0)
                ready[n++] = i;
        plain_free(ready, n);
    }
    while (plain.n > 0)
        plain_event(plain_take());
}

START_TEST(the_plain_queue_agrees_with_LogGOPSim)
{
    read_oracle(_i);
    if (strstr(oracle.name, "random") == NULL)
        return; /* others have several messages on a way */
    parse_oracle();
    play_plainly(oracle.parameters);
    for (size_t i = 0; i < oracle.num_ranks; i++)
        ck_assert_uint_eq(plain.processor[i], oracle.ends[i]);
    goal_free(&schedule);
}
END_TEST

/* ---- At random ------------------------------------------------------------*/

static uint64_t roll_size(void)
{
    return 1 + roll(UINT64_C(1) << (1 + roll(16)));
}

/* One operation waits for some of those before it on its rank. */
static void draw_waits(const size_t *count)
{
    for (uint64_t times = roll(3); times > 0 && *count > 1; times--)
        write_text("l%zu %s l%zu\n", *count, roll(4) ? "requires" : "irequires",
                   1 + (size_t)roll(*count - 1));
}

/* Messages and calcs in one order, and nothing waits for what comes later, so
 * that nothing waits for ever. */
static void draw_schedule(void)
{
    static char lines[most_ranks][most_text / most_ranks];
    size_t count[most_ranks] = { 0 };
    size_t ranks = 2 + roll(4);
    size_t n = 4 + roll(20);

    memset(lines, 0, sizeof(lines));
    oracle.num_ranks = ranks;
    for (size_t i = 0; i < n; i++) {
        uint64_t size = roll_size();
        size_t a = roll(ranks);
        size_t b = (a + 1 + roll(ranks - 1)) % ranks;
        for (int side = 0; side < 2; side++) {
            size_t rank = side == 0 ? a : b;
            oracle.len = 0;
            count[rank]++;
            if (i % 5 == 4)
                write_text("l%zu: calc %llu\n", count[rank],
                           (unsigned long long)size);
            else
                write_text("l%zu: %s %llub %s %zu tag %zu\n", count[rank],
                           side == 0 ? "send" : "recv",
                           (unsigned long long)size, side == 0 ? "to" : "from",
                           side == 0 ? b : a, i);
            draw_waits(&count[rank]);
            strcat(lines[rank], oracle.text);
        }
    }
    oracle.len = 0;
    for (size_t i = 0; i < ranks; i++)
        write_text("rank %zu {\n%s}\n", i, lines[i]);
}

static void draw_parameters(double p[6])
{
    static const uint64_t most[] = { 4000, 2000, 2000, 8, 3 };

    for (size_t i = 0; i < 5; i++)
        p[i] = (double)roll(most[i]);
    p[5] = (double)(roll(3) == 0 ? 1 + roll(20000) : 65535);
}

enum { draws = 300 };

START_TEST(a_random_schedule_is_through_when_the_plain_queue_says)
{
    for (int round = 0; round < draws; round++) {
        uint64_t ends[most_ranks];
        double parameters[6];
        dice = (uint64_t)_i * draws + (uint64_t)round + 1;
        draw_schedule();
        draw_parameters(parameters);
        parse_oracle();
        play_plainly(parameters);
        play_loggops(parameters, DS_FIBERS, ends);
        for (size_t i = 0; i < schedule.num_ranks; i++)
            ck_assert_msg(ends[i] == plain.processor[i],
                          "round %d: rank %zu is through at %llu, and not %llu",
                          round, i, (unsigned long long)ends[i],
                          (unsigned long long)plain.processor[i]);
        goal_free(&schedule);
    }
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, all_of_the_language_is_read);
    tcase_add_test(tc, a_label_may_be_used_before_it_stands);
    tcase_add_test(tc, a_rank_may_do_nothing);
    tcase_add_loop_test(tc, what_is_wrong_is_refused_with_its_line, 0,
                        num_broken);
    tcase_add_test(tc, a_file_that_is_not_there_is_named);
    tcase_add_loop_test(tc, damaged_text_is_read_or_refused_with_a_line, 0, 4);
    tcase_add_test(tc, text_that_ends_early_is_refused);

    tcase_add_loop_test(tc, each_rank_is_through_when_LogGOPSim_says, 0, 14);
    tcase_add_loop_test(tc, the_plain_queue_agrees_with_LogGOPSim, 0, 14);
    tcase_add_loop_test(
        tc, a_random_schedule_is_through_when_the_plain_queue_says, 0, 4);
}

int main(void)
{
    return harness_main("goal", add);
}
