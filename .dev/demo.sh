# The demo's data folder: a small configuration laid over config/demo.toml, the two logins, and what is printed about them.

agent_login=chiara
supervisor_login=paola

# Needs the simulator's address; the order is: configuration, database, passwords.
prepare_demo() {
    local line
    credentials=()
    while IFS= read -r line; do
        [[ $line =~ ^SPORTELLO_[A-Z0-9_]+=[[:print:]]+$ ]] && credentials+=("$line")
    done < <("$bin/sportello-simulator" --credentials-env ${corpus:+--corpus "$corpus"})
    write_configuration
    say "Preparing the database"
    with_config "$data/migrate.log" migrate || fail "the database could not be prepared (see above)"
    agent_password=$(password_of "$agent_login")
    supervisor_password=$(password_of "$supervisor_login")
    set_password "$agent_login" "$agent_password"
    set_password "$supervisor_login" "$supervisor_password"
}

write_configuration() {
    local include="\"$root/config/demo.toml\""
    if [[ -n $corpus ]]; then
        "$bin/sportello-simulator" --channels-toml --corpus "$corpus" >"$data/corpus-channels.toml" ||
            fail "the channels of '$corpus' could not be written"
        include+=", \"$data/corpus-channels.toml\""
    fi
    {
        echo "# Written by ./dev run at each start: what differs from the files it includes."
        echo "include = [$include]"
        echo "[server]"
        echo "listen = \"127.0.0.1:$port\""
        echo "dashboard = \"$dashboard/dist\""
        echo "[storage]"
        echo "url = \"sqlite:$data/sportello.db\""
        echo "[platform.facebook]"
        echo "api = \"$simulator\""
        echo "[platform.twitter]"
        echo "api = \"$simulator\""
        [[ -z $practice ]] || printf '[practice]\nsimulator = "%s"\n' "$simulator"
        [[ -z $json ]] || printf '[polling]\nopen = "1s"\nclosed = "1s"\n'
        office_hours
    } >"$data/sportello.toml"
}

office_hours() {
    local day date dates=()
    case $office in
        always)
            echo "[calendar.office]"
            for day in monday tuesday wednesday thursday friday saturday sunday; do echo "$day = [\"00:00-24:00\"]"; done
            printf 'closed = []\nopen = []\nholidays = []\n'
            ;;
        closed)
            for ((day = -1; day <= 14; day++)); do
                date=$(TZ=Europe/Rome date -d "$day days" +%F)
                dates+=("\"$date\"")
            done
            echo "[calendar.office]"
            (IFS=,; echo "closed = [${dates[*]}]")
            echo "open = []"
            ;;
    esac
}

# with_config LOG ARGUMENTS...: runs sportello on the demo's configuration; what it says is shown when it fails.
with_config() {
    local log=$1
    shift
    env "${credentials[@]}" "$bin/sportello" "$@" --config "$data/sportello.toml" >"$log" 2>&1 && return 0
    tail -n 30 "$log" >&2
    return 1
}

# password_of LOGIN: the password drawn at the first run with this folder, kept readable for its owner only.
password_of() {
    local file=$data/password-$1 letters
    if [[ ! -s $file ]]; then
        letters=$(od -An -N 8 -t x1 /dev/urandom | tr -d ' \n' | tr '0-9a-f' 'bcdfghkmnpqrstvw')
        (umask 077; echo "$letters" >"$file")
    fi
    cat "$file"
}

# Set at each start, so that what is printed is what holds. The password goes in by standard input, never on a command line.
set_password() {
    with_config "$data/password.log" user passwd "$1" --password-stdin <<<"$2" || fail "no password for '$1' (see above)"
}

print_json() {
    printf '{"api":"%s","simulator":"%s","agent":{"login":"%s","password":"%s"},"supervisor":{"login":"%s","password":"%s"},"pids":{"server":%s,"simulator":%s},"database":"%s"}\n' \
        "$api" "$simulator" "$agent_login" "$agent_password" "$supervisor_login" "$supervisor_password" \
        "$server_pid" "$simulator_pid" "$data/sportello.db"
}

print_welcome() {
    cat <<TEXT

Sportello is up.

  Dashboard     $api/
  Agent         $agent_login   password $agent_password   (one of nine)
  Supervisor    $supervisor_login   password $supervisor_password

Write as a customer, and see the company's answers, on the simulated platforms:

$(list_pages)

  Office hours  $(office_in_words)
  Data, logs    $data

Ctrl-C stops everything.
TEXT
}

list_pages() {
    local platform account path shown=0
    while IFS=$'\t' read -r platform account path; do
        if ((++shown > 12)); then continue; fi
        printf '  %-9s %-18s %s%s\n' "$platform" "$account" "$simulator" "$path"
    done < <("$bin/sportello-simulator" --pages ${corpus:+--corpus "$corpus"})
    ((shown <= 12)) || printf '  and %d more: %s/\n' $((shown - 12)) "$simulator"
}

office_in_words() {
    case $office in
        demo) echo "Mon-Fri 09:00-18:00 Europe/Rome: outside them messages wait for the opening (--office always: never closed)" ;;
        always) echo "always open" ;;
        closed) echo "closed for two weeks: messages wait for the opening" ;;
    esac
}
