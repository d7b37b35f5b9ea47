/* ---- The screen: what is where on it, and drawing it. -------------------- */

const AXIS = 26, OVERVIEW = 50, WAITERS = 270;
const AT_REST = 400000; /* lines that may take their time */

function element(id)
{
    return document.getElementById(id);
}

function makeScreen(run, look)
{
    const canvas = element("canvas"), overview = element("overview");

    return { run, look, canvas, overview, g: canvas.getContext("2d"),
        og: overview.getContext("2d"), view: null, raster: null, strip: null,
        theme: null, zoom: 1, density: null, bounds: null, still: null,
        fitted: new Map(),
        options: { path: true, transfers: true, ports: true },
        chosen: { message: -1, hover: -1, chain: [] },
        shown: { messages: new Uint32Array(Math.min(run.n, AT_REST)), count: 0,
            level: 0, ticks: [], path: true, transfers: true },
        moving: false, budget: 60000, asked: false, times: [] };
}

/* ---- Where ---- */

/* After the window, the zoom of rows or an option has changed. */
function layOut(s)
{
    const scale = Math.min(2, window.devicePixelRatio || 1);
    const box = s.canvas.parentNode.getBoundingClientRect();
    const { ways } = s.run.ports, rows = s.run.facts.rows.length - 1;

    s.canvas.width = Math.round(box.width * scale);
    s.canvas.height = Math.round(box.height * scale);
    s.overview.width = Math.round(box.width * scale);
    s.overview.height = OVERVIEW * scale;
    s.still = null;
    s.fitted.clear();
    s.left = leftOf(s, scale, box.width);
    s.right = (s.look.waiters.length > 0 ?
        Math.min(WAITERS, box.width * 0.3) : 12) * scale;
    s.top = AXIS * scale;
    s.ports = s.options.ports && ways.length > 0 ? Math.round(Math.min(
        box.height * 0.26, Math.max(56, ways.length * 2.5 + 24)) * scale) : 0;
    const width = Math.max(16, s.canvas.width - Math.round(s.left + s.right));
    const height = Math.max(16, s.canvas.height - Math.round(s.top) - s.ports);
    const whole = height / Math.max(1, rows);
    const natural = Math.max(0.5 * scale, Math.min(180 * scale, whole));
    Object.assign(s.view, { width, height, scale, rows,
        rowHeight: Math.max(0.25 * scale, natural * s.zoom) });
    clampScroll(s);
    if (!s.raster || s.raster.width !== width || s.raster.height !== height)
        s.raster = withImage(makeRaster(width, height));
    const high = s.ports - Math.round(22 * scale);
    if (high > 0 && (!s.strip || s.strip.width !== width ||
        s.strip.height !== high))
        s.strip = withImage({ width, height: high,
            pixels: new Uint32Array(width * high) });
}

function withImage(raster)
{
    raster.image = new ImageData(new Uint8ClampedArray(raster.pixels.buffer),
        raster.width, raster.height);
    return raster;
}

function leftOf(s, scale, width)
{
    let widest = 60 * scale;

    setFont(s.g, 12 * scale);
    for (const name of s.run.facts.rows.slice(1, 300))
        widest = Math.max(widest, s.g.measureText(name).width);
    return Math.round(Math.min(widest + 24 * scale, width * scale * 0.22));
}

function clampScroll(s)
{
    const most = s.view.rows * s.view.rowHeight - s.view.height;

    s.view.scroll = Math.max(0, Math.min(most, s.view.scroll));
}

/* ---- What ---- */

/* As many messages as a frame may have, or all of them at rest. */
function choose(s)
{
    const { shown, look, run } = s;
    const most = s.moving ? s.budget : AT_REST;
    const found = chooseLevel(run, look.levels, s.bounds, shown.messages, most);

    shown.count = found.n;
    shown.level = found.level;
    shown.path = s.options.path;
    shown.transfers = s.options.transfers;
    shown.ticks = rulerOf(s.view).map(t => t.x);
}

/* A frame should take 25 ms while something moves. */
function adapt(s, spent)
{
    if (s.moving && spent > 25 && s.budget > 4000)
        s.budget = Math.max(4000, s.budget * 0.7);
    else if (s.moving && spent < 14 && s.budget < 200000)
        s.budget *= 1.15;
}

/* ---- Drawing ---- */

function draw(s)
{
    const start = performance.now();

    s.bounds = boundsOf(s.view);
    choose(s);
    paintView(s.raster, s.run, s.look, s.view, s.shown, s.theme);
    drawFrame(s);
    drawDiagram(s);
    if (s.ports > 0)
        drawPorts(s);
    drawAbove(s);
    showStatus(s);
    s.times.push(performance.now() - start);
    if (s.times.length > 1000)
        s.times.shift();
    adapt(s, performance.now() - start);
}

function drawAbove(s)
{
    const box = { left: s.left, width: s.view.width,
        height: s.overview.height, scale: s.view.scale };

    if (s.still === null) {
        s.still = document.createElement("canvas");
        s.still.width = s.overview.width;
        s.still.height = s.overview.height;
        drawOverview(s.still.getContext("2d"), s.density, s.view.axis, s.look,
            box, s.theme);
    }
    s.og.drawImage(s.still, 0, 0);
    drawBox(s.og, s.view, box, s.theme);
}

function drawFrame(s)
{
    const { g, theme, view } = s, scale = view.scale;

    g.fillStyle = theme.css.panel;
    g.fillRect(0, 0, s.canvas.width, s.canvas.height);
    g.fillStyle = theme.css.line;
    g.fillRect(s.left - 1, 0, 1, s.canvas.height);
    g.fillRect(0, s.top - 1, s.canvas.width, 1);
    setFont(g, 12 * scale);
    g.fillStyle = theme.css.muted;
    g.textBaseline = "middle";
    g.textAlign = "center";
    for (const { x, text } of rulerOf(view)) {
        const half = g.measureText(text).width / 2;
        if (x > half && x < view.width - half)
            g.fillText(text, s.left + x, s.top / 2);
    }
    const span = timeOf(view.axis, view.b) - timeOf(view.axis, view.a);
    setFont(g, 11 * scale, 600);
    g.fillStyle = theme.css.text;
    g.textAlign = "left";
    g.fillText(seconds(span), 10 * scale, s.top / 2);
}

function clipped(g, x, y, width, height, what)
{
    g.save();
    g.beginPath();
    g.rect(x, y, width, height);
    g.clip();
    g.translate(x, y);
    what();
    g.restore();
}

function drawDiagram(s)
{
    const { g, run, look, view, theme, bounds } = s;

    g.putImageData(s.raster.image, s.left, s.top);
    clipped(g, 0, s.top, s.left, view.height, () =>
        drawNames(g, run, view, bounds, s.left, s.fitted, theme));
    clipped(g, s.left, s.top, view.width, view.height, () => {
        drawHeads(g, run, view, s.shown, theme);
        drawWords(g, run, look, view, bounds, theme);
        drawMarks(g, view, bounds, look.marks, theme);
        drawChosen(g, run, view, bounds, s.chosen, theme);
    });
    if (look.waiters.length > 0) {
        const x = s.left + view.width, wide = s.canvas.width - x;
        clipped(g, x, s.top, wide, view.height, () =>
            drawWaiters(g, look, view, 0, wide, theme));
        setFont(g, 11 * view.scale, 600);
        g.fillStyle = theme.css.lost;
        g.textAlign = "left";
        g.textBaseline = "middle";
        g.fillText("waits for", x + 8 * view.scale, s.top / 2);
    }
}

function drawPorts(s)
{
    const { g, run, view, theme } = s, scale = view.scale;
    const y = s.top + view.height, x = s.left;
    const legend = x + view.width - 150 * scale;

    g.fillStyle = theme.css.panel;
    g.fillRect(0, y, s.canvas.width, s.ports);
    g.fillStyle = theme.css.line;
    g.fillRect(0, y, s.canvas.width, 1);
    paintPorts(s.strip, run, view, 0, s.strip.height, theme.heat);
    paintOffs(s.strip, run, view, theme);
    g.putImageData(s.strip.image, x, y + s.ports - s.strip.height);
    setFont(g, 11 * scale);
    g.textBaseline = "middle";
    g.textAlign = "right";
    g.fillStyle = theme.css.muted;
    const areLinks = run.ports.ways.some(way => way[3]);
    g.fillText(areLinks ? "links" : "ports", x - 10 * scale, y + s.ports / 2);
    g.textAlign = "left";
    const offs = run.ports.off.length > 0 ? "; hatched: off" : "";
    g.fillText(fitText(g, areLinks ? `how full each link was, by number${offs}` :
        "how full each port was, out above in, node by node",
    view.width - 190 * scale), x + 8 * scale, y + 11 * scale);
    for (let i = 1; i < 16; i++) {
        g.fillStyle = theme.css.bg;
        g.fillStyle = cssOf(theme.heat[i]);
        g.fillRect(legend + i * 6 * scale, y + 7 * scale, 6 * scale, 8 * scale);
    }
    g.fillStyle = theme.css.muted;
    g.fillText("full", legend + 100 * scale, y + 11 * scale);
    g.textAlign = "right";
    g.fillText("0", legend, y + 11 * scale);
}

function cssOf(pixel)
{
    return `rgb(${pixel & 255},${pixel >> 8 & 255},${pixel >> 16 & 255})`;
}

function showStatus(s)
{
    const { level, count } = s.shown;

    element("status").textContent = s.said ? s.said : level > 0 ?
        `one message in ${1 << level} is drawn, and all that are lost or ` +
        "critical" : `${many(count, "message")} in view`;
}

/* ---- Asking for it ---- */

function ask(s)
{
    if (s.asked)
        return;
    s.asked = true;
    requestAnimationFrame(() => {
        s.asked = false;
        draw(s);
    });
}

/* Something moves: for a while, frames must be quick. */
function move(s)
{
    s.moving = true;
    s.said = "";
    hideTip(s);
    clearTimeout(s.timer);
    s.timer = setTimeout(() => {
        s.moving = false;
        keepLink(s);
        ask(s);
    }, 160);
    ask(s);
}

function setView(s, a, b)
{
    [s.view.a, s.view.b] = clampView(s.view.axis, a, b);
    move(s);
}

function showAll(s)
{
    const { from, length } = s.view.axis;

    s.zoom = 1;
    s.view.scroll = 0;
    layOut(s);
    setView(s, from - length * 0.01, from + length * 1.01);
}

function setEven(s, even)
{
    const { view, run } = s;
    const from = timeOf(view.axis, view.a), to = timeOf(view.axis, view.b);

    view.axis = makeAxis(run, even);
    s.density = densityOf(run, view.axis, 600);
    s.still = null;
    setView(s, placeOf(view.axis, from), placeOf(view.axis, to));
}

function setTheme(s, dark)
{
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    const style = getComputedStyle(document.documentElement);
    s.theme = makeTheme(name => style.getPropertyValue(`--${name}`).trim(),
        dark);
    s.still = null;
    ask(s);
}

/* ---- Links ---- */

function keepLink(s)
{
    const { view, run, chosen } = s;
    const link = writeLink({ from: timeOf(view.axis, view.a),
        to: timeOf(view.axis, view.b), top: view.scroll / view.rowHeight,
        zoom: s.zoom, even: view.axis.even,
        message: chosen.message < 0 ? 0 : run.name[chosen.message] });

    try {
        history.replaceState(null, "", link);
    } catch (refused) {
        location.hash = link;
    }
}

function followLink(s, link)
{
    s.zoom = link.zoom;
    if (link.even !== s.view.axis.even)
        setEven(s, link.even);
    layOut(s);
    s.view.scroll = link.top * s.view.rowHeight;
    clampScroll(s);
    setView(s, placeOf(s.view.axis, link.from), placeOf(s.view.axis, link.to));
    const i = lowerBound(s.run.name, link.message);
    if (link.message && s.run.name[i] === link.message)
        select(s, i);
}
