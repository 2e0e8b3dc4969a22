import { withTimes, type Wording } from './wordings';

/** What only supervisors and admins read; it comes when a reason is in no other table. */
export const wordings: Wording[] = [
    // What supervisors read: domain/mean_control.cpp, channel_watch.cpp, outage_radar.cpp, engine/targets.cpp, broadcaster.cpp,
    // staffing.cpp, staffing_history.cpp, api/shifts.cpp
    {
        said: /^(?<waiting>\d+) waiting, (?<coming>\d+) more expected until closing in (?<left>\d+) min, (?<people>\d+) at work, (?<each>\d+) min an answer$/,
        words: 'told.projection',
    },
    { said: /^the office is closed$/, words: 'told.closed' },
    {
        said: withTimes(/^an answer before <at>, which asks them to write again: each message of theirs opens Messenger for 24 hours more; the Human Agent feature, if Facebook grants it, for 7 days; after that only by hand, on the platform itself$/),
        words: 'told.keepsBoth',
    },
    {
        said: withTimes(/^an answer before <at>, which asks them to write again: each message of theirs opens Messenger for 24 hours more; after that only by hand, on the platform itself$/),
        words: 'told.keepsMessenger',
    },
    { said: withTimes(/^an answer before <at>; after that only by hand, on the platform itself$/), words: 'told.keeps' },
    { said: /^(?<n>\d+) messages in the last (?<time>\d+ min), (?<usual>\d+) are usual at this time of the week$/, words: 'told.quiet' },
    { said: /^It has not been read for (?<time>\d+ min)$/, words: 'told.notRead' },
    { said: /^What arrives was written (?<time>\d+ min) before$/, words: 'told.lag' },
    {
        said: /^(?<people>\d+) people in (?<minutes>\d+) minutes write of an outage everywhere; usual at this hour are (?<usual>[\d.]+)$/,
        words: 'told.radarEverywhere',
    },
    {
        said: /^(?<people>\d+) people in (?<minutes>\d+) minutes write of (?<what>.+); usual at this hour are (?<usual>[\d.]+)$/,
        words: 'told.radar',
    },
    { said: /^promises are not turned on for this brand$/, words: 'told.noPromises' },
    { said: /^very high$/, words: 'told.veryHigh' },
    { said: /^high$/, words: 'told.high' },
    { said: /^fair$/, words: 'told.fair' },
    { said: /^nobody who may answer (?<brand>\S+) is on shift$/, words: 'told.uncovered' },
    { said: /^of a brand that you do not answer for$/, words: 'told.otherBrand' },
    { said: /^is told in the ticket that it was merged into$/, words: 'told.merged' },
    { said: /^cannot be answered from here$/, words: 'told.noRoute' },
    { said: /^has our answer already: on X one text sent to many may answer a mention once$/, words: 'told.answeredOnX' },
    { said: /^the same person is told in another ticket$/, words: 'told.samePerson' },
    { said: /^the ticket is gone$/, words: 'told.gone' },
    { said: /^who sent it is no agent any more$/, words: 'told.noAgent' },
    { said: /^Not even (?<n>\d+) people meet the goal in these hours\.$/, words: 'told.notEven' },
    { said: /^The history is too short: .+$/, words: 'told.shortHistory' },
    // Ways in, people, webhooks, channels' sign-in: api/authorize.cpp, api/second_factor*.cpp, api/agents.cpp, engine/webhooks.cpp, app/channel_sign_in.cpp
    { said: /^Something went wrong on our side; it is in the server's log under this request_id\.$|^The server failed\. The failure has been logged\.$/, words: 'denied.defect' },
    { said: /^This needs the role agent; yours is \w+\.$/, words: 'denied.agentsOnly' },
    { said: /^This needs the role supervisor; yours is \w+\.$/, words: 'denied.supervisorsOnly' },
    { said: /^This needs the role admin; yours is \w+\.$/, words: 'denied.adminsOnly' },
    { said: /^The password is wrong\.$/, words: 'denied.wrongPassword' },
    { said: /^The code is wrong or was used before\. Wait for the next one and try again\.$/, words: 'denied.wrongCode' },
    { said: /^This is not the code of now\.$/, words: 'denied.notTheCode' },
    { said: /^the six digits that the app shows$/, words: 'denied.sixDigits' },
    { said: /^Nobody can give, change or take away a role above their own\.$/, words: 'denied.roleAbove' },
    {
        said: /^Nobody can give brands that they do not answer for themselves; name those of yours\.$/,
        words: 'denied.otherBrands',
    },
    {
        said: /^there is an agent with the login (?<name>.+) already$|^Somebody has this login already, and is no admin: choose another\.$/,
        words: 'denied.loginTaken',
    },
    { said: /^switched off by a person$/, words: 'denied.offByPerson' },
    { said: /^its server answered 410: it is gone$/, words: 'denied.webhookGone' },
    { said: /^nothing was taken for three days; the last failure: (?<rest>[^]*)$/, words: 'denied.webhookDead' },
    { said: /^it has not come so far$/, words: 'denied.webhookAhead' },
    {
        said: /^Channel (?<name>\S+) takes its token from where `credentials` of the configuration points: put a new one there and reload \(SIGHUP\), or leave `credentials` out\.$/,
        words: 'denied.tokenFromConfig',
    },
    { said: /^Here channels are signed in on the command line: `(?<command>.+)`\.$/, words: 'denied.onCommandLine' },
    { said: /^this server sends nothing out$/, words: 'denied.nothingOut' },
];
