/**
 * The length of a text as X counts it (twitter-text configuration 3): NFC; a web address weighs 23, an emoji 2, a
 * character of the light ranges 1, any other 2. Instant and local; the server's preview has the last word.
 */
const light: readonly (readonly [number, number])[] = [[0, 4351], [8192, 8205], [8208, 8223], [8242, 8247]];
const addressWeight = 23;
const emojiWeight = 2;

const countries =
    'ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd ' +
    'cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd ' +
    'ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg ' +
    'kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv ' +
    'mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa ' +
    'sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ' +
    'ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw';
const generic =
    'com org net edu gov mil int info biz name pro mobi tel travel jobs app dev page tech online shop store site cloud ' +
    'digital news blog life live world email support help chat social media agency company solutions services network ' +
    'systems software zone space website web wiki link click xyz top club eco bio fun art auto bank';
const endings = `(?:${countries} ${generic})`.replaceAll(' ', '|');

const label = String.raw`[\p{L}\p{N}](?:[\p{L}\p{N}_\-]*[\p{L}\p{N}])?`;
const asciiLabel = String.raw`[a-z0-9](?:[a-z0-9_\-]*[a-z0-9])?`;
const tail = String.raw`[\p{L}\p{N}!*';:=+,.$/%#\[\]\-–_~&|@()?]*[\p{L}\p{N}=_#/+\-)]`;
const path = String.raw`(?::\d+)?(?:/(?:${tail})?|\?${tail})?`;
const address = new RegExp(
    String.raw`(?<![\p{L}\p{N}@＠$#＃])(?:https?://(${label}(?:\.${label})*\.\p{L}{2,})` +
        String.raw`|(?<![\-_./])(${asciiLabel}(?:\.${asciiLabel})*\.${endings})(?![\p{L}\p{N}@＠]|\.[\p{L}\p{N}]))(?:${path})`,
    'giu',
);

const picture = String.raw`(?:[©®]\uFE0F|(?![©®])\p{Extended_Pictographic})\uFE0F?\p{Emoji_Modifier}?`;
const emoji = new RegExp(
    String.raw`\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3|` +
        String.raw`${picture}(?:[\u{E0020}-\u{E007E}]+\u{E007F})?(?:\u200D${picture})*`,
    'gu',
);

/** Whether the host may stand in the domain name system: no label over 63 characters once encoded. */
function hostFits(host: string): boolean {
    try {
        return new URL(`http://${host}`).hostname.split('.').every((part) => part.length <= 63);
    } catch {
        return false;
    }
}

function weightOfCharacters(text: string): number {
    let weight = 0;
    for (const character of text) {
        const code = character.codePointAt(0) ?? 0;
        weight += light.some(([first, last]) => code >= first && code <= last) ? 1 : 2;
    }
    return weight;
}

function weightOfWords(text: string): number {
    let weight = 0;
    let from = 0;
    for (const match of text.matchAll(emoji)) {
        weight += weightOfCharacters(text.slice(from, match.index)) + emojiWeight;
        from = match.index + match[0].length;
    }
    return weight + weightOfCharacters(text.slice(from));
}

/** The weighted length of `text`; 0 for an empty one. Linear in the text's length. */
export function weightedLength(text: string): number {
    const normal = text.normalize('NFC');
    let weight = 0;
    let from = 0;
    for (const match of normal.matchAll(address)) {
        if (!hostFits(match[1] ?? match[2] ?? '')) continue;
        weight += weightOfWords(normal.slice(from, match.index)) + addressWeight;
        from = match.index + match[0].length;
    }
    return weight + weightOfWords(normal.slice(from));
}
