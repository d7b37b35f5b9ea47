/* ---- What is under the pointer, and what there is to say of it. ---------- */

/* The message of those shown that is nearest to a point of the diagram, at most
 * `near` pixels away; -1: none is. */
function messageAt(run, view, shown, x, y, near)
{
    let best = near, at = -1;

    for (let q = 0; q < shown.count; q++) {
        const i = shown.messages[q];
        const [x0, y0, x1, y1] = endsOf(run, view, i);
        if (Math.min(x0, x1) > x + best || Math.max(x0, x1) < x - best ||
            Math.min(y0, y1) > y + best || Math.max(y0, y1) < y - best)
            continue;
        const dx = x1 - x0, dy = y1 - y0, square = dx * dx + dy * dy;
        const part = square ? ((x - x0) * dx + (y - y0) * dy) / square : 0;
        const f = Math.max(0, Math.min(1, part));
        const far = Math.hypot(x - x0 - f * dx, y - y0 - f * dy) -
            (run.fate[i] & ON_PATH ? 1 : 0);
        if (far < best) {
            best = far;
            at = i;
        }
    }
    return at;
}

/* The span of a thread there, as { span, thread, moment }, or null. */
function spanAt(run, look, view, x, y)
{
    const { threads } = run.facts;
    const place = view.a + x * (view.b - view.a) / view.width;
    const row = Math.floor((y + view.scroll) / view.rowHeight);
    const moment = lowerBound(view.axis.at, place);

    for (let t = 1; t < threads.length; t++) {
        if (threads[t][1] - 1 !== row)
            continue;
        const [y0, y1] = laneOf(view, row, look.lane[t], look.lanes[row], 1);
        const i = lowerBound(run.spanTo, moment, run.firstSpan[t],
            run.firstSpan[t + 1]);
        if (y >= y0 - 2 && y <= y1 + 2 && i < run.firstSpan[t + 1] &&
            view.axis.at[run.spanFrom[i]] <= place)
            return { span: i, thread: t, moment };
    }
    return null;
}

function rowName(run, row)
{
    return row < 0 ? "?" : run.facts.rows[row + 1];
}

function threadName(run, thread)
{
    return thread ? run.facts.threads[thread][0] : "?";
}

/* ---- As lines of a table: what, and how much ---- */

function ofMessage(run, i)
{
    const time = m => run.times[m], length = run.times[run.last];
    const fate = run.fate[i], sent = time(run.sent[i]), ended = time(run.ended[i]);
    const lines = [["size", bytes(run.size[i])],
        ["sent", `${moment(sent, length)} by ${threadName(run, run.sender[i])}`]];

    if ((fate & 3) === LOST)
        lines.push(["lost", lossOf(run, i)]);
    else if ((fate & 3) === UNDER_WAY)
        lines.push(["arrives", "still under way at the end"]);
    else
        lines.push(["arrives", `${moment(ended, length)}, ` +
            `after ${seconds(ended - sent)}`]);
    if (run.came[i])
        lines.push([fate & BY_LINK ? "held" : "put off",
            `for ${seconds(ended - time(run.came[i] - 1))}` +
            `${fate & BY_LINK ? ", its link was" : ""}`]);
    if (run.begun[i] && (fate & 3) === ARRIVED) {
        const begun = time(run.begun[i] - 1);
        const through = time(throughOf(run, i));
        lines.push(["latency", seconds(begun - sent)]);
        if (through > begun)
            lines.push(["bytes", `${seconds(through - begun)}, ` +
                `${bytes(run.size[i] / (through - begun))}/s`]);
    }
    if ((fate & 3) === ARRIVED)
        lines.push(["taken", ofTaking(run, i)]);
    if (run.port[i])
        lines.push(["port", ofStream(run, run.port[i])]);
    if (fate & DOUBLED)
        lines.push(["", "arrived more than once"]);
    if (fate & ON_PATH)
        lines.push(["", "on the critical path"]);
    return lines;
}

function ofTaking(run, i)
{
    if (!run.taken[i])
        return "never";
    const late = run.times[run.taken[i] - 1] - run.times[run.ended[i]];
    return late > 0 ? `${seconds(late)} later` : "at once";
}

function ofStream(run, stream)
{
    const [row, number, name] = run.facts.streams[stream];
    const port = number < 0 ? "" : `port ${number} of ${rowName(run, row - 1)}`;

    return name && port ? `${name}, ${port}` : name || port || "?";
}

function ofSpan(run, look, { span, thread, moment: when })
{
    const [doing, why, onPath, what] = run.kinds[run.spanKind[span]];
    const from = run.times[run.spanFrom[span]], to = run.times[run.spanTo[span]];
    const verb = ["waits", "sleeps", "computes"][doing];
    const lines = [[verb, what ? `in ${run.facts.texts[what]}` : ""],
        ["from", moment(from, run.times[run.last])],
        ["for", seconds(to - from)]];
    const message = run.spanMessage[span], stream = run.spanStream[span];

    if (message)
        lines.push(["until", `message #${run.name[message - 1]} of ` +
            rowName(run, run.from[message - 1])]);
    else if (stream)
        lines.push([why === BY_EVENT ? "until" : "for", ofStream(run, stream)]);
    for (const c of run.calls)
        if (c.thread === thread && c.from < when && c.to >= when)
            lines.push(["call", `${c.what}, number ${c.number}`]);
    for (const c of look.curves)
        if (c.thread === thread && valueAt(c, when - 1) !== null)
            lines.push([c.text, String(valueAt(c, when - 1))]);
    if (onPath)
        lines.push(["", "on the critical path"]);
    return lines;
}

/* What the port at a point of the strip did, or null. */
function ofPort(run, view, x, part)
{
    const { slices, width, ways, levels } = run.ports;
    const place = view.a + x * (view.b - view.a) / view.width;
    const time = timeOf(view.axis, place);
    const slice = Math.floor((time - run.times[run.first]) / width);
    const way = Math.floor(part * ways.length);

    if (slice < 0 || slice >= slices || way < 0 || way >= ways.length)
        return null;
    const [row, inward, rate, link] = ways[way];
    const level = levels[way * slices + slice];
    const share = level === 0 ? "nothing" : level === 15 ? "full" :
        `${Math.round((level - 1) / 15 * 100)} to ` +
        `${Math.round(level / 15 * 100)} %`;
    const isOff = run.ports.off.some(o => o.way === way &&
        run.times[o.from] <= time && run.times[o.to] > time);
    return { name: link || rowName(run, row - 1), lines: [
        [link ? "carries" : inward ? "receives" : "sends", `${share} of ${bytes(rate)}/s`],
        ["from", seconds(run.times[run.first] + slice * width)],
        ["for", seconds(width)], ...isOff ? [["", "off"]] : []] };
}
