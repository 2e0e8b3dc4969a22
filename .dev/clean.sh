# Remove all that was built (--data: the demo's data too)
#
# Usage: ./dev clean [--data]
#
#   --data   also removes var/: the demo's database, passwords and simulated world

verb_clean() {
    case ${1:-} in
        '') ;;
        --data) rm -rf "$root/var" ;;
        *) fail_usage "clean takes only --data" ;;
    esac
    rm -rf "$root/build" "$root/src/dashboard/dist" "$root/src/dashboard/node_modules" "$root/tests/browser/node_modules" \
        "$root"/tests/clients/*/node_modules
}
