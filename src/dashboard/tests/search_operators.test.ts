import { expect, test } from 'vitest';

import { dayNamed, narrowedBy, type Names } from '../app/text/search_operators';

const names: Names = {
    brands: [{ id: 'ti', name: 'Telecom Italia' }, { id: 'tim', name: 'TIM' }, { id: 'is', name: 'Impresa Semplice' }],
    channels: [
        { id: 'ti-facebook', brand: 'ti', words: ['facebook', 'fb'] }, { id: 'tim-facebook', brand: 'tim', words: ['facebook', 'fb'] },
        { id: 'tim-x', brand: 'tim', words: ['x', 'twitter', '@TIM_Sportello'] },
    ],
    statuses: [{ id: 'open', words: ['Aperto'] }, { id: 'on_hold', words: ['In attesa di terzi'] }, { id: 'active', words: ['Da concludere'] }],
    today: '2026-03-02',
};
const of = (text: string) => narrowedBy(text, names);

test('words without operators stay as they are', () => {
    expect(of('linea "rosso fisso" -modem http://tim.it 10:30')).toEqual({ q: 'linea "rosso fisso" -modem http://tim.it 10:30', filters: {}, customer: '', unknown: [] });
});

test.each([
    ['marca:tim stato:aperto linea muta', 'linea muta', { brand: 'tim', status: 'open' }],
    ['linea marca:"Impresa Semplice"', 'linea', { brand: 'is' }],
    ['MARCA:telecom etichetta:"linea lenta"', '', { brand: 'ti', label: 'linea lenta' }],
    ['canale:x', '', { channel: 'tim-x' }],
    ['canale:fb guasto marca:tim', 'guasto', { channel: 'tim-facebook', brand: 'tim' }],
    ['label:guasto status:on_hold brand:ti', '', { label: 'guasto', status: 'on_hold', brand: 'ti' }],
    ['da:1/3 a:ieri linea', 'linea', { from: '2026-03-01', to: '2026-03-01' }],
])('%s', (text, q, filters) => {
    expect(of(text)).toEqual({ q, filters, customer: '', unknown: [] });
});

test('a customer is a name or a number', () => {
    expect(of('cliente:"Sara Greco" bolletta')).toMatchObject({ q: 'bolletta', customer: 'Sara Greco' });
    expect(of('cliente:#77').customer).toBe('77');
});

test('what names nothing, or more than one thing, is told', () => {
    expect(of('marca:vodafone canale:facebook stato:boh da:31/2 linea')).toEqual({
        q: 'linea', filters: {}, customer: '', unknown: ['marca:vodafone', 'canale:facebook', 'stato:boh', 'da:31/2'],
    });
});

test.each([['oggi', '2026-03-02'], ['2026-02-28', '2026-02-28'], ['28.2.2025', '2025-02-28'], ['2026-13-01', undefined], ['domani', undefined]])('the day %s', (word, day) => {
    expect(dayNamed(word, '2026-03-02')).toBe(day);
});
