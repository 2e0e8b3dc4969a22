import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const programs = process.env.SPORTELLO_TEST_BIN ?? join(root, 'build/release/bin');

/** The simulated platforms on a free port, in a folder of their own, with nobody writing. */
export async function openSimulator(...options) {
    const folder = mkdtempSync(join(tmpdir(), 'sportello-clients-'));
    const ready = join(folder, 'ready.json');
    const program = spawn(
        join(programs, 'sportello-simulator'),
        ['--port', '0', '--data', join(folder, 'world'), '--quiet-scenario', '--ready-file', ready, ...options],
        { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const ended = new Promise((resolve) => program.once('exit', resolve));
    let gone = false;
    void ended.then(() => (gone = true));
    for (let waited = 0; !existsSync(ready); waited += 20) {
        if (gone || waited > 20_000) throw new Error('the simulator did not start');
        await sleep(20);
    }
    const url = `http://127.0.0.1:${JSON.parse(readFileSync(ready, 'utf8')).port}`;

    /** Calls the control API. @return the answer's JSON, or nothing */
    const control = async (method, path, body) => {
        const answer = await fetch(`${url}/control/${path}`, {
            method,
            headers: { 'content-type': 'application/json' },
            body: body && JSON.stringify(body),
        });
        const text = await answer.text();
        if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
        return text ? JSON.parse(text) : undefined;
    };
    const stop = async () => {
        program.kill('SIGTERM');
        await ended;
        rmSync(folder, { recursive: true, force: true });
    };
    return { url, control, stop };
}
