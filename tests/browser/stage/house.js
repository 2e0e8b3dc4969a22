import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const programs = process.env.SPORTELLO_TEST_BIN ?? join(root, 'build/release/bin');
const dashboard = join(root, 'src/dashboard/dist');
const startLimit = 30_000;
const stopLimit = 10_000;

/**
 * Both programs on free ports, in a folder of their own, with nobody writing and the office always open.
 * @param {{polling?: string, channels?: (toml: string) => string, day?: boolean, practice?: boolean, port?: number, more?: string}} options  `channels` changes the demo's
 *     configuration; with `day` the demo's customers have all written; `practice` makes it a house for practice; `more` is
 *     configuration of the test's own
 */
export async function openHouse(options = {}) {
    if (!existsSync(join(dashboard, 'index.html'))) {
        throw new Error(`${dashboard} holds no dashboard: build it with 'npm ci && npm run build' in src/dashboard`);
    }
    const folder = mkdtempSync(join(tmpdir(), 'sportello-browser-'));
    const running = [];
    const close = async () => {
        for (const program of running.reverse()) await program.stop();
        rmSync(folder, { recursive: true, force: true });
    };
    try {
        const simulator = start('sportello-simulator', folder, 'simulator', [
            '--port', '0', '--data', join(folder, 'simulator'), ...(options.day ? ['--speed', 'max'] : ['--quiet-scenario']),
        ]);
        running.push(simulator);
        const simulatorUrl = `http://127.0.0.1:${await simulator.port()}`;

        const config = join(folder, 'sportello.toml');
        writeFileSync(config, configuration(folder, simulatorUrl, options));
        const env = { ...process.env, ...credentials() };
        const password = 'una-password-di-prova';
        const [agent, supervisor, admin] = ['chiara', 'paola', 'irene'].map((login) => ({ login, password }));
        run(['migrate', '--config', config], { env });
        for (const { login } of [agent, supervisor]) {
            run(['user', 'passwd', login, '--password-stdin', '--config', config], { env, input: `${password}\n` });
        }
        run(['user', 'add', admin.login, '--name', 'Irene Fonti', '--role', 'admin', '--password-stdin', '--config', config], { env, input: `${password}\n` });

        let server = start('sportello', folder, 'server', ['serve', '--config', config], env);
        running.push(server);
        const port = await server.port();
        /** Stops the server as an operator would and starts it again at the same address. */
        const restart = async () => {
            await server.stop();
            rmSync(join(folder, 'server.ready'), { force: true });
            writeFileSync(config, readFileSync(config, 'utf8').replace('"127.0.0.1:0"', `"127.0.0.1:${port}"`));
            server = start('sportello', folder, 'server', ['serve', '--config', config], env);
            running.push(server);
            await server.port();
        };
        return { restart, url: `http://127.0.0.1:${port}`, simulator: simulatorUrl, agent, supervisor, admin, close };
    } catch (cause) {
        await close();
        throw cause;
    }
}

function configuration(folder, simulator, { polling = '1s', channels, practice, port = 0, more = '' }) {
    let demo = join(root, 'config/demo.toml');
    if (channels) {
        const changed = channels(readFileSync(demo, 'utf8')).replaceAll('"calendars/', `"${join(root, 'config/calendars')}/`);
        demo = join(folder, 'demo.toml');
        writeFileSync(demo, changed);
    }
    const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
    return `include = [${JSON.stringify(demo)}]
[server]
listen = "127.0.0.1:${port}"
dashboard = ${JSON.stringify(dashboard)}
[storage]
url = ${JSON.stringify(`sqlite:${join(folder, 'sportello.db')}`)}
[platform.facebook]
api = "${simulator}"
[platform.twitter]
api = "${simulator}"
[polling]
open = "${polling}"
closed = "${polling}"
[calendar.office]
${days.map((day) => `${day} = ["00:00-24:00"]`).join('\n')}
holidays = []
${practice ? `[practice]\nsimulator = "${simulator}"\n` : ''}${more}`;
}

/** The tokens of the simulated accounts, by the names that config/demo.toml gives them. */
function credentials() {
    const lines = execFileSync(join(programs, 'sportello-simulator'), ['--credentials-env'], { encoding: 'utf8' });
    return Object.fromEntries(lines.split('\n').filter(Boolean).map((line) => {
        const at = line.indexOf('=');
        return [line.slice(0, at), line.slice(at + 1)];
    }));
}

function run(args, options) {
    execFileSync(join(programs, 'sportello'), args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
}

function start(program, folder, name, args, env = process.env) {
    const ready = join(folder, `${name}.ready`);
    const log = join(folder, `${name}.log`);
    const output = openSync(log, 'w');
    const child = spawn(join(programs, program), [...args, '--ready-file', ready], {
        cwd: root, env, stdio: ['ignore', output, output],
    });
    closeSync(output);
    const exited = once(child, 'exit');
    exited.catch(() => {});
    const lastWords = () => `${program} said:\n${readFileSync(log, 'utf8').slice(-2000)}`;
    return {
        /** The port it listens on, as soon as it can be used. */
        async port() {
            await within(startLimit, Promise.race([
                appearance(folder, ready),
                exited.then(([code]) => { throw new Error(`${program} ended with ${code}. ${lastWords()}`); }),
            ]), () => `${program} is not ready. ${lastWords()}`);
            return JSON.parse(readFileSync(ready, 'utf8')).port;
        },
        async stop() {
            if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
            child.kill('SIGTERM');
            await within(stopLimit, exited, () => `${program} does not stop. ${lastWords()}`).catch((cause) => {
                child.kill('SIGKILL');
                throw cause;
            });
        },
    };
}

/** Resolves when the file is there; its writer renames it into place, so it is whole. */
function appearance(folder, file) {
    return new Promise((resolve) => {
        const watcher = watch(folder, (_, name) => {
            if (name === basename(file)) look();
        });
        const look = () => {
            if (!existsSync(file)) return;
            watcher.close();
            resolve();
        };
        watcher.unref();
        look();
    });
}

async function within(milliseconds, promise, words) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(words())), milliseconds);
    });
    try {
        return await Promise.race([promise, late]);
    } finally {
        clearTimeout(timer);
    }
}
