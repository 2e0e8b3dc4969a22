# Play days of a counter with nine agents under a simulated clock, and print what came of them
#
# Usage: ./dev days [--seed N] [YEAR_DAYS]
#
#   YEAR_DAYS   how many days of the long run are played (default 365, a minute or two; 0: none)
#   --seed N    the seed (default 0); the same seed plays the same days
#
# In this order: a day of thirty tickets; real conversations, if they are beside the checkout; 5,000 messages in ten minutes
# after a fibre was cut; thirty days on which nothing is broken; the queue's order against first come, first served over
# 1,000 days; a year with outages and faults of the platforms. Each line says what was measured. ./dev test plays a short
# share of each, with bounds.

source "$root/.dev/packages.sh"
source "$root/.dev/build.sh"

verb_days() {
    local days=365 seed=0
    while (($#)); do
        case $1 in
            --seed)
                is_number "${2:-}" || fail_usage "--seed wants a number"
                seed=$2
                shift
                ;;
            *) is_number "$1" && days=$1 || fail_usage "days takes a number of days, not '$1'" ;;
        esac
        shift
    done
    have_build_packages
    have_packages "test libraries" "${packages_tests[@]}"
    build_programs test
    build_dashboard
    local bin=$root/build/test/bin failed=0
    export SPORTELLO_SEED=$seed SPORTELLO_CONVERSATIONS=525 SPORTELLO_OUTAGE_MESSAGES=5000 SPORTELLO_QUIET_DAYS=30
    export TMPDIR=$(shelf)
    play "$bin/engine_tests" 'CounterDays.*' || failed=1
    SPORTELLO_DAYS=1000 play "$bin/domain_tests" 'QueueDays*' || failed=1
    ((days == 0)) || SPORTELLO_DAYS=$days play "$bin/engine_tests" 'Year.*' || failed=1
    return $failed
}

# play PROGRAM TESTS: what they print, without the test runner's own lines unless something failed.
play() {
    local log=$logs/days.log
    if "$1" --gtest_brief=1 --gtest_filter="$2" >"$log" 2>&1 </dev/null; then
        grep -vE '^(Running main|\[|Note: )' "$log"
    else
        cat "$log" >&2
        return 1
    fi
}
