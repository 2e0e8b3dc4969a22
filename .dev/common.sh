# What all verbs share: how they speak, fail and run other programs. Progress goes to standard error, results to standard output.

logs=$root/build/logs

say() { printf '%s\n' "$*" >&2 || true; }
fail() { say "dev: $*"; exit 1; }
fail_usage() { say "dev: $*"; exit 2; }

# quietly NAME COMMAND...: output goes to build/logs/NAME.log and is shown only when the command fails.
quietly() {
    local name=$1 log=$logs/$1.log
    shift
    mkdir -p "$logs"
    "$@" >"$log" 2>&1 </dev/null && return 0
    local status=$?
    tail -n 40 "$log" >&2
    say "dev: failed ($status): $*"
    say "dev: the whole output is in $log"
    return "$status"
}

declare -A aside_pids=()

# aside NAME COMMAND...: beside what follows. What it says, and whether it went well, comes with join_aside NAME.
aside() {
    local name=$1
    shift
    mkdir -p "$logs"
    "$@" >"$logs/aside-$name.log" 2>&1 &
    aside_pids[$name]=$!
}

join_aside() {
    local status=0
    wait "${aside_pids[$1]}" || status=$?
    cat "$logs/aside-$1.log" >&2
    return "$status"
}

# Runs a command as root, as it is or through sudo.
as_root() {
    if [[ $(id -u) == 0 ]]; then "$@"; else sudo "$@"; fi
}

cores() { nproc 2>/dev/null || echo 2; }

# seconds_as_text 83 -> "1 min 23 s"
seconds_as_text() {
    if (($1 < 60)); then echo "$1 s"; else echo "$(($1 / 60)) min $(($1 % 60)) s"; fi
}

is_number() { [[ $1 =~ ^[0-9]{1,9}$ ]]; }

# Where the tests' databases live: in memory if there is room for them, since no power fails there.
shelf() {
    local free
    free=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1) || free=0
    if [[ -w /dev/shm ]] && ((${free:-0} > 500000)); then echo /dev/shm; else echo "${TMPDIR:-/tmp}"; fi
}
