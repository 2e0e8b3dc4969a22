# Try for a long time to break it: crashes at random moments, many more random cases
#
# Usage: ./dev prove [MINUTES] [--seed N]
#
#   MINUTES    how long to go on (default 10); the first round is always played to its end
#   --seed N   the first round's seed (default: drawn); a failure names its seed, which plays the same round again
#
# A round kills the server at random 200 times while messages come in and replies go out (a fixed, short slice of this is
# part of ./dev test), and runs every property with a hundred times as many cases.

source "$root/.dev/packages.sh"
source "$root/.dev/build.sh"

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
        if ! SPORTELLO_SEED=$seed SPORTELLO_CRASH_KILLS=200 RC_PARAMS="seed=$seed max_success=10000" \
            ctest --test-dir "$root/build/test" -R 'CrashLoop|Propert' --output-on-failure --no-tests=error --timeout 3600 \
            >"$log" 2>&1 </dev/null; then
            grep -v ' Passed ' "$log" | tail -n 200 >&2
            echo "broken in round $((rounds + 1)): ./dev prove 1 --seed $seed plays it again"
            return 1
        fi
        rounds=$((rounds + 1)) seed=$((seed + 1))
    done
    echo "$rounds rounds of 200 kills each, nothing lost and nothing double"
}
