export interface TextPart {
    text: string;
    /** Where it leads; only ever http or https. */
    href?: string;
}

const address = /https?:\/\/[^\s<>"'`]+/giu;
const closing = /[.,;:!?…)\]}»”’]+$/u;

/** Cuts plain text at its web addresses; put together again the parts are the text, letter for letter. */
export function linked(text: string): TextPart[] {
    const parts: TextPart[] = [];
    let from = 0;
    for (const match of text.matchAll(address)) {
        const found = match[0].replace(closing, '');
        if (!URL.canParse(found)) continue;
        if (match.index > from) parts.push({ text: text.slice(from, match.index) });
        parts.push({ text: found, href: found });
        from = match.index + found.length;
    }
    if (from < text.length) parts.push({ text: text.slice(from) });
    return parts;
}
