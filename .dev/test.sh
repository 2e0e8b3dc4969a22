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

reports=$root/build/test/reports counts=$logs/counts

verb_test() {
    local only=
    case ${1:-} in
        '') ;;
        --only) [[ -n ${2:-} ]] || fail_usage "--only wants a pattern"; only=$2 ;;
        *) fail_usage "test does not know '$1' (./dev test --help)" ;;
    esac
    local started=$SECONDS
    have_build_packages
    have_packages "test libraries" "${packages_tests[@]}"
    say "Beside the build: the browser, PostgreSQL, the dashboard"
    aside preparations prepare_all_but_programs "$only" # apt and npm wait for the network and the disk most of their time
    build_programs test
    join_aside preparations || exit 1
    export SPORTELLO_TEST_BIN=$root/build/test/bin
    trap stop_postgres EXIT
    trap 'exit 130' INT TERM HUP
    start_postgres
    rm -rf "$reports" "$counts"
    mkdir -p "$reports"
    if [[ -n $only ]]; then
        run_cpp_cases "$only"
    else
        run_cpp_programs
        say "Beside the browser's tests: the dashboard's, the clients', those on PostgreSQL"
        aside others run_others # a core for them, and one for the browser, which waits much
        run_browser_tests
        join_aside others || count "what ran beside the browser" 0 1 0
    fi
    say "Tests took $(seconds_as_text $((SECONDS - started))), with what was installed and built"
    print_sum
}

# What the tests need beside the compiled programs; with a pattern no packages of clients.
prepare_all_but_programs() {
    have_test_packages
    build_dashboard
    [[ -z $1 ]] || return 0
    local folder
    for folder in "$dashboard" "$root/tests/browser" "$root"/tests/clients/*/; do
        [[ ! -f $folder/package.json ]] || have_node_packages "${folder%/}"
    done
}

run_others() {
    run_dashboard_tests
    run_client_tests
    run_postgresql_tests
}

# The last line. Fails when a test did, or when there was none.
print_sum() {
    local passed=0 failed=0 skipped=0 good bad not_run
    while read -r good bad not_run; do
        passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + not_run))
    done <"$counts"
    printf '%d passed, %d failed' "$passed" "$failed"
    if ((skipped)); then printf ', %d skipped' "$skipped"; fi
    echo
    ((failed == 0 && passed > 0))
}

# count WHAT PASSED FAILED SKIPPED
count() {
    say "$1: $2 passed, $3 failed, $4 skipped"
    echo "$2 $3 $4" >>"$counts"
}

# By CTest, which knows every case by its name and gives each a process.
run_cpp_cases() {
    local report=$reports/ctest.xml
    say "Running the C++ tests"
    TMPDIR=$(shelf) ctest --test-dir "$root/build/test" --parallel "$(cores)" --output-on-failure --no-tests=error \
        --output-junit "$report" -R "$1" </dev/null >"$logs/ctest.log" 2>&1 || { touch "$report.broke"; show_failures; }
    [[ -s $report ]] || { tail -n 20 "$logs/ctest.log" >&2; fail "ctest left no report"; }
    count_reports C++ "$report"
}

# A process for each of 2,200 cases costs a minute or two of starting. So each program runs in a few processes, as many at a time
# as there are cores, the longest first; those that start servers of their own have a process for each case after all.
run_cpp_programs() {
    local program name shards shard running=0 started=()
    say "Running the C++ tests"
    for program in $(cpp_programs); do
        shards=$(shards_of "$program")
        for ((shard = 0; shard < shards; shard++)); do
            ((running < $(cores))) || { wait -n || true; running=$((running - 1)); }
            name=$program-$shard
            GTEST_TOTAL_SHARDS=$shards GTEST_SHARD_INDEX=$shard gtest_program "$name" "$program" &
            started+=("$reports/$name.xml") running=$((running + 1))
        done
    done
    wait
    count_reports C++ "${started[@]}"
}

cpp_programs() {
    local program
    {
        printf '%s\n' engine crash_loop nodes api storage app
        for program in "$root"/build/test/bin/*_tests; do basename "$program" _tests; done
    } | awk '!seen[$0]++'
}

shards_of() {
    case $1 in
        engine) echo 8 ;;
        api | storage) echo 4 ;;
        app) echo 2 ;;
        crash_loop | nodes) "$root/build/test/bin/$1_tests" --gtest_list_tests | grep -c '^  ' ;;
        *) echo 1 ;;
    esac
}

# What touches storage once more, on the other engine: each program in one process, since its first database takes a second, and
# sessions go from test to test. base, domain, http, connectors and simulator have no database; app is about the program with its files,
# and the program on PostgreSQL is what nodes and crash_loop are about, in the run before.
run_postgresql_tests() {
    local program
    say "Running the tests of api, engine and storage on PostgreSQL"
    export SPORTELLO_TEST_STORAGE=postgresql
    gtest_program postgresql-api api --gtest_filter="-$(left_out_on_postgresql api)" &
    for program in engine storage; do
        gtest_program "postgresql-$program" "$program" --gtest_filter="-$(left_out_on_postgresql "$program")"
    done
    wait $!
    for program in api engine storage; do count_reports "$program on PostgreSQL" "$reports/postgresql-$program.xml"; done
}

# gtest_program NAME PROGRAM ARGUMENTS...: leaves NAME.xml among the reports, and NAME.xml.broke when the program ended badly. One
# that hangs is ended.
gtest_program() {
    local name=$1 program=$2
    shift 2
    TMPDIR=$(shelf) quietly "$name" timeout 900 "$root/build/test/bin/${program}_tests" --gtest_brief=1 \
        --gtest_output="xml:$reports/$name.xml" "$@" || touch "$reports/$name.xml.broke"
}

# count_reports WHAT REPORT...: the sums of JUnit files. A program that died, or says that it failed where its report does not, is
# one failure.
count_reports() {
    local what=$1 report head total=0 bad=0 not_run=0 wrong
    shift
    for report in "$@"; do
        if [[ ! -s $report ]]; then bad=$((bad + 1)) total=$((total + 1)); continue; fi
        head=$(start_of "$report")
        wrong=$(attribute "$head" failures)
        if [[ -e $report.broke ]] && ((wrong == 0)); then wrong=1 total=$((total + 1)); fi
        total=$((total + $(attribute "$head" tests))) bad=$((bad + wrong))
        not_run=$((not_run + $(attribute "$head" disabled) + $(grep -c '<skipped' "$report" || true)))
    done
    count "$what" $((total - bad - not_run)) "$bad" "$not_run"
}

# The first 2,000 characters, in one line: where JUnit and vitest write their sums.
start_of() { local text; IFS= read -r -d "" -N 2000 text <"$1" || true; echo "${text//[$'\n\t']/ }"; }

attribute() { [[ $1 =~ \ $2=\"([0-9]+)\" ]] && echo "${BASH_REMATCH[1]}" || echo 0; }

# The output of the failed tests, without the hundreds of lines about those that passed.
show_failures() { grep -Ev '^ *(Start +[0-9]+:|[0-9]+/[0-9]+ Test +#[0-9]+: .*Passed)' "$logs/ctest.log" | tail -n 400 >&2; }

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
