/* ---- Links: a view as the part of an address behind #. ------------------- */

/* { from, to } in seconds, { top } as a row, { zoom } of rows, { message } by
 * its name, { even }. */
function writeLink(state)
{
    const parts = [`from=${Number(state.from.toPrecision(12))}`,
        `to=${Number(state.to.toPrecision(12))}`];

    if (state.zoom !== 1)
        parts.push(`top=${Number(state.top.toPrecision(5))}`,
            `zoom=${Number(state.zoom.toPrecision(5))}`);
    if (state.message)
        parts.push(`message=${state.message}`);
    if (state.even)
        parts.push("even");
    return `#${parts.join("&")}`;
}

/* null: it is none; what is missing is as if nothing had been said. */
function readLink(text)
{
    const state = { top: 0, zoom: 1, message: 0, even: false };

    for (const part of text.replace(/^#/, "").split("&")) {
        const [name, value] = part.split("=");
        if (name === "even")
            state.even = true;
        else if (/^(from|to|top|zoom|message)$/.test(name) &&
            isFinite(Number(value)) && value !== "")
            state[name] = Number(value);
    }
    return state.from === undefined || !(state.to > state.from) ||
        !(state.zoom > 0) ? null : state;
}
