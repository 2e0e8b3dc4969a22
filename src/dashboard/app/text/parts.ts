/**
 * A text that goes out as several messages, as the server cuts it: what each says, and the blanks between them, which no message
 * has. A boundary that somebody moved is an empty line in the text, before which the server cuts sooner than anywhere else.
 */
export interface CutText {
    bodies: string[];
    gaps: string[];
}

/** What a boundary is made of, behind the blanks that stood there: when it is moved on, they come back. */
const boundary = '\n\n';

/** As the server reads a text. */
const plain = (text: string): string => text.normalize('NFC').replace(/\r\n?/g, '\n').trim();

export const joined = ({ bodies, gaps }: CutText): string => bodies.map((body, at) => body + (gaps[at] ?? '')).join('');

/** Whether `cut` is still this text. */
export const isOf = (cut: CutText, text: string): boolean => plain(joined(cut)) === plain(text);

/** Finds the server's parts in the text; null when they are not in it. */
export function cutText(text: string, parts: { text: string }[]): CutText | null {
    let rest = plain(text);
    const cut: CutText = { bodies: [], gaps: [] };
    for (const [at, part] of parts.entries()) {
        const body = part.text.slice(0, part.text.length - ` (${at + 1}/${parts.length})`.length);
        if (!rest.startsWith(body)) return null;
        rest = rest.slice(body.length);
        const gap = /^\s*/.exec(rest)?.[0] ?? '';
        rest = rest.slice(gap.length);
        cut.bodies.push(body);
        if (at < parts.length - 1) cut.gaps.push(gap);
    }
    return rest ? null : cut;
}

/** The blanks of a boundary that is none any more: a paragraph of the text stays a new line, but holds no boundary again. */
function healed(gap: string): string {
    const before = gap.endsWith(boundary) && gap.length > boundary.length ? gap.slice(0, -boundary.length) : gap;
    return before.split('\n').length > 2 ? '\n' : before;
}

/**
 * Moves the boundary behind message `at` one word up (-1) or down (1).
 * @param fits  whether a message can say that and the server would leave it so
 * @return null where it cannot go further
 */
export function moved({ bodies, gaps }: CutText, at: number, by: -1 | 1, fits: (body: string) => boolean): CutText | null {
    const [above, below, gap] = [bodies[at], bodies[at + 1], gaps[at]];
    if (above === undefined || below === undefined || gap === undefined) return null;
    const found = by < 0 ? /^([\s\S]*\S)(\s+)(\S+)\s*$/.exec(above) : /^\s*(\S+)(\s+)(\S[\s\S]*)$/.exec(below);
    const [, first = '', blanks = '', last = ''] = found ?? [];
    if (!found) return null;
    const [newAbove, newBelow] = by < 0 ? [first, last + healed(gap) + below] : [above + healed(gap) + first, last];
    if (!fits(newAbove)) return null;
    return {
        bodies: bodies.map((body, place) => (place === at ? newAbove : place === at + 1 ? newBelow : body)),
        gaps: gaps.map((one, place) => (place === at ? healed(blanks) + boundary : one)),
    };
}
