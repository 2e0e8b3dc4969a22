# Format the C++ sources (--check only tells)
#
# Usage: ./dev format [--check]
#
#   --check   changes nothing; fails and names the files that are not formatted

source "$root/.dev/packages.sh"

verb_format() {
    local mode=(-i)
    case ${1:-} in
        '') ;;
        --check) mode=(--dry-run --Werror) ;;
        *) fail_usage "format takes only --check" ;;
    esac
    have_packages "clang-format" clang-format
    (cd "$root" && find include src tests \( -name node_modules -o -name dist \) -prune -o \
        \( -name '*.cpp' -o -name '*.hpp' \) -print0 | xargs -0 -r clang-format "${mode[@]}") ||
        fail "not formatted as .clang-format wants it: run ./dev format"
}
