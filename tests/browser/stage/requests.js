/** @return waits until what the page asked for is there, unless it is held back, and drawn. */
export function watchRequests(page, holds) {
    const open = new Set();
    page.on('request', (request) => open.add(request));
    let look = () => undefined;
    const ended = (request) => {
        open.delete(request);
        look();
    };
    // Of some answers the page reads the status only: these never count as finished.
    page.on('response', (response) => ended(response.request()));
    page.on('requestfailed', ended);
    const answered = () => new Promise((done) => {
        look = () => { if (!open.size || holds) done(); };
        look();
    });
    const drawn = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    return async () => {
        // What came may ask for more when it is drawn.
        do {
            await answered();
            await drawn();
        } while (open.size && !holds);
    };
}
