# Try for a long time to break it: crashes at random moments, many more random cases
#
# Usage: ./dev prove [MINUTES] [--seed N] [--sessions N]
#
#   MINUTES        how long to go on (default 10); the first round is always played to its end
#   --seed N       the first round's seed (default: drawn); a failure names its seed, which plays the same round again
#   --sessions N   sessions with both platforms in a round (default 2000)
#
# A round, all of it from one seed: the server is killed at random 200 times while messages come in and replies go out;
# 50 times a primary lost and its standby promoted, under two servers; for MINUTES (ten at most) three servers on one PostgreSQL,
# of which every few seconds one is killed, or stands still for longer than its lease;
# the long plays of the tests on PostgreSQL;
# 2,000 short sessions with both platforms and every fault, held against the invariants; 40 random days of the whole
# server with faults and crashes; 100 random interleavings of the outbox against its model; ten outage days of 5,000
# messages in ten minutes, each after thirty quiet days; 1,000 days of the queue in its order and first come, first served,
# both printed; a year of a counter with nine agents; 100,000 random calendars
# against Node's own zone data; 20,000 random requests over the whole contract in each role; every random test of the rules and of the lists. A fixed, short slice of this is part of
# ./dev test.

source "$root/.dev/packages.sh"
source "$root/.dev/build.sh"
source "$root/.dev/engines.sh"

prove_kills=200 prove_days=40 prove_models=100 prove_sessions=2000 prove_outages=10 prove_calendars=100000 prove_queue_days=1000
prove_failovers=50 prove_nodes_seconds=600
prove_requests=88000 # one in twenty is nobody's, the others are of four roles

verb_prove() {
    local minutes=10 seed=$((SRANDOM % 1000000000))
    while (($#)); do
        case $1 in
            --seed)
                is_number "${2:-}" || fail_usage "--seed wants a number"
                seed=$2
                shift
                ;;
            --sessions)
                is_number "${2:-}" || fail_usage "--sessions wants a number"
                prove_sessions=$2
                shift
                ;;
            *) is_number "$1" && minutes=$1 || fail_usage "prove takes minutes, not '$1'" ;;
        esac
        shift
    done
    have_build_packages
    have_packages "test libraries" "${packages_tests[@]}"
    have_postgres
    build_all test

    ((minutes >= 10)) || prove_nodes_seconds=$((60 * minutes))
    local rounds=0 until=$((SECONDS + 60 * minutes)) log=$logs/prove.log
    while ((rounds == 0 || SECONDS < until)); do
        say "Round $((rounds + 1)), seed $seed"
        if ! prove_round "$seed" >"$log" 2>&1 </dev/null; then
            grep -Ev '^\[ +(RUN|OK) ' "$log" | tail -n 200 >&2
            echo "broken in round $((rounds + 1)): ./dev prove 1 --seed $seed plays it again"
            return 1
        fi
        grep -hE ' sessions: | days of seed |^outage day| random requests of seed |^(#|ℹ) .*(random calendars|changes of clock)' "$log" "$log".sessions.* || true
        grep -hE '^[0-9]+ (kills|fail-overs), ' "$log" || true
        grep -hE '^(first come, first served|order of the queue): ' "$log" || true
        rounds=$((rounds + 1)) seed=$((seed + 1000000))
    done
    echo "$rounds rounds, each of $prove_kills kills, $prove_failovers fail-overs, $prove_nodes_seconds s of three nodes, $prove_sessions sessions, $prove_days random days, $prove_models" \
        "interleavings of the outbox and a year: nothing lost and nothing double"
}

# Straight from the programs: CTest knows only the days that ./dev test plays.
prove_round() {
    local bin=$root/build/test/bin
    export SPORTELLO_SEED=$1 SPORTELLO_CRASH_KILLS=$prove_kills SPORTELLO_TEST_BIN=$bin
    SPORTELLO_DAYS=$prove_queue_days "$bin/domain_tests" --gtest_brief=1 &&
        "$bin/storage_tests" --gtest_brief=1 --gtest_filter='TicketList*' &&
        prove_calendars &&
        prove_sessions "$1" &&
        SPORTELLO_SEEDS=$prove_days "$bin/engine_tests" --gtest_brief=1 --gtest_filter='*Simulation*' &&
        TMPDIR=$(shelf) SPORTELLO_RANDOM_REQUESTS=$prove_requests "$bin/api_tests" --gtest_brief=1 --gtest_filter='RandomRequests*' &&
        SPORTELLO_SEEDS=$prove_models "$bin/engine_tests" --gtest_brief=1 --gtest_filter='*OutboxModel*' &&
        SPORTELLO_SEEDS=$prove_outages "$bin/engine_tests" --gtest_brief=1 --gtest_filter='OutageDays*' &&
        prove_year &&
        prove_on_postgresql &&
        TMPDIR=$(shelf) SPORTELLO_FAILOVERS=$prove_failovers SPORTELLO_NODES_SECONDS=$prove_nodes_seconds "$bin/crash_loop_tests"
}

prove_year() {
    TMPDIR=$(shelf) SPORTELLO_DAYS=365 SPORTELLO_DAY_HOURS=24 "$root/build/test/bin/engine_tests" --gtest_brief=1 --gtest_filter='Year*:Day.*'
}

# What ./dev test leaves out there for its length, of the length that it has on SQLite in ./dev test.
prove_on_postgresql() {
    local program
    for program in engine api; do
        SPORTELLO_TEST_STORAGE=postgresql TMPDIR=$(shelf) "$root/build/test/bin/${program}_tests" --gtest_brief=1 --gtest_filter="$long_plays" ||
            return 1
    done
}

# With SPORTELLO_SEED as everything else.
prove_calendars() { (cd "$root/tests/clients/calendar" && SPORTELLO_CALENDARS=$prove_calendars npm test); }

# A share of the sessions on each core, each with seeds of its own.
prove_sessions() {
    local share=$(((prove_sessions + $(cores) - 1) / $(cores))) pids=() pid core failed=0
    rm -f "$log".sessions.*
    for ((core = 0; core < $(cores); ++core)); do
        TMPDIR=$(shelf) SPORTELLO_SEED=$(($1 + core * share)) SPORTELLO_SESSIONS=$share "$root/build/test/bin/engine_tests" --gtest_brief=1 \
            --gtest_filter='Sessions*' >"$log.sessions.$core" 2>&1 &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
    ((failed == 0)) || cat "$log".sessions.*
    return $failed
}
