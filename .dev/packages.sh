# Debian's packages: what is missing is installed, group by group; nothing is touched when all is there.

packages_tools=(g++ cmake ninja-build ccache pkg-config)
packages_libraries=(libssl-dev libsqlite3-dev libpq-dev libspdlog-dev nlohmann-json3-dev libtomlplusplus-dev libsodium-dev libicu-dev libyaml-dev
    libhowardhinnant-date-dev libical-dev libre2-dev libmagic-dev libcld2-dev libstemmer-dev liboath-dev libcjose-dev libjansson-dev
    prometheus-cpp-dev libcurl4-openssl-dev zlib1g-dev tzdata ca-certificates)
packages_tests=(libgtest-dev libgmock-dev openssl python3-aiosmtpd)

# Debian 12's default Boost is 1.74, older than the coroutines that the code relies on; 1.81 stands beside it.
boost_packages() {
    local release=
    [[ -r /etc/os-release ]] && release=$(. /etc/os-release && echo "${ID:-}-${VERSION_ID:-}")
    if [[ $release == debian-12 ]]; then
        echo libboost1.81-dev libboost-program-options1.81-dev libboost-url1.81-dev
    else
        echo libboost-dev libboost-program-options-dev libboost-url-dev
    fi
}

is_installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# have_packages GROUP PACKAGE...: installs those of the packages that are missing.
have_packages() {
    local group=$1 package missing=()
    shift
    command -v apt-get >/dev/null || { warn_without_apt; return 0; }
    for package in "$@"; do is_installed "$package" || missing+=("$package"); done
    ((${#missing[@]})) || return 0
    if [[ $(id -u) != 0 ]] && ! command -v sudo >/dev/null; then
        fail "$group: not installed: ${missing[*]}. Neither root nor sudo here: have somebody run 'apt-get install ${missing[*]}'"
    fi
    update_package_lists
    say "Installing $group: ${missing[*]}"
    quietly "install-${group// /-}" as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        -o Dpkg::Use-Pty=0 "${missing[@]}" || fail "$group could not be installed (see above)"
}

warn_without_apt() {
    [[ -n ${warned_without_apt:-} ]] && return 0
    warned_without_apt=1
    say "This is no Debian (apt-get is not here): going on with what is installed."
}

# Once a run, and only when something is missing.
update_package_lists() {
    [[ -n ${package_lists_updated:-} ]] && return 0
    package_lists_updated=1
    say "Reading Debian's package lists"
    quietly package-lists as_root apt-get update -q || fail "apt-get update failed (see above): is there a network?"
}

have_build_packages() {
    have_packages "compiler and build tools" "${packages_tools[@]}"
    local boost
    read -r -a boost <<<"$(boost_packages)"
    have_packages "libraries" "${boost[@]}" "${packages_libraries[@]}"
}

# A Node.js on the PATH is used when it is 18 or newer; else Debian's is installed (18.20 on 12, 20 on 13: both do).
have_node() {
    local version
    if version=$(node --version 2>/dev/null) && [[ $version =~ ^v([0-9]+)\. ]] && ((BASH_REMATCH[1] >= 18)) &&
        command -v npm >/dev/null; then
        return 0
    fi
    have_packages "Node.js for the dashboard" nodejs npm
}

have_test_packages() {
    have_packages "test libraries" "${packages_tests[@]}"
    have_packages "browser for the tests" chromium fonts-dejavu-core
    have_postgres
}

# Debian would start servers of its own at once; the tests start theirs, so services stay off while the package arrives.
# Without PgBouncer, on another system, its tests are skipped.
have_postgres() {
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && [[ -x /usr/sbin/pgbouncer ]] && return 0
    local policy=/usr/sbin/policy-rc.d ours=
    if [[ ! -e $policy ]] && command -v apt-get >/dev/null; then
        ours=1
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    have_packages "PostgreSQL for the tests" postgresql pgbouncer
    [[ -z $ours ]] || as_root rm -f "$policy"
}
