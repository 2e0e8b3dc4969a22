// Makes src/api/openapi_examples.json of what the API's tests really asked and were answered:
//   SPORTELLO_EXAMPLES=/tmp/recorded.ndjson build/test/bin/api_tests && node pick_examples.mjs /tmp/recorded.ndjson
// Of each operation the shortest exchange that shows something; of long lists the first two.
import { readFileSync, writeFileSync } from 'node:fs';

const target = new URL('../../../src/api/openapi_examples.json', import.meta.url);
const longest = 6000;

/** Lists are cut, so that an example stays short. */
function trimmed(value) {
    if (Array.isArray(value)) return value.slice(0, 2).map(trimmed);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, inside]) => [name, trimmed(inside)]));
}

/** What an answer shows: a list with something in it more than an empty one, and then the shorter the better. */
function worth({ request, response }) {
    const lists = response === null || typeof response !== 'object' ? 0 : [response.items].filter((list) => list?.length > 0).length;
    const nulls = (JSON.stringify(response).match(/null/g) ?? []).length;
    return (request === null ? 0 : 5000) + lists * 20_000 - JSON.stringify(response).length - 20 * nulls;
}

const best = new Map();
for (const line of readFileSync(process.argv[2], 'utf8').split('\n').filter(Boolean)) {
    const { id, request, response } = JSON.parse(line);
    const one = { request: trimmed(request), response: trimmed(response) };
    if (JSON.stringify(one).length > longest && best.has(id)) continue;
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
