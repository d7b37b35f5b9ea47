/* ---- What is prepared once for all views of a run. ----------------------- */

function makeLook(run)
{
    const { lane, lanes } = makeLanes(run);
    let covers = null;

    return {
        lane, lanes,
        levels: makeLevels(run),
        faults: faultsOf(run),
        partitions: partitionsOf(run),
        waiters: waitersOf(run),
        states: statesOf(run, lane, lanes),
        curves: curvesOf(run),
        marks: run.notes.filter(n => n.kind === MARK && n.row >= 0),
        path: pathMessages(run),
        coversFor(width) {
            if (covers === null || covers[0].width !== width)
                covers = [0, 1, 2].map(() => makeCover(width));
            return covers;
        },
    };
}

/* From when to when each thread says to be what; equal texts have one colour,
 * by the order in which they come first. */
function statesOf(run, lane, lanes)
{
    const open = new Map(), colors = new Map(), list = [];

    for (const note of run.notes) {
        if (note.kind !== STATE || note.row < 0)
            continue;
        if (open.has(note.thread))
            open.get(note.thread).to = note.time;
        open.delete(note.thread);
        if (note.text === "")
            continue;
        if (!colors.has(note.text))
            colors.set(note.text, colors.size);
        const ended = run.facts.threads[note.thread][4];
        const s = { from: note.time, to: ended ? ended - 1 : run.last,
            row: note.row, lane: lane[note.thread], lanes: lanes[note.row],
            text: note.text, color: colors.get(note.text) };
        list.push(s);
        open.set(note.thread, s);
    }
    return list;
}

/* What threads have counted: a curve for each thread and name, with its points
 * in order and the least and greatest value. */
function curvesOf(run)
{
    const curves = new Map();

    for (const { kind, thread, row, text, time, value } of run.notes) {
        if (kind !== COUNT || row < 0 || value === null)
            continue;
        const key = `${thread} ${text}`;
        if (!curves.has(key))
            curves.set(key, { row, thread, text, times: [], values: [],
                low: Math.min(0, value), high: value });
        const c = curves.get(key);
        c.times.push(time);
        c.values.push(value);
        c.low = Math.min(c.low, value);
        c.high = Math.max(c.high, value);
    }
    return [...curves.values()];
}

/* What a curve is at a moment; null: nothing yet. */
function valueAt(curve, moment)
{
    const k = lowerBound(curve.times, moment + 1) - 1;

    return k < 0 ? null : curve.values[k];
}

/* How many messages are sent, and how many of them lost, in each of n equal
 * parts of an axis. */
function densityOf(run, axis, n)
{
    const all = new Uint32Array(n), lost = new Uint32Array(n);
    const k = n / axis.length;

    for (let i = 0; i < run.n; i++) {
        const part = Math.floor((axis.at[run.sent[i]] - axis.from) * k);
        const at = Math.max(0, Math.min(n - 1, part));
        all[at]++;
        if ((run.fate[i] & 3) === LOST)
            lost[at]++;
    }
    return { all, lost, most: all.reduce((a, b) => Math.max(a, b), 1) };
}
