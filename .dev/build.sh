# Install what is missing and build the programs and the dashboard
#
# Usage: ./dev build [PRESET]
#
#   PRESET   release (default), debug, asan, tsan, test or bench: see CMakePresets.json. Programs land in build/PRESET/bin.

source "$root/.dev/packages.sh"

verb_build() {
    [[ $# -le 1 ]] || fail_usage "build takes one preset"
    local preset=${1:-release}
    have_build_packages
    case $preset in
        release | bench) ;;
        debug | asan | tsan | test) have_packages "test libraries" "${packages_tests[@]}" ;;
        *) fail_usage "no preset '$preset': release, debug, asan, tsan, test or bench" ;;
    esac
    build_all "$preset"
}

# build_all PRESET: programs and dashboard
build_all() {
    aside dashboard build_dashboard # apt and npm wait for the network and the disk most of their time
    build_programs "$1"
    join_aside dashboard || exit 1
}

# build_programs PRESET
build_programs() {
    local preset=$1 tree=$root/build/$1 started=$SECONDS
    # A tree that an older checkout made does not know what its preset says now.
    if [[ ! -f $tree/build.ninja || $root/CMakePresets.json -nt $tree/build.ninja ]]; then
        say "Configuring ($preset)"
        (cd "$root" && quietly "configure-$preset" cmake --preset "$preset") || fail "CMake could not configure (see above)"
        touch "$tree/build.ninja"
    fi
    say "Building the programs ($preset)"
    mkdir -p "$logs"
    local log=$logs/build-$preset.log
    if ! NINJA_STATUS='[%f/%t] ' cmake --build "$tree" --parallel "$(cores)" 2>&1 </dev/null | tee "$log" | show_percent; then
        sed -n '/^FAILED:/,$p' "$log" | head -n 60 >&2
        fail "the build failed; the whole output is in $log"
    fi
    say "Built in $(seconds_as_text $((SECONDS - started)))"
}

# Turns Ninja's "[12/80] …" into "15 %": one line that is rewritten on a terminal, a line every tenth part elsewhere.
show_percent() {
    local line percent shown=-1
    while IFS= read -r line; do
        [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
        percent=$((100 * BASH_REMATCH[1] / BASH_REMATCH[2]))
        if [[ -t 2 ]]; then
            ((percent == shown)) || printf '\r  %3d %%' "$percent" >&2
            shown=$percent
        elif ((percent / 10 != shown / 10 || shown < 0)); then
            say "  $percent %"
            shown=$percent
        fi
    done
    [[ ! -t 2 || $shown -lt 0 ]] || echo >&2
}

dashboard=$root/src/dashboard

# Builds src/dashboard/dist; skipped when nothing that it is made of has changed.
build_dashboard() {
    local stamp=$root/build/dashboard.stamp sources
    sources=$(dashboard_fingerprint)
    [[ -f $dashboard/dist/index.html && -f $stamp && $(<"$stamp") == "$sources" ]] && return 0
    have_node
    have_node_packages "$dashboard"
    say "Building the dashboard"
    (cd "$dashboard" && quietly dashboard-build npm run build) || fail "the dashboard could not be built (see above)"
    mkdir -p "$root/build"
    echo "$sources" >"$stamp"
}

dashboard_fingerprint() {
    (cd "$dashboard" && find . ../api/openapi.yaml \( -name node_modules -o -name dist \) -prune -o -type f -print0 |
        sort -z | xargs -0 sha256sum | sha256sum)
}

# have_node_packages FOLDER: npm writes node_modules/.package-lock.json last; older than the lock file, or absent, means "not installed".
have_node_packages() {
    local folder=$1
    grep -q '"node_modules/' "$folder/package-lock.json" || return 0 # nothing to install
    [[ ! $folder/node_modules/.package-lock.json -nt $folder/package-lock.json ]] || return 0
    say "Installing npm packages for ${folder##*/}"
    (cd "$folder" && quietly "${folder##*/}-packages" npm ci --no-audit --no-fund --loglevel=error) || fail "npm ci failed in $folder"
}
