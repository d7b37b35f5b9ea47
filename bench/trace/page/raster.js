/* ---- The raster: lines and bands into a buffer that counts. -------------- */

/* Canvases take seconds for 100,000 lines.  Here each line adds to the pixels
 * that it touches how much of them it covers, 256 for all of one, and each band
 * marks in each line of pixels where it begins and ends.  What has been counted
 * becomes paint in one go, the denser the more.  A pixel is 32 bits, 0xAABBGGRR
 * as ImageData has them. */

const WHOLE = 256, TABLE = 4096;

function makeRaster(width, height)
{
    const size = width * height;

    return { width, height, pixels: new Uint32Array(size),
        count: new Uint32Array(size),
        edges: new Int16Array((width + 1) * height), top: height, bottom: -1 };
}

/* ---- Lines ---- */

/* From one end to the other, whichever coordinate changes more by whole pixels,
 * the other one shared by two neighbours.  What is outside is cut off. */
function addLine(r, x0, y0, x1, y1)
{
    const dx = Math.abs(x1 - x0), dy = Math.abs(y1 - y0);

    const low = y0 < y1 ? y0 : y1;
    if (low < r.top)
        r.top = low;
    if (low + dy > r.bottom)
        r.bottom = low + dy;
    if (dy > dx) {
        if (y0 < y1)
            addSteps(r, y0, x0, y1, x1, r.height, r.width, r.width, 1);
        else
            addSteps(r, y1, x1, y0, x0, r.height, r.width, r.width, 1);
    } else if (x0 < x1) {
        addSteps(r, x0, y0, x1, y1, r.width, r.height, 1, r.width);
    } else {
        addSteps(r, x1, y1, x0, y0, r.width, r.height, 1, r.width);
    }
}

/* Along a, of which there are `most`, by `step`; across b likewise. */
function addSteps(r, a0, b0, a1, b1, most, wide, step, side)
{
    const slope = a1 > a0 ? (b1 - b0) / (a1 - a0) : 0;
    let first = Math.max(0, Math.round(a0));
    let last = Math.min(most - 1, Math.round(a1));

    if (slope !== 0) {
        /* Where b is between 0 and wide - 1. */
        const p = a0 - b0 / slope, q = a0 + (wide - 1 - b0) / slope;
        first = Math.max(first, Math.ceil(Math.min(p, q)));
        last = Math.min(last, Math.floor(Math.max(p, q)));
    } else if (b0 < 0 || b0 > wide - 1) {
        return;
    }
    const count = r.count;
    const slant = slope * 65536 | 0;
    let b = Math.max(0, (b0 + slope * (first - a0)) * 65536 | 0);
    for (let at = first * step, end = last * step; at <= end; at += step) {
        const whole = b >> 16, part = b >> 8 & 255;
        const pixel = at + whole * side;
        count[pixel] += WHOLE - part;
        if (part !== 0 && whole + 1 < wide)
            count[pixel + side] += part;
        b += slant;
        if (b < 0)
            b = 0;
    }
}

/* ---- Bands ---- */

/* Between two slanted edges, from (a0, y0) and (b0, y0) to (a1, y1) and
 * (b1, y1). */
function addBand(r, y0, a0, b0, y1, a1, b1)
{
    if (y1 < y0) {
        addBand(r, y1, a1, b1, y0, a0, b0);
        return;
    }
    const first = Math.max(0, Math.ceil(y0 - 0.5));
    const last = Math.min(r.height - 1, Math.floor(y1 - 0.5));
    const length = y1 - y0 || 1;
    const da = (a1 - a0) / length, db = (b1 - b0) / length;
    const width = r.width;

    for (let y = first; y <= last; y++) {
        const from = Math.round(a0 + da * (y + 0.5 - y0));
        const to = Math.round(b0 + db * (y + 0.5 - y0));
        if (from >= width || to <= 0 || to <= from)
            continue;
        const line = y * (width + 1);
        r.edges[line + (from > 0 ? from : 0)]++;
        r.edges[line + (to < width ? to : width)]--;
    }
}

/* ---- Paint ---- */

/* alpha is at most 256. */
function blend(under, over, alpha)
{
    const rest = 256 - alpha;
    const odd = Math.imul(under & 0xff00ff, rest) +
        Math.imul(over & 0xff00ff, alpha) >>> 8;
    const even = Math.imul(under >>> 8 & 0xff, rest) +
        Math.imul(over >>> 8 & 0xff, alpha);

    return 0xff000000 | odd & 0xff00ff | even & 0xff00;
}

/* How opaque what has been counted is, of 256, if one alone is `single`, of 1:
 * each more leaves that part of what was to be seen.  By count >> shift. */
function tableOfAlpha(single, shift)
{
    const table = new Uint16Array(TABLE);

    for (let i = 0; i < TABLE; i++)
        table[i] = 256 * (1 - Math.pow(1 - single, (i << shift) / WHOLE)) + 0.5;
    return table;
}

/* How many lines cover a pixel that any does, about; at least 1. */
function meanDepth(count, first, last)
{
    let sum = 0, touched = 0;

    for (let i = first; i < last; i += 7)
        if (count[i] !== 0) {
            sum += count[i];
            touched++;
        }
    return Math.max(1, sum / (touched || 1) / WHOLE);
}

/* Paints all that has been counted, and forgets it.  Where it is as dense as it
 * mostly is, it is opaque to the part of 1 that is wanted: so density can be
 * seen, however many lines there are.  top and bottom are how far it reaches, to
 * spare the rest. */
function paintLines(r, color, wanted)
{
    const { count, pixels, width, height } = r;
    const first = Math.max(0, Math.floor(r.top) - 1) * width;
    const last = Math.min(height, Math.ceil(r.bottom) + 2) * width;
    const depth = meanDepth(count, first, last);
    const shift = 4 + Math.max(0, Math.ceil(Math.log2(depth)) - 5);
    const table = tableOfAlpha(1 - Math.pow(1 - wanted, 1 / depth), shift);

    for (let i = first; i < last; i++) {
        const c = count[i];
        if (c === 0)
            continue;
        count[i] = 0;
        const k = c >> shift;
        pixels[i] = blend(pixels[i], color, table[k < TABLE ? k : TABLE - 1]);
    }
    r.top = height;
    r.bottom = -1;
}

function paintBands(r, color, single)
{
    const { edges, pixels, width, height } = r;
    const table = new Uint16Array(256);

    for (let i = 0; i < 256; i++)
        table[i] = 256 * (1 - Math.pow(1 - single, i)) + 0.5;
    for (let y = 0; y < height; y++) {
        let depth = 0, at = y * (width + 1);
        for (let x = 0, i = y * width; x < width; x++, at++, i++) {
            if (edges[at] !== 0) {
                depth += edges[at];
                edges[at] = 0;
            }
            if (depth > 0)
                pixels[i] = blend(pixels[i], color,
                    table[depth < 256 ? depth : 255]);
        }
        edges[at] = 0;
    }
}

/* ---- Rectangles ---- */

function fillRect(r, x0, y0, x1, y1, color)
{
    const a = Math.max(0, Math.round(x0)), b = Math.min(r.width, Math.round(x1));
    const last = Math.min(r.height, Math.round(y1));

    for (let y = Math.max(0, Math.round(y0)); y < last && a < b; y++)
        r.pixels.fill(color, y * r.width + a, y * r.width + b);
}

function tintRect(r, x0, y0, x1, y1, color, alpha, wanted)
{
    const a = Math.max(0, Math.round(x0)), b = Math.min(r.width, Math.round(x1));
    const last = Math.min(r.height, Math.round(y1));

    for (let y = Math.max(0, Math.round(y0)); y < last; y++)
        for (let x = a, i = y * r.width + a; x < b; x++, i++)
            if (!wanted || wanted(x, y))
                r.pixels[i] = blend(r.pixels[i], color, alpha);
}

/* ---- Cover: how much of each pixel of a line spans take. ---- */

function makeCover(width)
{
    return { width, part: new Float32Array(width + 1),
        step: new Float32Array(width + 2), first: width, last: -1 };
}

function addCover(c, x0, x1)
{
    const a = Math.max(0, x0), b = Math.min(c.width, x1);

    if (!(a < b))
        return;
    const i = Math.floor(a), k = Math.floor(b);
    if (i < c.first)
        c.first = i;
    if (k > c.last)
        c.last = k;
    if (i === k) {
        c.part[i] += b - a;
        return;
    }
    c.part[i] += i + 1 - a;
    c.part[k] += b - k;
    c.step[i + 1]++;
    c.step[k]--;
}

/* Paints lines y0 to y1 in the colour, as opaque as pixels are covered, and
 * forgets that. */
function paintCover(r, c, y0, y1, color)
{
    const top = Math.max(0, Math.round(y0));
    const bottom = Math.min(r.height, Math.round(y1));
    const last = Math.min(c.width - 1, c.last);

    for (let x = c.first, sum = 0; x <= last; x++) {
        sum += c.step[x];
        const cover = Math.min(1, sum + c.part[x]);
        const alpha = cover * 256 + 0.5 | 0;
        for (let y = top, i = top * r.width + x; alpha > 0 && y < bottom;
            y++, i += r.width)
            r.pixels[i] = alpha >= 256 ? color :
                blend(r.pixels[i], color, alpha);
    }
    c.part.fill(0, Math.min(c.first, c.width), c.last + 1);
    c.step.fill(0, Math.min(c.first, c.width), c.last + 2);
    c.first = c.width;
    c.last = -1;
}
