# What tests/browser has besides tests: programs that look at the dashboard in a real Chromium.

source "$root/.dev/packages.sh"
source "$root/.dev/build.sh"

# in_browser WHAT SCRIPT [ARGUMENTS...]: a script of tests/browser, after everything that it needs was built
in_browser() {
    local what=$1 script=$2 folder=$root/tests/browser
    shift 2
    have_build_packages
    have_test_packages
    build_all release
    have_node_packages "$folder"
    say "$what"
    (cd "$folder" && CHROMIUM=${CHROMIUM:-$(command -v chromium)} node "$script" "$@")
}
