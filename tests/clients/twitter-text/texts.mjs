// Texts that are hard to measure, made of nothing but a seed.

/** mulberry32: numbers in [0, 1). */
export function chance(seed) {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let t = state;
        t = Math.imul(t ^ (t >>> 15), t | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
}

const repeat = (text, times) => text.repeat(times);

const words = ['ciao', 'guasto', 'linea', 'a', 'ADSL', 'perché', 'perche\u0301', 'A\u0301\u0323', '20', '€', 'n.', 'Salve.Grazie', '“ok”…', 'ﬁ', 'ß', 'ſ', 'K', 'İ', 'ı', 'Ω', 'Å', 'ẛ̣', 'क्षि', '각', '각', '한국어', '故人西辞', '黄鹤楼。', 'テスト', 'שלום', 'مرحبا', 'สวัสดี', 'Привет', 'Ελλάδα', 'ι', 'ͅ', 'ⱥ', 'ʒ', 'ა', 'Ა'];
const domains = ['com', 'it', 'co.uk', 'onion', 'museum', 'vermögensberatung', 'VERMÖGENSBERATUNG', 'рф', 'РФ', 'укр', 'გე', 'ᲒᲔ', '中国', '中國', '한국', 'ไทย', 'भारत', 'ελ', 'ΕΛ', 'みんな', '嘉里', '嘉里大酒店', 'コム', 'السعودية', 'xn--p1ai', 'XN--90A3AC', 'xn--', 'web', 'zip', 'sh', 'notatld', 'comx', 'c', 'tel', 'zuerich', 'photography', 'i', 'technology', 'to', 'py', 'rs', 'md', 'k'];
const labels = ['tim', 'www', 'a', 'x-y', 'a_b', '_a', 'a-', '-a', 'é', 'münchen', 'пример', '例え', '网站', '😀', '👨‍👩‍👧', '1️⃣', 'ι', 'ß', 'ﬃ', 'a。b', '．', 'xn--80ak6aa92e', 'XN--abc', 'xn--é', '\u0001', '`', '"', 'İ', repeat('a', 63), repeat('a', 64), repeat('é', 50), repeat('é', 58), repeat('é', 60), repeat('网', 17), repeat('网', 30), repeat('😀', 20), repeat('a-', 31) + 'b'];
const schemes = ['', '', '', 'http://', 'https://', 'HTTP://', 'HtTpS://', 'ftp://', 'http:/', '//', 'https://http://'];
const tails = ['', '', '', '/', '/a', '/a/b.html', '/(a)', '/a(b(c)d)e', '/a(b', '/a)', '/((a))', '/()', '/@user/x', '/@', '/a.', '/a,b;', '/é', '/ж', '/网', '/a–b', '/😀', '?x=1', '/?x=1', '/?', '/a?b=c&d', '/a?b=é', '/a?b.', '/a#b', '/#!/a', ':80', ':80/a', ':', ':x', ':80?x', '/a\'b', '/a!', '/*', '/~a', '/a|b', '/%20', '/ι', '/[a]', '/a"b', '/…'];
const before = ['', '', ' ', '\n', '@', '＠', '$', '#', '＃', '-', '_', '.', '/', '网', 'é', '，', '(', '"', '“', ':', '\u200e', '\u202a', '\u2066', '\u0000', '1', 'x', '\ufeff', '\uffff', '\ufffe', '😀', '\u3000', '\u0085', '\u00a0', '\u180e'];
const after = ['', '', ' ', '.', ',', '!', '?', ')', '…', '。', '，', '网', 'é', '😀', '@', '+', '-', '_', '\n', '/', ':', '\ufeff', '\u200e', '”', '1', 'x', '\ufe0f\u20e3'];
const links = ['t.co/abc', 'http://t.co/abcDEF123/x', 'https://t.co/a?b=c', 'https://t.co/a?b', 'https://t.co/' + repeat('a', 40), 'https://t.co/' + repeat('a', 41), 'https://T.CO/x-y', 'http://t.co:80/a', 'http://t.co/', 'http://t.co', '$TWTR.com', '$a.it', 'a@tim.it', 'script.sh', 'readme.md', '.htaccess', 'a.com.😀.com/x', 'a.com.网.com/xyz', 'a.comb网a.com网a.com/x', 'x.it.网.it.网.it:80/a?b', '192.168.1.1', 'http://[::1]/', 'tim.it.', 'a..it', 'http://a.b.c.d.e.it', 'com.com.com', 'it', '.it', 'http://.it', 'http://-a.it', 'http://a_.it', 'http://a_b.it/x', 'a_b.c.it', 'http://foo.com_it/x'];
const joined = ['👨‍👩‍👧‍👦', '👩‍❤️‍💋‍👨', '👩‍❤‍👩', '🏳️‍🌈', '🏳‍🌈', '🏴‍☠️', '🏴‍☠', '👁‍🗨', '👁️‍🗨️', '🕵️‍♂️', '🕵🏽‍♀️', '🕵‍♂️', '⛹🏿‍♀️', '👩🏽‍⚕️', '👩‍⚕', '🧑‍🚀', '👨🏻‍🦰', '🧑🏽‍🤝‍🧑🏿', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '🏴󠁵󠁳󠁴󠁸󠁿', '1️⃣', '1⃣', '#️⃣', '*⃣', '*️', '0︎⃣', '🇮🇹', '🇪🇺', '🇮🇮', '🇮', '🇮🇹🇪', '©', '©️', '©︎', '®️', '™', '™️', '♟', '♟️', '❤', '❤️', '❤︎', '☺', '☺️', '☝🏽', '☝️🏽', '✌︎', '✌🏿', '🙋🏽', '🙋🏽‍♀️', '🙋‍♂', '🎅🏻', '🏽', '🤼🏽‍♀️', '👯‍♂️', '🥰', '🦰', '🧿', '🥲', '🫠', '🪿', '📱‍📱', '\u200d', '\ufe0f', '\ufe0e', '\u20e3', '‼', '‼️', '⁉︎', 'ℹ️', '㊗', '㊙️', '〰️', '🈁', '🈂️', '🅰', '🀄', '🀄︎', '🃏', '\ue50a', '⌚︎', '⌚️', '⏏', '♀', '♀️', '⚕️'];
const spaces = [' ', ' ', ' ', '\n', '\r\n', '\t', '\u3000', '\u200b', '  '];
// Letters, marks and signs of every weight; half pairs are in no text.
const points = [[0, 0x24f], [0x250, 0x36f], [0x370, 0x52f], [0x5d0, 0x6ff], [0x900, 0x97f], [0xe01, 0xe3a], [0x10a0, 0x10ff], [0x1100, 0x11ff], [0x1e00, 0x1fff], [0x2000, 0x206f], [0x20a0, 0x20bf], [0x2100, 0x214f], [0x2190, 0x27bf], [0x2c60, 0x2c7f], [0x3000, 0x30ff], [0x4e00, 0x4fff], [0xac00, 0xac7f], [0xff00, 0xffef], [0x1f000, 0x1f0ff], [0x1f100, 0x1f2ff], [0x1f300, 0x1f64f], [0x1f680, 0x1f6ff], [0x1f900, 0x1f9ff], [0xe0020, 0xe007f]];

/** A text of one to some twenty pieces. */
export function text(random) {
    const of = (list) => list[Math.floor(random() * list.length)];
    const point = () => {
        const [first, last] = of(points);
        return String.fromCodePoint(first + Math.floor(random() * (last - first + 1)));
    };
    const host = () => {
        const parts = [];
        for (let n = 1 + Math.floor(random() * 3); n > 0; --n) parts.push(random() < 0.85 ? of(labels) : point());
        return `${parts.join('.')}.${of(domains)}`;
    };
    const link = () => (random() < 0.25 ? of(links) : of(schemes) + host() + of(tails) + (random() < 0.1 ? of(tails) : ''));
    const piece = () => {
        const kind = random();
        if (kind < 0.4) return of(before) + link() + of(after);
        if (kind < 0.6) return of(joined);
        if (kind < 0.75) return of(words);
        if (kind < 0.85) return point();
        return of(spaces);
    };
    let all = '';
    for (let n = 1 + Math.floor(random() ** 2 * 20); n > 0; --n) all += piece() + (random() < 0.4 ? of(spaces) : '');
    return all;
}
