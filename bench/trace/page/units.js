/* ---- Numbers as people read them. ---------------------------------------- */

const PREFIXES = ["p", "n", "µ", "m", "", "k", "M", "G", "T", "P"];

/* Three digits and a unit, such as 28.2 ms. */
function withUnit(x, unit, digits)
{
    let power = 4, y = Math.abs(x);

    if (x === 0 || !isFinite(x))
        return `${x} ${unit}`;
    for (; y >= 999.5 && power < PREFIXES.length - 1; power++)
        y /= 1000;
    for (; y < 0.9995 && power > 0; power--)
        y *= 1000;
    const text = String(Number(y.toPrecision(digits || 3)));
    return `${x < 0 ? "−" : ""}${text} ${PREFIXES[power]}${unit}`;
}

function seconds(x)
{
    return withUnit(x, "s");
}

/* A moment of the run, to a part of its length. */
function moment(x, length)
{
    const digits = Math.ceil(Math.log10(Math.abs(x) / (length || 1))) + 7;
    return withUnit(x, "s", Math.max(4, Math.min(12, digits || 4)));
}

function bytes(x)
{
    return withUnit(x, "B");
}

/* Thousands are set apart. */
function many(n, what)
{
    const text = String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
    return what ? `${text} ${what}${n === 1 ? "" : "s"}` : text;
}

function escaped(text)
{
    return String(text).replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);
}
