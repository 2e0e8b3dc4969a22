/**
 * Comes once what has just changed is on the screen: for what the next moment needs and this one would wait for. A request
 * alone holds a frame up by two milliseconds. A hidden page paints nothing and does not wait for it.
 */
export function painted(): Promise<void> {
    return new Promise((done) => {
        if (document.hidden) setTimeout(done);
        else requestAnimationFrame(() => setTimeout(done));
    });
}
