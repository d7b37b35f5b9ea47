/* ---- Overlay: texts, heads and what is chosen, drawn over the pixels. ---- */

/* All of it has bounds by what fits on the screen. */

const FONT = "system-ui, \"Segoe UI\", Roboto, \"DejaVu Sans\", sans-serif";
const MOST_HEADS = 800;

function setFont(g, size, weight)
{
    g.font = `${weight || 400} ${size}px ${FONT}`;
}

/* Cut to fit, with an ellipsis. */
function fitText(g, text, room)
{
    if (g.measureText(text).width <= room)
        return text;
    let low = 0, high = text.length;
    while (low < high) {
        const middle = low + high + 1 >> 1;
        if (g.measureText(`${text.slice(0, middle)}…`).width <= room)
            low = middle;
        else
            high = middle - 1;
    }
    return low > 0 ? `${text.slice(0, low)}…` : "";
}

/* ---- Heads of arrows ---- */

function addHead(g, x0, y0, x1, y1, size)
{
    const length = Math.hypot(x1 - x0, y1 - y0) || 1;
    const ux = (x1 - x0) / length, uy = (y1 - y0) / length;
    const bx = x1 - ux * size * 1.6, by = y1 - uy * size * 1.6;

    g.moveTo(x1, y1);
    g.lineTo(bx - uy * size * 0.55, by + ux * size * 0.55);
    g.lineTo(bx + uy * size * 0.55, by - ux * size * 0.55);
}

function drawHeads(g, run, view, shown, theme)
{
    const groups = { msg: [], crit: [], lost: [] };

    if (view.rowHeight < 9 * view.scale)
        return;
    for (let q = 0; q < shown.count; q++) {
        const i = shown.messages[q], fate = run.fate[i] & 3;
        const group = fate === LOST ? "lost" : fate !== ARRIVED ? null :
            (run.fate[i] & ON_PATH) && shown.path ? "crit" : "msg";
        if (group)
            groups[group].push(i);
    }
    for (const group of ["msg", "crit", "lost"]) {
        const list = groups[group];
        if (list.length > MOST_HEADS || list.length === 0)
            continue;
        g.fillStyle = g.strokeStyle = theme.css[group];
        g.beginPath();
        for (const i of list)
            addEnd(g, view, endsOf(run, view, i), group);
        if (group === "lost")
            g.stroke();
        else
            g.fill();
    }
}

/* A head, or a cross. */
function addEnd(g, view, [x0, y0, x1, y1], group)
{
    const scale = view.scale, s = 3 * scale;

    if (x1 < -9 * scale || x1 > view.width + 9 * scale || y1 < -9 * scale ||
        y1 > view.height + 9 * scale)
        return;
    if (group === "lost") {
        g.moveTo(x1 - s, y1 - s);
        g.lineTo(x1 + s, y1 + s);
        g.moveTo(x1 + s, y1 - s);
        g.lineTo(x1 - s, y1 + s);
        return;
    }
    addHead(g, x0, y0, x1, y1, (group === "crit" ? 6 : 4.2) * scale);
}

/* ---- What is chosen ---- */

function drawLine(g, run, view, i, color, width)
{
    const [x0, y0, x1, y1] = endsOf(run, view, i);

    g.strokeStyle = g.fillStyle = color;
    g.lineWidth = width * view.scale;
    g.beginPath();
    g.moveTo(x0, y0);
    g.lineTo(x1, y1);
    g.stroke();
    g.beginPath();
    addHead(g, x0, y0, x1, y1, 3.2 * width * view.scale);
    g.fill();
}

function drawChosen(g, run, view, bounds, chosen, theme)
{
    for (const i of chosen.chain)
        if (run.sent[i] <= bounds.last && run.ended[i] >= bounds.first)
            drawLine(g, run, view, i, theme.css.mark, 2);
    if (chosen.message >= 0)
        drawLine(g, run, view, chosen.message, theme.css.sel, 2.4);
    if (chosen.hover >= 0 && chosen.hover !== chosen.message)
        drawLine(g, run, view, chosen.hover, theme.css.sel, 1.5);
}

/* ---- Marks and other words ---- */

/* A flag at its moment, and its text up to the next one of the row. */
function drawMarks(g, view, bounds, marks, theme)
{
    const scale = view.scale, next = new Map();
    const lift = Math.min(view.rowHeight * 0.33, 15 * scale);
    const seen = marks.filter(m => m.row >= bounds.top && m.row <= bounds.bottom &&
        m.time >= bounds.first && m.time <= bounds.last);

    setFont(g, 11 * scale);
    g.textBaseline = "bottom";
    g.textAlign = "left";
    for (let q = seen.length - 1; q >= 0 && view.rowHeight >= 26 * scale; q--) {
        const m = seen[q], x = xOf(view, m.time) + 6 * scale;
        const room = (next.has(m.row) ? next.get(m.row) : view.width) - x -
            12 * scale;
        next.set(m.row, x);
        const text = room < 44 * scale ? "" : fitText(g, m.text, room);
        if (text === "")
            continue;
        const y = yOf(view, m.row) - lift, wide = g.measureText(text).width;
        g.globalAlpha = 0.78;
        g.fillStyle = theme.css.bg;
        g.fillRect(x - scale, y - 12 * scale, wide + 3 * scale, 12 * scale);
        g.globalAlpha = 1;
        g.fillStyle = theme.css.mark;
        g.fillText(text, x, y);
    }
    g.fillStyle = theme.css.mark;
    g.beginPath();
    for (const m of seen.slice(0, 4 * MOST_HEADS)) {
        const x = xOf(view, m.time), y = yOf(view, m.row) - lift;
        const s = Math.min(3.5 * scale, view.rowHeight / 3);
        g.moveTo(x, y);
        g.lineTo(x - s, y - 2 * s);
        g.lineTo(x + s, y - 2 * s);
    }
    g.fill();
}

/* A call whose line is known needs no number. */
function nameOfCall(call)
{
    return /:[0-9]+$/.test(call.what) ? call.what
        : `${call.what} ${call.number}`;
}

/* Names of states, of calls, of curves and of what machines suffer, where there
 * is room. */
function drawWords(g, run, look, view, bounds, theme)
{
    const scale = view.scale;
    const word = (text, row, from, to, y, color) => {
        const x = Math.max(0, xOf(view, from)) + 4 * scale;
        const room = Math.min(view.width, xOf(view, to)) - x - 4 * scale;
        const cut = room < 34 * scale ? "" : fitText(g, text, room);
        g.fillStyle = color;
        if (cut !== "" && row >= bounds.top && row <= bounds.bottom)
            g.fillText(cut, x, y);
    };

    if (view.rowHeight < 30 * scale)
        return;
    setFont(g, 10.5 * scale);
    g.textAlign = "left";
    g.textBaseline = "top";
    for (const s of look.states) {
        const [, y1] = laneOf(view, s.row, s.lane, s.lanes, 1);
        if (s.lanes === 1)
            word(s.text, s.row, s.from, s.to, y1 + 5 * scale,
                theme.css.states[s.color % theme.css.states.length]);
    }
    for (const c of run.calls) {
        if (c.to < bounds.first || c.from > bounds.last ||
            xOf(view, c.to) - xOf(view, c.from) < 40 * scale)
            continue;
        const { y, below } = bracketOf(look, view, c);
        g.textBaseline = below ? "top" : "bottom";
        word(nameOfCall(c), c.row, c.from, c.to, below ? y + 2 * scale : y,
            theme.css.muted);
    }
    g.textBaseline = "top";
    for (const c of look.curves) {
        const band = bandOfCurves(look, view, c.row);
        if (band !== null)
            word(`${c.text}, ${c.low} to ${c.high}`, c.row, c.times[0],
                bounds.last, band[0] - 2 * scale, theme.css.mark);
    }
    setFont(g, 10.5 * scale, 600);
    for (const { kind, row, from, to } of look.faults.stretches)
        word(kind, row, from, to,
            yOf(view, row) - view.rowHeight * 0.42 + 2 * scale, theme.css.fault);
    for (const { row, time, text } of look.faults.events)
        word(`▾ ${text}`, row, time, bounds.last,
            yOf(view, row) - view.rowHeight * 0.42, theme.css.fault);
}

/* ---- The frame around it ---- */

/* `fitted` keeps the names that have been cut to fit. */
function drawNames(g, run, view, bounds, left, fitted, theme)
{
    const { scale, rowHeight } = view;
    const every = Math.max(1, Math.ceil(13 * scale / rowHeight));

    setFont(g, 12 * scale);
    g.fillStyle = theme.css.muted;
    g.textAlign = "right";
    g.textBaseline = "middle";
    for (let row = bounds.top; row <= bounds.bottom; row++)
        if (row % every === every >> 1) {
            if (!fitted.has(row))
                fitted.set(row, fitText(g, rowName(run, row),
                    left - 16 * scale));
            g.fillText(fitted.get(row), left - 10 * scale, yOf(view, row));
        }
}

/* Ticks of a view, as { x, text }. */
function rulerOf(view)
{
    const { axis, a, b, width, scale } = view;
    const length = axis.times[axis.times.length - 1];
    const apart = 120 * scale * (b - a) / width;
    const list = [];

    if (!axis.even) {
        const { list: places, step } = ticksOf(a, b, apart);
        return places.map(p => ({ x: (p - a) * width / (b - a),
            text: tickLabel(p, step, length) }));
    }
    for (let x = 60 * scale; x < width; x += 150 * scale) {
        const place = Math.round(a + x * (b - a) / width);
        if (place >= 0 && place < axis.times.length)
            list.push({ x: (place - a) * width / (b - a),
                text: withUnit(axis.times[place], "s", 5) });
    }
    return list;
}

/* ---- Who waits for whom ---- */

/* A column at the right: a dot and a text for each thread that is stuck, and an
 * arrow to whom it waits for; red if it is one of a circle.  Broken lines go to
 * those who have sent to its port before, if more is not known. */
function drawWaiters(g, look, view, x0, wide, theme)
{
    const scale = view.scale;
    const texts = view.rowHeight >= 13 * scale;
    const indent = (look.waiters.some(w => w.targets.length > 0 ||
        w.before.length > 0) ? Math.min(86, wide / scale / 2) : 26) * scale;
    const out = Math.min(66 * scale, indent - 16 * scale); /* of arrows */
    const ys = waiterPlaces(look, view);

    g.textBaseline = "middle";
    g.textAlign = "left";
    setFont(g, 11 * scale);
    for (const circle of [false, true])
        look.waiters.forEach((w, i) => {
            if (w.circle !== circle)
                return;
            const color = circle ? theme.css.lost : theme.css.muted;
            const y = ys[i];
            g.fillStyle = g.strokeStyle = color;
            g.beginPath();
            g.arc(x0 + 12 * scale, y, Math.min(4.5 * scale,
                Math.max(1.5, view.rowHeight / 3)), 0, 7);
            g.fill();
            for (const t of w.targets)
                drawWait(g, view, x0 + 12 * scale, y, yOf(view, t.row), out,
                    circle && t.circle ? 2 : 1.1);
            g.globalAlpha = 0.5;
            g.setLineDash([3 * scale, 3 * scale]);
            for (const row of w.before)
                drawWait(g, view, x0 + 12 * scale, y, yOf(view, row), out, 1);
            g.setLineDash([]);
            g.globalAlpha = 1;
            const room = wide - indent - 6 * scale;
            /* Where there is little, it is for whom. */
            const text = g.measureText(w.text).width <= room ? w.text :
                w.text.replace(/^a message from /, "");
            if (texts)
                g.fillText(fitText(g, text, room), x0 + indent, y);
        });
}

/* Threads of one row lie below each other. */
function waiterPlaces(look, view)
{
    const many = new Map(), at = new Map();

    for (const w of look.waiters)
        many.set(w.row, (many.get(w.row) || 0) + 1);
    return look.waiters.map(w => {
        const k = at.get(w.row) || 0, n = many.get(w.row);
        at.set(w.row, k + 1);
        return yOf(view, w.row) + (k - (n - 1) / 2) *
            Math.min(15 * view.scale, view.rowHeight / n);
    });
}

function drawWait(g, view, x, y0, y1, most, width)
{
    const scale = view.scale, sign = Math.sign(y1 - y0) || 1;
    const rows = Math.abs(y1 - y0) / view.rowHeight;
    const out = Math.min(most, (18 + rows * 9) * scale);
    const ex = x + 9 * scale, ey = y1 - sign * 2 * scale;

    g.lineWidth = width * scale;
    g.beginPath();
    g.moveTo(x + 5 * scale, y0 + sign * 2 * scale);
    g.bezierCurveTo(x + out, y0 + sign * 4 * scale, x + out,
        y1 - sign * 6 * scale, ex, ey);
    g.stroke();
    g.beginPath();
    addHead(g, x + out, y1 - sign * 6 * scale, x + 6 * scale, y1, 5 * scale);
    g.fill();
}

/* ---- The overview ---- */

function placeIn(box, axis, place)
{
    return box.left + (place - axis.from) / axis.length * box.width;
}

/* What does not change with the view. */
function drawOverview(g, density, axis, look, box, theme)
{
    const { left, width, height, scale } = box;
    const n = density.all.length, each = width / n;
    const place = m => placeIn(box, axis, axis.at[m]);
    const high = x => (height - 14 * scale) * Math.sqrt(x / density.most);

    g.globalAlpha = 1;
    g.fillStyle = theme.css.panel;
    g.fillRect(0, 0, g.canvas.width, height);
    g.fillStyle = theme.css.fault;
    g.globalAlpha = 0.13;
    for (const s of look.partitions.sides.concat(look.faults.stretches))
        g.fillRect(place(s.from), 4 * scale,
            Math.max(scale, place(s.to) - place(s.from)), height - 8 * scale);
    for (const [what, color] of [["all", "msg"], ["lost", "lost"]]) {
        g.fillStyle = theme.css[color];
        g.globalAlpha = what === "all" ? 0.6 : 0.9;
        for (let i = 0; i < n; i++)
            if (density[what][i] > 0)
                g.fillRect(left + i * each,
                    height - 4 * scale - high(density[what][i]),
                    Math.max(scale, each), high(density[what][i]));
    }
    g.globalAlpha = 1;
    setFont(g, 11 * scale);
    g.fillStyle = theme.css.muted;
    g.textAlign = "right";
    g.textBaseline = "middle";
    g.fillText("messages", left - 10 * scale, height / 2);
}

/* The part that is seen. */
function drawBox(g, view, box, theme)
{
    const { left, width, height, scale } = box;
    const a = Math.max(left, placeIn(box, view.axis, view.a));
    const b = Math.min(left + width, placeIn(box, view.axis, view.b));

    g.globalAlpha = 0.6;
    g.fillStyle = theme.css.panel;
    g.fillRect(left, 0, a - left, height);
    g.fillRect(b, 0, left + width - b, height);
    g.globalAlpha = 1;
    g.strokeStyle = theme.css.crit;
    g.lineWidth = 1.5 * scale;
    g.strokeRect(a, 1.5 * scale, Math.max(3 * scale, b - a),
        height - 3 * scale);
}
