// A TypeScript client generated from the contract: it compiles, strictly, and drives the whole life of a ticket against the
// real server and the simulator.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { createConfig, lintFromString } from '@redocly/openapi-core';
import openapiTypescript, { astToString } from 'openapi-typescript';
import ts from 'typescript';

import { openHouse } from '../../browser/stage/house.js';

const here = fileURLToPath(new URL('.', import.meta.url));
let folder;
let house;

before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sportello-client-'));
    house = await openHouse({ polling: '1s' });
});
after(async () => {
    await house?.close();
    rmSync(folder, { recursive: true, force: true });
});

/** Everything that the compiler has to say, as text. */
function compile(files) {
    const program = ts.createProgram(files, {
        strict: true,
        noUncheckedIndexedAccess: true,
        exactOptionalPropertyTypes: false,
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        moduleResolution: ts.ModuleResolutionKind.Bundler,
        lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
        types: [],
        skipLibCheck: true,
        outDir: join(folder, 'out'),
    });
    const emitted = program.emit();
    const told = [...ts.getPreEmitDiagnostics(program), ...emitted.diagnostics];
    return told.map((one) => ts.formatDiagnostic(one, { getCurrentDirectory: () => folder, getCanonicalFileName: (name) => name, getNewLine: () => '\n' }));
}

test('the generated client compiles and lives a ticket through', { timeout: 120_000 }, async () => {
    const contract = await openapiTypescript(new URL('../../../src/api/openapi.yaml', import.meta.url), { defaultNonNullable: false });
    writeFileSync(join(folder, 'contract.ts'), astToString(contract));
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
    cpSync(join(here, 'life.ts'), join(folder, 'life.ts'));
    symlinkSync(join(here, 'node_modules'), join(folder, 'node_modules'));
    assert.deepEqual(compile([join(folder, 'life.ts')]), []);

    const { liveThrough } = await import(pathToFileURL(join(folder, 'out', 'life.js')));
    const story = await liveThrough(house);
    assert.deepEqual(story.steps, ['arrived', 'taken', 'answered', 'solved', 'exported']);
    assert.match(story.published, /^\d+$/);
});

test('the contract that is served is the one that is written', async () => {
    const served = await (await fetch(`${house.url}/openapi.json`)).json();
    assert.equal(served.openapi, '3.1.0');
    const page = await fetch(`${house.url}/docs`);
    const html = await page.text();
    for (const path of Object.keys(served.paths)) assert.ok(html.includes(`<code>${path.replace('&', '&amp;')}</code>`), path);
    assert.doesNotMatch(html, /<script|https?:\/\/(?!www\.w3\.org)[^"<]*"|\son[a-z]+=/);
    assert.match(page.headers.get('content-security-policy'), /default-src 'none'/);
});

test('the linter finds nothing in what is served either, its examples included', async () => {
    const source = await (await fetch(`${house.url}/openapi.json`)).text();
    const config = await createConfig({ extends: ['recommended'], rules: { 'no-invalid-media-type-examples': 'error' } });
    const problems = await lintFromString({ source, config });
    const told = problems.map(({ ruleId, message, location }) => `${ruleId} at ${location[0]?.pointer}: ${message}`);
    assert.deepEqual(told, []);
});
