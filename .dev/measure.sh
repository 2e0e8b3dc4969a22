# Measure the dashboard in a real Chromium and print each figure beside its goal
#
# Usage: ./dev measure
#
# First load (gzip), time until the list is usable, a platform's message to its row, key to paint in the composer, the next
# ticket by key, scrolling through 100,000 tickets. Leave the machine alone meanwhile. ROUNDS (7) is how often each is taken.

source "$root/.dev/browser.sh"

verb_measure() { in_browser "Measuring; leave the machine alone for good figures" measure.js; }
