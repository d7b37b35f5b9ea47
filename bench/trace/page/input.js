/* ---- Input: wheel, pointer, keys, buttons. ------------------------------- */

/* Where the pointer is, in pixels of the diagram. */
function pointOf(s, e)
{
    const box = s.canvas.getBoundingClientRect(), scale = s.view.scale;

    return { x: (e.clientX - box.left) * scale - s.left,
        y: (e.clientY - box.top) * scale - s.top };
}

function placeAt(s, x)
{
    const { view } = s;

    return view.a + x * (view.b - view.a) / view.width;
}

function isInside(s, { x, y })
{
    return x >= 0 && x < s.view.width && y >= 0 && y < s.view.height;
}

/* ---- What is said ---- */

function tableOf(lines)
{
    return `<table>${lines.map(([a, b]) =>
        `<tr><td>${escaped(a)}<td>${escaped(b)}`).join("")}</table>`;
}

function titleOf(run, i)
{
    return `<h2>${escaped(rowName(run, run.from[i]))} → ` +
        `${escaped(rowName(run, run.to[i]))} #${run.name[i]}</h2>`;
}

function describe(s, point)
{
    const { run, look, view } = s;

    if (s.chosen.hover >= 0)
        return titleOf(run, s.chosen.hover) +
            tableOf(ofMessage(run, s.chosen.hover));
    if (isInside(s, point)) {
        const found = spanAt(run, look, view, point.x, point.y);
        return found === null ? "" :
            `<h2>${escaped(threadName(run, found.thread))}</h2>` +
            tableOf(ofSpan(run, look, found));
    }
    const strip = s.ports > 0 && s.strip ? point.y - view.height - s.ports +
        s.strip.height : -1;
    if (strip < 0 || point.x < 0 || point.x >= view.width)
        return "";
    const port = ofPort(run, view, point.x, strip / s.strip.height);
    return port === null ? "" :
        `<h2>${escaped(port.name)}</h2>${tableOf(port.lines)}`;
}

function showTip(s, e)
{
    const tip = element("tip"), point = pointOf(s, e);
    const before = s.chosen.hover;
    const box = s.canvas.getBoundingClientRect();

    s.chosen.hover = isInside(s, point) ? messageAt(s.run, s.view, s.shown,
        point.x, point.y, 6 * s.view.scale) : -1;
    const text = describe(s, point);
    tip.innerHTML = text;
    tip.style.display = text === "" ? "none" : "block";
    const x = e.clientX - box.left + 14, y = e.clientY - box.top + 14;
    tip.style.left = `${Math.min(x, box.width - tip.offsetWidth - 8)}px`;
    tip.style.top = `${Math.min(y, box.height - tip.offsetHeight - 8)}px`;
    if (before !== s.chosen.hover)
        ask(s);
}

function hideTip(s)
{
    element("tip").style.display = "none";
    if (s.chosen.hover >= 0) {
        s.chosen.hover = -1;
        ask(s);
    }
}

/* ---- Choosing ---- */

/* Whether a message is where the box of what is chosen is, on a narrow page. */
function isLow(s, i)
{
    const { view } = s, [, y0, , y1] = endsOf(s.run, view, i);

    return view.width < 700 * view.scale && (y0 + y1) / 2 > view.height / 2;
}

function select(s, i)
{
    const side = element("side"), { run } = s;

    s.chosen.message = i;
    s.chosen.chain = i < 0 ? [] : chainOf(run, i);
    side.style.display = i < 0 ? "none" : "block";
    side.classList.toggle("above", i >= 0 && isLow(s, i));
    if (i >= 0)
        side.innerHTML = `<button class="close" aria-label="Close">×</button>` +
            titleOf(run, i) + tableOf(ofMessage(run, i)) +
            htmlOfChain(run, s.chosen.chain);
    keepLink(s);
    ask(s);
}

function htmlOfChain(run, chain)
{
    const most = 40;
    const lines = chain.slice(0, most).map(i => {
        const after = seconds(run.times[run.ended[i]] - run.times[run.sent[i]]);
        return `<div><a data-message="${i}">#${run.name[i]}</a> ` +
            `${escaped(rowName(run, run.from[i]))} → ` +
            `${escaped(rowName(run, run.to[i]))}, ${after}</div>`;
    });

    if (chain.length > most)
        lines.push(`<div>and ${many(chain.length - most)} before</div>`);
    return `<div class="chain">sent because of${chain.length > 0 ? "" :
        " nothing that it waited for"}${lines.join("")}</div>`;
}

/* Brings a message into view, and chooses it. */
function goTo(s, i)
{
    const { view, run } = s;
    const from = view.axis.at[run.sent[i]], to = view.axis.at[run.ended[i]];
    const wide = Math.max(view.b - view.a, (to - from) * 1.1);

    if (i < 0)
        return;
    if (from < view.a || to > view.b)
        setView(s, (from + to - wide) / 2, (from + to + wide) / 2);
    showRow(s, run.from[i] < 0 ? run.to[i] : run.from[i]);
    select(s, i);
}

function showRow(s, row)
{
    const y = yOf(s.view, row);

    if (y < 0 || y > s.view.height)
        s.view.scroll += y - s.view.height / 2;
    clampScroll(s);
    ask(s);
}

function step(s, by)
{
    const i = stepAlong(s.look.path, s.run, s.chosen.message, by,
        s.bounds.first + 1);

    if (i >= 0)
        goTo(s, i);
}

/* ---- Finding ---- */

function find(s, by)
{
    const query = element("find").value;

    if (query !== s.query) {
        s.query = query;
        s.found = search(s.run, query);
        s.at = by > 0 ? -1 : 0;
    }
    if (s.found.length === 0) {
        s.said = query.trim() === "" ? "" : "nothing found";
        ask(s);
        return;
    }
    s.at = (s.at + by + s.found.length) % s.found.length;
    goToFound(s, s.found[s.at]);
    s.said = `${many(s.at + 1)} of ${many(s.found.length)}`;
}

function goToFound(s, { message, moment: when, row })
{
    const { view } = s;

    if (message !== undefined) {
        goTo(s, message);
        return;
    }
    if (when !== undefined) {
        const place = view.axis.at[when], wide = Math.min(view.b - view.a,
            view.axis.length / 4);
        setView(s, place - wide / 2, place + wide / 2);
    }
    showRow(s, row);
}

/* ---- Saving ---- */

function save(s)
{
    const { run, look } = s, scale = s.view.scale;
    const view = Object.assign({}, s.view, { width: s.view.width / scale,
        height: s.view.height / scale, rowHeight: s.view.rowHeight / scale,
        scroll: s.view.scroll / scale, scale: 1 });
    const messages = new Uint32Array(MOST_IN_SVG);
    const found = chooseLevel(run, look.levels, boundsOf(view), messages,
        MOST_IN_SVG);
    const text = svgOf(run, look, view, { messages, count: found.n,
        path: s.options.path }, s.theme, document.title);
    const link = document.createElement("a");

    link.href = URL.createObjectURL(new Blob([text],
        { type: "image/svg+xml" }));
    link.download = `${document.title.replace(/\.dstrace$/, "")}.svg`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    return text;
}

/* ---- Wheel and pointer ---- */

function zoomAt(s, place, factor)
{
    setView(s, place - (place - s.view.a) * factor,
        place + (s.view.b - place) * factor);
}

function zoomRows(s, y, factor)
{
    const row = (y + s.view.scroll) / s.view.rowHeight;

    s.zoom = Math.max(0.2, Math.min(500, s.zoom * factor));
    layOut(s);
    s.view.scroll = row * s.view.rowHeight - y;
    clampScroll(s);
    move(s);
}

function scrollBy(s, dx, dy)
{
    const by = dx * (s.view.b - s.view.a) / s.view.width;

    s.view.scroll += dy;
    clampScroll(s);
    setView(s, s.view.a + by, s.view.b + by);
}

function onWheel(s, e)
{
    const point = pointOf(s, e), scale = s.view.scale;
    const unit = e.deltaMode === 1 ? 30 : 1;
    const dx = e.deltaX * unit, dy = e.deltaY * unit;
    const factor = Math.exp(Math.max(-1, Math.min(1, (dy || dx) * 0.0022)));

    e.preventDefault();
    if (e.altKey)
        zoomRows(s, Math.max(0, point.y), 1 / factor);
    else if (e.shiftKey)
        scrollBy(s, 0, (dy || dx) * scale);
    else if (Math.abs(dx) > Math.abs(dy))
        scrollBy(s, dx * scale, 0);
    else
        zoomAt(s, placeAt(s, Math.max(0, point.x)), factor);
}

function onDrag(s, drag, e)
{
    const point = pointOf(s, e);
    const dx = point.x - drag.point.x, dy = point.y - drag.point.y;

    if (Math.abs(dx) + Math.abs(dy) > 3 * s.view.scale)
        drag.moved = true;
    if (!drag.moved || drag.stretch)
        return;
    hideTip(s);
    const by = dx * (drag.b - drag.a) / s.view.width;
    s.view.scroll = drag.scroll - dy;
    clampScroll(s);
    setView(s, drag.a - by, drag.b - by);
}

function onRelease(s, drag, e)
{
    const point = pointOf(s, e);

    if (!drag.moved)
        select(s, isInside(s, point) ? messageAt(s.run, s.view, s.shown,
            point.x, point.y, (e.pointerType === "touch" ? 16 : 6) *
                s.view.scale) : -1);
    else if (drag.stretch)
        setView(s, placeAt(s, Math.min(point.x, drag.point.x)),
            placeAt(s, Math.max(point.x, drag.point.x)));
}

/* ---- Fingers ---- */

/* Of two points: their middle, and how far apart they are. */
function spreadOf([p, q])
{
    return { x: (p.x + q.x) / 2, y: (p.y + q.y) / 2,
        wide: Math.abs(p.x - q.x), high: Math.abs(p.y - q.y) };
}

/* Two fingers hold what is between them.  Beside each other they are of time,
 * and above each other of rows. */
function beginPinch(s, points)
{
    const from = spreadOf(points), { view } = s;

    hideTip(s);
    return { from, ofRows: from.high > from.wide, a: view.a, b: view.b,
        zoom: s.zoom, row: (from.y + view.scroll) / view.rowHeight };
}

function onPinch(s, pinch, points)
{
    const { from, ofRows, a, b } = pinch, to = spreadOf(points);
    const least = 10 * s.view.scale;
    const factor = ofRows ? 1 : Math.max(least, from.wide) /
        Math.max(least, to.wide);
    const place = a + from.x * (b - a) / s.view.width;
    const start = place - to.x * (b - a) * factor / s.view.width;

    if (ofRows) {
        s.zoom = Math.max(0.2, Math.min(500, pinch.zoom *
            Math.max(least, to.high) / Math.max(least, from.high)));
        layOut(s);
    }
    s.view.scroll = pinch.row * s.view.rowHeight - to.y;
    clampScroll(s);
    setView(s, start, start + (b - a) * factor);
}

/* ---- The pointer ---- */

function beginDrag(s, e)
{
    return { point: pointOf(s, e), a: s.view.a, b: s.view.b,
        scroll: s.view.scroll, moved: false, stretch: e.shiftKey };
}

function watchPointer(s)
{
    const { canvas } = s, down = new Map(); /* points by pointer */
    let drag = null, pinch = null;

    /* A finger that is left of two does nothing. */
    const lift = e => {
        down.delete(e.pointerId);
        canvas.classList.toggle("drag", down.size > 0);
        if (down.size < 2)
            pinch = null;
    };
    canvas.addEventListener("wheel", e => onWheel(s, e), { passive: false });
    canvas.addEventListener("pointerdown", e => {
        down.set(e.pointerId, pointOf(s, e));
        drag = down.size === 1 ? beginDrag(s, e) : null;
        pinch = down.size === 2 ? beginPinch(s, [...down.values()]) : null;
        canvas.setPointerCapture(e.pointerId);
        canvas.classList.add("drag");
    });
    canvas.addEventListener("pointermove", e => {
        if (down.has(e.pointerId))
            down.set(e.pointerId, pointOf(s, e));
        if (pinch)
            onPinch(s, pinch, [...down.values()]);
        else if (drag)
            onDrag(s, drag, e);
        else if (down.size === 0)
            showTip(s, e);
    });
    canvas.addEventListener("pointerup", e => {
        if (drag)
            onRelease(s, drag, e);
        drag = null;
        lift(e);
    });
    canvas.addEventListener("pointercancel", e => {
        drag = null;
        lift(e);
    });
    canvas.addEventListener("pointerleave", () => hideTip(s));
    canvas.addEventListener("dblclick", e =>
        zoomAt(s, placeAt(s, pointOf(s, e).x), 0.25));
}

/* In the overview, a view is moved by its inside, and chosen anew elsewhere. */
function watchOverview(s)
{
    let start = null;
    const placeOfEvent = e => {
        const x = e.offsetX * s.view.scale - s.left;
        return s.view.axis.from + x / s.view.width * s.view.axis.length;
    };

    s.overview.addEventListener("pointerdown", e => {
        const place = placeOfEvent(e), { a, b, axis } = s.view;
        const inside = place >= a && place <= b && b - a < axis.length * 0.98;
        start = { place, offset: inside ? place - a : null };
        s.overview.setPointerCapture(e.pointerId);
    });
    s.overview.addEventListener("pointermove", e => {
        if (start === null)
            return;
        const place = placeOfEvent(e), wide = s.view.b - s.view.a;
        if (start.offset !== null)
            setView(s, place - start.offset, place - start.offset + wide);
        else
            setView(s, Math.min(place, start.place),
                Math.max(place, start.place));
    });
    s.overview.addEventListener("pointerup", () => { start = null; });
}

/* ---- Keys and buttons ---- */

function toggle(s, name)
{
    s.options[name] = !s.options[name];
    element(`b-${name}`).setAttribute("aria-pressed", s.options[name]);
    layOut(s);
    ask(s);
}

function toggleEven(s)
{
    setEven(s, !s.view.axis.even);
    element("b-even").setAttribute("aria-pressed", s.view.axis.even);
}

function toggleHelp()
{
    const help = element("help");

    help.style.display = help.style.display === "block" ? "none" : "block";
}

function escape(s)
{
    element("help").style.display = "none";
    select(s, -1);
    s.said = "";
}

function actionsOf(s)
{
    const part = by => (s.view.b - s.view.a) * by;
    const middle = () => (s.view.a + s.view.b) / 2;
    const page = s.view;

    return {
        "ArrowRight": () => setView(s, s.view.a + part(0.15),
            s.view.b + part(0.15)),
        "ArrowLeft": () => setView(s, s.view.a - part(0.15),
            s.view.b - part(0.15)),
        "ArrowDown": () => scrollBy(s, 0, Math.max(40, page.rowHeight)),
        "ArrowUp": () => scrollBy(s, 0, -Math.max(40, page.rowHeight)),
        "+": () => zoomAt(s, middle(), 0.75),
        "=": () => zoomAt(s, middle(), 0.75),
        "-": () => zoomAt(s, middle(), 1 / 0.75),
        ".": () => zoomRows(s, s.view.height / 2, 1.25),
        ",": () => zoomRows(s, s.view.height / 2, 0.8),
        "n": () => step(s, 1),
        "p": () => step(s, -1),
        "]": () => step(s, 1),
        "[": () => step(s, -1),
        "f": () => showAll(s),
        "0": () => showAll(s),
        "e": () => toggleEven(s),
        "c": () => toggle(s, "path"),
        "b": () => toggle(s, "transfers"),
        "o": () => toggle(s, "ports"),
        "d": () => setTheme(s, !s.theme.dark),
        "v": () => save(s),
        "/": () => element("find").focus(),
        "?": () => toggleHelp(),
        "Escape": () => escape(s),
    };
}

function watchKeys(s)
{
    const actions = actionsOf(s), field = element("find");

    window.addEventListener("keydown", e => {
        if (e.ctrlKey || e.metaKey || e.altKey || e.target === field ||
            !Object.prototype.hasOwnProperty.call(actions, e.key))
            return;
        e.preventDefault();
        actions[e.key]();
    });
    field.addEventListener("keydown", e => {
        if (e.key === "Enter")
            find(s, e.shiftKey ? -1 : 1);
        else if (e.key === "Escape")
            s.canvas.focus();
    });
    for (const name of ["path", "transfers", "ports"]) {
        element(`b-${name}`).onclick = () => toggle(s, name);
        element(`b-${name}`).setAttribute("aria-pressed", s.options[name]);
    }
    element("b-even").setAttribute("aria-pressed", false);
    element("b-even").onclick = () => toggleEven(s);
    element("b-fit").onclick = () => showAll(s);
    element("b-save").onclick = () => save(s);
    element("b-dark").onclick = () => setTheme(s, !s.theme.dark);
    element("b-help").onclick = () => toggleHelp();
    element("side").addEventListener("click", e => {
        if (e.target.classList.contains("close"))
            select(s, -1);
        else if (e.target.dataset.message)
            goTo(s, Number(e.target.dataset.message));
    });
}

function watch(s)
{
    watchPointer(s);
    watchOverview(s);
    watchKeys(s);
    new ResizeObserver(() => {
        layOut(s);
        ask(s);
    }).observe(element("main"));
    window.addEventListener("hashchange", () => {
        const link = readLink(location.hash);
        if (link !== null)
            followLink(s, link);
    });
}
