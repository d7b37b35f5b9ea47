"use strict";
/* Drives a Chromium without a window, by its protocol over two pipes.
 *
 *     const browser = await openBrowser(command, width, height);
 *     await browser.open("file:///...");
 *     const value = await browser.evaluate("1 + 1");
 *     await browser.close();
 *
 * browser.problems has what went wrong on the page, and browser.requests what
 * it has loaded. */

const { spawn } = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");

/* Messages end with a zero byte. */
function connect(child, heard)
{
    let rest = "";

    child.stdio[4].setEncoding("utf8");
    child.stdio[4].on("data", text => {
        const parts = (rest + text).split("\0");
        rest = parts.pop();
        for (const part of parts)
            heard(JSON.parse(part));
    });
}

async function openBrowser(command, width, height, options)
{
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "browser."));
    const child = spawn(command, ["--headless", "--no-sandbox",
        "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", "--hide-scrollbars",
        `--user-data-dir=${folder}`, `--window-size=${width},${height}`,
        "--remote-debugging-pipe", ...options || [], "about:blank"],
    { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    const waiting = new Map();
    const browser = { problems: [], requests: [], loaded: null };
    let last = 0, session;

    connect(child, message => {
        const done = waiting.get(message.id);
        if (done) {
            waiting.delete(message.id);
            if (message.error)
                done.reject(new Error(message.error.message));
            else
                done.resolve(message.result);
        } else if (message.method === "Runtime.exceptionThrown") {
            const { exceptionDetails: what } = message.params;
            browser.problems.push(what.exception ?
                what.exception.description : what.text);
        } else if (message.method === "Log.entryAdded" &&
            message.params.entry.level === "error") {
            browser.problems.push(message.params.entry.text);
        } else if (message.method === "Network.requestWillBeSent") {
            browser.requests.push(message.params.request.url);
        } else if (message.method === "Page.loadEventFired" &&
            browser.loaded) {
            browser.loaded();
        }
    });
    browser.call = (method, params) => new Promise((resolve, reject) => {
        const id = ++last;
        waiting.set(id, { resolve, reject });
        child.stdio[3].write(JSON.stringify({ id, method,
            params: params || {}, sessionId: session }) + "\0");
    });
    browser.evaluate = async expression => {
        const got = await browser.call("Runtime.evaluate", { expression,
            awaitPromise: true, returnByValue: true });
        if (got.exceptionDetails)
            throw new Error(got.exceptionDetails.exception ?
                got.exceptionDetails.exception.description :
                got.exceptionDetails.text);
        return got.result.value;
    };
    browser.open = async url => {
        const loaded = new Promise(resolve => { browser.loaded = resolve; });
        await browser.call("Page.navigate", { url });
        await loaded;
    };
    browser.picture = async file => {
        const { data } = await browser.call("Page.captureScreenshot");
        fs.writeFileSync(file, Buffer.from(data, "base64"));
    };
    browser.resize = (w, h, scale) => browser.call(
        "Emulation.setDeviceMetricsOverride",
        { width: w, height: h, deviceScaleFactor: scale || 1, mobile: false });
    browser.key = async (key, text) => {
        await browser.call("Input.dispatchKeyEvent", { type: "keyDown", key,
            text: text === undefined && key.length === 1 ? key : text });
        await browser.call("Input.dispatchKeyEvent", { type: "keyUp", key });
    };
    browser.mouse = (type, x, y, more) => browser.call(
        "Input.dispatchMouseEvent", Object.assign({ type, x, y }, more));
    /* Where fingers are, as [x, y]; those that are gone are left out. */
    browser.touch = (type, points) => browser.call("Input.dispatchTouchEvent",
        { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
    browser.close = async () => {
        const gone = new Promise(resolve => child.on("exit", resolve));
        try {
            session = undefined;
            browser.call("Browser.close").catch(() => {});
            setTimeout(() => child.kill("SIGKILL"), 5000).unref();
            await gone;
        } finally {
            fs.rmSync(folder, { recursive: true, force: true,
                maxRetries: 5 });
        }
    };

    const failed = new Promise((resolve, reject) => child.on("exit", () =>
        reject(new Error(`${command} has ended`))));
    failed.catch(() => {});
    const { targetInfos } = await Promise.race([failed,
        browser.call("Target.getTargets")]);
    const { targetId } = targetInfos.find(t => t.type === "page");
    ({ sessionId: session } = await browser.call("Target.attachToTarget",
        { targetId, flatten: true }));
    for (const domain of ["Page", "Runtime", "Log", "Network"])
        await browser.call(`${domain}.enable`);
    return browser;
}

module.exports = { openBrowser };
