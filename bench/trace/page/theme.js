/* ---- Colours, as page.css has them, for pixels and for canvases. --------- */

const COLORS = ["bg", "panel", "line", "text", "muted", "grid", "row", "wait",
    "sleep", "work", "msg", "crit", "lost", "mark", "fault", "sel"];
const SIDES = ["#d6336c", "#7048e8", "#0c8599", "#e67700", "#2b8a3e"];
const STATES = ["#2f9e44", "#1098ad", "#9c36b5", "#846358", "#5c940d",
    "#3b5bdb", "#a61e4d", "#495057"];
const STATES_DARK = ["#69db7c", "#66d9e8", "#e599f7", "#d0bfaf", "#c0eb75",
    "#91a7ff", "#faa2c1", "#ced4da"];

/* #rrggbb as a pixel. */
function pixelOf(text)
{
    const x = parseInt(text.slice(1), 16);

    return (0xff000000 | (x & 255) << 16 | x & 0xff00 | x >> 16) >>> 0;
}

/* colorOf(name) is #rrggbb. */
function makeTheme(colorOf, dark)
{
    const theme = { dark, css: {} };

    for (const name of COLORS) {
        theme.css[name] = colorOf(name);
        theme[name] = pixelOf(theme.css[name]);
    }
    theme.css.states = dark ? STATES_DARK : STATES;
    theme.states = theme.css.states.map(pixelOf);
    theme.sides = SIDES.map(pixelOf);
    theme.heat = heatOf(theme, dark);
    return theme;
}

/* From nothing through blue to full, in 16 steps. */
function heatOf(theme, dark)
{
    const low = pixelOf(dark ? "#1c2c46" : "#dbe7f6");
    const middle = pixelOf(dark ? "#3b82d0" : "#5b93d6");
    const full = pixelOf(dark ? "#ffb042" : "#c43e1c");
    const list = [theme.bg];

    for (let i = 1; i < 15; i++)
        list.push(blend(low, middle, Math.round((i - 1) * 256 / 14)));
    list.push(full);
    return list;
}
