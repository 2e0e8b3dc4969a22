// Makes src/api/openapi_examples.json of what the API's tests really asked and were answered:
//   SPORTELLO_EXAMPLES=/tmp/recorded.ndjson build/test/bin/api_tests --gtest_filter=-RandomRequests*
//   node tests/clients/contract/pick_examples.mjs /tmp/recorded.ndjson
// Of each operation the exchange that shows most in few lines; of long lists the first two; what opens a door is replaced.
import { readFileSync, writeFileSync } from 'node:fs';

const target = new URL('../../../src/api/openapi_examples.json', import.meta.url);
const longest = 2500;
const mostInList = 2;
const longestText = 400;

/** What stands for a secret in an example, by the name of its member. */
const standIns = {
    token: 'example-token-shown-once',
    csrf_token: 'example-csrf-token',
    secret: 'EXAMPLEONLYEXAMPLEONLY',
    response_token: 'sha256=example',
    password: 'an example, not a password',
    old_password: 'an example, not a password',
    new_password: 'another example, not a password',
};

/** Addresses carry secrets too: of the second factor, of a log-in under way, of a one-time link. */
function openingNothing(text) {
    if (!/^[a-z]+:\/\//.test(text) && !text.startsWith('/')) return text;
    return text.replace(/([?&#](?:secret|state|nonce|code|code_challenge|token)=)[^&#"]+/g, '$1example').replace(/[A-Za-z0-9_-]{32,}/g, 'example');
}

/** Lists are cut, so that an example stays short, and nothing in it is of use to a thief. */
function shown(value, name = '') {
    if (Array.isArray(value)) {
        if (name === 'recovery_codes') return ['example-of-one-code', 'example-of-another'];
        return value.slice(0, mostInList).map((one) => shown(one));
    }
    if (typeof value === 'string') {
        if (!(name in standIns)) return openingNothing(value).replace(/canarin?[oa]/g, 'giulia'); // what tests of access look for
        return value.startsWith('whsec_') ? 'whsec_example' : standIns[name];
    }
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, shown(inside, key)]));
}

/** The words that the tests look for, and texts that only try what is allowed. */
function isOdd(text) {
    return /DROP TABLE|<script|\\u202e|\ufffd|(.)\1{9}/i.test(text) || text.split('"').some((part) => part.length > longestText);
}

/** What an answer shows: a list with something in it more than an empty one, and then the shorter the better. */
function worth({ request, response }) {
    if (response === null) return -1_000_000; // there was nothing to tell
    const text = JSON.stringify(response);
    const lists = response === null || typeof response !== 'object' ? 0 : Object.values(response).filter((list) => Array.isArray(list) && list.length > 0).length;
    const nulls = (text.match(/null|\[\]|""/g) ?? []).length;
    const odd = isOdd(text) || isOdd(JSON.stringify(request)) ? 100_000 : 0;
    const long = text.length > longest ? 50_000 : 0;
    return (request === null ? 0 : 5000) + Math.min(lists, 3) * 10_000 - text.length - 20 * nulls - odd - long;
}

const best = new Map();
// What is no JSON (a file, a spreadsheet) was recorded as <discarded>.
const recorded = readFileSync(process.argv[2], 'utf8').replaceAll('"request":<discarded>', '"request":null');
for (const line of recorded.split('\n').filter((one) => one !== '' && !one.includes('"response":<discarded>'))) {
    const { id, request, response } = JSON.parse(line);
    if (id === 'contract') continue; // it would be in itself
    const one = { request: shown(request), response: shown(response) };
    const kept = best.get(id);
    if (!kept || worth(one) > worth(kept)) best.set(id, one);
}
const picked = {};
for (const id of [...best.keys()].sort()) {
    const { request, response } = best.get(id);
    picked[id] = { ...(request !== null && { request }), ...(response !== null && { response }) };
}
writeFileSync(target, `${JSON.stringify(picked, null, 1)}\n`);
console.log(`${best.size} operations have examples`);
