// The server's calendar answers as another implementation does, over the zone data of another (Node's ICU): a table of
// cases around every change of clock of every zone with daylight saving, and random calendars at random instants.
// SPORTELLO_CALENDARS says how many (./dev prove: 100,000), SEED replays a run.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { answers, offsetsOf, openingsOf, stretchAt } from './office_time.mjs';

const programs = process.env.SPORTELLO_TEST_BIN ?? fileURLToPath(new URL('../../../build/test/bin', import.meta.url));
const seed = Number(process.env.SEED ?? process.env.SPORTELLO_SEED ?? 20261127);
const count = Number(process.env.SPORTELLO_CALENDARS ?? 3000);
const everyChange = count >= 100_000;

const hour = 3_600_000;
const day = 24 * hour;
const first = Date.UTC(2025, 0, 1);
const last = Date.UTC(everyChange ? 2036 : 2028, 0, 1); // the system's zone data ends in 2037
const reach = 60 * day; // how far the slow way looks

/** Every zone that changes its clocks in the span, with its stretches. */
function zonesWithDaylightSaving() {
    const zones = new Map();
    for (const zone of Intl.supportedValuesOf('timeZone')) {
        if (offsetsOf(zone, first, first + 3 * 366 * day, 30 * day).length < 3) continue;
        zones.set(zone, offsetsOf(zone, first - 30 * day, last + reach + 30 * day, 3 * day));
    }
    return zones;
}

/**
 * The changes of clock of all these zones in the system's edition of the zone data, read by a third implementation:
 * "Europe/Rome  Sun Mar 29 01:00:00 2026 UT = Sun Mar 29 03:00:00 2026 CEST isdst=1 gmtoff=7200".
 */
function changesOfTheSystem(names) {
    const { stdout } = spawnSync('zdump', ['-v', '-c', '2024,2037', ...names], { encoding: 'utf8', maxBuffer: 1 << 28 });
    const changes = new Map();
    let before = null;
    for (const [, zone, at, offset] of (stdout ?? '').matchAll(/^(\S+)\s+(\w+ \w+ +\d+ [\d:]+ \d+) UT = .* gmtoff=(-?\d+)$/gm)) {
        const now = { zone, at: Date.parse(`${at} GMT`), offset: Number(offset) * 1000 };
        if (before?.zone === zone && before.at === now.at - 1000 && before.offset !== now.offset) {
            changes.set(zone, [...(changes.get(zone) ?? []), now]);
        }
        before = now;
    }
    return changes;
}

/** Node brings zone data of its own. Where its edition knows other rules than the system's, neither is wrong, and nothing is compared. */
function leaveOutWhatEditionsTellApart(zones) {
    const system = changesOfTheSystem([...zones.keys()]);
    if (system.size === 0) return; // no zdump here
    const within = (at) => at >= first && at < last;
    const apart = [];
    for (const [zone, stretches] of zones) {
        const ofNode = stretches.slice(0, -1).map(({ until }, i) => `${until} ${stretches[i + 1].offset}`).filter((one) => within(parseInt(one)));
        const ofSystem = (system.get(zone) ?? []).filter(({ at }) => within(at)).map(({ at, offset }) => `${at} ${offset}`);
        if (ofNode.join() !== ofSystem.join()) apart.push(zone);
    }
    for (const zone of apart) zones.delete(zone);
    if (apart.length > 0) console.log(`Node's zone data (${process.versions.tz}) and the system's differ in ${apart.join(', ')}: left out`);
    assert.ok(apart.length <= 20, 'the zone data of the system or of Node is too old to be compared');
}

const zones = zonesWithDaylightSaving();
leaveOutWhatEditionsTellApart(zones);

function ourAnswers(questions) {
    const { status, stdout, error } = spawnSync(path.join(programs, 'calendar_answers'), {
        input: questions.map((question) => `${JSON.stringify(question)}\n`).join(''),
        maxBuffer: 1 << 30,
        encoding: 'utf8',
    });
    assert.equal(status, 0, `calendar_answers ended with ${status ?? error}`);
    return stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
}

/** Every answer of ours is that of the slow way, as far as that reaches. @return how many questions were compared */
function compare(questions) {
    const ours = ourAnswers(questions);
    const unknown = new Set();
    let compared = 0;
    questions.forEach((question, i) => {
        if (ours[i].refused) {
            unknown.add(question.zone);
            return;
        }
        const stretches = zones.get(question.zone);
        const from = Math.min(question.at, question.until);
        const end = Math.max(question.at, question.until) + reach / 2;
        const expected = answers(openingsOf(question, stretches, from, end), question);
        const told = () => `seed ${seed}: ${JSON.stringify(question)}\nours     ${JSON.stringify(ours[i])}\nexpected ${JSON.stringify(expected)}`;
        assert.equal(ours[i].open, expected.open, told());
        assert.equal(ours[i].between, expected.between, told());
        assert.ok(ours[i].agrees, told());
        for (const name of ['next_open', 'next_close', 'due']) {
            // At the rim of what the slow way has looked at, an opening may go on or another may follow.
            if (expected[name] !== null && expected[name] < end) assert.equal(ours[i][name], expected[name], `${name}, ${told()}`);
            else assert.ok(ours[i][name] === null || ours[i][name] >= end - 4 * day, `${name}, ${told()}`);
        }
        ++compared;
    });
    // Debian 13 keeps old names of zones in a package of its own; others must be known.
    assert.ok(unknown.size <= 6, `zones that the system does not know: ${[...unknown].join(', ')}`);
    return compared;
}

const everyDay = (...windows) => ({ weekly: Array.from({ length: 7 }, () => windows), closed: [], holidays: [], open: {} });

test('around every change of clock of every zone with daylight saving', () => {
    const questions = [];
    let changes = 0;
    for (const [zone, stretches] of zones) {
        for (const [i, { until: change, offset }] of stretches.slice(0, -1).entries()) {
            if (change < first || change > last) continue;
            ++changes;
            const local = Math.floor((((change + offset) % day) + day) % day / 60_000); // what the clock shows when it jumps
            const shown = Math.floor((((change + stretches[i + 1].offset) % day) + day) % day / 60_000); // and what it jumps to
            const calendars = [
                everyDay([0, 1440]), everyDay([0, 360]), everyDay([Math.max(0, local - 1), local + 30]),
                everyDay([Math.min(local + 15, 1439), Math.min(local + 15, 1439) + 60]), everyDay([shown, shown + 90], [1320, 1560]),
            ];
            for (const calendar of calendars) {
                for (const at of [change - 90 * 60_000, change - 1000, change, change + 1000]) {
                    questions.push({ zone, ...calendar, at, plus: 4 * hour, until: change + 20 * hour });
                }
            }
        }
    }
    const compared = compare(questions);
    console.log(`${compared} questions around ${changes} changes of clock in ${zones.size} zones with daylight saving: ` +
        `all answers equal (Node ${process.version}, its zone data ${process.versions.tz})`);
    assert.ok(zones.size > 80 && changes > 2 * zones.size);
});

test('a target set before a change of clock is met at the right second', () => {
    const questions = [];
    for (const [zone, stretches] of zones) {
        for (const { until: change } of stretches.slice(0, -1)) {
            if (change < first || change > last) continue;
            questions.push({ zone, ...everyDay([0, 1440]), at: change - 5_400_001, plus: 3 * hour, until: change });
        }
    }
    ourAnswers(questions).forEach((ours, i) => {
        if (!ours.refused) assert.equal(ours.due, questions[i].at + 3 * hour, JSON.stringify(questions[i]));
    });
});

/** xorshift32: chance that a seed replays. */
function chanceFrom(start) {
    let state = (start * 2654435761 + 1) >>> 0 || 1;
    return (bound) => {
        state ^= state << 13;
        state >>>= 0;
        state ^= state >>> 17;
        state ^= state << 5;
        state >>>= 0;
        return state % bound;
    };
}

function randomQuestion(below, names) {
    const zone = names[below(names.length)];
    const stretches = zones.get(zone);
    let at = first + below(2 ** 31) * 60_000 % (last - first) + below(60_000);
    if (below(2) === 0) {
        const near = stretches[stretchAt(stretches, at)].until;
        if (near < last) at = near + (below(4 * 86_400) - 2 * 86_400) * 1000 + below(2) * below(1000);
    }
    const window = () => {
        if (below(8) === 0) return [0, 1440];
        const opens = below(3) === 0 ? below(1440) : below(96) * 15;
        return [opens, opens + 1 + below(below(3) === 0 ? 1440 : 480)];
    };
    const windows = () => Array.from({ length: below(4) }, window);
    const date = () => new Date(at + (below(16) - 4) * day).toISOString().slice(0, 10);
    const dates = () => Array.from({ length: below(4) }, date);
    const open = {};
    for (const text of dates()) open[text] = [window(), window()];
    return {
        zone,
        weekly: Array.from({ length: 7 }, windows),
        closed: dates(),
        holidays: dates(),
        open,
        at,
        plus: below(below(2) === 0 ? 60 * 3600 : 4 * 3600) * 1000 + below(1000),
        until: at + (below(14 * 86_400) - 3 * 86_400) * 1000,
    };
}

test('random calendars at random instants', () => {
    const below = chanceFrom(seed);
    const names = [...zones.keys()];
    let compared = 0;
    for (let done = 0; done < count; done += 10_000) {
        const questions = Array.from({ length: Math.min(10_000, count - done) }, () => randomQuestion(below, names));
        compared += compare(questions);
    }
    console.log(`${compared} random calendars and instants: all four answers equal, and they agree with each other (seed ${seed})`);
});
