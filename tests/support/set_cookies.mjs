/**
 * The Set-Cookie lines of an answer of `fetch`. Debian 12's Node.js has no `Headers.getSetCookie` and gives them joined by
 * commas; one inside a line, as in a date, has no name and `=` after it.
 */
export function setCookies(headers) {
    return headers.getSetCookie?.() ?? (headers.get('set-cookie') ?? '').split(/,\s*(?=[^;,=\s]+=)/).filter(Boolean);
}

/** The same as what a browser would send back: `name=value; name=value`. */
export const cookiesOf = (headers) => setCookies(headers).map((line) => line.split(';')[0]).join('; ');
