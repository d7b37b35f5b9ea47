/* ---- Painting: a view of the run as pixels. ------------------------------ */

/* A view is which places of an axis are seen, from `a` to `b`, across `width`
 * pixels; rows are `rowHeight` pixels high and begin `scroll` pixels above.
 * Everything that there may be much of is painted here; texts and the like are
 * drawn over it (overlay.js). */

function xOf(view, moment)
{
    return (view.axis.at[moment] - view.a) * view.width / (view.b - view.a);
}

function yOf(view, row)
{
    return (row + 0.5) * view.rowHeight - view.scroll;
}

/* The moments and rows that are seen, and one more at each side. */
function boundsOf(view)
{
    const at = view.axis.at;
    const first = Math.max(0, lowerBound(at, view.a) - 1);
    const last = Math.min(at.length - 1, lowerBound(at, view.b));
    const top = Math.max(0, Math.floor(view.scroll / view.rowHeight));
    const bottom = Math.min(view.rows - 1,
        Math.floor((view.scroll + view.height) / view.rowHeight));

    return { first, last, top, bottom };
}

/* The upper and lower edge of what a thread does, `part` of its lane high. */
function laneOf(view, row, lane, lanes, part)
{
    const all = Math.max(view.scale, Math.min(view.rowHeight * 0.62,
        lanes * 22 * view.scale));
    const each = all / lanes;
    const middle = yOf(view, row) - all / 2 + each * (lane + 0.5);
    const half = Math.max(0.5, each * part / 2);

    return [middle - half, middle + half];
}

/* Everything, in the order in which one covers another.  `shown` has the
 * messages and which parts are wanted, `look` what of the run was prepared. */
function paintView(r, run, look, view, shown, theme)
{
    const bounds = boundsOf(view);

    r.pixels.fill(theme.bg);
    paintTints(r, look, view, bounds, theme);
    paintGrid(r, view, bounds, shown, theme);
    paintTransfers(r, run, view, shown, theme);
    paintBars(r, run, look, view, bounds, theme);
    paintStates(r, look, view, bounds, theme);
    paintCalls(r, run, look, view, bounds, theme);
    paintCurves(r, look, view, bounds, theme);
    paintStretches(r, look, view, theme);
    paintMessages(r, run, view, shown, theme);
}

/* ---- Below ---- */

function paintTints(r, look, view, bounds, theme)
{
    for (const { from, to, side } of look.partitions.sides) {
        const x0 = xOf(view, from), x1 = xOf(view, to);
        for (let row = bounds.top; row <= bounds.bottom && x1 > 0; row++) {
            const y = yOf(view, row) - view.rowHeight / 2;
            const gap = view.rowHeight > 12 ? view.scale : 0;
            if (side[row] < 0)
                continue;
            tintRect(r, x0, y + gap, x1, y + view.rowHeight - gap,
                theme.sides[side[row] % theme.sides.length], 26);
        }
    }
    for (const { from, to, row } of look.partitions.links)
        tintRect(r, xOf(view, from), yOf(view, row) - view.rowHeight / 2,
            xOf(view, to), yOf(view, row) - view.rowHeight / 2 +
                Math.min(4 * view.scale, view.rowHeight / 4),
            theme.fault, 110, (x, y) => (x + y) / view.scale % 6 < 3);
}

function paintGrid(r, view, bounds, shown, theme)
{
    const scale = view.scale;

    for (const x of shown.ticks)
        fillRect(r, x, 0, x + scale, r.height, theme.grid);
    if (view.rowHeight < 7 * scale)
        return;
    for (let row = bounds.top; row <= bounds.bottom; row++) {
        const y = Math.round(yOf(view, row) - scale / 2);
        fillRect(r, 0, y, r.width, y + scale, theme.row);
    }
}

/* A transfer that is wide enough to be seen is a parallelogram: its left edge
 * the first byte, its right edge the last. */
function paintTransfers(r, run, view, shown, theme)
{
    const { axis, a, b, width } = view;
    const k = width / (b - a);
    let any = false;

    for (let q = 0; shown.transfers && q < shown.count; q++) {
        const i = shown.messages[q];
        if (!run.begun[i] || run.from[i] < 0 || run.to[i] < 0 ||
            (run.fate[i] & 3) !== ARRIVED)
            continue;
        const end = (axis.at[throughOf(run, i)] - a) * k;
        const start = (axis.at[run.sent[i]] - a) * k;
        /* Bytes flow for as long at both ends, a latency apart. */
        const begin = (axis.at[run.begun[i] - 1] - a) * k;
        const wide = Math.max(0, end - begin);
        if (wide < 3 * view.scale)
            continue;
        addBand(r, yOf(view, run.from[i]), start, start + wide,
            yOf(view, run.to[i]), begin, end);
        any = true;
    }
    if (any)
        paintBands(r, theme.msg, theme.dark ? 0.2 : 0.16);
}

/* ---- Bars ---- */

const PARTS = [[WAITS, "wait", 0.36], [SLEEPS, "sleep", 0.66],
    [COMPUTES, "work", 1]];

function paintBars(r, run, look, view, bounds, theme)
{
    const { threads } = run.facts;
    const covers = look.coversFor(r.width);

    for (let t = 1; t < threads.length; t++) {
        const row = threads[t][1] - 1;
        if (row < bounds.top || row > bounds.bottom)
            continue;
        coverThread(run, t, view, bounds, covers);
        for (const [doing, color, part] of PARTS) {
            if (covers[doing].last < 0)
                continue;
            const [y0, y1] = laneOf(view, row, look.lane[t], look.lanes[row],
                part);
            paintCover(r, covers[doing], y0, Math.max(y1, y0 + 1),
                theme[color]);
        }
    }
}

/* The spans of a thread that are seen. */
function coverThread(run, t, view, bounds, covers)
{
    const { spanFrom, spanTo, spanKind, kinds, firstSpan } = run;
    const stop = firstSpan[t + 1];
    const at = view.axis.at, a = view.a, k = view.width / (view.b - view.a);

    for (let i = lowerBound(spanTo, bounds.first, firstSpan[t], stop);
        i < stop && spanFrom[i] <= bounds.last; i++)
        addCover(covers[kinds[spanKind[i]][0]], (at[spanFrom[i]] - a) * k,
            (at[spanTo[i]] - a) * k);
}

/* Below the bar of a thread, the colour of what it says to be. */
function paintStates(r, look, view, bounds, theme)
{
    for (const s of look.states) {
        if (s.row < bounds.top || s.row > bounds.bottom)
            continue;
        const [y0, y1] = laneOf(view, s.row, s.lane, s.lanes, 1);
        const high = Math.max(1, Math.min(4 * view.scale, (y1 - y0) / 4));
        fillRect(r, xOf(view, s.from), y1, xOf(view, s.to), y1 + high,
            theme.states[s.color % theme.states.length]);
    }
}

/* Where the bracket of a call is, and which way it opens: above the bar of its
 * thread, or below it, if other threads of the row are above it and none is
 * below. */
function bracketOf(look, view, call)
{
    const lane = look.lane[call.thread], lanes = look.lanes[call.row];
    const [y0, y1] = laneOf(view, call.row, lane, lanes, 1);
    const below = lane > 0 && lane === lanes - 1;

    return { y: below ? y1 + 3 * view.scale : y0 - 3 * view.scale, below };
}

/* A call is a bracket at the bar of its thread. */
function paintCalls(r, run, look, view, bounds, theme)
{
    const { scale } = view;

    if (view.rowHeight < 14 * scale)
        return;
    for (const call of run.calls) {
        const { row, from, to } = call;
        if (row < bounds.top || row > bounds.bottom || to < bounds.first ||
            from > bounds.last)
            continue;
        const { y, below } = bracketOf(look, view, call);
        const x0 = xOf(view, from), x1 = xOf(view, to);
        if (x1 - x0 < 4 * scale)
            continue;
        const top = below ? y - 2 * scale : y;
        fillRect(r, x0, y, x1, y + scale, theme.muted);
        fillRect(r, x0, top, x0 + scale, top + 3 * scale, theme.muted);
        fillRect(r, x1 - scale, top, x1, top + 3 * scale, theme.muted);
    }
}

/* Below the bars of a row; null: there is no room. */
function bandOfCurves(look, view, row)
{
    const lanes = look.lanes[row];
    const top = laneOf(view, row, lanes - 1, lanes, 1)[1] + 7 * view.scale;
    const bottom = yOf(view, row) + view.rowHeight * 0.46;

    return bottom - top < 9 * view.scale ? null : [top, bottom];
}

/* What is counted is a line of steps. */
function paintCurves(r, look, view, bounds, theme)
{
    for (const c of look.curves) {
        const band = bandOfCurves(look, view, c.row);
        if (band === null || c.row < bounds.top || c.row > bounds.bottom)
            continue;
        const high = (band[1] - band[0]) / (c.high - c.low || 1);
        const first = Math.max(0, lowerBound(c.times, bounds.first) - 1);
        for (let k = first, last = null; k < c.times.length &&
            c.times[k] <= bounds.last; k++) {
            const x = xOf(view, c.times[k]);
            const to = k + 1 < c.times.length ? xOf(view, c.times[k + 1]) :
                view.width;
            const y = band[1] - (c.values[k] - c.low) * high;
            if (last !== null)
                addLine(r, x, last, x, y);
            addLine(r, x, y, to, y);
            last = y;
        }
    }
    paintLines(r, theme.mark, 0.6);
}

/* Machines that are down are hatched, and those that are paused dotted. */
function paintStretches(r, look, view, theme)
{
    const scale = view.scale;

    for (const { kind, row, from, to } of look.faults.stretches) {
        const half = Math.max(scale, view.rowHeight * 0.42);
        const y = yOf(view, row), x0 = xOf(view, from);
        const x1 = Math.max(x0 + scale, xOf(view, to));
        const hatch = kind === "down" ?
            (x, yy) => (x + yy) / scale % 7 < 2 :
            (x, yy) => x / scale % 6 < 2 && yy / scale % 6 < 2;
        tintRect(r, x0, y - half, x1, y + half, theme.fault, 20);
        tintRect(r, x0, y - half, x1, y + half, theme.fault, 120, hatch);
    }
}

/* ---- Messages ---- */

/* A line for each; what is lost ends soon, at its own side. */
function endsOf(run, view, i)
{
    const from = run.from[i], to = run.to[i];
    let x0 = xOf(view, run.sent[i]), x1 = xOf(view, throughOf(run, i));
    let y0 = yOf(view, from < 0 ? to : from), y1 = yOf(view, to < 0 ? from : to);
    const stub = Math.min(view.rowHeight * 0.45, 14 * view.scale);

    if (from < 0 || to < 0) {
        if (from < 0)
            y0 -= stub;
        else
            y1 -= stub;
    } else if ((run.fate[i] & 3) === LOST) {
        y1 = y0 + Math.sign(y1 - y0) * stub;
        x1 = Math.min(Math.max(x1, x0 + stub / 3), x0 + stub);
    }
    return [x0, y0, x1, y1];
}

function paintMessages(r, run, view, shown, theme)
{
    const lost = [], path = [];

    for (let q = 0; q < shown.count; q++) {
        const i = shown.messages[q], fate = run.fate[i];
        if ((fate & 3) === LOST)
            lost.push(i);
        else if ((fate & ON_PATH) && shown.path)
            path.push(i);
        else
            addMessage(r, run, view, i);
    }
    for (let q = 0; q < shown.count; q++)
        addPutOff(r, run, view, shown.messages[q]);
    paintLines(r, theme.msg, 0.72);
    for (const i of lost)
        addMessage(r, run, view, i);
    paintLines(r, theme.lost, 0.85);
    for (const i of path) {
        const at = putOffOf(run, view, i);
        addThick(r, ...endsOf(run, view, i), view.scale);
        if (at !== null && at.x1 > at.x0)
            addThick(r, at.x0, at.y, at.x1, at.y, view.scale);
    }
    addTurns(r, run, view, shown);
    paintLines(r, theme.crit, 0.95);
}

function addMessage(r, run, view, i)
{
    const from = run.from[i], to = run.to[i];

    if (from < 0 || to < 0 || (run.fate[i] & 3) === LOST) {
        addLine(r, ...endsOf(run, view, i));
        return;
    }
    const at = view.axis.at, k = view.width / (view.b - view.a);
    addLine(r, (at[run.sent[i]] - view.a) * k,
        (from + 0.5) * view.rowHeight - view.scroll,
        (at[throughOf(run, i)] - view.a) * k,
        (to + 0.5) * view.rowHeight - view.scroll);
}

/* What has come and is put off goes on along the row, at the side from which it
 * came: from where to where, and how high; null: it is not put off, or lost. */
function putOffOf(run, view, i)
{
    const to = run.to[i];
    const by = Math.min(view.rowHeight * 0.36, 13 * view.scale);

    if (!run.came[i] || to < 0 || (run.fate[i] & 3) === LOST)
        return null;
    return { x0: Math.max(0, xOf(view, run.came[i] - 1)),
        x1: Math.min(view.width, xOf(view, run.ended[i])),
        y: yOf(view, to) + (run.from[i] < to ? -by : by) };
}

/* As dots. */
function addPutOff(r, run, view, i)
{
    const at = putOffOf(run, view, i), dot = 2 * view.scale;

    if (at === null)
        return;
    for (let x = at.x0; x < at.x1; x += 2 * dot)
        for (let d = 0; d < dot; d++)
            addLine(r, x, at.y + d, Math.min(x + dot, at.x1), at.y + d);
}

function addThick(r, x0, y0, x1, y1, scale)
{
    const steep = Math.abs(y1 - y0) > Math.abs(x1 - x0);

    for (let d = 0; d < 2 * scale; d++) {
        const by = d - scale + 0.5;
        if (steep)
            addLine(r, x0 + by, y0, x1 + by, y1);
        else
            addLine(r, x0, y0 + by, x1, y1 + by);
    }
}

/* What the path does between two messages: work, sleep, and waits that end by
 * themselves, along the lower edge of the row. */
function addTurns(r, run, view, shown)
{
    if (!shown.path)
        return;
    for (const p of run.path) {
        if (p.message || p.row < 0)
            continue;
        const x0 = xOf(view, p.from), x1 = xOf(view, p.to);
        const y = yOf(view, p.row) + Math.min(view.rowHeight * 0.34,
            13 * view.scale);
        if (x1 >= 0 && x0 < r.width && y >= 0 && y < r.height)
            addThick(r, x0, y, Math.max(x1, x0 + view.scale), y, view.scale);
    }
}

/* ---- The strip of ports ---- */

/* Links are hatched while they are off. */
function paintOffs(r, run, view, theme)
{
    const high = r.height / run.ports.ways.length;

    for (const { way, from, to } of run.ports.off)
        tintRect(r, xOf(view, from), Math.floor(way * high), Math.max(
            xOf(view, to), xOf(view, from) + view.scale),
        Math.max((way + 1) * high, Math.floor(way * high) + view.scale),
        theme.fault, 190, (x, y) => (x + y) / view.scale % 5 < 2);
}

/* Two lines of pixels or more for each node, out above in, from line `top` on;
 * by column, so that it follows any axis. */
function paintPorts(r, run, view, top, bottom, colors)
{
    const { slices, width, ways, levels } = run.ports;
    const start = run.times[run.first];
    const slice = new Int32Array(r.width);

    for (let x = 0; x < r.width; x++) {
        const place = view.a + (x + 0.5) * (view.b - view.a) / r.width;
        const k = Math.floor((timeOf(view.axis, place) - start) / width);
        slice[x] = k < 0 || k >= slices ? -1 : k;
    }
    for (let y = top; y < bottom; y++) {
        const way = Math.floor((y - top) * ways.length / (bottom - top));
        const line = way * slices;
        for (let x = 0, i = y * r.width; x < r.width; x++, i++) {
            const level = slice[x] < 0 ? 0 : levels[line + slice[x]];
            r.pixels[i] = level === 0 ? colors[0] : colors[level];
        }
    }
}
