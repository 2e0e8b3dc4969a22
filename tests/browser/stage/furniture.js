// What a counter holds after some weeks of use, put in through the API, so that every page has something to show.
import { cookiesOf } from '../../support/set_cookies.mjs';

/** A person's way to the API: `call('POST', '/v1/…', body)` answers the body, and throws for anything but success. */
export async function signIn(url, { login, password }) {
    const session = await fetch(`${url}/v1/session`, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ login, password }),
    });
    if (session.status !== 200) throw new Error(`${login} cannot log in: ${session.status} ${await session.text()}`);
    const { csrf_token: csrf } = await session.json();
    const cookie = cookiesOf(session.headers);
    return async (method, path, body) => {
        const answer = await fetch(`${url}${path}`, {
            method, headers: { cookie, 'x-csrf-token': csrf, 'content-type': 'application/json' },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const text = await answer.text();
        if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
        return text ? JSON.parse(text) : undefined;
    };
}

/** Until the customers of the day have written and stand in the queue. */
export async function waitForCustomers(house, many = 20) {
    const call = await signIn(house.url, house.agent);
    for (let turn = 0; turn < 240; turn++) {
        const { items } = await call('GET', '/v1/tickets?status=active&limit=100');
        if (items.length >= many) return;
        await new Promise((later) => setTimeout(later, 250));
    }
    throw new Error('the customers of the day did not arrive');
}

const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'];
const dayFromNow = (n) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);

/** Fills the house and answers what is in it: a ticket in work, one answered, one handed over, an incident, a customer. */
export async function furnish(house) {
    const supervisor = await signIn(house.url, house.supervisor);
    const agent = await signIn(house.url, house.agent);

    await supervisor('POST', '/v1/canned-replies', { name: 'Guasto noto', text: 'Buongiorno {customer}, il guasto è noto e ci stiamo lavorando.' });
    await supervisor('POST', '/v1/canned-replies', { name: 'Serve il numero', brand: 'tim', text: 'Ci scriva in privato il numero della linea, grazie.' });
    await supervisor('POST', '/v1/macros', { name: 'Doppione', take: true, status: 'solved', add_labels: ['doppione'], note: 'Già in un altro ticket.' });
    await supervisor('POST', '/v1/office-hours/exceptions', { date: dayFromNow(3), hours: ['09:00-13:00'], note: 'Sciopero dei mezzi' });
    await supervisor('POST', '/v1/labels', { name: 'guasto', color: '#a81d16', description: 'La linea non va: voce o dati.' });
    await supervisor('POST', '/v1/labels', { name: 'bolletta', color: '#3b4cb8', description: 'Importi, rate, rimborsi.' });
    await supervisor('PUT', '/v1/shifts', {
        items: ['luca', 'matteo', 'giulia'].map((login, at) => ({
            agent: login,
            entries: [
                ...days.map((day) => ({ day, kind: 'shift', hours: at === 1 ? '12:00-18:00' : '09:00-13:00, 14:00-18:00' })),
                ...(at === 2 ? [{ day: dayFromNow(1), kind: 'leave', hours: '', note: 'Ferie' }] : []),
            ],
        })),
    });

    const admin = await signIn(house.url, house.admin);
    // Switched off: it stands in the list and sends nothing.
    await admin('POST', '/v1/webhooks', { name: 'Magazzino dati', url: 'https://hooks.example.com/sportello', types: ['ticket.*'], enabled: false });
    const invited = await admin('POST', '/v1/agents', { login: 'nora', name: 'Nora Ferri' });
    const { url: invitation } = await admin('POST', `/v1/agents/${invited.id}/access-link`, {});

    const { items: tickets } = await agent('GET', '/v1/tickets?status=active&limit=100');
    const [first, second, third, ...rest] = tickets;
    const me = await agent('GET', '/v1/me');
    for (const { id } of [first, second, third]) await supervisor('PATCH', `/v1/tickets/${id}`, { assignee: me.id });
    await agent('PATCH', `/v1/tickets/${first.id}`, { labels: ['adsl', 'guasto'], priority: 'high' });
    await agent('POST', `/v1/tickets/${first.id}/notes`, { text: 'Ho chiesto alla centrale: richiamano entro le 12.' });
    await agent('POST', `/v1/tickets/${first.id}/replies`, { text: 'Buongiorno, stiamo verificando la linea e torniamo qui a breve.', visibility: first.visibility, undo_seconds: 0 });
    await agent('POST', `/v1/tickets/${first.id}/reminders`, { at: new Date(Date.now() + 3_600_000).toISOString(), text: 'Sentire la centrale' });
    await agent('POST', `/v1/tickets/${second.id}/handover`, { callback_number: '+39 335 1234567', note: 'Linea muta da ieri, già riavviato il modem.' });
    await agent('PATCH', `/v1/tickets/${third.id}`, { snoozed_until: new Date(Date.now() + 7_200_000).toISOString() });

    await supervisor('POST', `/v1/tickets/${first.id}/notes`, { text: 'Un parere, @chiara?' });
    // One reply that waits for a colleague.
    await admin('PATCH', `/v1/agents/${me.id}`, { needs_approval: true });
    await agent('POST', `/v1/tickets/${rest.at(-1).id}/replies`, { text: 'Buongiorno, le cambiamo il modem entro domani.', visibility: rest.at(-1).visibility });
    await admin('PATCH', `/v1/agents/${me.id}`, { needs_approval: false });

    const incident = await supervisor('POST', '/v1/incidents', { places: ['Bologna'], text: 'Cavo tranciato in via Emilia: lavori in corso.' });
    for (const { id } of rest.slice(0, 4)) await supervisor('POST', `/v1/incidents/${incident.id}/members`, { ticket: id });
    const proposal = await agent('POST', '/v1/incidents', { places: ['Foligno'], text: 'Tre segnalazioni in dieci minuti.' });
    return { ticket: first.id, second: second.id, customer: first.customer.id, incident: incident.id, proposal: proposal.id, invitation: new URL(invitation) };
}
