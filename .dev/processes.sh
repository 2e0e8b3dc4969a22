# The two programs that `./dev run` starts: their start, their end, and what happens when one of them dies.
# Each runs in a session of its own (setsid), so that Ctrl-C reaches this script alone, which then stops them in order.

server_pid='' simulator_pid=''

# await_ready NAME PID LOGGED: waits until the program has written DIR/NAME.ready; sets ready_port. LOGGED: the size of its log
# before it was started, so that what is shown of the log is about this start.
await_ready() {
    local name=$1 pid=$2 file=$data/$1.ready deadline=$((SECONDS + 60))
    until [[ -s $file ]]; do
        if ! kill -0 "$pid" 2>/dev/null; then
            tail -c +$(($3 + 1)) "$data/$name.log" | tail -n 15 >&2
            return 1
        fi
        if ((SECONDS >= deadline)); then
            say "$name has not become ready within a minute; the end of $data/$name.log:"
            tail -n 15 "$data/$name.log" >&2
            return 1
        fi
        sleep 0.05
    done
    [[ $(<"$file") =~ \"port\":\ *([0-9]+) ]] || fail "$file does not name a port"
    ready_port=${BASH_REMATCH[1]}
}

start_simulator() {
    # X lets private messages be read 15 times in 15 minutes: true, and too slow for somebody who wants to see one arrive.
    local options=(--port "$simulator_port" --data "$data/simulator" --ready-file "$data/simulator.ready" --rate-limits 20)
    [[ -z $corpus ]] || options+=(--corpus "$corpus")
    [[ -z $quiet_scenario ]] || options+=(--quiet-scenario)
    say "Starting the simulated platforms"
    setsid "$bin/sportello-simulator" "${options[@]}" >"$data/simulator.log" 2>&1 </dev/null &
    simulator_pid=$!
    await_ready simulator "$simulator_pid" 0 || fail "the simulator did not start (see above; its log is $data/simulator.log)"
    simulator=http://127.0.0.1:$ready_port
}

# start_server PORT: the tokens of the simulated accounts reach it through its environment, as an operator's would.
start_server() {
    rm -f "$data/server.ready"
    touch "$data/server.log"
    local logged
    logged=$(stat -c %s "$data/server.log")
    say "Starting Sportello"
    env "${credentials[@]}" setsid "$bin/sportello" serve --config "$data/sportello.toml" --port "$1" \
        --ready-file "$data/server.ready" >>"$data/server.log" 2>&1 </dev/null &
    server_pid=$!
    await_ready server "$server_pid" "$logged" || return 1
    port=$ready_port
    api=http://127.0.0.1:$port
}

# Stays until both have ended or a signal comes. The server's death is told and, with --restart, mended.
watch_over_them() {
    local ended status
    while [[ -n $server_pid || -n $simulator_pid ]]; do
        status=0 ended=''
        wait -n -p ended ${server_pid:+"$server_pid"} ${simulator_pid:+"$simulator_pid"} 2>/dev/null || status=$?
        case $ended in
            '') ;;
            "$server_pid") server_has_ended "$status" ;;
            "$simulator_pid")
                say "The simulator (pid $simulator_pid) has ended, $(how "$status"); its log is $data/simulator.log"
                simulator_pid=''
                ;;
        esac
    done
    fail "both programs have ended"
}

server_has_ended() {
    say "Sportello (pid $server_pid) has ended, $(how "$1"); the simulator is still up at $simulator; the log is $data/server.log"
    server_pid=''
    [[ -n $restart ]] || return 0
    local attempt
    for attempt in 1 2 3 4 5; do
        if start_server "$port"; then
            say "Sportello is up again at $api (pid $server_pid)"
            return 0
        fi
        stop_one "$server_pid"
        server_pid=''
        say "It did not start again (attempt $attempt of 5)"
        sleep 1
    done
    say "Sportello does not start any more: not tried again; the simulator is still up at $simulator"
}

# how STATUS: what a shell's exit status says, in words
how() {
    if (($1 > 128)); then echo "killed by signal $(($1 - 128))"; else echo "with exit code $1"; fi
}

stop_one() {
    local pid=$1 deadline=$((SECONDS + 15))
    kill -TERM "$pid" 2>/dev/null || return 0
    while kill -0 "$pid" 2>/dev/null; do
        if ((SECONDS >= deadline)); then
            say "pid $pid does not end within 15 s: killing it"
            kill -KILL "$pid" 2>/dev/null
            return 0
        fi
        sleep 0.05
    done
}

# The server first: it then still reaches the platforms for what it is about to write down.
stop_all() {
    trap '' INT TERM HUP PIPE # also when nobody reads any more what is said
    trap - EXIT
    if [[ -n $server_pid$simulator_pid ]]; then say "Stopping"; fi
    [[ -z $server_pid ]] || stop_one "$server_pid"
    [[ -z $simulator_pid ]] || stop_one "$simulator_pid"
    [[ -z ${data:-} ]] || rm -f "$data/server.ready" "$data/simulator.ready"
    server_pid='' simulator_pid=''
}
