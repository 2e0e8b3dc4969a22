import { dayAfter } from '../time/local';

/** What a search box narrows by, written among the words: `marca:tim stato:aperto da:ieri linea muta`. */
export interface Narrowed {
    /** The words that remain. */
    q: string;
    filters: Partial<Record<'brand' | 'channel' | 'status' | 'label' | 'from' | 'to', string>>;
    /** A name or a number. */
    customer: string;
    /** What was meant as an operator, but names nothing that is there. */
    unknown: string[];
}

/** What the operators may name; `words` of a status or channel are what people call it. */
export interface Names {
    brands: { id: string; name: string }[];
    channels: { id: string; brand: string; words: string[] }[];
    statuses: { id: string; words: string[] }[];
    today: string;
}

type Operator = keyof Narrowed['filters'] | 'customer';
const operators: Record<string, Operator> = {
    cliente: 'customer', customer: 'customer', marca: 'brand', brand: 'brand', canale: 'channel', channel: 'channel', stato: 'status', status: 'status',
    etichetta: 'label', label: 'label', da: 'from', from: 'from', a: 'to', to: 'to',
};

const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().trim();

/** The one that is called so, else the only one whose name begins so. */
function named<One extends { id: string }>(all: One[], value: string, words: (one: One) => string[]): string | undefined {
    const wanted = plain(value);
    const called = (one: One): string[] => [one.id, ...words(one)].map(plain);
    const exact = all.filter((one) => called(one).includes(wanted));
    const found = exact.length ? exact : all.filter((one) => called(one).some((word) => word.startsWith(wanted)));
    return found.length === 1 ? found[0]!.id : undefined;
}

/** `2026-03-02`, `2/3/2026`, `2/3`, `oggi`, `ieri`. */
export function dayNamed(value: string, today: string): string | undefined {
    const word = plain(value);
    if (word === 'oggi' || word === 'today') return today;
    if (word === 'ieri' || word === 'yesterday') return dayAfter(today, -1);
    const local = /^(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}))?$/.exec(word);
    const day = local ? `${local[3] ?? today.slice(0, 4)}-${local[2]!.padStart(2, '0')}-${local[1]!.padStart(2, '0')}` : word;
    if (!/^\d{4}-\d\d-\d\d$/.test(day)) return undefined;
    const at = Date.parse(`${day}T12:00:00Z`);
    // The thirty-first of February is no day.
    return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day) ? day : undefined;
}

export function narrowedBy(text: string, names: Names): Narrowed {
    const given: [Operator, string, string][] = [];
    const q = text.replace(/(?<=^|\s)(\p{L}+):(?:"([^"]*)"|([^\s"]+))/gu, (whole, key: string, quoted?: string, bare?: string) => {
        const operator = operators[plain(key)];
        if (!operator) return whole;
        given.push([operator, quoted ?? bare ?? '', whole]);
        return '';
    }).replace(/\s+/g, ' ').trim();
    const found: Narrowed = { q, filters: {}, customer: '', unknown: [] };
    // A channel is told by its platform once the brand is known, wherever that stands.
    given.sort(([one], [other]) => Number(other === 'brand') - Number(one === 'brand'));
    for (const [operator, value, whole] of given) {
        if (operator === 'customer') {
            found.customer = value.replace(/^#/, '');
            continue;
        }
        const { brand } = found.filters;
        const meant = operator === 'brand' ? named(names.brands, value, ({ name }) => [name])
            : operator === 'channel' ? named(names.channels.filter((one) => !brand || one.brand === brand), value, ({ words }) => words)
                : operator === 'status' ? named(names.statuses, value, ({ words }) => words)
                    : operator === 'label' ? value
                        : dayNamed(value, names.today);
        if (meant) found.filters[operator] = meant;
        else found.unknown.push(whole);
    }
    return found;
}
