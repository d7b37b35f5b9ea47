/* ---- SVG: the view as a picture for a document. -------------------------- */

/* A path of all lines of a kind; beyond this many, fewer are taken. */
const MOST_IN_SVG = 20000;

function places(...numbers)
{
    return numbers.map(x => Number(x.toFixed(1))).join(" ");
}

function svgLines(run, view, list)
{
    return list.map(i => {
        const [x0, y0, x1, y1] = endsOf(run, view, i);
        return `M${places(x0, y0)}L${places(x1, y1)}`;
    }).join("");
}

function svgRects(run, look, view, bounds, wanted, part)
{
    const { threads } = run.facts;
    let path = "";

    for (let t = 1; t < threads.length; t++) {
        const row = threads[t][1] - 1;
        if (row < bounds.top || row > bounds.bottom)
            continue;
        const [y0, y1] = laneOf(view, row, look.lane[t], look.lanes[row], part);
        for (let i = lowerBound(run.spanTo, bounds.first, run.firstSpan[t],
            run.firstSpan[t + 1]); i < run.firstSpan[t + 1] &&
            run.spanFrom[i] <= bounds.last; i++) {
            const x0 = Math.max(0, xOf(view, run.spanFrom[i]));
            const x1 = Math.min(view.width, xOf(view, run.spanTo[i]));
            if (run.kinds[run.spanKind[i]][0] === wanted && x1 - x0 > 0.2)
                path += `M${places(x0, y0)}H${places(x1)}V${places(y1)}` +
                    `H${places(x0)}z`;
        }
    }
    return path;
}

function svgTints(look, view, bounds)
{
    const out = [];
    const rect = (x0, x1, row, color, opacity) => {
        const a = Math.max(0, x0), b = Math.min(view.width, x1);
        if (a < b && row >= bounds.top && row <= bounds.bottom)
            out.push(`<path fill="${color}" fill-opacity="${opacity}" d="M` +
                `${places(a, yOf(view, row) - view.rowHeight * 0.47)}H` +
                `${places(b)}v${places(view.rowHeight * 0.94)}H${places(a)}z"/>`);
    };

    for (const { from, to, side } of look.partitions.sides)
        side.forEach((s, row) => s >= 0 && rect(xOf(view, from),
            xOf(view, to), row, SIDES[s % SIDES.length], 0.1));
    for (const { row, from, to } of look.faults.stretches)
        rect(xOf(view, from), xOf(view, to), row, SIDES[0], 0.25);
    return out.join("\n");
}

function svgText(x, y, text, anchor, color)
{
    return `<text x="${places(x)}" y="${places(y)}" text-anchor="${anchor}"` +
        ` fill="${color}">${escaped(text)}</text>`;
}

/* The whole document; `view` has a scale of 1. */
function svgOf(run, look, view, shown, theme, title)
{
    const left = 110, top = 46, { css } = theme;
    const bounds = boundsOf(view);
    const list = Array.from(shown.messages.subarray(0, shown.count));
    const fate = i => run.fate[i] & 3;
    const path = (d, style) => d === "" ? "" : `<path ${style} d="${d}"/>`;
    const line = (color, width) =>
        `fill="none" stroke="${color}" stroke-width="${width}"`;
    const onPath = i => shown.path && (run.fate[i] & ON_PATH) !== 0 &&
        fate(i) !== LOST;
    const parts = [
        `<svg xmlns="http://www.w3.org/2000/svg" width="${left + view.width}"` +
            ` height="${top + view.height + 8}" font-size="11"` +
            ` font-family="sans-serif">`,
        `<rect width="100%" height="100%" fill="${css.bg}"/>`,
        svgText(left, 16, title, "start", css.text),
        `<clipPath id="c"><rect width="${view.width}" height="${view.height}"/>` +
            `</clipPath><g transform="translate(${left} ${top})">`,
    ];

    for (const { x, text } of rulerOf(view))
        parts.push(path(`M${places(x, 0)}v${view.height}`, line(css.grid, 1)),
            svgText(x, -8, text, "middle", css.muted));
    const every = Math.max(1, Math.ceil(12 / view.rowHeight));
    for (let row = bounds.top + (every >> 1); row <= bounds.bottom; row += every)
        parts.push(svgText(-8, yOf(view, row) + 4, rowName(run, row), "end",
            css.muted));
    parts.push("<g clip-path=\"url(#c)\">", svgTints(look, view, bounds));
    for (const [doing, color, part] of PARTS)
        parts.push(path(svgRects(run, look, view, bounds, doing, part),
            `fill="${css[color]}"`));
    parts.push(
        path(svgLines(run, view, list.filter(i => fate(i) !== LOST &&
            !onPath(i))), line(css.msg, 0.8)),
        path(list.map(i => putOffOf(run, view, i)).filter(at => at !== null)
            .map(at => `M${places(at.x0, at.y)}H${places(at.x1)}`).join(""),
        `${line(css.msg, 2)} stroke-dasharray="2 2"`),
        path(svgLines(run, view, list.filter(i => fate(i) === LOST)),
            `${line(css.lost, 1)} stroke-dasharray="2 2"`),
        path(svgLines(run, view, list.filter(onPath)), line(css.crit, 2)));
    for (const m of look.marks)
        if (m.time >= bounds.first && m.time <= bounds.last)
            parts.push(svgText(xOf(view, m.time), yOf(view, m.row) -
                view.rowHeight * 0.33, `▾ ${m.text}`, "start", css.mark));
    parts.push("</g></g></svg>\n");
    return parts.filter(x => x !== "").join("\n");
}
