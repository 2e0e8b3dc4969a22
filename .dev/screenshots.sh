# Take pictures of every page, state and dialog of the dashboard
#
# Usage: ./dev screenshots [NAME...]
#
#   NAME   only these pages, dialogs or states, by their names in tests/browser/stage/pages.js and states.js
#
# Light and dark (SCREENS="desktop-light phone-dark" takes only those), on a desktop and on a phone, of a counter with a day's customers, into build/screenshots/SCREEN-THEME/.
# Pages that do not come or that break the content security policy are told at the end, and the command fails.

source "$root/.dev/browser.sh"

verb_screenshots() { in_browser "Taking pictures" screenshots.js "$root/build/screenshots" "$@"; }
