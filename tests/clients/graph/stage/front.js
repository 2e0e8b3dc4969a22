import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, request as httpRequest } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const host = 'graph.facebook.com';

/** A key and a certificate for the name, which nobody but these tests believes. */
function certificate() {
    const folder = mkdtempSync(join(tmpdir(), 'sportello-front-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    execFileSync('openssl', [
        'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
        '-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`, '-keyout', key, '-out', cert,
    ], { stdio: 'ignore' });
    const files = { key: readFileSync(key), cert: readFileSync(cert) };
    rmSync(folder, { recursive: true });
    return files;
}

const listen = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));

/**
 * A proxy behind which https://graph.facebook.com is the simulator, for clients whose address cannot be set. It leads
 * nowhere else.
 */
export async function openFront(simulator) {
    const target = new URL(simulator);
    const front = createHttpsServer(certificate(), (request, response) => {
        const passed = httpRequest(
            { host: target.hostname, port: target.port, method: request.method, path: request.url, headers: request.headers },
            (answer) => {
                response.writeHead(answer.statusCode, answer.headers);
                answer.pipe(response);
            },
        );
        passed.on('error', () => response.destroy());
        request.pipe(passed);
    });
    const frontPort = await listen(front);
    const sockets = new Set();
    const proxy = createHttpServer((request, response) => response.writeHead(403).end());
    proxy.on('connect', (request, socket, head) => {
        if (request.url !== `${host}:443`) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
        const through = connect(frontPort, '127.0.0.1', () => {
            socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
            through.write(head);
            socket.pipe(through).pipe(socket);
        });
        for (const one of [socket, through]) {
            sockets.add(one);
            one.on('error', () => {});
            one.on('close', () => [socket, through].forEach((end) => end.destroy()));
        }
    });
    const url = `http://127.0.0.1:${await listen(proxy)}`;
    const close = async () => {
        for (const socket of sockets) socket.destroy();
        front.closeAllConnections();
        await Promise.all([front, proxy].map((server) => new Promise((resolve) => server.close(resolve))));
    };
    return { url, close };
}
