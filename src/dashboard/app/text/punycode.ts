// RFC 3492, section 5, of which only the length of the outcome matters.
const base = 36;
const tMin = 1;
const tMax = 26;
const skew = 38;
const damp = 700;
const initialBias = 72;

function adapt(delta: number, points: number, first: boolean): number {
    let rest = first ? Math.floor(delta / damp) : delta >> 1;
    rest += Math.floor(rest / points);
    let k = 0;
    for (; rest > ((base - tMin) * tMax) >> 1; k += base) rest = Math.floor(rest / (base - tMin));
    return k + Math.floor(((base - tMin + 1) * rest) / (rest + skew));
}

function digitsOf(delta: number, bias: number): number {
    let digits = 1;
    for (let rest = delta, k = base; ; k += base, ++digits) {
        const t = k <= bias ? tMin : Math.min(k - bias, tMax);
        if (rest < t) return digits;
        rest = Math.floor((rest - t) / (base - t));
    }
}

function lengthOfPart(part: string): number {
    if (/^[ -~]*$/.test(part)) return part.length;
    const points = Array.from(part, (character) => character.codePointAt(0) ?? 0);
    const basic = points.filter((point) => point < 0x80).length;
    let length = 'xn--'.length + basic + (basic > 0 ? 1 : 0);
    let bias = initialBias;
    let delta = 0;
    for (let handled = basic, current = 0x80; handled < points.length; ++delta, ++current) {
        const next = Math.min(...points.filter((point) => point >= current));
        delta += (next - current) * (handled + 1);
        current = next;
        for (const point of points) {
            if (point < next) ++delta;
            if (point !== next) continue;
            length += digitsOf(delta, bias);
            bias = adapt(delta, handled + 1, handled === basic);
            delta = 0;
            ++handled;
        }
    }
    return length;
}

/** How many characters a host's label takes in the domain name system; more than `over` when it has more by itself. */
export function encodedLabelLength(label: string, over: number): number {
    const points = [...label].length;
    if (points > over) return points;
    const parts = label.split(/[\u3002\uFF0E\uFF61]/); // full stops to those who encode
    return parts.reduce((sum, part) => sum + lengthOfPart(part), parts.length - 1);
}
