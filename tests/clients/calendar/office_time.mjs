// Office time worked out the slow way, from nothing but Intl's idea of each zone: every window of every local day becomes a
// span of UTC, spans are merged, and each question looks at all of them.

const minute = 60_000;
const day = 86_400_000;

/** Stretches of UTC with one offset each: [{from, until, offset}], in milliseconds, found by asking Intl and halving. */
export function offsetsOf(zone, from, until, step) {
    const format = new Intl.DateTimeFormat('en-US', {
        timeZone: zone, hourCycle: 'h23', era: 'short',
        year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
    });
    const offsetAt = (t) => {
        const part = {};
        for (const { type, value } of format.formatToParts(t)) part[type] = Number(value);
        return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second) - t;
    };
    const found = [];
    let start = from;
    let offset = offsetAt(from);
    for (let t = from; t < until; t += step) {
        const next = Math.min(t + step, until);
        const then = offsetAt(next);
        if (then === offset) continue;
        let low = t;
        let high = next;
        while (high - low > 1000) {
            const middle = low + Math.floor((high - low) / 2000) * 1000;
            if (offsetAt(middle) === offset) low = middle;
            else high = middle;
        }
        found.push({ from: start, until: high, offset });
        start = high;
        offset = then;
    }
    found.push({ from: start, until: Infinity, offset });
    return found;
}

/** The stretch that holds `t`, as an index. */
export function stretchAt(stretches, t) {
    let low = 0;
    let high = stretches.length - 1;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (stretches[middle].until > t) high = middle;
        else low = middle + 1;
    }
    return low;
}

/** A local time (as if it were UTC) as an instant: the end of a gap for one that does not exist, the earlier of two. */
export function instantOf(stretches, local) {
    for (let i = stretchAt(stretches, local - 2 * day); i < stretches.length && stretches[i].from < local + 2 * day; ++i) {
        const { from, until, offset } = stretches[i];
        const instant = local - offset;
        if (instant >= from && instant < until) return instant;
        if (instant >= until && i + 1 < stretches.length && local - stretches[i + 1].offset < until) return until; // in the gap
    }
    throw new Error(`no instant for ${new Date(local).toISOString()}`);
}

const dateText = (local) => new Date(local).toISOString().slice(0, 10);

/** The spans in which the office is open around [from, until], merged. */
export function openingsOf(calendar, stretches, from, until) {
    const spans = [];
    const closed = new Set([...calendar.closed, ...calendar.holidays]);
    for (let local = Math.floor(from / day) * day - 4 * day; local < until + 4 * day; local += day) {
        const text = dateText(local);
        const weekday = (new Date(local).getUTCDay() + 6) % 7;
        const windows = calendar.open[text] ?? (closed.has(text) ? [] : calendar.weekly[weekday]);
        for (const [opens, closes] of windows) {
            const span = [instantOf(stretches, local + opens * minute), instantOf(stretches, local + closes * minute)];
            if (span[0] < span[1]) spans.push(span);
        }
    }
    spans.sort((a, b) => a[0] - b[0]);
    const merged = [];
    for (const span of spans) {
        const last = merged.at(-1);
        if (last && span[0] <= last[1]) last[1] = Math.max(last[1], span[1]);
        else merged.push([...span]);
    }
    return merged;
}

/** The four answers; null where the spans do not reach. */
export function answers(openings, { at, plus, until }) {
    let left = plus;
    let due = plus === 0 ? at : null;
    let between = 0;
    for (const [opens, closes] of openings) {
        const open = closes - Math.max(opens, at);
        if (due === null && open > 0) {
            if (left <= open) due = Math.max(opens, at) + left;
            else left -= open;
        }
        between += Math.max(0, Math.min(closes, Math.max(at, until)) - Math.max(opens, Math.min(at, until)));
    }
    return {
        open: openings.some(([opens, closes]) => opens <= at && at < closes),
        next_open: openings.find(([opens]) => opens > at)?.[0] ?? null,
        next_close: openings.find(([, closes]) => closes > at)?.[1] ?? null,
        due,
        between: until < at ? 0 - between : between,
    };
}
