// @vitest-environment jsdom
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { useLocale } from '../app/i18n';
import { reasonWords } from '../app/text/reasons';
import { now } from '../app/time/clock';

beforeAll(() => {
    now.value = Date.parse('2026-03-03T12:00:00Z');
});
afterAll(() => useLocale('it'));

/** What the server says, and what an Italian agent reads. */
const reasons: [said: string, italian: string][] = [
    // Why the ticket
    ['a new post or conversation', 'Ticket nuovo: un post o una conversazione che non c’erano'],
    ['the first message of this person under this post', 'Ticket nuovo: è il primo messaggio di questa persona sotto il post'],
    [
        'the first message of this person here; others under the same post have their own tickets',
        'Ticket nuovo: primo messaggio di questa persona; gli altri sotto il post hanno ticket loro',
    ],
    [
        'the platform does not say who wrote it, so it stands by itself',
        'La piattaforma non dice chi ha scritto, perciò il messaggio fa ticket a sé',
    ],
    [
        'the same person under the same post or conversation as ticket #12',
        'La stessa persona, sotto lo stesso post o nella stessa conversazione del ticket #12',
    ],
    ['it goes on with what was said in ticket #12', 'Continua ciò che si è detto nel ticket #12'],
    ['written in private after our invitation in ticket #12', 'Scritto in privato dopo il nostro invito nel ticket #12'],
    ['the same person wrote a short time ago, in ticket #12', 'La stessa persona ha scritto poco fa, nel ticket #12'],
    ['it takes up ticket #12 again, which is closed', 'Ticket nuovo: riprende il ticket #12, che è chiuso'],
    [
        'it takes up ticket #12 again, which was solved more than 7 days before',
        'Ticket nuovo: riprende il ticket #12, risolto da più di 7 giorni',
    ],
    [
        'it takes up ticket #12 again, which was solved more than 1 day before',
        'Ticket nuovo: riprende il ticket #12, risolto da più di 1 giorno',
    ],
    [
        'it takes up ticket #12 again, which was solved more than 90 minutes before',
        'Ticket nuovo: riprende il ticket #12, risolto da più di 90 minuti',
    ],
    ['split from ticket #12 by Sara Gallo', 'Separato dal ticket #12 da Sara Gallo'],
    ['our answer to a message of ticket #12', 'Nostra risposta a un messaggio del ticket #12'],
    [
        'our own post: the background of what people write under it',
        'Nostro post: fa da sfondo a ciò che gli altri vi scrivono sotto',
    ],
    ['our answer under a post with one ticket only, #12', 'Nostra risposta sotto un post che ha un solo ticket, #12'],
    ['our answer to a message that is not known yet', 'Nostra risposta a un messaggio che non conosciamo ancora'],
    [
        'our answer under a post with 3 tickets, and the message it answers is not known yet',
        'Nostra risposta sotto un post con 3 ticket, a un messaggio che non conosciamo ancora',
    ],
    // Why nothing can be changed
    ['The storage cannot be used right now; nothing was changed. Try again in a moment.', 'Il server ora non riesce a salvare: niente è cambiato.'],
    ['The server is about to stop: send nothing new here.', 'Il server sta per fermarsi.'],
    ['The simulator does not take messages: is it running?', 'Il simulatore non prende messaggi: è acceso?'],
    // Why this agent
    ['most slack of 7 with room (3 open, 18 min of work)', 'Chi ha più margine, tra 7 con posto (3 ticket aperti, 18 min di lavoro)'],
    [
        'most slack of 2 with room (1 open, 6 min of work); of team billing; who can do adsl',
        'Chi ha più margine, tra 2 adatti con posto (1 ticket aperto, 6 min di lavoro)',
    ],
    ['next in turn of 3 with room', 'A turno, tra 3 persone con posto'],
    ['next in turn of 1 with room; who can do adsl', 'A turno: l’unica persona adatta con posto'],
    ['taken back: Sara Gallo is off shift', 'Sara Gallo non è di turno'],
    ['Sara Gallo is not available', 'Sara Gallo non è disponibile'],
    ['taken back: Sara Gallo is not signed in', 'Sara Gallo non ha fatto l’accesso'],
    ['taken back: Sara Gallo has given no sign of life for 12 min', 'Sara Gallo non dà segni di vita da 12 minuti'],
    ['taken back: Sara Gallo no longer works here', 'Sara Gallo non lavora più qui'],
    ['Sara Gallo has a break', 'Sara Gallo è in pausa'],
    ['least busy of 7 with room (3 open)', 'Chi ha meno da fare, tra 7 con posto (3 ticket aperti)'],
    ['least busy of 9 with room (1 open)', 'Chi ha meno da fare, tra 9 con posto (1 ticket aperto)'],
    ['least busy of 9 with room (0 open)', 'Chi ha meno da fare, tra 9 con posto (0 ticket aperti)'],
    ['Sara Gallo answered this customer before', 'Sara Gallo ha già risposto a questo cliente'],
    ['Sara Gallo took it', 'Preso in carico da Sara Gallo'],
    ['Sara Gallo answered it', 'Sara Gallo ha risposto'],
    ['assigned to Sara Gallo by a person', 'Assegnato a mano a Sara Gallo'],
    ['given back', 'Rimesso tra i ticket da assegnare'],
    ['as ticket #12, from which it was split', 'A chi ha il ticket #12, da cui è stato separato'],
    // Why this status and priority
    ['the customer wrote again', 'Il cliente ha scritto di nuovo'],
    ['closed by itself 14 days after it was solved', 'Chiuso da sé 14 giorni dopo la soluzione'],
    ['merged into ticket #12', 'Unito al ticket #12'],
    ['ticket #12, which waited, was merged into it', 'Vi è stato unito il ticket #12, che aspettava'],
    ['as ticket #12, which was merged into it', 'Urgente come il ticket #12, che vi è stato unito'],
    ['the split from ticket #12 was taken back', 'La separazione dal ticket #12 è stata annullata'],
    ['set by Sara Gallo', 'Scelta da Sara Gallo'],
    ['by the macro Guasto risolto', 'Con la macro Guasto risolto'],
    // Why this deadline: noon in London is one o'clock in Rome
    [
        "1 hour of TIM's office time after the customer wrote at 2026-03-03T08:15:30Z",
        'Entro 1 ora d’ufficio di TIM dal messaggio del cliente (09:15)',
    ],
    [
        "2 hours of Dell'Arte's office time after the customer wrote at 2026-03-02T21:00:00Z",
        'Entro 2 ore d’ufficio di Dell\'Arte dal messaggio del cliente (lun 2 mar, 22:00)',
    ],
    [
        "90 minutes of TIM's office time after the customer wrote at 2026-03-03T08:15:30.250Z",
        'Entro 90 minuti d’ufficio di TIM dal messaggio del cliente (09:15)',
    ],
    ['nobody waits for an answer', 'Nessuno aspetta una risposta'],
    [
        'waiting since 2026-03-03T08:15:30Z, 60 min of office time: due at 2026-03-03T09:15:30Z',
        'Scadenza 10:15: 60 minuti d’ufficio dal messaggio del cliente (09:15)',
    ],
    [
        'waiting since 2026-03-02T21:00:00Z, 60 min of office time, counted from the opening: due at 2026-03-03T09:00:00Z',
        'Scadenza 10:00: 60 minuti d’ufficio dall’apertura dopo il messaggio del cliente (lun 2 mar, 22:00)',
    ],
    [
        'waiting since 2026-03-02T21:00:00Z, 60 min of office time: the office does not open for so long',
        'Nessuna scadenza: dal messaggio del cliente (lun 2 mar, 22:00) l’ufficio non apre per 60 minuti',
    ],
    // What holds a reply up
    [
        'the server stopped while it was being sent; the platform is being read back',
        'Il server si è fermato durante l’invio: stiamo rileggendo la piattaforma',
    ],
    ['the channel tim-x is not in the configuration any more', 'Il canale tim-x non è più nella configurazione'],
    ['the platform cannot be read; the reply waits', 'La piattaforma non si lascia leggere: la risposta aspetta'],
    [
        'this channel runs without publishing: the reply waits until a person sends it or takes it back',
        'Questo canale non pubblica: la risposta aspetta che qualcuno la invii o la ritiri',
    ],
    [
        'publishing on this channel is paused: the reply leaves when it goes on',
        'La pubblicazione su questo canale è sospesa: la risposta parte quando riprende',
    ],
    ['rule "guasti"', 'Regola «guasti»'],
    ['a similar message of our account stands there: 17_4', 'Sulla piattaforma c’è un nostro messaggio simile: 17_4'],
    ['what it answers is gone from the platform, and with it whatever was written under it', 'Il messaggio a cui risponde non è più sulla piattaforma, e con lui ciò che vi era scritto sotto'],
    [
        'not visible on the platform: send again, confirm that it is there, or discard',
        'Sulla piattaforma non si vede: invia di nuovo, conferma che c’è, o lascia stare',
    ],
    [
        'the platform could not be read for a day: look there, then decide',
        'Da un giorno la piattaforma non si lascia leggere: guarda lì, poi decidi',
    ],
    ['the outcome is not known; the platform is being read back', 'L’esito non è noto: stiamo rileggendo la piattaforma'],
    ['the platform cannot be read back: X limits\nthis account', 'La piattaforma non si lascia rileggere: X limits\nthis account'],
    [
        'the platform answered with the id of another reply',
        'La piattaforma ha risposto con l’identificativo di un’altra risposta',
    ],
    ["sent again by a person's decision", 'Inviata di nuovo per decisione di una persona'],
    ["discarded by a person's decision", 'Lasciata stare per decisione di una persona'],
    ['The sending broke off: out of memory', 'L’invio si è interrotto: out of memory'],
    ['the sending broke off; the platform is being read back', 'L’invio si è interrotto: stiamo rileggendo la piattaforma'],
    [
        'too late: this automatic message would not be true any more',
        'Troppo tardi: questo messaggio automatico non sarebbe più vero',
    ],
    [
        'the database was restored: the platform is read before this is sent',
        'La base dati è stata ripristinata: rileggiamo la piattaforma prima di inviare',
    ],
    [
        'not visible on the platform: sent again once, as this channel is set',
        'Sulla piattaforma non si vede: inviata di nuovo una volta, come previsto per il canale',
    ],
    ['its file cannot be sent: it is not here any more', 'Il suo file non si può inviare: qui non c’è più. Allegalo di nuovo'],
    ['this machine stood still; tried again by itself', 'Questa macchina si è fermata: riproviamo da soli'],
    // Which routes are closed, and what to mind
    [
        'the account that was addressed is not in the configuration any more',
        'L’account a cui si è scritto non è più nella configurazione',
    ],
    ['the message was deleted', 'Il messaggio è stato cancellato'],
    [
        'X lets this app answer only posts that name or quote the account themselves; this one does not',
        'X fa rispondere solo ai post che nominano o citano l’account con parole proprie; questo non lo fa',
    ],
    [
        'the message is hidden: only its author and their friends see it and the answer',
        'Il messaggio è nascosto: lo vedono, con la risposta, solo chi l’ha scritto e i suoi amici',
    ],
    ['this person has never written to us in private', 'Questa persona non ci ha mai scritto in privato'],
    [
        "Messenger's seven days after the person's last message are over",
        'Sono passati i sette giorni di Messenger dall’ultimo messaggio della persona',
    ],
    [
        "Messenger's 24 hours after the person's last message are over",
        'Sono passate le 24 ore di Messenger dall’ultimo messaggio della persona',
    ],
    ['after 24 hours Messenger takes only text written by a person', 'Dopo 24 ore Messenger accetta solo testo scritto da una persona'],
    [
        'once for each comment, as one message; more only when the person answers',
        'Una volta per commento, in un solo messaggio; altro solo se la persona risponde',
    ],
    ['the one private answer to this comment has been used', 'L’unica risposta privata a questo commento è già stata usata'],
    [
        'the seven days in which a comment can be answered in private are over',
        'Sono passati i sette giorni in cui si può rispondere in privato a un commento',
    ],
];

/** The same for what is asked for and refused; it stands behind «Non riuscito: » and the like. */
const refusals: [said: string, italian: string][] = [
    ['somebody was faster: it is with agent 3', 'qualcuno è stato più veloce, il ticket è già in carico.'],
    [
        'the ticket was changed by somebody else; read it again',
        'nel frattempo qualcuno ha cambiato il ticket, guardalo di nuovo.',
    ],
    [
        'the ticket is closed for good; what the customer writes next opens another',
        'il ticket è chiuso per sempre, ciò che il cliente scriverà ne apre un altro.',
    ],
    ['the ticket is solved; there is nothing to put off', 'il ticket è risolto, non c’è niente da rimandare.'],
    ['the ticket is closed', 'il ticket è chiuso.'],
    ['the ticket is closed; there is nothing to put off', 'il ticket è chiuso.'],
    ['snoozed_until must lie in the future', 'l’ora scelta è già passata.'],
    ['too long: at most 8000 characters fit into one message here', 'troppo lungo, al massimo 8000 caratteri.'],
    ['the text is too long: at most 10000 characters', 'troppo lungo, al massimo 10000 caratteri.'],
    ['too long: it would go out as more than 25 messages', 'troppo lungo, diventerebbe più di 25 messaggi.'],
    ['there is no message to answer', 'non c’è nessun messaggio a cui rispondere.'],
    ['there is nothing to decide: the reply is published', 'non c’è più niente da decidere.'],
    [
        'it is still being looked for on the platform; send again only when that has ended',
        'stiamo ancora cercando la risposta sulla piattaforma, inviala di nuovo solo dopo.',
    ],
    ['is no message of this account', 'non è un messaggio del nostro account.'],
    ['is no message of this account on the platform', 'non è un messaggio del nostro account.'],
    [
        'the platform cannot be read right now, so this could not be checked: X is out of order',
        'la piattaforma ora non si lascia leggere, quindi non si è potuto controllare: X is out of order',
    ],
    [
        'must be the id that the reply has on the platform, or its address there',
        'serve l’identificativo della risposta sulla piattaforma o il suo indirizzo.',
    ],
    [
        "this person's private conversation is ticket #12: answer there",
        'la conversazione privata di questa persona è il ticket #12, rispondi lì.',
    ],
    ['this ticket is being answered by hand', 'qualcuno sta già rispondendo a mano a questo ticket.'],
    ['nobody is answering this ticket by hand', 'nessuno sta rispondendo a mano a questo ticket.'],
    [
        'the same text was sent to this message in the last 24 hours',
        'lo stesso testo è già andato a questo messaggio nelle ultime 24 ore.',
    ],
    ['nobody approves what they wrote themselves', 'nessuno approva ciò che ha scritto.'],
    ['it waits until a colleague has approved it', 'aspetta che un collega la approvi.'],
];

test.each([...reasons, ...refusals])('%s', (said, italian) => {
    expect(reasonWords(said)).toBe(italian);
});

test.each([
    ['37 waiting, 31 more expected until closing in 648 min, 9 at work, 6 min an answer', '37 in attesa, altri 31 previsti nei 648 min fino alla chiusura, 9 al lavoro, 6 min a risposta'],
    ['an answer before 2026-03-03T14:15:30Z; after that only by hand, on the platform itself', 'Una risposta prima delle 15:15; dopo, solo a mano sulla piattaforma'],
    ['6 people in 10 minutes write of adsl in Bologna; usual at this hour are 0.4', '6 persone in 10 minuti scrivono di: adsl in Bologna; a quest’ora di solito 0.4'],
    ['nobody who may answer tim is on shift', 'nessuno che possa rispondere per tim è di turno'],
    ['the file is larger than the 8 MB that the platform takes', 'il file supera i 8 MB che la piattaforma accetta'],
    ['the file is of a kind that X does not take: pictures and videos only', 'X non accetta questo tipo di file: solo immagini e video'],
    ['Not even 100 people meet the goal in these hours.', 'Neanche 100 persone raggiungono l’obiettivo in questi orari.'],
])('to supervisors: %s', (said, italian) => {
    expect(reasonWords(said)).toBe(italian);
});

test.each([
    ['The password is wrong.', 'la password non è giusta.'],
    ['The code is wrong or was used before. Wait for the next one and try again.', 'il codice è sbagliato o già usato: aspetta il prossimo.'],
    ['This is not the code of now.', 'non è il codice di adesso.'],
    ['the six digits that the app shows', 'le sei cifre che l’app mostra'],
    ["Something went wrong on our side; it is in the server's log under this request_id.", 'qualcosa è andato storto nel server. Riprova; se continua, dillo a chi amministra Sportello.'],
    ['This needs the role supervisor; yours is agent.', 'è per i supervisori. Se ti serve, chiedi a chi amministra Sportello.'],
    ['Nobody can give, change or take away a role above their own.', 'nessuno dà, cambia o toglie un ruolo sopra il proprio.'],
    ['Nobody can give brands that they do not answer for themselves; name those of yours.', 'si possono dare solo marche di cui si risponde: scegline tra le tue.'],
    ['there is an agent with the login anna already', 'l’utente c’è già: scegline un altro.'],
    ['switched off by a person', 'spento da una persona'],
    ['its server answered 410: it is gone', 'il suo server risponde 410: non esiste più'],
    ['nothing was taken for three days; the last failure: timeout', 'da tre giorni non prende niente; l’ultimo errore: timeout'],
    ['it has not come so far', 'non è ancora arrivato a quell’evento.'],
    ['Channel tim-x takes its token from where `credentials` of the configuration points: put a new one there and reload (SIGHUP), or leave `credentials` out.', 'il canale tim-x prende il token da dove dice «credentials» nella configurazione: mettine lì uno nuovo e ricarica (SIGHUP), oppure togli «credentials».'],
    ['Here channels are signed in on the command line: `sportello channel connect tim-x`.', 'qui i canali si autorizzano da riga di comando: sportello channel connect tim-x'],
    ['this server sends nothing out', 'questo server non manda niente fuori.'],
])('to who administers: %s', (said, italian) => {
    expect(reasonWords(said)).toBe(italian);
});

test('a reason that nobody knows is shown as it is', () => {
    for (const said of ['X does not allow this reply: 187', 'because of the moon', '', 'least busy of many (3 open)']) {
        expect(reasonWords(said)).toBe(said);
    }
});

describe('before the tables are there', () => {
    beforeEach(() => void vi.resetModules());
    afterEach(() => {
        vi.doUnmock('../app/text/reason_wordings');
        vi.resetModules();
    });
    const fresh = async () => {
        (await import('../app/store/first_screen')).firstScreenStands.value = false;
        return import('../app/text/reasons');
    };

    test('what stays on the page waits for its language, what is told once does not', async () => {
        const { loadReasons, reasonNow, reasonWords: words } = await fresh();
        expect([words('because of the moon'), reasonNow('because of the moon'), words('')]).toEqual(['…', 'because of the moon', '']);
        await loadReasons();
        expect(words('because of the moon')).toBe('because of the moon');
    });

    test('and tables that cannot be had do not hide it', async () => {
        vi.doMock('../app/text/reason_wordings', () => {
            throw new Error('gone after an update');
        });
        const { loadReasons, reasonWords: words } = await fresh();
        await loadReasons();
        expect(words('because of the moon')).toBe('because of the moon');
    });
});

test('in English the times are the office’s too', async () => {
    await useLocale('en');
    const said = "1 hour of TIM's office time after the customer wrote at 2026-03-03T08:15:30Z";
    expect(reasonWords(said)).toBe('Within 1 hour of TIM’s office time after the customer wrote (09:15)');
});

/**
 * The places in the server that put reasons together. Whoever words one anew there is told here: every piece of words in
 * them must occur in a reason above, or be none that an agent reads.
 */
const places: [file: string, within: RegExp][] = [
    ['domain/threading.cpp', /ThreadingDecision thread_own[^]*/],
    ['domain/assignment.cpp', /\bwhy = [^]*?;/g],
    ['domain/attendance.cpp', /\btold\(Kind::[^]*?;/g],
    ['domain/ticket_actions.cpp', /\bassign\(ticket, [^]*?;/g],
    ['domain/ticket_messages.cpp', /\bassign\(ticket, [^]*?;/g],
    ['engine/ticketing.cpp', /\bwhy = [^]*?;/g],
    ['domain/reply_routes.cpp', /\bclose\(route, [^]*?;\n|\bend_at\([^]*?;\n|\bwhy = [^]*?[;,]\n|general_obstacle[^]*?\n}/g],
    ['engine/outbox_read_back.cpp', /(?:\.|\b)(?:failed|unknown|needs_decision|requeued)\([^]*?;/g],
    ['engine/outbox_recovery.cpp', /\bstopped = [^]*?;\n/g],
    ['engine/outbox_send.cpp', /(?:\.|\b)(?:failed|unknown|needs_decision|requeued)\([^]*?;/g],
    ['engine/outbox_accept.cpp', /(?:\.|\b)(?:failed|unknown|needs_decision|requeued)\([^]*?;/g],
    ['engine/settle.cpp', /(?:\.|\b)(?:failed|unknown|needs_decision|requeued)\([^]*?;/g],
    ['engine/settle.cpp', /held = why;[^]*?\);/g],
    ['api/ticket_json.cpp', /std::string (?:in_words|due_reason)\([^]*?\n}/g],
    ['connectors/guarded.cpp', /outcome\.reason = [^]*?;/g],
];
const sources = import.meta.glob<string>('../../{domain,engine,api,connectors}/*.cpp', {
    query: '?raw', import: 'default', eager: true,
});

test.each(places)('no reason of %s is missing above', (file, within) => {
    const source = sources[`../../${file}`]!.replace(/^\s*\/\/.*$/gm, '');
    const pieces = [...source.matchAll(new RegExp(within.source, 'g'))]
        .flatMap(([code]) => [...code.matchAll(/"((?:[^"\\]|\\.)*)"/g)])
        .map(([, words]) => words!)
        .filter((words) => /[a-z]/i.test(words));
    expect(pieces).not.toEqual([]);
    const known = reasons.map(([said]) => said).join('\n');
    expect(pieces.filter((words) => !known.includes(words))).toEqual([]);
});

test('the server still words its refusals so', () => {
    const code = Object.values(sources).join('\n');
    // Without what is put in, and without a beginning that is put before.
    const literals = refusals.map(([said]) => said.replace(/: at most.*| \d.*|published$|: X is.*|#12.*|^snoozed_until /, ''));
    expect(literals.filter((words) => !code.includes(words))).toEqual([]);
});
