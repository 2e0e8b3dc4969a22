// The contract in a linter's eyes: Redocly's recommended rules, each of which counts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { createConfig, lint } from '@redocly/openapi-core';

const contract = fileURLToPath(new URL('../../../src/api/openapi.yaml', import.meta.url));

test('the recommended rules find nothing', async () => {
    const config = await createConfig({ extends: ['recommended'] });
    const problems = await lint({ ref: contract, config });
    const told = problems.map(({ ruleId, message, location }) => `${ruleId} at ${location[0]?.pointer}: ${message}`);
    assert.deepEqual(told, []);
});

test('it sees what is wrong', async () => {
    const config = await createConfig({ extends: ['recommended'] });
    const { lintFromString } = await import('@redocly/openapi-core');
    const source = 'openapi: 3.1.0\ninfo: {title: a, version: "1"}\npaths: {/a: {get: {responses: {"200": {description: b, conten: {}}}}}}\n';
    const problems = await lintFromString({ source, config });
    assert.ok(problems.some(({ ruleId }) => ruleId === 'struct'));
});
