# Measure Sportello against the bare libraries doing the same work in the same run
#
# Usage: ./dev bench [--tickets N[,N...]] [--storage sqlite|postgresql] [NAME...]
#
#   NAME        only these benchmarks (intake, replies, ...): ./dev bench --list names them
#   --tickets   how many there are while pages, single reads, searches, replies and live streams are measured; usually 1,000
#               and 100,000, and a million messages for the search. A million takes about ten minutes and 5 GB in TMPDIR.
#   --storage   sqlite (the usual), or postgresql: intake and pages of one, two and three nodes on a PostgreSQL of the bench's
#               own, beside libpq alone
#   --list

source "$root/.dev/packages.sh"
source "$root/.dev/build.sh"
source "$root/.dev/postgres.sh"

# Those that have many tickets to choose the number of; and those that need PostgreSQL.
bench_by_tickets=(tickets search nodes)
bench_on_postgresql=(nodes)

is_one_of() {
    local wanted=$1 word
    shift
    for word in "$@"; do [[ $word != "$wanted" ]] || return 0; done
    return 1
}

verb_bench() {
    local names=() name program tickets='' storage=sqlite
    while (($#)); do
        case $1 in
            --list)
                (cd "$root/tests/bench" && for name in *_bench.cpp; do echo "${name%_bench.cpp}"; done)
                return 0
                ;;
            --tickets | --storage)
                (($# > 1)) || fail_usage "$1 wants a word behind it"
                if [[ $1 == --tickets ]]; then tickets=$2; else storage=$2; fi
                shift
                ;;
            -*) fail_usage "bench has no option '$1'" ;;
            *) names+=("$1") ;;
        esac
        shift
    done
    is_one_of "$storage" sqlite postgresql || fail_usage "--storage is sqlite or postgresql, not '$storage'"
    have_build_packages
    [[ $storage == sqlite ]] || have_packages "PostgreSQL" postgresql
    build_programs bench
    local bin=$root/build/bench/bin arguments
    if ((${#names[@]} == 0)); then
        for program in "$bin"/*_bench; do
            name=$(basename "$program" _bench)
            if [[ $storage == postgresql ]]; then is_one_of "$name" "${bench_on_postgresql[@]}" || continue
            elif is_one_of "$name" "${bench_on_postgresql[@]}"; then continue
            fi
            names+=("$name")
        done
    fi
    for name in "${names[@]}"; do
        [[ -x $bin/${name}_bench ]] || fail_usage "no benchmark '$name' (./dev bench --list)"
        if is_one_of "$name" "${bench_on_postgresql[@]}"; then storage=postgresql; fi
    done
    if [[ $storage == postgresql ]]; then
        trap stop_postgres EXIT
        start_durable_postgres
    fi
    say "Measuring; leave the machine alone for good figures"
    for name in "${names[@]}"; do
        echo "== $name"
        arguments=()
        [[ -z $tickets ]] || ! is_one_of "$name" "${bench_by_tickets[@]}" || arguments=(--tickets "$tickets")
        SPORTELLO_TEST_BIN=$bin "$bin/${name}_bench" "${arguments[@]}" || fail "the benchmark $name failed"
    done
}
