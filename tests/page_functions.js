"use strict";
/* The functions of a page that need no browser, in node.
 *
 *     node page_functions.js FOLDER --list
 *     node page_functions.js FOLDER FACT PAGE JSON
 *
 * FOLDER has the parts of the page; PAGE is one of them made from a trace, and
 * JSON what distsys-trace --json says of it. */

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const [folder, fact, pageFile, jsonFile] = process.argv.slice(2);
const parts = ["column", "run", "units", "axis", "levels", "chain", "rows",
    "raster", "paint", "look", "theme", "hit", "link", "svg", "overlay"];

/* All parts as one script, as in the page; functions become ours, and constants
 * are asked for by name. */
vm.runInThisContext(parts.map(name =>
    fs.readFileSync(path.join(folder, `${name}.js`), "utf8")).join("\n"));

function constant(name)
{
    return vm.runInThisContext(name);
}

/* ---- What is looked at ---- */

function sourceOfPage(html)
{
    return id => {
        const head = new RegExp(`<script type="[^"]*" id="${id}"` +
            "(?: data-n=\"(\\d+)\")?>").exec(html);
        const start = head.index + head[0].length;
        return { n: Number(head[1]),
            text: html.slice(start, html.indexOf("</script>", start)) };
    };
}

function theRun()
{
    return decodeRun(sourceOfPage(fs.readFileSync(pageFile, "utf8")));
}

const LOSS_NAMES = ["by the network", "link cut", "by chance", "by a rule",
    "machine down", "no memory"];

function theLines(kind)
{
    return fs.readFileSync(jsonFile, "utf8").split("\n")
        .filter(line => line.startsWith(`{"kind": "${kind}"`))
        .map(line => JSON.parse(line));
}

/* Numbers that look random and are the same each time. */
function makeDice(seed)
{
    let x = seed;

    return n => {
        x = Math.imul(x, 1664525) + 1013904223 >>> 0;
        return Math.floor(x / 4294967296 * n);
    };
}

function crc32(array)
{
    const data = new Uint8Array(array.buffer, array.byteOffset,
        array.byteLength);
    let crc = -1;

    for (let i = 0; i < data.length; i++) {
        crc ^= data[i];
        for (let k = 0; k < 8; k++)
            crc = crc >>> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return (~crc >>> 0).toString(16);
}

function viewOf(run, from, to, width, height)
{
    const axis = makeAxis(run, false);
    const rows = run.facts.rows.length - 1;

    return { axis, a: axis.from + from * axis.length,
        b: axis.from + to * axis.length, width, height, scale: 1, rows,
        rowHeight: height / rows, scroll: 0 };
}

function shownIn(run, look, view)
{
    const messages = new Uint32Array(run.n);
    const { n } = chooseLevel(run, look.levels, boundsOf(view), messages, run.n);

    return { messages, count: n, level: 0, ticks: [], path: true,
        transfers: true };
}

/* A run of rows and faults only. */
function runOfFaults(rows, faults)
{
    return { first: 0, last: 100, notes: [], facts: { faults: [0, ...faults],
        rows: [0, ...Array(rows).fill("")],
        machines: [0, ...Array(rows).fill(1)] } };
}

/* To a billionth of the run, which is finer than its ticks. */
function near(a, b, length)
{
    assert(Math.abs(a - b) <= 1e-11 * length, `${a} is not ${b}`);
}

/* ---- Facts ---- */

const facts = {
    "a call is called by its line, or else by its number": () => {
        assert.strictEqual(nameOfCall({ what: "MPI_Send a.c:7", number: 3 }),
            "MPI_Send a.c:7");
        assert.strictEqual(nameOfCall({ what: "ring", number: 3 }), "ring 3");
    },

    "the call of a thread below others is below it": () => {
        const view = { scale: 1, rowHeight: 90, scroll: 0 };
        const look = { lane: [0, 1, 2, 0], lanes: [3, 1] };
        const at = (thread, row) => bracketOf(look, view, { thread, row });
        assert.deepStrictEqual([at(0, 0), at(1, 0), at(2, 0), at(3, 1)]
            .map(bracket => bracket.below), [false, false, true, false]);
        assert(at(0, 0).y < at(1, 0).y && at(1, 0).y < at(2, 0).y);
    },

    "base64 is decoded as others do": () => {
        const dice = makeDice(1);
        for (let n = 0; n < 70; n++) {
            const data = Uint8Array.from({ length: n }, () => dice(256));
            const ours = bytesOfBase64(Buffer.from(data).toString("base64"));
            assert.deepStrictEqual(ours.slice(0, n), data);
            assert(ours.length >= n + 4 && ours.slice(n).every(x => x === 0));
        }
    },

    "each size of number is read": () => {
        /* 0 to 20, powers of 2 up to 2^52 and what is below them. */
        const wanted = [...Array(21).keys()];
        for (let power = 5; power <= 53; power++)
            wanted.push(Math.pow(2, power) - 1);
        for (let power = 5; power <= 52; power++)
            wanted.push(Math.pow(2, power));
        assert.deepStrictEqual(Array.from(readColumn(bytesOfBase64(EACH_SIZE),
            new Float64Array(wanted.length))), wanted);
    },

    "folded numbers have their signs": () => {
        assert.deepStrictEqual([0, 1, 2, 3, 4].map(unfold), [0, -1, 1, -2, 2]);
    },

    "messages are those of JSON": () => {
        const run = theRun(), lines = theLines("message");
        const fates = { "under way": 1, arrived: 2, lost: 3 };
        const { threads } = run.facts;

        assert(lines.length > 100 && run.n === lines.length);
        lines.forEach((line, i) => {
            const length = run.times[run.last];
            assert.strictEqual(run.name[i], line.number);
            near(run.times[run.sent[i]], line.sent, length);
            if (line.ended !== null)
                near(run.times[run.ended[i]], line.ended, length);
            if (line.begun !== null)
                near(run.times[run.begun[i] - 1], line.begun, length);
            else
                assert.strictEqual(run.begun[i], 0);
            if (line.came !== null)
                near(run.times[run.came[i] - 1], line.came, length);
            else
                assert.strictEqual(run.came[i], 0);
            assert.strictEqual((run.fate[i] & 128) !== 0,
                line.held === "link held");
            assert.strictEqual(run.fate[i] >> 4 & 7,
                Math.max(0, LOSS_NAMES.indexOf(line.loss)));
            if (line.taken !== null)
                near(run.times[run.taken[i] - 1], line.taken, length);
            else
                assert.strictEqual(run.taken[i], 0);
            assert.strictEqual(run.size[i], line.size);
            assert.strictEqual(run.sender[i], line.sender);
            assert.strictEqual(run.taker[i], line.taker);
            assert.strictEqual(run.fate[i] & 3, fates[line.fate]);
            assert.strictEqual((run.fate[i] & 4) !== 0, line.on_path);
            assert.strictEqual(run.from[i], threads[line.sender][1] - 1);
        });
    },

    "spans are those of JSON": () => {
        const run = theRun();
        const lines = theLines("span").filter(s => s.end > s.begin ||
            s.why === "over");
        const doings = ["waits", "sleeps", "computes"];
        const length = run.times[run.last];
        const { texts } = run.facts;
        let at = 0;

        assert(lines.length > 100 && run.spanFrom.length === lines.length);
        for (let t = 1; t < run.facts.threads.length; t++) {
            const mine = lines.filter(s => s.thread === t);
            assert.strictEqual(run.firstSpan[t], at);
            for (const s of mine) {
                const [doing, , onPath, what] = run.kinds[run.spanKind[at]];
                near(run.times[run.spanFrom[at]], s.begin, length);
                near(run.times[run.spanTo[at]], s.end, length);
                assert.strictEqual(doings[doing], s.does);
                assert.strictEqual(what ? texts[what] : null, s.call);
                assert.strictEqual(onPath === 1, s.on_path);
                const message = run.spanMessage[at];
                assert.strictEqual(message ? run.name[message - 1] : 0,
                    s.message);
                at++;
            }
        }
    },

    "a part has of each of its messages what the whole has": () => {
        const whole = theRun();
        const part = decodeRun(sourceOfPage(fs.readFileSync(
            path.join(path.dirname(pageFile), "part.html"), "utf8")));
        const rows = part.facts.rows;
        const nameOf = (run, row) => row < 0 ? null : run.facts.rows[row + 1];

        assert(part.n > 10 && part.n < whole.n / 2);
        assert.deepStrictEqual(rows.slice(1), ["rank 1", "rank 2", "rank 5"]);
        for (let i = 0; i < part.n; i++) {
            const k = lowerBound(whole.name, part.name[i]);
            const from = nameOf(part, part.from[i]);
            const to = nameOf(part, part.to[i]);
            assert.strictEqual(whole.name[k], part.name[i]);
            near(part.times[part.sent[i]], whole.times[whole.sent[k]], 1);
            near(part.times[part.ended[i]], whole.times[whole.ended[k]], 1);
            assert.strictEqual(part.size[i], whole.size[k]);
            assert.strictEqual(from, rows.includes(nameOf(whole,
                whole.from[k])) ? nameOf(whole, whole.from[k]) : null);
            assert.strictEqual(to, rows.includes(nameOf(whole,
                whole.to[k])) ? nameOf(whole, whole.to[k]) : null);
            assert(from !== null || to !== null);
        }
    },

    "the path is that of JSON": () => {
        const run = theRun(), [line] = theLines("path");
        const length = run.times[run.last];

        assert.strictEqual(pathMessages(run).length, line.path_messages);
        near(run.times[run.path[0].from], line.begin, length);
        near(run.times[run.path[run.path.length - 1].to], line.end, length);
        for (let i = 1; i < run.path.length; i++)
            assert(run.path[i].from === run.path[i - 1].to);
    },

    "each message of the path was sent because of the one before": () => {
        const run = theRun(), list = pathMessages(run);

        assert(list.length > 5);
        for (let k = 1; k < list.length; k++)
            assert.strictEqual(run.cause[list[k]], list[k - 1] + 1);
        assert.deepStrictEqual(chainOf(run, list[list.length - 1]),
            list.slice(0, -1).reverse());
    },

    "a cause comes to its sender before what it caused is sent": () => {
        const run = theRun();
        let caused = 0;

        for (let i = 0; i < run.n; i++) {
            if (!run.cause[i])
                continue;
            const c = run.cause[i] - 1;
            caused++;
            assert(c < i && run.ended[c] <= run.sent[i]);
            assert.strictEqual(run.to[c], run.from[i]);
        }
        assert(caused > run.n / 2);
    },

    "one goes along the path step by step": () => {
        const run = theRun(), list = pathMessages(run);

        assert.strictEqual(stepAlong(list, run, -1, 1, 0), list[0]);
        assert.strictEqual(stepAlong(list, run, list[0], 1, 0), list[1]);
        assert.strictEqual(stepAlong(list, run, list[0], -1, 0), list[0]);
        assert.strictEqual(stepAlong(list, run, -1, 1, run.sent[list[3]]),
            list[3]);
        assert.strictEqual(stepAlong([], run, -1, 1, 0), -1);
    },

    "in even time all moments are equally far apart": () => {
        const run = theRun(), axis = makeAxis(run, true);

        assert.strictEqual(axis.length, run.times.length - 1);
        for (let i = 1; i < axis.at.length; i++)
            assert.strictEqual(axis.at[i] - axis.at[i - 1], 1);
    },

    "times become places and come back": () => {
        const run = theRun(), dice = makeDice(2);

        for (const even of [false, true]) {
            const axis = makeAxis(run, even), length = run.times[run.last];
            for (let k = 0; k < 200; k++) {
                const time = length * dice(1000000) / 1000000;
                near(timeOf(axis, placeOf(axis, time)), time, 100 * length);
            }
        }
    },

    "a view stays near the run": () => {
        const axis = { even: false, from: 10, to: 20, length: 10 };

        assert.deepStrictEqual(clampView(axis, 12, 14), [12, 14]);
        assert(clampView(axis, -100, 100)[0] >= 9.79);
        assert(clampView(axis, -100, 100)[1] <= 20.21);
        assert(clampView(axis, 19, 29)[1] <= 20.21);
        const [a, b] = clampView(axis, 15, 15);
        assert(b > a && b - a < 1e-6);
    },

    "labels of a ruler are round": () => {
        assert.deepStrictEqual(ticksOf(0, 10, 3).list, [0, 5, 10]);
        assert.deepStrictEqual(ticksOf(-1, 1, 0.5).list.map(x => x + 0),
            [-1, -0.5, 0, 0.5, 1]);
        assert.strictEqual(tickLabel(0.0025, 0.0005, 0.03), "2.5 ms");
        assert.strictEqual(tickLabel(1.5, 0.5, 3), "1.5 s");
    },

    "numbers have three digits and a unit": () => {
        assert.strictEqual(seconds(0.028249), "28.2 ms");
        assert.strictEqual(seconds(0), "0 s");
        assert.strictEqual(seconds(0.9997), "1 s");
        assert.strictEqual(bytes(495600000), "496 MB");
        assert.strictEqual(bytes(999.6), "1 kB");
        assert.strictEqual(many(1234567), "1\u202f234\u202f567");
        assert.strictEqual(many(1, "message"), "1 message");
        assert.strictEqual(many(2, "message"), "2 messages");
    },

    "a level is half of the one before, and has all that matters": () => {
        const run = manyMessages(50000), levels = makeLevels(run);
        const important = [...Array(run.n).keys()]
            .filter(i => matters(run.fate[i]));

        assert(levels.length >= 4 && important.length > 100);
        for (let k = 1; k < levels.length; k++) {
            const before = new Set(levels[k - 1].list);
            const here = new Set(levels[k].list);
            assert(levels[k].list.every(i => before.has(i)));
            assert(important.every(i => here.has(i)));
            const share = (here.size - important.length) /
                (before.size - important.length);
            assert(share > 0.45 && share < 0.55, `${share}`);
        }
    },

    "what is seen is all that crosses the view": () => {
        const run = manyMessages(3000), dice = makeDice(4);
        const [level] = makeLevels(run);
        const out = new Uint32Array(run.n);

        for (let k = 0; k < 100; k++) {
            const first = dice(9000), last = first + dice(1000);
            const top = dice(16), bottom = top + dice(6);
            const n = messagesIn(run, level, { first, last, top, bottom }, out,
                run.n);
            const wanted = [...Array(run.n).keys()].filter(i =>
                run.sent[i] <= last && run.ended[i] >= first &&
                Math.max(run.from[i], run.to[i]) >= top &&
                Math.min(run.from[i], run.to[i]) <= bottom);
            assert.deepStrictEqual(Array.from(out.subarray(0, n)), wanted);
        }
    },

    "a frame has no more messages than it may have": () => {
        const run = manyMessages(50000), levels = makeLevels(run);
        const out = new Uint32Array(run.n);
        const view = { first: 0, last: 1000000, top: 0, bottom: 16 };

        assert.deepStrictEqual(chooseLevel(run, levels, view, out, run.n),
            { level: 0, n: run.n });
        const { level, n } = chooseLevel(run, levels, view, out, 10000);
        assert(level > 1 && n <= 10000 && n > 4000);
    },

    "threads that live at the same time have lanes of their own": () => {
        const run = { facts: { rows: [0, "a", "b"], threads: [0,
            ["", 1, 1, 0, 5], ["", 1, 3, 0, 9], ["", 1, 5, 0, 0],
            ["", 2, 1, 0, 0]] } };
        const { lane, lanes } = makeLanes(run);

        assert.deepStrictEqual(Array.from(lane), [0, 0, 1, 0, 0]);
        assert.deepStrictEqual(lanes, [2, 1]);
    },

    "what is counted is a curve for each thread and name": () => {
        const note = (time, thread, text, value, kind = 2) => ({ time, thread,
            text, value, kind, row: thread - 1 });
        const curves = curvesOf({ notes: [note(1, 1, "a", 5), note(2, 2, "a", 7),
            note(3, 1, "b", 2), note(4, 1, "a", -3), note(5, 1, "a", 9, 0),
            note(6, 1, "a", null)] });

        assert.deepStrictEqual(curves.map(c => [c.row, c.text, c.times,
            c.values, c.low, c.high]), [[0, "a", [1, 4], [5, -3], -3, 5],
            [1, "a", [2], [7], 0, 7], [0, "b", [3], [2], 0, 2]]);
        assert.deepStrictEqual([0, 1, 3, 4, 9].map(t => valueAt(curves[0], t)),
            [null, 5, 5, -3, -3]);
    },

    "a state lasts until the next one, or the end of its thread": () => {
        const note = (time, thread, text) => ({ time, thread, text, kind: 1,
            row: 0 });
        const run = { last: 50, facts: { threads: [0, ["", 1, 1, 1, 41],
            ["", 1, 1, 1, 0]] }, notes: [note(1, 1, "x"), note(2, 2, "y"),
            note(5, 1, "y"), note(7, 2, ""), note(9, 2, "x")] };

        assert.deepStrictEqual(statesOf(run, [0, 0, 1], [2]).map(s =>
            [s.from, s.to, s.text, s.color, s.lane]), [[1, 5, "x", 0, 0],
            [2, 7, "y", 1, 1], [5, 40, "y", 1, 0], [9, 50, "x", 0, 1]]);
    },

    "whoever waits for a port may wait for those who sent to it": () => {
        const run = { n: 4, port: [7, 8, 7, 7], from: [2, 1, 0, 2],
            spanStream: [7, 3, 8], firstSpan: [0, 0, 1, 3],
            facts: { waits: [0, [2, 1]], threads: [0,
                ["", 1, 0, 0, 0, 0, "port 7", 0],
                ["", 2, 0, 0, 0, 0, "rank 0", 1]] } };

        assert.deepStrictEqual(waitersOf(run), [
            { thread: 1, row: 0, text: "port 7", circle: false, targets: [],
                before: [2, 0] },
            { thread: 2, row: 1, text: "rank 0", circle: true, before: [],
                targets: [{ row: 0, circle: false }] }]);
    },

    "machines are down until they are restarted": () => {
        const { stretches, events } = faultsOf(runOfFaults(3, [
            [10, 0, 1, 0, 0, 31], [20, 2, 2, 0, 0, 41], [30, 1, 1, 0, 0, 31],
            [40, 0, 2, 0, 0, 0], [50, 4, 3, 0, 0.5, 0], [60, 7, 3, 0, 0, 61]]));

        assert.deepStrictEqual(stretches, [
            { kind: "down", row: 0, from: 10, to: 30 },
            { kind: "paused", row: 1, from: 20, to: 40 },
            { kind: "down", row: 1, from: 40, to: 100 }]);
        assert.deepStrictEqual(events, [{ row: 2, time: 50,
            text: "speed 0.5" }]);
    },

    "a partition has sides until it is healed": () => {
        const { sides, links } = partitionsOf(runOfFaults(5, [
            [10, 12, 1, 0, 1, 41, "1 0"], [10, 12, 3, 0, 0, 41, "1 0"],
            [40, 13, 0, 0, 0, 41, "1 0"]]));

        assert.strictEqual(sides.length, 1);
        assert.strictEqual(links.length, 0);
        const [{ from, to, side }] = sides;
        assert.deepStrictEqual([from, to], [10, 40]);
        assert(side[0] === side[2] && side[1] === side[3] &&
            side[1] === side[4] && side[0] !== side[1]);
    },

    "what ends a line of a plan ends no other": () => {
        for (const [key, to] of [["1 3", 40], ["1 4", 60], ["2 3", 60],
            ["1 0", 60]]) {
            const { sides } = partitionsOf(runOfFaults(2, [
                [10, 12, 1, 0, 0, 0, "1 3"], [40, 13, 0, 0, 0, 0, key],
                [60, 10, 0, 0, 0, 0, "1 3"]]));

            assert.strictEqual(sides.length, 1);
            assert.deepStrictEqual([sides[0].from, sides[0].to], [10, to]);
        }
    },

    "one link that is cut parts nobody": () => {
        const { sides, links } = partitionsOf(runOfFaults(3, [
            [10, 8, 1, 2, 0, 31, "1 0"], [20, 8, 2, 1, 0, 41, "1 0"],
            [30, 10, 1, 2, 0, 31, "1 0"], [40, 10, 2, 1, 0, 41, "1 0"]]));

        assert.strictEqual(sides.length, 0);
        assert(links.every(l => l.row === 0 || l.row === 1));
        assert.strictEqual(links.length, 6);
        assert.strictEqual(links[5].to, 40);
    },

    "both ways between two make sides": () => {
        const { sides } = partitionsOf(runOfFaults(2, [
            [10, 8, 1, 2, 0, 31, "1 0"], [20, 8, 2, 1, 0, 0, "1 0"],
            [30, 10, 1, 2, 0, 31, "1 0"]]));

        assert.strictEqual(sides.length, 1);
        assert.deepStrictEqual([sides[0].from, sides[0].to], [20, 30]);
    },

    "what is put off goes along the row to its arrival": () => {
        const run = theRun(), view = viewOf(run, 0, 1, 900, 40);
        let n = 0;

        for (let i = 0; i < run.n; i++) {
            const at = putOffOf(run, view, i);
            const [, , x1] = endsOf(run, view, i);
            assert.strictEqual(at !== null, run.came[i] !== 0 &&
                (run.fate[i] & 3) !== 3);
            if (at === null)
                continue;
            n++;
            near(x1, at.x0, 1e9);
            near(at.x1, xOf(view, run.ended[i]), 1e9);
            assert(Math.abs(at.y - yOf(view, run.to[i])) < 20);
        }
        assert(path.basename(pageFile) !== "held.html" || n > 20);
    },

    "rows that are no machine are on no side": () => {
        const run = runOfFaults(3, [[10, 12, 1, 0, 0, 0, "1 0"]]);
        run.facts.machines[3] = 0;
        const [{ side }] = partitionsOf(run).sides;

        assert.strictEqual(side[2], -1);
        assert(side[0] >= 0 && side[1] >= 0 && side[0] !== side[1]);
    },

    "a line covers as much as it is long": () => {
        for (const [x, y] of [[50, 0], [0, 50], [50, 50], [50, 20], [20, 50]]) {
            const r = makeRaster(100, 100);
            addLine(r, 20, 20, 20 + x, 20 + y);
            const sum = r.count.reduce((a, b) => a + b, 0);
            assert.strictEqual(sum, 256 * (Math.max(x, y) + 1));
        }
    },

    "a line is the same from its other end": () => {
        const dice = makeDice(5);

        for (let k = 0; k < 200; k++) {
            const ends = [dice(100), dice(80), dice(100), dice(80)];
            const a = makeRaster(100, 80), b = makeRaster(100, 80);
            addLine(a, ...ends);
            addLine(b, ends[2], ends[3], ends[0], ends[1]);
            assert.strictEqual(crc32(a.count), crc32(b.count));
        }
    },

    "what is outside of the raster is cut off": () => {
        const dice = makeDice(6);
        const whole = makeRaster(300, 300), part = makeRaster(100, 100);

        for (let k = 0; k < 500; k++) {
            const ends = [0, 0, 0, 0].map(() => dice(300));
            addLine(whole, ...ends);
            addLine(part, ...ends.map(x => x - 100));
        }
        let differ = 0;
        for (let y = 1; y < 99; y++)
            for (let x = 1; x < 99; x++)
                differ += Math.abs(part.count[y * 100 + x] -
                    whole.count[(y + 100) * 300 + x + 100]) > 3 * 256;
        assert(differ < 10, `${differ} pixels differ`);
        assert(part.count.some(x => x > 0));
    },

    "lines are counted as ever": () => {
        const r = makeRaster(320, 200), dice = makeDice(7);

        for (let k = 0; k < 1000; k++)
            addLine(r, dice(400) - 40, dice(300) - 50, dice(400) - 40,
                dice(300) - 50);
        assert.strictEqual(crc32(r.count), GOLDEN_LINES);
    },

    "paint forgets what was counted": () => {
        const r = makeRaster(50, 50);

        addLine(r, 3, 3, 40, 45);
        paintLines(r, 0xff0000ff, 0.5);
        assert(r.count.every(x => x === 0));
        assert(r.pixels.some(x => x !== 0));
        addBand(r, 5, 3, 20, 40, 10, 30);
        paintBands(r, 0xff00ff00, 0.5);
        assert(r.edges.every(x => x === 0));
    },

    "the more lines, the denser": () => {
        for (const most of [1, 10, 100, 1000]) {
            const r = makeRaster(10, 12);
            r.pixels.fill(0xffffffff);
            for (let y = 1; y < 11; y++)
                for (let k = 0; k < Math.ceil(most * y / 10); k++)
                    addLine(r, 0, y, 9, y);
            paintLines(r, 0xff000000, 0.7);
            for (let y = 2; y < 11; y++)
                assert(most === 1 || (r.pixels[y * 10] & 255) <
                    (r.pixels[y * 10 - 10] & 255), `${most} at ${y}`);
            assert((r.pixels[60] & 255) > 40 && (r.pixels[60] & 255) < 120);
        }
    },

    "a band has its area, whichever way it goes": () => {
        for (const [y0, y1] of [[10, 60], [60, 10]]) {
            const r = makeRaster(100, 100);
            addBand(r, y0, 10, 30, y1, 40, 60);
            paintBands(r, 0xff0000ff, 1);
            const area = r.pixels.filter(x => (x & 255) === 255).length;
            assert.strictEqual(area, 20 * 50);
        }
    },

    "cover is the length of what covers": () => {
        const dice = makeDice(8), c = makeCover(100);
        let length = 0;

        for (let at = -3; at < 110;) {
            const to = at + dice(1000) / 300;
            addCover(c, at, to);
            length += Math.max(0, Math.min(100, to) - Math.max(0, at));
            at = to + dice(1000) / 300;
        }
        let sum = 0, step = 0;
        for (let x = 0; x < 100; x++) {
            step += c.step[x];
            sum += step + c.part[x];
        }
        assert(Math.abs(sum - length) < 1e-3, `${sum} is not ${length}`);
        paintCover(makeRaster(100, 4), c, 0, 4, 0xff000000);
        assert(c.part.every(x => x === 0) && c.step.every(x => x === 0));
    },

    "a view is painted, and leaves nothing behind": () => {
        const run = theRun(), look = makeLook(run);
        const r = makeRaster(400, 160), theme = plainTheme();

        for (const [from, to] of [[-0.01, 1.01], [0.3, 0.4], [0.5, 0.501]]) {
            const view = viewOf(run, from, to, 400, 160);
            paintView(r, run, look, view, shownIn(run, look, view), theme);
            assert(r.pixels.every(x => x !== 0));
            assert(new Set(r.pixels).size > 20);
            assert(r.count.every(x => x === 0) && r.edges.every(x => x === 0));
            const before = crc32(r.pixels), shown = shownIn(run, look, view);
            paintView(r, run, look, view, shown, theme);
            assert.strictEqual(crc32(r.pixels), before);
            for (const part of ["path", "transfers"]) {
                shown[part] = false;
                paintView(r, run, look, view, shown, theme);
                assert.notStrictEqual(crc32(r.pixels), before);
                shown[part] = true;
            }
        }
    },

    "a message is found at its middle": () => {
        const run = theRun(), look = makeLook(run);
        const view = viewOf(run, 0, 1, 4000, 800);
        const shown = shownIn(run, look, view);
        let found = 0;

        for (let i = 0; i < run.n; i++) {
            const [x0, y0, x1, y1] = endsOf(run, view, i);
            const hit = messageAt(run, view, shown, (x0 + x1) / 2,
                (y0 + y1) / 2, 6);
            assert(hit >= 0);
            found += hit === i;
        }
        assert(found > run.n * 0.8, `${found} of ${run.n}`);
        assert.strictEqual(messageAt(run, view, shown, -500, -500, 6), -1);
    },

    "what is asked for is found": () => {
        const run = theRun();
        const messages = list => list.map(x => x.message);

        assert.deepStrictEqual(search(run, "#12"), [{ message: 11 }]);
        assert.deepStrictEqual(search(run, `#${run.n + 1}`), []);
        assert.deepStrictEqual(search(run, ""), []);
        const ring = search(run, "2>3");
        assert.strictEqual(ring.length, run.n / 8);
        assert.deepStrictEqual(search(run, "rank 2 > rank 3"), ring);
        assert.deepStrictEqual(search(run, ">rank 3"), ring);
        assert.deepStrictEqual(search(run, "nobody>3"), []);
        assert.deepStrictEqual(search(run, "2>nobody"), []);
        assert.deepStrictEqual(messages(search(run, "path")),
            pathMessages(run));
        assert.deepStrictEqual(search(run, "lost"), []);
        assert.deepStrictEqual(search(run, "RANK 5"), [{ row: 5 }]);
    },

    "a link leads to its view": () => {
        const states = [
            { from: 0, to: 1.5, top: 0, zoom: 1, message: 0, even: false },
            { from: -0.25, to: 1e-6, top: 3.5, zoom: 2.25, message: 7,
                even: true },
        ];

        for (const state of states)
            assert.deepStrictEqual(readLink(writeLink(state)), state);
        assert.strictEqual(readLink(""), null);
        assert.strictEqual(readLink("#from=2&to=1"), null);
        assert.strictEqual(readLink("#from=a&to=1"), null);
        assert.strictEqual(readLink("#from=0&to=1&zoom=-1"), null);
    },

    "a picture is whole and has what is seen": () => {
        const run = theRun(), look = makeLook(run);
        const view = viewOf(run, 0, 1, 800, 400);
        const text = svgOf(run, look, view, shownIn(run, look, view),
            plainTheme(), "a <b> & c");
        const open = [];

        assert(!/NaN|undefined|Infinity/.test(text));
        assert(text.includes("a &#60;b&#62; &#38; c"));
        assert.strictEqual((text.match(/M[^M"]*L/g) || []).length, run.n);
        for (const [, end, name, , closed] of text.matchAll(
            /<(\/?)([a-zA-Z]+)((?:[^>"]|"[^"]*")*?)(\/?)>/g)) {
            if (end)
                assert.strictEqual(open.pop(), name);
            else if (!closed)
                open.push(name);
        }
        assert.deepStrictEqual(open, []);
    },

    "links are hatched while they are off": () => {
        const view = { axis: { at: [0, 10, 20, 30] }, a: 0, b: 30, width: 30,
            scale: 1 };
        const r = { width: 30, height: 8, pixels: new Uint32Array(240) };
        const ports = { ways: [[], [], [], []],
            off: [{ way: 1, from: 1, to: 2 }] };
        let n = 0;

        paintOffs(r, { ports }, view, plainTheme());
        r.pixels.forEach((color, i) => {
            const x = i % 30, y = Math.floor(i / 30);
            assert(color === 0 || x >= 10 && x < 20 && y >= 2 && y < 4);
            n += color !== 0;
        });
        assert.strictEqual(n, 8);
    },

    "the strip of ports has what was carried": () => {
        const { ports } = theRun(), nodes = theLines("node");
        const whole = constant("15");

        const links = theLines("link");

        assert.strictEqual(ports.ways.length,
            links.length || 2 * nodes.length);
        ports.ways.forEach(([row, inward, rate, name], way) => {
            const node = nodes[row - 1], link = links[way];
            let low = 0, high = 0;
            for (let i = 0; i < ports.slices; i++) {
                const level = ports.levels[way * ports.slices + i];
                low += Math.max(0, level - 1) / whole;
                high += Math.min(whole, level) / whole;
            }
            const bytesOf = x => x * ports.width * rate;
            const carried = link ? link.bytes : inward ? node.in_bytes :
                node.out_bytes;
            assert.strictEqual(rate, link ? link.rate : inward ?
                node.recv_rate : node.send_rate);
            assert.strictEqual(name, link ? `${link.name} #${link.number}` :
                undefined);
            assert(bytesOf(low) <= carried * 1.001 &&
                bytesOf(high) >= carried * 0.999,
            `${carried} is not from ${bytesOf(low)} to ${bytesOf(high)}`);
        });
    },
};

/* ---- What facts share ---- */

/* Among 16 rows, at random. */
function manyMessages(n)
{
    const dice = makeDice(3);
    const run = { n, sent: new Uint32Array(n), ended: new Uint32Array(n),
        from: new Int32Array(n), to: new Int32Array(n),
        fate: new Uint8Array(n) };

    for (let i = 0, at = 0; i < n; i++) {
        run.sent[i] = at += dice(7);
        run.ended[i] = at + dice(400);
        run.from[i] = dice(16);
        run.to[i] = dice(16);
        run.fate[i] = dice(100) === 0 ? 3 : dice(100) === 0 ? 6 : 2;
    }
    return run;
}

function plainTheme()
{
    const names = constant("COLORS");

    return makeTheme(name => `#${(0x1234f * (names.indexOf(name) + 3) &
        0xffffff).toString(16).padStart(6, "0")}`, false);
}

/* What page_column.c makes of them. */
const EACH_SIZE =
    "d3d3d3d3d3d0d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3" +
    "d3dnZmZmNDqDyWJzuDy+QCgSS6QACAgGlF3xqq/5dX/Dv+m/5X/b/x3/7/r/nv/f9/8P" +
    "/P+H/v9H/v+P/f8/8f//qf//n/n//3P////C//9/6f//f+X////a////G////9/6////" +
    "nf///7/3////H/z///+P/v///0/+////n/3///9/8f////+r/////7/5/////3f/////" +
    "/8P//////+n//////+X//////9v//////x/////////6//////+f////////9///////" +
    "R/7//////7H////////E////////1P///////+WgBGpAC9ADGAGYAbACwA4ATgDgBgC8" +
    "AAA/AEAQAEAYAIAoAADiAACQBAAAaQAAIAsAAMgDAAAUAQAAlAEAAKgCAACgDgAAAE0A" +
    "AADQBgAAALoAAACAPgAAAMAQAAAAwBgAAACAKQAAAADmAAAAALAEAAAAAGsAAAAAYAsA" +
    "AAAA2AMAAAAAHAEAAAAAnAEAAAAAuAIAAAAA4A4AAAAAAE8AAAAAAPAGAAAAAAC+AAAA" +
    "AACAPwAAAAAAAAoAAAAAAAAHAAAAAACABAAAAAAAAA==";
/* Of the counts of a thousand lines. */
const GOLDEN_LINES = "80e86ce1";

if (fact === "--list")
    console.log(Object.keys(facts).join("\n"));
else
    facts[fact]();
