# Look for mistakes with clang-tidy
#
# Usage: ./dev lint [PATH...]
#
#   PATH   only sources whose name contains one of these; default: all of src

source "$root/.dev/packages.sh"
source "$root/.dev/build.sh"

verb_lint() {
    have_build_packages
    have_packages "test libraries" "${packages_tests[@]}"
    have_packages "clang-tidy" clang-tidy
    local tree=$root/build/lint
    # Clang cannot read GCC's precompiled headers, and files are looked at one by one.
    (cd "$root" && quietly configure-lint cmake --preset debug -B "$tree" -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON) ||
        fail "CMake could not configure (see above)"
    local sources=() source part
    while IFS= read -r source; do
        (($# == 0)) && sources+=("$source")
        for part in "$@"; do [[ $source == *"$part"* ]] && sources+=("$source") && break; done
    done < <(cd "$root" && find src -name node_modules -prune -o -name '*.cpp' -print | sort)
    ((${#sources[@]})) || fail_usage "no source matches: $*"
    say "clang-tidy looks at ${#sources[@]} files"
    (cd "$root" && printf '%s\0' "${sources[@]}" |
        xargs -0 -n 1 -P "$(cores)" clang-tidy --quiet --extra-arg=-Wno-unknown-warning-option -p "$tree" 2>/dev/null) || fail "clang-tidy has found something (see above)"
    say "Nothing found"
}
