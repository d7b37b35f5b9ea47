/* ---- Levels of detail: which messages are drawn. ------------------------- */

/* Level k has one message in 2^k, by a hash of its number so that no rhythm of
 * the run is favoured, and always those that are lost or on the critical path.
 * Messages are in the order of their sending; the last end of each block of
 * them tells whether any of it reaches into a view. */

const BLOCK = 64, FEW = 4000, MOST_LEVELS = 14;

function matters(fate)
{
    return (fate & ON_PATH) !== 0 || (fate & 3) === LOST;
}

function hashOf(i)
{
    const x = Math.imul(i + 1, 0x9e3779b1);
    return (x ^ x >>> 15) >>> 0;
}

function withEnds(run, list)
{
    const blocks = Math.ceil(list.length / BLOCK);
    const ends = new Uint32Array(blocks);

    for (let i = 0; i < list.length; i++) {
        const block = i / BLOCK | 0;
        if (run.ended[list[i]] > ends[block])
            ends[block] = run.ended[list[i]];
    }
    return { list, ends };
}

function makeLevels(run)
{
    let list = new Uint32Array(run.n);
    for (let i = 0; i < run.n; i++)
        list[i] = i;
    const levels = [withEnds(run, list)];

    for (let k = 1; k < MOST_LEVELS && list.length > FEW; k++) {
        const mask = (1 << k) - 1;
        const next = list.filter(i => (hashOf(i) & mask) === 0 ||
            matters(run.fate[i]));
        if (next.length > list.length * 0.9)
            break;
        list = next;
        levels.push(withEnds(run, list));
    }
    return levels;
}

/* Puts the messages that cross the moments [first, last] and the rows [top,
 * bottom] into `out`, and returns how many; -1: there are more than `most`. */
function messagesIn(run, level, view, out, most)
{
    const { list, ends } = level;
    const { first, last, top, bottom } = view;
    let n = 0;

    for (let block = 0; block < ends.length; block++) {
        const start = block * BLOCK;
        if (run.sent[list[start]] > last)
            break;
        if (ends[block] < first)
            continue;
        const stop = Math.min(list.length, start + BLOCK);
        for (let k = start; k < stop; k++) {
            const i = list[k];
            if (run.sent[i] > last)
                break;
            if (run.ended[i] < first || !crosses(run, i, top, bottom))
                continue;
            if (n >= most)
                return -1;
            out[n++] = i;
        }
    }
    return n;
}

function crosses(run, i, top, bottom)
{
    const from = run.from[i], to = run.to[i];
    const a = from < 0 ? to : from, b = to < 0 ? from : to;

    return a >= 0 && !(a < top && b < top) && !(a > bottom && b > bottom);
}

/* The finest level at which there are at most `most`; `levels` has one at which
 * there are, or its last is taken as far as it goes. */
function chooseLevel(run, levels, view, out, most)
{
    for (let k = 0; k < levels.length; k++) {
        const room = k + 1 < levels.length ? most : out.length;
        const n = messagesIn(run, levels[k], view, out, room);
        if (n >= 0)
            return { level: k, n };
    }
    return { level: levels.length - 1, n: out.length };
}
