/** What this dashboard does for everybody, and where it falls short. */
const en = {
    accessibility: {
        title: 'Accessibility',
        intro: 'Sportello wants to be usable by everybody who works with it: by keyboard alone, with a screen reader, enlarged, on a phone. The measure is WCAG 2.2, level AA.',
        keyboard: 'Keyboard',
        keyboardText: 'Everything can be done without a mouse. “?” shows the keys, Ctrl+K lists all actions by name. Single keys can be switched off in the preferences.',
        screen: 'Screen readers',
        screenText: 'Lists, conversations and tables have names and roles of their own; what comes in is announced without interrupting. Every plot has its table beside it.',
        sight: 'Sight',
        sightText: 'A light and a dark look with contrasts of at least 4.5 to 1; nothing is told by colour alone. Down to a width of 320 points, or at 400 %, nothing but tables scrolls sideways.',
        motion: 'Motion and sound',
        motionText: 'Whoever asks their system for less motion sees none. Sounds are off until they are switched on, and what they tell is also written.',
        time: 'Time',
        timeText: 'The time to take back a reply can be stretched to 30 seconds. Drafts are kept: the end of a session loses nothing that was written.',
        limits: 'Known limits',
        limitsText: 'Pictures that customers send have no description. Messages are read in the language they were written in, which is not always declared. Some technical reasons of the server stay in English.',
        checked: 'How it is checked',
        checkedText: 'With each change every page is looked at by axe in Italian and English, light and dark, and a day’s work is done by keyboard alone in Chromium. Trials with people and various screen readers are up to whoever adopts it.',
        tell: 'A barrier?',
        tellText: 'Tell whoever administers Sportello where you work: the page, what you wanted to do, with which browser and which aid.',
        back: 'Go back',
        keys: 'List of keys',
    },
};

export default en;
