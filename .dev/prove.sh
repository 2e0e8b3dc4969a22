# Try for a long time to break it: crashes at random moments, many more random cases
#
# Usage: ./dev prove [MINUTES] [--seed N]
#
#   MINUTES    how long to go on (default 10); the first round is always played to its end
#   --seed N   the first round's seed (default: drawn); a failure names its seed, which plays the same round again
#
# A round, all of it from one seed: the server is killed at random 200 times while messages come in and replies go out; 40
# random days of the whole server with faults and crashes; every random test of the rules and of the lists. A fixed, short
# slice of this is part of ./dev test.

source "$root/.dev/packages.sh"
source "$root/.dev/build.sh"

prove_kills=200 prove_days=40

verb_prove() {
    local minutes=10 seed=$((SRANDOM % 1000000000))
    while (($#)); do
        case $1 in
            --seed)
                is_number "${2:-}" || fail_usage "--seed wants a number"
                seed=$2
                shift
                ;;
            *) is_number "$1" && minutes=$1 || fail_usage "prove takes minutes, not '$1'" ;;
        esac
        shift
    done
    have_build_packages
    have_packages "test libraries" "${packages_tests[@]}"
    build_programs test
    build_dashboard

    local rounds=0 until=$((SECONDS + 60 * minutes)) log=$logs/prove.log
    while ((rounds == 0 || SECONDS < until)); do
        say "Round $((rounds + 1)), seed $seed"
        if ! prove_round "$seed" >"$log" 2>&1 </dev/null; then
            grep -Ev '^\[ +(RUN|OK) ' "$log" | tail -n 200 >&2
            echo "broken in round $((rounds + 1)): ./dev prove 1 --seed $seed plays it again"
            return 1
        fi
        rounds=$((rounds + 1)) seed=$((seed + 1000))
    done
    echo "$rounds rounds, each of $prove_kills kills and $prove_days random days: nothing lost and nothing double"
}

# Straight from the programs: CTest knows only the days that ./dev test plays.
prove_round() {
    local bin=$root/build/test/bin
    export SPORTELLO_SEED=$1 SPORTELLO_CRASH_KILLS=$prove_kills SPORTELLO_SEEDS=$prove_days SPORTELLO_TEST_BIN=$bin
    "$bin/domain_tests" --gtest_brief=1 &&
        "$bin/storage_tests" --gtest_brief=1 --gtest_filter='TicketList*' &&
        "$bin/engine_tests" --gtest_brief=1 --gtest_filter='*Simulation*' &&
        "$bin/crash_loop_tests"
}
