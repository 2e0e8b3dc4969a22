# Measure Sportello against the bare libraries doing the same work in the same run
#
# Usage: ./dev bench [NAME...]
#
#   NAME   only these benchmarks (intake, replies, ...): ./dev bench --list names them
#   --list

source "$root/.dev/packages.sh"
source "$root/.dev/build.sh"

verb_bench() {
    if [[ ${1:-} == --list ]]; then
        (cd "$root/tests/bench" && for name in *_bench.cpp; do echo "${name%_bench.cpp}"; done)
        return 0
    fi
    have_build_packages
    build_programs bench
    local bin=$root/build/bench/bin names=("$@") name program
    if ((${#names[@]} == 0)); then
        for program in "$bin"/*_bench; do names+=("$(basename "$program" _bench)"); done
    fi
    for name in "${names[@]}"; do
        [[ -x $bin/${name}_bench ]] || fail_usage "no benchmark '$name' (./dev bench --list)"
    done
    say "Measuring; leave the machine alone for good figures"
    for name in "${names[@]}"; do
        echo "== $name"
        SPORTELLO_TEST_BIN=$bin "$bin/${name}_bench" || fail "the benchmark $name failed"
    done
}
