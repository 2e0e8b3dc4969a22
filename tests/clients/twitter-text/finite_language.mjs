// All texts that a regular expression without repetition matches.

/**
 * @param {string} source  of alternatives, groups, classes, '?' and the one look-ahead (?!x), which is taken as nothing
 * @return {Set<string>}
 */
export function finiteLanguage(source) {
    let at = 0;
    const eat = (text) => source.startsWith(text, at) && ((at += text.length), true);

    function unit() {
        if (!eat('\\')) return source[at++];
        if (eat('u')) return String.fromCharCode(parseInt(source.slice(at, (at += 4)), 16));
        return source[at++];
    }

    function characters() {
        const all = [];
        while (!eat(']')) {
            const first = unit();
            const last = source[at] === '-' && source[at + 1] !== ']' ? (at++, unit()) : first;
            for (let code = first.charCodeAt(0); code <= last.charCodeAt(0); ++code) all.push(String.fromCharCode(code));
        }
        return all;
    }

    function atom() {
        if (eat('[')) return characters();
        if (eat('(')) {
            const lookahead = eat('?!');
            if (!lookahead) eat('?:');
            const inside = alternatives();
            if (!eat(')')) throw new Error(`no ')' at ${at}`);
            return lookahead ? [''] : inside;
        }
        if (/[.*+{}^$]/.test(source[at])) throw new Error(`'${source[at]}' at ${at} has no finite language`);
        return [unit()];
    }

    function sequence() {
        let all = [''];
        while (at < source.length && source[at] !== '|' && source[at] !== ')') {
            let next = atom();
            if (eat('?')) next = [...next, ''];
            all = all.flatMap((head) => next.map((tail) => head + tail));
        }
        return all;
    }

    function alternatives() {
        const all = sequence();
        while (eat('|')) for (const text of sequence()) all.push(text);
        return all;
    }

    const all = alternatives();
    if (at !== source.length) throw new Error(`'${source[at]}' at ${at} is not understood`);
    return new Set(all);
}
