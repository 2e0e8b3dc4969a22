# A PostgreSQL of the tests' own: fresh data in a temporary folder (in memory where there is room), a socket there and no port, ended by its pid.

postgres_folder='' postgres_pid=''

# Exports SPORTELLO_TEST_POSTGRES, the address of an empty database whose user may create others.
start_postgres() {
    # No durability: the data is thrown away, and the tests ask what statements mean, not what a power cut does.
    start_postgres_in "$(shelf)" "for the tests" "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c jit=off"
}

# The same on a disk and as an operator runs it: a commit is on the disk when it is told.
start_durable_postgres() {
    start_postgres_in "${TMPDIR:-/tmp}" "for the bench" "-c fsync=on -c full_page_writes=on -c synchronous_commit=on -c shared_buffers=512MB"
}

# start_postgres_in FOLDER WHY OPTIONS
start_postgres_in() {
    local programs
    programs=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1)
    [[ -n $programs ]] || fail "PostgreSQL's programs are not under /usr/lib/postgresql"
    postgres_folder=$(mktemp -d "$1/sportello-pg.XXXXXX")
    [[ $(id -u) != 0 ]] || chown postgres "$postgres_folder"
    say "Starting PostgreSQL $2"
    quietly postgres-init as_postgres "$programs/initdb" --pgdata "$postgres_folder/data" --username postgres --auth trust \
        --encoding UTF8 --locale C --no-sync || fail "PostgreSQL could not make its data folder (see above)"
    quietly postgres-start as_postgres "$programs/pg_ctl" --pgdata "$postgres_folder/data" --log "$postgres_folder/log" --wait \
        --options "-c listen_addresses='' -c unix_socket_directories=$postgres_folder $3 -c max_wal_size=2GB -c max_connections=200" start ||
        { cat "$postgres_folder/log" >&2; fail "PostgreSQL did not start (see above)"; }
    postgres_pid=$(head -n 1 "$postgres_folder/data/postmaster.pid")
    export SPORTELLO_TEST_POSTGRES="postgresql:///postgres?host=$postgres_folder&user=postgres"
}

# PostgreSQL refuses to run as root.
as_postgres() {
    if [[ $(id -u) == 0 ]]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

stop_postgres() {
    [[ -n $postgres_folder ]] || return 0
    if [[ -n $postgres_pid ]]; then
        kill -INT "$postgres_pid" 2>/dev/null || true
        while kill -0 "$postgres_pid" 2>/dev/null; do sleep 0.05; done
    fi
    rm -rf "$postgres_folder"
    postgres_folder='' postgres_pid=''
}
