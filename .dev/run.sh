# Start the simulated platforms and Sportello with the demo's configuration
#
# Usage: ./dev run [OPTIONS]
#
#   --port N             Sportello's port (default 8080; 0 chooses a free one)
#   --simulator-port N   the simulated platforms' port (default 8090; 0 chooses a free one)
#   --data DIR           database, simulated world, passwords and logs (default var/demo); kept for the next run
#   --corpus FILE        also play the posts of FILE, one JSON object a line; its companies become X accounts
#   --quiet-scenario     the accounts exist, nobody writes (default with --corpus: only the corpus is played)
#   --office WHEN        demo: Mon-Fri 09-18 Europe/Rome (default); always: never closed (default with --json);
#                        closed: closed today and for two weeks
#   --practice           say on every page that it is practice, and let agents have made-up customers write
#   --restart            start the server again, on the same port and data, when it dies
#   --json               for scripts: progress goes to standard error, and when all is ready one line of JSON to standard
#                        output: {"api", "simulator", "agent": {"login", "password"}, "supervisor": {"login", "password"},
#                        "pids": {"server", "simulator"}, "database"}
#
# Stays in the foreground; Ctrl-C or SIGTERM stops what it started. DIR/server.ready and DIR/simulator.ready always hold
# the port and pid that are up now.

source "$root/.dev/packages.sh"
source "$root/.dev/build.sh"
source "$root/.dev/demo.sh"
source "$root/.dev/processes.sh"

verb_run() {
    local started=$SECONDS
    read_run_options "$@"
    port_must_be_free "$port" --port
    port_must_be_free "$simulator_port" --simulator-port
    have_build_packages
    build_all release

    bin=$root/build/release/bin
    open_data_folder
    trap 'stop_all; exit 0' INT TERM HUP
    trap 'stop_all' EXIT
    start_simulator
    prepare_demo
    start_server "$port" || fail "Sportello did not start (see above; its log is $data/server.log)"
    say "Ready after $(seconds_as_text $((SECONDS - started)))"
    if [[ -n $json ]]; then print_json; else print_welcome; fi
    watch_over_them
}

read_run_options() {
    port=8080 simulator_port=8090 data=$root/var/demo corpus='' quiet_scenario='' office='' json='' restart='' practice=''
    while (($#)); do
        case $1 in
            --port | --simulator-port | --data | --corpus | --office)
                (($# >= 2)) || fail_usage "$1 wants a value"
                case $1 in
                    --port) port=$2 ;;
                    --simulator-port) simulator_port=$2 ;;
                    --data) data=$2 ;;
                    --corpus) corpus=$2 ;;
                    --office) office=$2 ;;
                esac
                shift
                ;;
            --quiet-scenario) quiet_scenario=1 ;;
            --json) json=1 ;;
            --restart) restart=1 ;;
            --practice) practice=1 ;;
            *) fail_usage "run does not know '$1' (./dev run --help)" ;;
        esac
        shift
    done
    local number
    for number in "$port" "$simulator_port"; do
        is_number "$number" && ((10#$number <= 65535)) || fail_usage "a port is a number from 0 to 65535, not '$number'"
    done
    if ((port != 0 && port == simulator_port)); then fail_usage "--port and --simulator-port cannot both be $port"; fi
    office=${office:-$([[ -n $json ]] && echo always || echo demo)}
    case $office in
        demo | always | closed) ;;
        *) fail_usage "--office is demo, always or closed, not '$office'" ;;
    esac
    if [[ -n $corpus ]]; then
        [[ -r $corpus && -f $corpus ]] || fail_usage "--corpus: cannot read '$corpus'"
        corpus=$(realpath "$corpus")
        quiet_scenario=1
    fi
}

# Said before the build, not minutes later; the programs check again when they bind.
port_must_be_free() {
    (($1 == 0)) && return 0
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
        fail "port $1 on 127.0.0.1 is in use by another program: stop it, or choose another with $2 N (0 takes a free one)"
    fi
}

# One run per folder: the lock is held by this script and by the programs it starts, so it outlives a script that was killed.
open_data_folder() {
    mkdir -p "$data" 2>/dev/null && [[ -w $data ]] || fail "--data: cannot write to '$data'"
    data=$(realpath "$data")
    case $data in
        *[$'"\\\n\t']*) fail_usage "--data: quotes, backslashes, tabs and line ends in '$data' do not go into a configuration file" ;;
    esac
    exec 9>>"$data/lock"
    if ! flock -n 9; then
        fail "$data is used by another ./dev run (pids: $(pids_up)); stop it, or choose another folder with --data DIR"
    fi
    rm -f "$data/server.ready" "$data/simulator.ready"
}

pids_up() {
    local file
    for file in "$data"/{server,simulator}.ready; do
        [[ -r $file && $(<"$file") =~ \"pid\":\ *([0-9]+) ]] && printf '%s ' "${BASH_REMATCH[1]}"
    done
    return 0
}
