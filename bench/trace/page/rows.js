/* ---- Rows: lanes for threads, and faults as stretches of time. ----------- */

/* Threads of a row that live at the same time have lanes of their own.
 * Returns, by thread, its lane, and by row how many lanes there are. */
function makeLanes(run)
{
    const { threads, rows } = run.facts;
    const free = rows.slice(1).map(() => []); /* by lane: from when on it is */
    const lane = new Uint16Array(threads.length);

    for (let t = 1; t < threads.length; t++) {
        const [, row, spawned, , ended] = threads[t];
        const lanes = free[row - 1];
        let k = lanes.findIndex(moment => moment <= spawned);
        if (k < 0)
            k = lanes.length;
        lanes[k] = ended || Infinity;
        lane[t] = k;
    }
    return { lane, lanes: free.map(list => Math.max(1, list.length)) };
}

const FAULTS = { crash: 0, restart: 1, pause: 2, resume: 3, speed: 4, clock: 5,
    step: 6, disk: 7, cut: 8, hold: 9, mend: 10, chance: 11, part: 12,
    heal: 13 };

/* What machines suffer, as { kind, row, from, to }: "down", "paused"; and what
 * happens in a moment, as { row, time, text }. */
function faultsOf(run)
{
    const stretches = [], events = [];

    for (const [time, what, a, , value, until] of run.facts.faults.slice(1)) {
        const row = a - 1;
        if (what === FAULTS.disk && !value || a <= 0 && what < FAULTS.cut)
            continue; /* a disk that is set is nothing that went wrong */
        if (what === FAULTS.crash || what === FAULTS.pause)
            stretches.push({ kind: what === FAULTS.crash ? "down" : "paused",
                row, from: time, to: until ? until - 1 : run.last });
        else if (what < FAULTS.cut && what !== FAULTS.restart &&
            what !== FAULTS.resume)
            events.push({ row, time, text: textOfFault(what, value) });
    }
    return { stretches, events };
}

function textOfFault(what, value)
{
    switch (what) {
    case FAULTS.speed:
        return `speed ${value}`;
    case FAULTS.clock:
        return `clock drifts by ${value}`;
    case FAULTS.step:
        return `clock jumps by ${seconds(value)}`;
    default:
        return "a new disk";
    }
}

/* ---- Partitions ---- */

/* Which side each row is on, between two changes of links, where there is more
 * than one side: a list of { from, to, side }, with -1 for what is no machine;
 * and, as { from, to, row }, where links of a row are cut or held though no side
 * is.  Rows are apart if what is between them is cut in both directions.  What
 * has been cut together, by a line of a plan or by the program, is mended by
 * itself; and so it is for each network. */
function partitionsOf(run)
{
    const rows = run.facts.rows.length - 1;
    const machine = row => run.facts.machines[row + 1] === 1;
    const faults = run.facts.faults.slice(1).filter(f => f[1] >= FAULTS.cut &&
        f[1] !== FAULTS.chance);
    const parts = new Map(); /* by what is mended together: { cut, held } */
    const sides = [], links = [];
    let since = run.first;

    for (let i = 0; i < faults.length; i++) {
        if (faults[i][0] > since)
            addSides({ parts, rows, machine }, since, faults[i][0], sides,
                links);
        since = Math.max(since, faults[i][0]);
        i = applyLinks(faults, i, parts, rows);
    }
    addSides({ parts, rows, machine }, since, run.last, sides, links);
    return { sides: joined(sides), links };
}

/* Returns the last of the faults that it has taken. */
function applyLinks(faults, i, parts, rows)
{
    const [, what, a, b, value, , key] = faults[i];
    const planned = !key.endsWith(" 0");

    if (!parts.has(key))
        parts.set(key, { cut: new Set(), held: new Set() });
    const { cut, held } = parts.get(key);
    if (what === FAULTS.heal || what === FAULTS.mend && planned) {
        parts.delete(key);
        return i;
    }
    if (what === FAULTS.part) {
        const group = faults.slice(i, i + 1 + value).map(f => f[2] - 1);
        for (const x of group)
            for (let y = 0; y < rows; y++)
                if (x >= 0 && !group.includes(y)) {
                    cut.add(x * rows + y);
                    cut.add(y * rows + x);
                }
        return i + group.length - 1;
    }
    const all = n => n === 0 ? [...Array(rows).keys()] : n < 0 ? [] : [n - 1];
    for (const x of all(a))
        for (const y of all(b)) {
            const link = x * rows + y;
            cut.delete(link);
            held.delete(link);
            if (what === FAULTS.cut && x !== y)
                cut.add(link);
            if (what === FAULTS.hold && x !== y)
                held.add(link);
        }
    return i;
}

function addSides({ parts, rows, machine }, from, to, sides, links)
{
    const all = what => new Set([...parts.values()].flatMap(p =>
        [...p[what]]));
    const cut = all("cut"), held = all("held");

    if (cut.size + held.size === 0 || from >= to)
        return;
    const side = new Int32Array(rows).fill(-1);
    let count = 0;

    for (let start = 0; start < rows; start++) {
        if (side[start] >= 0 || !machine(start))
            continue;
        const todo = [start];
        side[start] = count;
        while (todo.length > 0) {
            const x = todo.pop();
            for (let y = 0; y < rows; y++)
                if (side[y] < 0 && machine(y) && !(cut.has(x * rows + y) &&
                    cut.has(y * rows + x))) {
                    side[y] = count;
                    todo.push(y);
                }
        }
        count++;
    }
    if (count > 1) {
        sides.push({ from, to, side, count });
        return;
    }
    const hurt = new Set();
    for (const link of [...cut, ...held])
        hurt.add(Math.floor(link / rows)).add(link % rows);
    for (const row of hurt)
        links.push({ from, to, row });
}

/* Those that follow each other and are the same, as one. */
function joined(sides)
{
    const list = [];

    for (const s of sides) {
        const last = list[list.length - 1];
        if (last && last.to === s.from && last.count === s.count &&
            last.side.every((x, i) => x === s.side[i]))
            last.to = s.to;
        else
            list.push(s);
    }
    return list;
}
