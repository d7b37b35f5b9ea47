/* ---- The run: the columns as arrays. ------------------------------------- */

/* A moment is a place in `times`.  Rows count from 0 here, and -1 is none;
 * threads, streams and messages count from 1, so that 0 is none.  bench/trace/
 * page_columns.c says what the columns are. */

const WAITS = 0, SLEEPS = 1, COMPUTES = 2;
const UNDER_WAY = 1, ARRIVED = 2, LOST = 3; /* the lowest bits of fate */
const ON_PATH = 4, DOUBLED = 8, BY_LINK = 128;
const BY_EVENT = 1; /* why a span ended */
const MARK = 0, STATE = 1, COUNT = 2;
const LOSSES = ["by its network", "the link is cut", "by chance", "by a rule",
    "the machine is down", "for want of memory"];

/* source(name) is { n, text } of an element of the page. */
function decodeRun(source)
{
    const json = name => JSON.parse(source(name).text);
    const column = (name, kind) => {
        const from = source(name);
        return readColumn(bytesOfBase64(from.text),
            new (kind || Uint32Array)(from.n));
    };
    const run = { facts: json("facts") };

    decodeTimes(run, column);
    decodeMessages(run, column, json);
    decodeSpans(run, column, json);
    decodeNotes(run, column, json);
    decodePath(run, column);
    decodePorts(run, column, json);
    return run;
}

/* An array that is made when it is first asked for. */
function lazily(run, name, make)
{
    Object.defineProperty(run, name, {
        configurable: true,
        get() {
            const value = make();
            Object.defineProperty(run, name, { value });
            return value;
        },
    });
}

function decodeTimes(run, column)
{
    const ticks = column("times", Float64Array);
    const { origin, tick } = run.facts;

    for (let i = 0, at = 0; i < ticks.length; i++) {
        at += ticks[i];
        ticks[i] = origin + at * tick;
    }
    run.times = ticks;
    run.first = run.facts.from;
    run.last = run.facts.to;
}

/* ---- Messages ------------------------------------------------------------ */

/* Of a column that is folded, as a difference to that of the line before with
 * the same key. */
function unfoldBy(values, key, keys)
{
    const last = new Uint32Array(keys + 1);

    for (let i = 0; i < values.length; i++)
        values[i] = last[key[i]] += unfold(values[i]);
    return values;
}

function decodeMessages(run, column, json)
{
    const { threads, streams } = run.facts;
    const sent = column("sent"), ended = column("ended");
    const sender = column("sender");
    const n = sent.length;
    const from = new Int32Array(n), to = new Int32Array(n);

    for (let i = 1; i < n; i++)
        sent[i] += sent[i - 1];
    for (let i = 0; i < n; i++)
        ended[i] = ended[i] ? sent[i] + ended[i] - 1 : Math.max(sent[i],
            run.last);
    for (let i = 0, last = 0; i < n; i++)
        sender[i] = last += unfold(sender[i]);
    const port = unfoldBy(column("port"), sender, threads.length);
    const taker = unfoldBy(column("taker"), sender, threads.length);
    for (let i = 0; i < n; i++) {
        from[i] = sender[i] ? threads[sender[i]][1] - 1 : -1;
        to[i] = port[i] ? streams[port[i]][0] - 1 : -1;
        if (to[i] < 0 && taker[i])
            to[i] = threads[taker[i]][1] - 1;
    }
    Object.assign(run, { n, sent, ended, sender, port, taker, from, to });
    run.fate = column("fate", Uint8Array);
    run.begun = column("begun");
    run.came = column("came");
    for (let i = 0; i < n; i++) {
        run.begun[i] = run.begun[i] ? sent[i] + run.begun[i] : 0;
        run.came[i] = run.came[i] ? sent[i] + run.came[i] : 0;
    }
    decodeDetails(run, column, json);
}

/* The reason for which it is lost. */
function lossOf(run, i)
{
    return LOSSES[run.fate[i] >> 4 & 7] || "?";
}

/* When it is through its network, before it is put off. */
function throughOf(run, i)
{
    return run.came[i] ? run.came[i] - 1 : run.ended[i];
}

/* begun, came and taken are 1 more than the moment, or 0; cause is a message, from 1
 * on, or 0. */
function decodeDetails(run, column, json)
{
    lazily(run, "name", () => {
        const name = column("name", Float64Array);
        for (let i = 0, last = 0; i < run.n; i++)
            name[i] = last += name[i] + 1;
        return name;
    });
    lazily(run, "taken", () => {
        const taken = column("taken");
        for (let i = 0; i < run.n; i++)
            taken[i] = taken[i] ? run.ended[i] + taken[i] : 0;
        return taken;
    });
    lazily(run, "cause", () => {
        const cause = column("cause");
        for (let i = 0; i < run.n; i++)
            cause[i] = cause[i] ? i + 1 - cause[i] : 0;
        return cause;
    });
    lazily(run, "size", () => {
        const size = column("size", Float64Array), list = json("sizes");
        for (let i = 0; list.length > 0 && i < run.n; i++)
            size[i] = list[size[i]];
        return size;
    });
}

/* ---- Spans --------------------------------------------------------------- */

/* Those of thread t are firstSpan[t] up to, not including, firstSpan[t + 1]. */
function decodeSpans(run, column, json)
{
    const many = column("spans"), from = column("span_from");
    const to = column("span_length"), kind = column("span_kind", Uint16Array);
    const first = new Uint32Array(many.length + 2);

    for (let t = 1; t <= many.length; t++) {
        let last = 0;
        first[t + 1] = first[t] + many[t - 1];
        for (let i = first[t]; i < first[t + 1]; i++) {
            from[i] += last;
            last = to[i] += from[i];
        }
    }
    run.kinds = json("kinds");
    run.firstSpan = first;
    run.spanFrom = from;
    run.spanTo = to;
    run.spanKind = kind;
    lazily(run, "spanMessage", () => {
        const message = column("span_message");
        for (let t = 1; t <= many.length; t++)
            for (let i = first[t], last = 0; i < first[t + 1]; i++)
                if (message[i])
                    message[i] = last += unfold(message[i] - 1);
        return message;
    });
    lazily(run, "spanStream", () => column("span_stream"));
}

/* ---- The rest ------------------------------------------------------------ */

function undifference(values)
{
    for (let i = 0, last = 0; i < values.length; i++)
        values[i] = last += unfold(values[i]);
    return values;
}

function decodeNotes(run, column, json)
{
    const time = undifference(column("note_time"));
    const thread = column("note_thread"), kind = column("note_kind");
    const text = column("note_text"), counts = json("counts");
    const from = undifference(column("call_from"));
    const length = column("call_length"), caller = column("call_thread");
    const number = column("call_number"), what = column("call_what");
    let counted = 0;

    run.notes = [];
    for (let i = 0; i < time.length; i++)
        run.notes.push({ time: time[i], thread: thread[i], kind: kind[i],
            row: run.facts.threads[thread[i]][1] - 1,
            text: text[i] ? run.facts.texts[text[i]] : "",
            value: kind[i] === COUNT ? counts[counted++] : 0 });
    run.calls = [];
    for (let i = 0; i < from.length; i++)
        run.calls.push({ from: from[i], thread: caller[i], number: number[i],
            to: length[i] ? from[i] + length[i] - 1 : run.last,
            row: run.facts.threads[caller[i]][1] - 1,
            what: what[i] ? run.facts.texts[what[i]] : "" });
}

function decodePath(run, column)
{
    const from = undifference(column("piece_from"));
    const length = column("piece_length"), kind = column("piece_kind");
    const thread = column("piece_thread"), message = column("piece_message");

    run.path = [];
    for (let i = 0; i < from.length; i++)
        run.path.push({ from: from[i], to: from[i] + length[i] - 1,
            kind: kind[i], thread: thread[i], message: message[i],
            row: run.facts.threads[thread[i]][1] - 1 });
}

/* A line of levels, 0 to 15, for each way: slice by slice. */
function decodePorts(run, column, json)
{
    const { slices, width, ways, off, why } = json("ways");
    const runs = column("ports");
    const levels = new Uint8Array(slices * ways.length);
    let at = 0;

    for (let i = 0; i < runs.length; i++) {
        const many = Math.floor(runs[i] / 16) + 1;
        levels.fill(runs[i] % 16, at, at + many);
        at += many;
    }
    run.ports = { slices, width, ways, levels, why: why || "",
        off: off.map(([way, from, until]) => ({ way, from,
            to: until ? until - 1 : run.last })) };
}
