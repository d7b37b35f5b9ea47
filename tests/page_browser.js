"use strict";
/* Pages in a browser: what they show, and how they answer.
 *
 *     node page_browser.js BROWSER FOLDER
 *
 * FOLDER has pages of a ring, of a deadlock, of a crash and of 99904 messages.
 * Says of each fact whether it is so, in a line that begins with "ok" or
 * "FAILED". */

const assert = require("assert");
const path = require("path");
const { openBrowser } = require("./browser.js");

const [command, folder] = process.argv.slice(2);
const WIDTH = 1200, HEIGHT = 700;
let browser;

function addressOf(name)
{
    return `file://${path.resolve(folder, name)}.html`;
}

function pause(ms)
{
    return new Promise(resolve => setTimeout(resolve, ms));
}

async function open(name, hash)
{
    browser.problems.length = browser.requests.length = 0;
    await browser.open("about:blank");
    await browser.open(addressOf(name) + (hash || ""));
    await until("document.documentElement.dataset.ready === 'yes'");
    await settle();
    assert.deepStrictEqual(browser.problems, []);
}

async function until(expression)
{
    for (let k = 0; k < 300; k++) {
        if (await browser.evaluate(expression))
            return;
        await pause(50);
    }
    throw new Error(`it never came to be that ${expression}`);
}

/* Until what moves has come to rest. */
async function settle()
{
    await until("window.page && !page.moving && !page.asked");
}

async function press(key)
{
    await browser.key(key);
    await settle();
}

function style(id)
{
    return browser.evaluate(`getComputedStyle(element("${id}")).display`);
}

/* Where a place of the diagram is in the window. */
function pointOfMessage(i)
{
    return browser.evaluate(`(() => {
        const box = page.canvas.getBoundingClientRect();
        const [x0, y0, x1, y1] = endsOf(page.run, page.view, ${i});
        return [box.left + (page.left + (x0 + x1) / 2) / page.view.scale,
            box.top + (page.top + (y0 + y1) / 2) / page.view.scale];
    })()`);
}

async function click(x, y)
{
    const button = { button: "left", clickCount: 1 };

    await browser.mouse("mouseMoved", x, y);
    await browser.mouse("mousePressed", x, y, button);
    await browser.mouse("mouseReleased", x, y, button);
    await settle();
}

function view()
{
    return browser.evaluate("[page.view.a, page.view.b]");
}

/* How many colours the canvas shows. */
function colours()
{
    return browser.evaluate(`new Set(new Uint32Array(page.g.getImageData(0, 0,
        page.canvas.width, page.canvas.height).data.buffer)).size`);
}

/* Processor time of the page, whatever else the machine does. */
async function processorTime()
{
    const { metrics } = await browser.call("Performance.getMetrics");
    return metrics.find(m => m.name === "TaskDuration").value;
}

/* ---- Facts ---- */

const facts = {
    "a page opens without a complaint and loads nothing else": async () => {
        await open("ring");
        assert.deepStrictEqual(browser.requests.filter(url =>
            url !== "about:blank"), [addressOf("ring")]);
        assert(await colours() > 50);
    },

    "its head says what it is of": async () => {
        assert.strictEqual(await browser.evaluate("document.title"),
            "ring.dstrace");
        const facts = await browser.evaluate(
            "element('facts-line').textContent");
        assert(/8 rows · 112 messages of 11.2 MB/.test(facts), facts);
        assert(/critical path: 14 messages/.test(facts), facts);
        assert.strictEqual(await browser.evaluate(
            "element('status').textContent"), "112 messages in view");
    },

    "n and p go along the critical path": async () => {
        await press("n");
        const first = await browser.evaluate("page.chosen.message");
        await press("n");
        const second = await browser.evaluate("page.chosen.message");
        assert(first >= 0 && second > first);
        assert.strictEqual(await browser.evaluate(
            `page.run.cause[${second}]`), first + 1);
        assert.strictEqual(await style("side"), "block");
        await press("p");
        assert.strictEqual(await browser.evaluate("page.chosen.message"),
            first);
        await press("Escape");
        assert.strictEqual(await style("side"), "none");
    },

    "a click on a message tells because of what it was sent": async () => {
        await click(...await pointOfMessage(60));
        const chosen = await browser.evaluate("page.chosen.message");
        assert(chosen >= 0);
        const said = await browser.evaluate("element('side').textContent");
        assert(said.includes("sent because of#"), said);
        await browser.evaluate("element('side').querySelector('a').click()");
        assert.strictEqual(await browser.evaluate("page.chosen.message"),
            await browser.evaluate(`page.run.cause[${chosen}] - 1`));
        await press("Escape");
    },

    "what is under the pointer is told": async () => {
        const [x, y] = await pointOfMessage(60);
        await browser.mouse("mouseMoved", x, y);
        await until("element('tip').style.display === 'block'");
        const said = await browser.evaluate("element('tip').textContent");
        assert(/rank \d → rank \d #\d+size100 kBsent/.test(
            said.replace("12.5 kB", "100 kB")), said);
        await browser.mouse("mouseMoved", x, 5);
    },

    "the wheel zooms to where the pointer is": async () => {
        const before = await view();
        await browser.mouse("mouseWheel", 600, 400, { deltaX: 0,
            deltaY: -300 });
        await until(`page.view.b - page.view.a < ${before[1] - before[0]}`);
        await settle();
        const after = await view();
        assert(after[0] > before[0] && after[1] < before[1]);
    },

    "the address is that of the view, and leads to it": async () => {
        const seen = await view();
        const hash = await browser.evaluate("location.hash");
        assert(hash.startsWith("#from="), hash);
        await open("ring", hash);
        const again = await view();
        const width = seen[1] - seen[0];
        assert(Math.abs(again[0] - seen[0]) < 1e-6 * width &&
            Math.abs(again[1] - seen[1]) < 1e-6 * width);
    },

    "what is dragged moves along": async () => {
        const before = await view(), button = { button: "left" };
        await browser.mouse("mousePressed", 600, 500,
            { button: "left", clickCount: 1 });
        await browser.mouse("mouseMoved", 650, 500, button);
        await browser.mouse("mouseMoved", 700, 500, button);
        await browser.mouse("mouseReleased", 700, 500, button);
        await settle();
        const after = await view();
        assert(after[0] < before[0] && Math.abs((after[1] - after[0]) /
            (before[1] - before[0]) - 1) < 1e-6);
    },

    "two fingers hold what is between them": async () => {
        const before = await view();
        const rows = await browser.evaluate("page.view.rowHeight");
        const middle = `placeAt(page, 600 * page.view.scale - page.left)`;
        const held = await browser.evaluate(middle);
        await browser.touch("touchStart", [[500, 400], [700, 420]]);
        await browser.touch("touchMove", [[450, 400], [750, 420]]);
        await browser.touch("touchMove", [[400, 400], [800, 420]]);
        await browser.touch("touchEnd", []);
        await settle();
        const after = await view();
        assert(Math.abs((after[1] - after[0]) / (before[1] - before[0]) -
            0.5) < 0.01, "they zoom in time");
        assert(Math.abs(await browser.evaluate(middle) - held) <
            (after[1] - after[0]) / 100, "about their middle");
        assert.strictEqual(await browser.evaluate("page.view.rowHeight"), rows);
        await browser.touch("touchStart", [[600, 300], [610, 400]]);
        await browser.touch("touchMove", [[600, 250], [610, 450]]);
        await browser.touch("touchEnd", []);
        await settle();
        assert(Math.abs(await browser.evaluate("page.view.rowHeight") / rows -
            2) < 0.05, "and rows");
        const between = await view();
        await browser.touch("touchStart", [[600, 400]]);
        await browser.touch("touchMove", [[650, 400]]);
        await browser.touch("touchMove", [[700, 400]]);
        await browser.touch("touchEnd", []);
        await settle();
        assert((await view())[0] < between[0], "one finger drags");
    },

    "f shows all of it": async () => {
        await press("f");
        const [a, b] = await view();
        assert(await browser.evaluate(
            `${a} < page.view.axis.from && ${b} > page.view.axis.to`));
    },

    "e is even time, and back": async () => {
        await press("e");
        assert.strictEqual(await browser.evaluate("page.view.axis.even"), true);
        assert(await colours() > 50);
        await press("e");
        assert.strictEqual(await browser.evaluate("page.view.axis.even"),
            false);
        const [a, b] = await view();
        assert(await browser.evaluate(
            `${b} > ${a} && ${b} > page.view.axis.to * 0.99`));
    },

    "c, b and o show less, and again more": async () => {
        for (const [key, name] of [["c", "path"], ["b", "transfers"],
            ["o", "ports"]]) {
            for (const wanted of [false, true]) {
                await press(key);
                assert.strictEqual(await browser.evaluate(
                    `page.options.${name}`), wanted);
                assert.strictEqual(await browser.evaluate(
                    `element("b-${name}").getAttribute("aria-pressed")`),
                String(wanted));
            }
        }
    },

    "what is asked for is found": async () => {
        await press("/");
        for (const key of "#100")
            await browser.key(key);
        await browser.key("Enter", "\r");
        await settle();
        assert.strictEqual(await browser.evaluate("page.chosen.message"), 99);
        await browser.key("Escape");
        await press("Escape");
    },

    "it is dark if the system is, and if asked to be": async () => {
        const dark = () => browser.evaluate(
            "document.documentElement.dataset.theme");
        await browser.call("Emulation.setEmulatedMedia", { features: [
            { name: "prefers-color-scheme", value: "dark" }] });
        await open("ring");
        assert.strictEqual(await dark(), "dark");
        await press("d");
        assert.strictEqual(await dark(), "light");
        await browser.call("Emulation.setEmulatedMedia", { features: [
            { name: "prefers-color-scheme", value: "light" }] });
    },

    "it fills windows of other sizes": async () => {
        for (const [width, height, scale] of [[390, 700, 2], [2000, 1100, 1],
            [WIDTH, HEIGHT, 1]]) {
            await browser.resize(width, height, scale);
            await until(`page.canvas.width === ${width * scale}`);
            await settle();
            assert(await browser.evaluate("page.canvas.height") >
                height * scale / 2);
            assert(await browser.evaluate("[...document.querySelectorAll(" +
                "'header *, footer > span')].every(e => !e.offsetWidth || " +
                "e.getBoundingClientRect().right <= innerWidth + 1)") ||
                width > 640, "all of it is seen");
            assert(await colours() > 50);
        }
    },

    "what is saved is a picture": async () => {
        const text = await browser.evaluate("save(page)");
        assert(text.startsWith("<svg xmlns=") && text.endsWith("</svg>\n"));
        assert.strictEqual(await browser.evaluate(`new DOMParser()
            .parseFromString(${JSON.stringify(text)}, "image/svg+xml")
            .getElementsByTagName("parsererror").length`), 0);
    },

    "a deadlock shows its circle": async () => {
        await open("deadlock");
        const waiters = await browser.evaluate("page.look.waiters");
        assert.strictEqual(waiters.length, 8);
        assert(waiters.every(w => w.circle === w.row < 4 &&
            w.targets.length === 1));
        const red = await browser.evaluate(`(() => {
            const [r, g, b] = [page.theme.lost & 255, page.theme.lost >> 8 & 255,
                page.theme.lost >> 16 & 255];
            const x = page.left + page.view.width;
            const half = page.view.height / 2;
            return [0, half].map(y => { const d = page.g.getImageData(x,
                page.top + y, page.canvas.width - x, half).data;
                let n = 0; for (let i = 0; i < d.length; i += 4)
                    n += d[i] === r && d[i + 1] === g && d[i + 2] === b;
                return n; }); })()`);
        assert(red[0] > 50 && red[1] === 0, `${red}`);
    },

    "a machine that is down is hatched": async () => {
        await open("crash");
        const [down] = await browser.evaluate("page.look.faults.stretches");
        assert.strictEqual(down.kind, "down");
        assert(await browser.evaluate(`(() => {
            const at = Math.round(xOf(page.view, ${down.from})) + 20;
            const y = Math.round(yOf(page.view, ${down.row})) + 12;
            const line = page.raster.pixels.slice(y * page.raster.width + at,
                y * page.raster.width + at + 40);
            return new Set(line).size; })()`) >= 2);
    },

    "100,000 messages open in a second of the processor": async () => {
        const start = await processorTime();
        await open("many");
        const spent = await processorTime() - start;
        console.error(`opened in ${Math.round(spent * 1000)} ms`);
        assert(spent <= 1, `it took ${spent} s`);
        assert.strictEqual(await browser.evaluate("page.run.n"), 99904);
    },

    "a frame of 100,000 messages takes 33 ms while panning": async () => {
        const frames = 40;
        for (const part of [1, 0.1, 0.01]) {
            await browser.evaluate(`setView(page, page.view.axis.length * 0.3,
                page.view.axis.length * (0.3 + ${part}))`);
            await settle();
            const start = await processorTime();
            await browser.evaluate(`(async () => {
                for (let i = 0; i < ${frames}; i++) {
                    const by = (page.view.b - page.view.a) * 0.01;
                    setView(page, page.view.a + by, page.view.b + by);
                    await new Promise(r => requestAnimationFrame(r));
                } })()`);
            const spent = (await processorTime() - start) * 1000 / frames;
            console.error(`${part}: ${spent.toFixed(1)} ms a frame`);
            assert(spent <= 33, `${spent} ms of ${part}`);
            await settle();
        }
    },
};

async function main()
{
    browser = await openBrowser(command, WIDTH, HEIGHT);
    await browser.resize(WIDTH, HEIGHT);
    await browser.call("Performance.enable", { timeDomain: "threadTicks" });
    for (const [fact, look] of Object.entries(facts)) {
        try {
            await look();
            console.log(`ok ${fact}`);
        } catch (wrong) {
            console.log(`FAILED ${fact}`);
            console.error(`${fact}: ${wrong.stack}`);
        }
    }
    await browser.close();
}

main().catch(wrong => {
    console.error(wrong.stack);
    process.exit(1);
});
