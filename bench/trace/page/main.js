/* ---- The page. ----------------------------------------------------------- */

function sourceOf(id)
{
    const e = element(id);

    return { n: Number(e.dataset.n), text: e.textContent };
}

function showFacts(run)
{
    const { facts } = run, { path } = facts;
    const parts = [`<b>${seconds(run.times[run.last] - run.times[run.first])}` +
        "</b>", many(facts.rows.length - 1, "row"), many(run.n, "message") +
        (run.n < facts.sent ? `, of ${many(facts.sent)}` :
            ` of ${bytes(facts.traffic)}`)];
    const terms = [["latency", path.latency], ["bytes", path.bytes],
        ["sharing", path.sharing], ["put off", path.held],
        ["travelling", path.travelling],
        ["operators", path.operators], ["computing", path.computing],
        ["sleeping", path.sleeping], ["other waits", path.other]];

    if (facts.lost > 0)
        parts.push(`<span class="bad">${many(facts.lost)} lost</span>`);
    if (facts.held > 0)
        parts.push(`${many(facts.held)} put off`);
    if (facts.status !== "done")
        parts.unshift(`<b class="bad">${escaped(facts.status)}</b>`);
    if (run.path.length > 0)
        parts.push(`critical path: <b>${many(path.messages, "message")}</b>, ` +
            terms.filter(t => t[1] > 0).map(t => `${seconds(t[1])} ${t[0]}`)
                .join(", "));
    if (facts.forgotten > 0)
        parts.push(`${many(facts.forgotten)} records are forgotten`);
    for (const [name, there] of [["path", run.path.length > 0],
        ["ports", run.ports.ways.length > 0]])
        element(`b-${name}`).hidden = !there;
    document.title = facts.file;
    element("title").textContent = facts.file;
    element("facts-line").innerHTML = parts.join(" · ");
    element("facts-line").title = `${element("facts-line").textContent}\n` +
        facts.reason;
    for (const [name, there] of [["has-lost", facts.lost > 0],
        ["has-held", facts.held > 0],
        ["has-path", run.path.length > 0]])
        for (const e of document.getElementsByClassName(name))
            e.style.display = there ? "" : "none";
}

function open()
{
    const start = performance.now();
    const run = decodeRun(sourceOf), decoded = performance.now();
    const look = makeLook(run), prepared = performance.now();
    const s = makeScreen(run, look);
    const dark = window.matchMedia("(prefers-color-scheme: dark)");

    showFacts(run);
    const axis = makeAxis(run, false);
    s.view = { axis, a: axis.from - axis.length * 0.01,
        b: axis.from + axis.length * 1.01, scroll: 0 };
    s.density = densityOf(run, axis, 600);
    setTheme(s, dark.matches);
    dark.addEventListener("change", () => setTheme(s, dark.matches));
    layOut(s);
    draw(s);
    watch(s);
    const link = readLink(location.hash);
    if (link !== null)
        followLink(s, link);
    element("b-even").setAttribute("aria-pressed", s.view.axis.even);
    s.opened = { decode: decoded - start, prepare: prepared - decoded,
        draw: performance.now() - prepared, all: performance.now() };
    window.page = s;
    document.documentElement.dataset.ready = "yes";
}

open();
