/* ---- Axes: from moments to places. --------------------------------------- */

/* An axis has the place of each moment: its seconds, or, in even time, just its
 * number, so that all that happens is equally far apart. */

function makeAxis(run, even)
{
    const times = run.times;
    const at = even ? new Float64Array(times.length) : times;

    for (let i = 0; even && i < at.length; i++)
        at[i] = i;
    const from = at[run.first], to = at[run.last];
    return { even, at, times, from, to, length: to - from || 1 };
}

/* The first place in a sorted array that has at least x. */
function lowerBound(array, x, from, to)
{
    let low = from || 0, high = to === undefined ? array.length : to;

    while (low < high) {
        const middle = low + high >> 1;
        if (array[middle] < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

function between(xs, ys, x)
{
    const i = lowerBound(xs, x);

    if (i === 0)
        return ys[0] + (xs === ys ? x - xs[0] : Math.min(0, x - xs[0]));
    if (i === xs.length)
        return ys[i - 1] + (xs === ys ? x - xs[i - 1] : 0);
    const part = (x - xs[i - 1]) / (xs[i] - xs[i - 1]);
    return ys[i - 1] + part * (ys[i] - ys[i - 1]);
}

/* A time in seconds as a place, and back. */
function placeOf(axis, time)
{
    return axis.even ? between(axis.times, axis.at, time) : time;
}

function timeOf(axis, place)
{
    return axis.even ? between(axis.at, axis.times, place) : place;
}

/* Keeps a view from `a` to `b` within a twentieth around the run, and at least
 * a billionth of it wide. */
function clampView(axis, a, b)
{
    const most = axis.length * 1.04;
    const least = axis.even ? 2 : axis.length * 1e-9;
    const width = Math.max(Math.min(least, most), Math.min(most, b - a));
    const low = axis.from - axis.length * 0.02;
    let start = (a + b - width) / 2;

    start = Math.max(low, Math.min(low + most - width, start));
    return [start, start + width];
}

/* Round numbers in a view, at least `apart` away from each other. */
function ticksOf(a, b, apart)
{
    const raw = Math.max(apart, (b - a) / 1000);
    const power = Math.pow(10, Math.floor(Math.log10(raw)));
    const step = [1, 2, 5, 10].find(f => f * power >= raw * 0.9999) * power;
    const list = [];

    for (let k = Math.ceil(a / step); k * step <= b; k++)
        list.push(k * step);
    return { list, step };
}

/* All labels of a ruler have the unit of its greatest, and digits as the step
 * between them wants. */
function tickLabel(time, step, greatest)
{
    const units = [[1, "s"], [1e-3, "ms"], [1e-6, "µs"], [1e-9, "ns"]];
    const [unit, name] = units.find(u => greatest >= 1.5 * u[0]) || units[3];
    const digits = Math.ceil(-Math.log10(step / unit) - 1e-9);

    return `${(time / unit).toFixed(Math.max(0, Math.min(9, digits)))} ${name}`;
}
