# Install what the tests need, build, and run all of them
#
# Usage: ./dev test [--only PATTERN]
#
#   --only PATTERN   only the C++ tests whose name matches the regular expression; no dashboard, no clients,
#                    no browser
#
# Ends with one line "N passed, N failed" (", N skipped" may follow) and fails when a test failed. The tests' own
# PostgreSQL listens on a socket in a temporary folder and ends with them.

source "$root/.dev/packages.sh"
source "$root/.dev/build.sh"
source "$root/.dev/postgres.sh"
source "$root/.dev/engines.sh"

passed=0 failed=0 skipped=0

verb_test() {
    local only=
    case ${1:-} in
        '') ;;
        --only) [[ -n ${2:-} ]] || fail_usage "--only wants a pattern"; only=$2 ;;
        *) fail_usage "test does not know '$1' (./dev test --help)" ;;
    esac
    local started=$SECONDS
    have_build_packages
    have_test_packages
    build_programs test
    build_dashboard
    export SPORTELLO_TEST_BIN=$root/build/test/bin
    trap stop_postgres EXIT
    trap 'exit 130' INT TERM HUP
    start_postgres
    run_cpp_tests "$only"
    if [[ -z $only ]]; then
        aside run_postgresql_tests # it waits for PostgreSQL most of its time
        run_dashboard_tests
        run_client_tests
        run_browser_tests
        join_aside
    fi
    say "Tests took $(seconds_as_text $((SECONDS - started))), with what was installed and built"
    printf '%d passed, %d failed' "$passed" "$failed"
    if ((skipped)); then printf ', %d skipped' "$skipped"; fi
    echo
    ((failed == 0 && passed > 0))
}

# Every gtest case is one test of CTest, so the counts are cases.
run_cpp_tests() {
    local report=$root/build/test/report.xml head
    rm -f "$report"
    say "Running the C++ tests"
    local status=0
    TMPDIR=$(shelf) ctest --test-dir "$root/build/test" --parallel "$(cores)" --output-on-failure --no-tests=error \
        --output-junit "$report" ${1:+-R "$1"} </dev/null >"$logs/ctest.log" 2>&1 || status=$?
    ((status == 0)) || show_failures
    [[ -s $report ]] || { tail -n 20 "$logs/ctest.log" >&2; fail "ctest left no report"; }
    head=$(start_of "$report")
    local total bad not_run
    total=$(attribute "$head" tests) bad=$(attribute "$head" failures)
    not_run=$(($(attribute "$head" skipped) + $(attribute "$head" disabled)))
    count C++ $((total - bad - not_run)) "$bad" "$not_run"
    ((status == 0 || bad > 0)) || count "ctest itself" 0 1 0
}

# aside COMMAND: beside what follows; what it says and counts comes with join_aside.
aside() {
    aside_output=$logs/aside.log
    (
        passed=0 failed=0 skipped=0
        "$@"
        echo "$passed $failed $skipped" >"$aside_output.counts"
    ) >"$aside_output" 2>&1 &
    aside_pid=$!
}

join_aside() {
    local good=0 bad=1 not_run=0 # of one that died
    if wait "$aside_pid"; then read -r good bad not_run <"$aside_output.counts"; fi
    cat "$aside_output" >&2
    passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + not_run))
}

# What touches storage once more, on the other engine: each program in one process, since its first database takes a second, and
# sessions go from test to test. base, domain, http, connectors and simulator have no database; app is about the program with its files,
# and the program on PostgreSQL is what nodes and crash_loop are about, in the run before.
run_postgresql_tests() {
    local program
    say "Running the tests of api, engine and storage on PostgreSQL"
    run_on_postgresql api &
    for program in engine storage; do run_on_postgresql "$program"; done
    wait $!
    for program in api engine storage; do count_on_postgresql "$program"; done
}

# What came of it stands in a report and in a file with the program's status.
run_on_postgresql() {
    local report=$root/build/test/postgresql-$1.xml status=0
    rm -f "$report"
    SPORTELLO_TEST_STORAGE=postgresql TMPDIR=$(shelf) quietly "postgresql-$1" "$root/build/test/bin/$1_tests" --gtest_brief=1 \
        --gtest_output="xml:$report" --gtest_filter="-$(left_out_on_postgresql "$1")" || status=$?
    echo "$status" >"$report.status"
}

count_on_postgresql() {
    local report=$root/build/test/postgresql-$1.xml head status total bad not_run
    if [[ ! -s $report ]]; then count "$1 on PostgreSQL" 0 1 0; return; fi
    read -r status <"$report.status"
    head=$(start_of "$report")
    total=$(attribute "$head" tests) bad=$(attribute "$head" failures)
    not_run=$(($(grep -c 'result="skipped"' "$report") + $(attribute "$head" disabled)))
    ((status == 0 || bad > 0)) || bad=1
    count "$1 on PostgreSQL" $((total - bad - not_run)) "$bad" "$not_run"
}

# The first 2,000 characters, in one line: where JUnit and vitest write their sums.
start_of() { local text; IFS= read -r -d "" -N 2000 text <"$1" || true; echo "${text//[$'\n\t']/ }"; }

attribute() { [[ $1 =~ \ $2=\"([0-9]+)\" ]] && echo "${BASH_REMATCH[1]}" || echo 0; }

# The output of the failed tests, without the hundreds of lines about those that passed.
show_failures() { grep -Ev '^ *(Start +[0-9]+:|[0-9]+/[0-9]+ Test +#[0-9]+: .*Passed)' "$logs/ctest.log" | tail -n 400 >&2; }

# count WHAT PASSED FAILED SKIPPED
count() {
    say "$1: $2 passed, $3 failed, $4 skipped"
    passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
}

run_dashboard_tests() {
    say "Running the dashboard's tests"
    local report=$root/build/dashboard-tests.json status=0
    rm -f "$report"
    (cd "$dashboard" && quietly dashboard-tests npm test -- --reporter=default --reporter=json --outputFile.json="$report") ||
        status=$?
    local json=
    [[ ! -s $report ]] || json=$(start_of "$report")
    local good=$(json_number "$json" numPassedTests) bad=$(json_number "$json" numFailedTests)
    # A test file that does not even load counts as one failure.
    if ((status != 0 && bad == 0)); then bad=1; fi
    count Dashboard "$good" "$bad" "$(json_number "$json" numPendingTests)"
}

json_number() { [[ $1 =~ \"$2\":\ *([0-9]+) ]] && echo "${BASH_REMATCH[1]}" || echo 0; }

# The whole way in a real Chromium.
run_browser_tests() { CHROMIUM=${CHROMIUM:-$(command -v chromium)} run_node_tests Browser "$root/tests/browser"; }

# Other people's libraries, unchanged, as clients of the simulator: a folder each.
run_client_tests() {
    local manifest folder
    for manifest in "$root"/tests/clients/*/package.json; do
        [[ -f $manifest ]] || continue
        folder=${manifest%/package.json}
        run_node_tests "Clients of ${folder##*/}" "$folder"
    done
}

# run_node_tests WHAT FOLDER: an npm package whose `npm test` is node's own test runner
run_node_tests() {
    local what=$1 folder=$2 status=0
    local name=${folder##*/}
    local log=$logs/$name.log
    have_node_packages "$folder"
    say "$what: running the tests"
    (cd "$folder" && npm test -- --test-reporter=tap) >"$log" 2>&1 </dev/null || status=$?
    local good=$(summary_line "$log" pass) bad=$(summary_line "$log" fail) not_run=$(summary_line "$log" skipped)
    if ((status != 0 && bad == 0)); then bad=1; fi
    ((status == 0)) || show_tap_failures "$log"
    count "$what" "$good" "$bad" "$not_run"
}

# Each "not ok" with its block, shortened; the whole end when there is none (it did not even start).
show_tap_failures() {
    local failures
    failures=$(awk '/^ *not ok /{on=1; n=0} on && n++ < 40; /^ *\.\.\.$/{on=0}' "$1")
    if [[ -n $failures ]]; then head -n 400 <<<"$failures"; else tail -n 100 "$1"; fi >&2
}

# TAP closes with "# pass 3".
summary_line() { sed -nE "s/^# $2 ([0-9]+)\$/\1/p" "$1" | tail -n 1 | grep . || echo 0; }
