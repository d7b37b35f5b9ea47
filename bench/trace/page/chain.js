/* ---- Chains: because of what, for whom, and where something is. ---------- */

/* The messages because of which message i (from 0) was sent, from the last one
 * back to the first. */
function chainOf(run, i)
{
    const chain = [];

    for (let at = run.cause[i]; at; at = run.cause[at - 1])
        chain.push(at - 1);
    return chain;
}

/* The messages of the critical path, in their order. */
function pathMessages(run)
{
    return run.path.filter(p => p.message).map(p => p.message - 1);
}

/* The place on the path to go to from message `at` (-1: none is selected), one
 * step on or back; without one, the first that is sent in the view. */
function stepAlong(list, run, at, step, first)
{
    const k = list.indexOf(at);

    if (list.length === 0)
        return -1;
    if (k >= 0)
        return list[Math.max(0, Math.min(list.length - 1, k + step))];
    const next = list.find(i => run.sent[i] >= first);
    return next === undefined ? list[list.length - 1] : next;
}

/* The rows from which messages came to where a thread waits at last. */
function sendersTo(run, thread)
{
    const stream = run.spanStream[run.firstSpan[thread + 1] - 1];
    const rows = new Set();

    for (let i = 0; stream && i < run.n; i++)
        if (run.port[i] === stream && run.from[i] >= 0)
            rows.add(run.from[i]);
    return [...rows].slice(0, 8);
}

/* Who waits at a deadlock: its thread and row, the rows it waits for, and
 * whether it is one of a circle.  If nobody knows for whom, `before` are rows
 * that may be it. */
function waitersOf(run)
{
    const { threads, waits } = run.facts;
    const list = [];

    for (let t = 1; t < threads.length; t++) {
        const [, row, , , , , stuck, circle] = threads[t];
        if (stuck === null)
            continue;
        const targets = waits.slice(1).filter(w => w[0] === t && w[1]);
        list.push({ thread: t, row: row - 1, text: stuck, circle: circle === 1,
            targets: targets.map(w => ({ row: threads[w[1]][1] - 1,
                circle: threads[w[1]][7] === 1 })),
            before: targets.length > 0 ? [] : sendersTo(run, t) });
    }
    return list;
}

/* What is asked for: #12 is a message by its name, 3>7 those from one row to
 * another by number or name (one of them may be left out), lost and path are
 * such messages; else texts of marks and states, and then names of rows.
 * A list of { message } or { moment, row }. */
function search(run, query)
{
    const text = query.trim();
    const arrow = /^([^>]*)>([^>]*)$/.exec(text);

    if (text === "")
        return [];
    if (/^#\d+$/.test(text)) {
        const i = lowerBound(run.name, Number(text.slice(1)));
        return run.name[i] === Number(text.slice(1)) ? [{ message: i }] : [];
    }
    if (arrow)
        return searchEnds(run, arrow[1].trim(), arrow[2].trim());
    if (text === "lost")
        return messagesThat(run, i => (run.fate[i] & 3) === LOST);
    if (text === "path")
        return pathMessages(run).map(i => ({ message: i }));
    return searchTexts(run, text.toLowerCase());
}

function messagesThat(run, wanted)
{
    const found = [];

    for (let i = 0; i < run.n; i++)
        if (wanted(i))
            found.push({ message: i });
    return found;
}

/* -1: any; -2: there is no such row. */
function rowNamed(run, name)
{
    const rows = run.facts.rows;
    const exact = rows.indexOf(name, 1) - 1;

    if (name === "")
        return -1;
    if (exact >= 0)
        return exact;
    return /^\d+$/.test(name) && Number(name) + 1 < rows.length ?
        Number(name) : -2;
}

function searchEnds(run, a, b)
{
    const from = rowNamed(run, a), to = rowNamed(run, b);

    if (from === -2 || to === -2 || from + to === -2)
        return [];
    return messagesThat(run, i => (from < 0 || run.from[i] === from) &&
        (to < 0 || run.to[i] === to));
}

function searchTexts(run, text)
{
    const notes = run.notes.filter(n => n.text.toLowerCase().includes(text));
    const rows = run.facts.rows;
    const found = notes.map(n => ({ moment: n.time, row: n.row }));

    for (let row = 0; row + 1 < rows.length; row++)
        if (rows[row + 1].toLowerCase().includes(text))
            found.push({ row });
    return found;
}
