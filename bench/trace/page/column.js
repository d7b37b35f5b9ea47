/* ---- Columns: numbers out of text, as bench/trace/page_column.c wrote them. */

const SYMBOLS = 114, SMALL = 16, LONGEST = 15;

function bytesOfBase64(text)
{
    /* A few bytes more, so that whoever reads bits may look ahead. */
    const pad = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
    const size = text.length / 4 * 3 - pad;
    const out = new Uint8Array(size + 8);

    if (Uint8Array.fromBase64) {
        out.set(Uint8Array.fromBase64(text));
        return out;
    }
    const digits = new Uint8Array(128);
    const all = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" +
        "0123456789+/";
    for (let i = 0; i < 64; i++)
        digits[all.charCodeAt(i)] = i;
    for (let i = 0, at = 0; i < text.length; i += 4, at += 3) {
        const x = digits[text.charCodeAt(i)] << 18 |
            digits[text.charCodeAt(i + 1)] << 12 |
            digits[text.charCodeAt(i + 2)] << 6 | digits[text.charCodeAt(i + 3)];
        out[at] = x >> 16;
        out[at + 1] = x >> 8;
        out[at + 2] = x;
    }
    out.fill(0, size);
    return out;
}

/* By the next 15 bits: the symbol, and how many of them it took.  The highest
 * bit of a code comes first, so codes are turned around. */
function tableOfCodes(bytes)
{
    const table = new Uint16Array(1 << LONGEST);
    let next = 0;

    for (let length = 1; length <= LONGEST; length++) {
        next <<= 1;
        for (let s = 0; s < SYMBOLS; s++) {
            if ((bytes[s >> 1] >> (s & 1) * 4 & 15) !== length)
                continue;
            let turned = 0;
            for (let i = 0; i < length; i++)
                turned |= (next >> i & 1) << length - 1 - i;
            for (let k = turned; k < 1 << LONGEST; k += 1 << length)
                table[k] = s << 4 | length;
            next++;
        }
    }
    return table;
}

/* Fills an array with the numbers. */
function readColumn(bytes, out)
{
    const table = tableOfCodes(bytes);
    let at = SYMBOLS / 2, hold = 0, count = 0;

    for (let i = 0; i < out.length; i++) {
        for (; count <= 16; count += 8)
            hold |= bytes[at++] << count;
        const entry = table[hold & 32767];
        const symbol = entry >> 4;
        hold >>>= entry & 15;
        count -= entry & 15;
        if (symbol < SMALL) {
            out[i] = symbol;
            continue;
        }
        let left = (symbol - SMALL >> 1) + 3;
        let value = (2 + (symbol & 1)) * Math.pow(2, left);
        for (let scale = 1; left > 0;) {
            const n = left < 16 ? left : 16;
            for (; count <= 16; count += 8)
                hold |= bytes[at++] << count;
            value += (hold & (1 << n) - 1) * scale;
            hold >>>= n;
            count -= n;
            left -= n;
            scale *= 65536;
        }
        out[i] = value;
    }
    return out;
}

function unfold(x)
{
    return x % 2 ? -(x + 1) / 2 : x / 2;
}
