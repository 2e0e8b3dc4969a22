import { setCookies } from '../../support/set_cookies.mjs';

/** As much of a browser as a log-in needs: cookies by origin, and redirects one at a time. */
export class Browser {
    #cookies = new Map();

    cookie(origin, name) {
        return this.#cookies.get(origin)?.get(name);
    }

    /** One request, no redirect followed. */
    async ask(url, { method = 'GET', form, json, headers = {} } = {}) {
        const origin = new URL(url).origin;
        const jar = this.#cookies.get(origin) ?? new Map();
        const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
        const answer = await fetch(url, {
            method,
            redirect: 'manual',
            headers: {
                ...(cookie && { cookie }),
                ...(json && { 'content-type': 'application/json' }),
                ...headers,
            },
            body: form ? new URLSearchParams(form) : json && JSON.stringify(json),
        });
        for (const line of setCookies(answer.headers)) {
            const [pair, ...attributes] = line.split('; ');
            const cut = pair.indexOf('=');
            const gone = attributes.some((a) => /^max-age=0$/i.test(a) || /^expires=thu, 01 jan 1970/i.test(a));
            if (gone) jar.delete(pair.slice(0, cut));
            else jar.set(pair.slice(0, cut), pair.slice(cut + 1));
        }
        this.#cookies.set(origin, jar);
        return answer;
    }

    /** Where an answer sends the browser. */
    static next(answer, from) {
        const to = answer.headers.get('location');
        if (!to) throw new Error(`${from} answered ${answer.status} and sends nowhere`);
        return new URL(to, from).href;
    }

    /**
     * Follows redirects, filling in the provider's forms on the way, until the address `until` accepts.
     * @return that address, not yet asked
     */
    async goThrough(url, account, until) {
        for (let steps = 0; steps < 20; steps += 1) {
            if (until(url)) return url;
            const answer = await this.ask(url);
            if (answer.status === 200 && url.includes('/interaction/')) {
                const prompt = (await answer.text()).includes('name="login"') ? 'login' : 'consent';
                const form = prompt === 'login' ? { prompt, login: account, password: 'any' } : { prompt };
                url = Browser.next(await this.ask(url, { method: 'POST', form }), url);
            } else {
                url = Browser.next(answer, url);
            }
        }
        throw new Error(`no end at ${url}`);
    }
}
