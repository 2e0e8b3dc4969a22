// One simulator for one test file, and the ways to it: the library over TLS as if it were api.x.com, plain calls, the
// control API.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';

import { TwitterApi } from 'twitter-api-v2';

import { expectValid } from './openapi.mjs';

const programs = process.env.SPORTELLO_TEST_BIN ?? fileURLToPath(new URL('../../../build/test/bin', import.meta.url));

/** A certificate authority of our own and a certificate of it for X's hosts. */
function makeCertificates(folder) {
    const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Test CA');
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'x.key', '-out', 'x.csr', '-subj', '/CN=api.x.com');
    writeFileSync(path.join(folder, 'x.ext'), 'subjectAltName=DNS:api.x.com,DNS:upload.x.com\n');
    openssl('x509', '-req', '-in', 'x.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-out', 'x.pem', '-days', '2', '-extfile', 'x.ext');
    return readFileSync(path.join(folder, 'ca.pem'));
}

export async function startSimulator(...flags) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'sportello-x-'));
    const ca = makeCertificates(folder);
    const ready = path.join(folder, 'ready.json');
    const child = spawn(
        path.join(programs, 'sportello-simulator'),
        ['--port', '0', '--data', path.join(folder, 'world'), '--quiet-scenario', '--ready-file', ready,
            '--tls-certificate', path.join(folder, 'x.pem'), '--tls-key', path.join(folder, 'x.key'), ...flags],
        { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const ports = await new Promise((resolve, reject) => {
        child.once('error', reject);
        child.once('exit', (code) => reject(new Error(`the simulator ended with ${code}`)));
        const look = setInterval(() => {
            try {
                const found = JSON.parse(readFileSync(ready, 'utf8'));
                clearInterval(look);
                resolve(found);
            } catch {
                // not there yet
            }
        }, 20);
    });
    return new Simulator(ports, ca, async () => {
        child.kill('SIGTERM');
        await ended;
        rmSync(folder, { recursive: true, force: true });
    });
}

class Simulator {
    constructor(ports, ca, stop) {
        this.base = `http://127.0.0.1:${ports.port}`;
        this.stop = stop;
        this.agent = new https.Agent({ keepAlive: false });
        this.agent.createConnection = (options, done) =>
            tls.connect({ ...options, host: '127.0.0.1', port: ports.tls_port, path: undefined, ca, servername: options.servername ?? options.host }, function () {
                done?.(null, this);
            });
        /** What the document says of every answer that the library gets. */
        const checks = {
            onAfterRequest: ({ params, computedParams, response }) => {
                if (response?.data !== undefined) expectValid(params.method, computedParams.url.pathname, 200, response.data);
            },
            onResponseError: ({ params, computedParams, error }) => {
                expectValid(params.method, computedParams.url.pathname, error.code, error.data);
            },
        };
        this.settings = { httpAgent: this.agent, plugins: [checks] };
    }

    /** The library with that login. */
    client(login) {
        return new TwitterApi(login, this.settings);
    }
    /** The library as a user of OAuth 1.0a: the demo's accounts have such tokens. */
    signed(handle) {
        return this.client({
            appKey: 'sim-consumer-key',
            appSecret: 'sim-consumer-secret',
            accessToken: `sim-twitter-${handle}`,
            accessSecret: `sim-twitter-secret-${handle}`,
        });
    }
    /** The library with a bearer token that may everything. */
    bearer(handle) {
        return this.client(`sim-twitter-${handle}`);
    }

    async control(method, what, body) {
        const answer = await fetch(`${this.base}/control/${what}`, {
            method,
            body: body && JSON.stringify(body),
            headers: { 'Content-Type': 'application/json' },
        });
        const text = await answer.text();
        if (!answer.ok) throw new Error(`control ${what}: ${answer.status} ${text}`);
        return text ? JSON.parse(text) : undefined;
    }
    async account() {
        const { items } = await this.control('GET', 'accounts');
        return items.find(({ platform }) => platform === 'twitter');
    }
    /** A customer writes. @return {Promise<string>} the post's id */
    async customer(account, text, more = {}) {
        const body = { platform: 'twitter', account, kind: 'mention', author: 'Anna Rossi', text, ...more };
        return (await this.control('POST', 'posts', body)).id;
    }

    /** A call without the library, checked against the document. */
    async call(method, where, { token, body, form } = {}) {
        const answer = await fetch(this.base + where, {
            method,
            body: form ? new URLSearchParams(form) : body && JSON.stringify(body),
            headers: { ...(token && { Authorization: `Bearer ${token}` }), ...(body && { 'Content-Type': 'application/json' }) },
            redirect: 'manual',
        });
        const text = await answer.text();
        let data = text;
        try {
            data = JSON.parse(text);
        } catch {
            // a page or a form
        }
        expectValid(method, where.split('?')[0], answer.status, data);
        return { status: answer.status, headers: answer.headers, data };
    }
}
