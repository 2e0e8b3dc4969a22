// X's own OpenAPI document (2.166): every answer of the simulator is one that it describes.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import Ajv from 'ajv';
import addFormats from 'ajv-formats';

const file = fileURLToPath(new URL('../../../../shared/reference/x-openapi.json', import.meta.url));

/** Whether the document is there; else answers are only used, not checked. */
export const hasDocument = existsSync(file);
/** Which operations were checked, by "METHOD /path". */
export const checked = new Map();

/**
 * Where practice, as the reference notes it, is known to differ from the document. Each takes an answer and gives back
 * the one that the document would have liked.
 */
const exceptions = [
    // The document wants `meta` in the answers of uploads, and a `type` in processing_info; samples and clients do without.
    [/^\/2\/media\//, (body) => withData({ meta: {}, ...body }, (data) => {
        const info = data.processing_info && { type: 'x', ...data.processing_info };
        return { ...data, ...(info && { processing_info: info }) };
    })],
    // The older form of errors, in a list of codes, is still what accounts that are locked and sign-ins get.
    [/./, (body) => (body?.errors?.[0]?.code ? body.errors[0] : body)],
    // Webhooks stand in `data` according to the prose, by themselves according to the document.
    [/^POST \/2\/webhooks$/, (body) => body.data ?? body],
    // `PUT` answers {valid} in prose and {attempted} in the document: the simulator says both.
    // Counts are texts in practice and in prose.
];

function withData(body, change) {
    return body && typeof body === 'object' && body.data ? { ...body, data: change(body.data) } : body;
}

let find;
if (hasDocument) {
    const document = JSON.parse(readFileSync(file, 'utf8'));
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
    addFormats(ajv);
    ajv.addSchema(document, 'x');
    const templates = Object.keys(document.paths).map((template) => ({
        template,
        said: new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`),
        fixed: template.replace(/\{[^}]+\}/g, '').length,
    }));
    const compiled = new Map();
    find = (method, path, status) => {
        const fitting = templates.filter(({ said }) => said.test(path)).sort((a, b) => b.fixed - a.fixed);
        const template = fitting.map((one) => one.template).find((one) => document.paths[one][method.toLowerCase()]);
        if (!template) return undefined;
        const { responses } = document.paths[template][method.toLowerCase()];
        const which = responses[status] ? status : status < 400 && !responses.default ? Object.keys(responses)[0] : status < 400 ? Object.keys(responses)[0] : 'default';
        const content = responses[which]?.content;
        if (!content) return { template, validate: [] };
        const escape = (text) => text.replaceAll('~', '~0').replaceAll('/', '~1');
        const validate = Object.keys(content).map((type) => {
            const ref = `x#/paths/${escape(template)}/${method.toLowerCase()}/responses/${which}/content/${escape(type)}/schema`;
            if (!compiled.has(ref)) compiled.set(ref, ajv.compile({ $ref: ref }));
            return compiled.get(ref);
        });
        return { template, validate };
    };
}

/** Fails when the document does not describe this answer. Paths that it does not know are none of its business. */
export function expectValid(method, path, status, body) {
    if (!find) return;
    if (status >= 500 && typeof body === 'string') return; // the edge in front of X answers as it likes
    const found = find(method, path, status);
    if (!found) return;
    const name = `${method} ${found.template}`;
    checked.set(name, (checked.get(name) ?? 0) + 1);
    let shown = body;
    for (const [where, change] of exceptions) {
        if (where.test(path) || where.test(`${method} ${found.template}`)) shown = change(shown);
    }
    if (found.validate.length === 0 || found.validate.some((validate) => validate(shown))) return;
    const errors = found.validate.flatMap((validate) => validate.errors.slice(0, 4)).map(({ instancePath, message }) => `${instancePath} ${message}`);
    assert.fail(`${name} ${status} is not as the document has it: ${errors.join('; ')}\n${JSON.stringify(body).slice(0, 1500)}`);
}
