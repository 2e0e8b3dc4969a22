import { encodedLabelLength } from './punycode';
import { beforeUrl, emoji, latinAccents, notInLabel, pathStep, queryCharacter, queryEnd, topLevelDomains } from './twitter_text_tables';

/**
 * The length of a text as X counts it (twitter-text configuration 3): NFC; a web address weighs 23, an emoji 2, a
 * character of the light ranges 1, any other 2. Instant and local; the server's preview has the last word. Addresses are
 * found by X's own regular expressions, so that the count is never below X's.
 */
const light: readonly (readonly [number, number])[] = [[0, 4351], [8192, 8205], [8208, 8223], [8242, 8247]];
const addressWeight = 23;
const emojiWeight = 2;
const longestLabel = 63;
const longestAddress = 4096;

const labelCharacter = `[^${notInLabel}]`;
const endOfHost = String.raw`(?:(?:${topLevelDomains})(?=[^0-9a-zA-Z@+\-]|$)|xn--[\-0-9a-z]+)`;
const host =
    String.raw`(?:(?:${labelCharacter}(?:[_\-]|${labelCharacter})*)?${labelCharacter}\.)*` +
    String.raw`(?:(?:${labelCharacter}(?:-|${labelCharacter})*)?${labelCharacter}\.)${endOfHost}`;
// Without the flag u, as X has it: it counts in halves of pairs.
const address = new RegExp(
    `(${beforeUrl})((https?://)?(${host})((?::[0-9]+)?(/${pathStep}*)?(?:\\?${queryCharacter}*${queryEnd})?))`,
    'gi',
);
const asciiHost = new RegExp(String.raw`(?:[\-a-z0-9${latinAccents}]+\.)+${endOfHost}`, 'gi');
const shortLink = new RegExp(String.raw`^https?://t\.co/([a-z0-9]+)(?:\?${queryCharacter}*${queryEnd})?`, 'i');
const picture = new RegExp(emoji, 'g');

interface Span {
    begin: number;
    length: number;
}

/** Whether all labels of a host fit into the domain name system. */
function fits(name: string): boolean {
    if (name.startsWith('xn--') && name.match(asciiHost) === null) return false;
    return name.split('.').every((label) => label && encodedLabelLength(label, longestLabel) <= longestLabel);
}

function spansOf(match: RegExpExecArray, at: number): Span[] {
    const [, before = '', url = '', scheme, name = '', tail = '', path] = match;
    const begin = at + match.index + before.length;
    if (!fits(name) || (scheme ?? 'https://').length + url.length > longestAddress) return [];
    if (scheme) {
        const short = shortLink.exec(url);
        if (short && (short[1] ?? '').length > 40) return [];
        return [{ begin, length: (short?.[0] ?? url).length }];
    }
    if (/[-_./]$/.test(before)) return [];
    const spans: Span[] = [];
    let taken = 0;
    for (const found of name.match(asciiHost) ?? []) {
        const place = name.indexOf(found, taken);
        taken = place + found.length;
        spans.push({ begin: begin + place, length: found.length });
    }
    const last = spans.at(-1);
    if (last && path) last.length += tail.length;
    return spans;
}

/** The lengths of the addresses of `text` by where they begin. Word by word: no address goes over a blank, and long texts stay quick. */
function addressesIn(text: string): Map<number, number> {
    const lengths = new Map<number, number>();
    for (const word of text.matchAll(/(?:^|[ \n\t])[^ \n\t]*\.[^ \n\t]*/g)) {
        address.lastIndex = 0;
        for (let match = address.exec(word[0]); match; match = address.exec(word[0])) {
            for (const span of spansOf(match, word.index)) lengths.set(span.begin, span.length);
        }
    }
    return lengths;
}

function weightOfCharacter(code: number): number {
    return light.some(([first, last]) => code >= first && code <= last) ? 1 : 2;
}

/** The weighted length of `text`; 0 for an empty one. Linear in the text's length, but for words of thousands of letters. */
export function weightedLength(text: string): number {
    const normal = text.normalize('NFC');
    const pictures = new Map(Array.from(normal.matchAll(picture), (match) => [match.index, match[0].length]));
    const addresses = addressesIn(normal);
    let weight = 0;
    for (let at = 0; at < normal.length; ) {
        const address = addresses.get(at);
        const length = pictures.get(at);
        if (address) {
            weight += addressWeight;
            at += address;
        } else if (length) {
            weight += emojiWeight;
            at += length;
        } else {
            const code = normal.codePointAt(at) ?? 0;
            weight += weightOfCharacter(code);
            at += code > 0xffff ? 2 : 1;
        }
    }
    return weight;
}
