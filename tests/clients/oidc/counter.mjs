import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { Provider } from 'oidc-provider';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const programs = process.env.SPORTELLO_TEST_BIN ?? join(root, 'build/release/bin');

export const password = 'a password of the tests';

/** A free port, held until the real server takes it. */
async function freePort() {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address();
    await new Promise((resolve) => server.close(resolve));
    return port;
}

/** A real OpenID provider on loopback, which believes everybody. Who is called "unverified…" has an address nobody checked. */
export async function openProvider(redirectUri) {
    const port = await freePort();
    const issuer = `http://127.0.0.1:${port}`;
    const provider = new Provider(issuer, {
        clients: [
            {
                client_id: 'sportello',
                client_secret: 'known to both, with signs: %+/&',
                redirect_uris: [redirectUri],
                response_types: ['code'],
                grant_types: ['authorization_code'],
            },
        ],
        claims: { openid: ['sub'], email: ['email', 'email_verified'] },
        cookies: { keys: ['a key of the tests'] },
        pkce: { required: () => true },
        findAccount: (_context, id) => ({
            accountId: id,
            claims: () => ({ sub: id, email: `${id}@Example.com`, email_verified: !id.startsWith('unverified') }),
        }),
    });
    const server = provider.listen(port, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const stop = () => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
    };
    return { issuer, stop };
}

/** `sportello serve` with that provider, in a folder of its own; no platform is asked for anything. */
export async function openCounter() {
    const folder = mkdtempSync(join(tmpdir(), 'sportello-oidc-'));
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const provider = await openProvider(`${url}/v1/oidc/callback`);
    const config = join(folder, 'sportello.toml');
    writeFileSync(
        config,
        `[server]\nlisten = "127.0.0.1:${port}"\n[storage]\nurl = "sqlite:${folder}/sportello.db"\n` +
            '[calendar.office]\nmonday = ["09:00-18:00"]\n[[brand]]\nid = "tim"\n' +
            ['chiara', 'matteo', 'unverified-ugo'].map((login) => `[[agent]]\nlogin = "${login}"\n`).join('') +
            '[[agent]]\nlogin = "boss"\nrole = "admin"\n' +
            `[oidc]\nissuer = "${provider.issuer}"\nclient_id = "sportello"\nclient_secret = "env:OIDC_SECRET"\n` +
            'name = "The provider"\nmatch_email = true\n[oidc.people]\n"subject-of-matteo" = "matteo"\n',
    );
    const env = { ...process.env, OIDC_SECRET: 'known to both, with signs: %+/&' };
    const set = spawnSync(
        join(programs, 'sportello'),
        ['user', 'passwd', 'boss', '--password-stdin', '--config', config],
        { env, input: `${password}\n`, encoding: 'utf8' },
    );
    if (set.status !== 0) throw new Error(set.stderr);
    const ready = join(folder, 'ready.json');
    const program = spawn(join(programs, 'sportello'), ['serve', '--config', config, '--ready-file', ready], {
        env,
        stdio: ['ignore', 'ignore', 'inherit'],
    });
    const ended = new Promise((resolve) => program.once('exit', resolve));
    let gone = false;
    void ended.then(() => (gone = true));
    for (let waited = 0; !existsSync(ready); waited += 20) {
        if (gone || waited > 20_000) throw new Error('sportello did not start');
        await sleep(20);
    }
    const stop = async () => {
        program.kill('SIGTERM');
        await ended;
        await provider.stop();
        rmSync(folder, { recursive: true, force: true });
    };
    return { url, issuer: provider.issuer, stop, pid: JSON.parse(readFileSync(ready, 'utf8')).pid };
}
