# Shared by the lanes; sourced, from the root of the tree.
# shellcheck shell=sh

jobs=$(nproc 2>/dev/null || echo 2)

# build NAME ARGUMENTS...: run make quietly; when it fails, that is one failed case, with the
# compiler's messages, and the lane ends.
build() {
    what=$1
    shift
    mkdir -p build/log
    if ! "${MAKE:-make}" --no-print-directory -k -j"$jobs" "$@" >"build/log/make.log" 2>&1; then
        echo "not ok $what"
        grep -vE '^  [A-Z]+ ' build/log/make.log | head -n 60 | sed 's/^/# /'
        exit 1
    fi
}

# library VARIANT: print the path of the loadable extension.
library() {
    case $1 in
    asan | debug | cover) echo "build/$1/dist/datastore.so" ;;
    *) echo dist/datastore.so ;;
    esac
}

# preload VARIANT: what a host program that was not built with sanitizers must preload.
preload() {
    [ "$1" = asan ] || return 0
    printf '%s %s' "$("${CC:-cc}" -print-file-name=libasan.so)" \
        "$("${CC:-cc}" -print-file-name=libubsan.so)"
}

# host_lines NAME FILE: print the verdicts of a host program, each under the program's name; all
# else explains. The last line is "status N": a bad end without a verdict is one too.
host_lines() {
    sed -E "s/^((not )?ok) /\1 $1: /; /^status 0$/d; /^(not )?ok /!s/^/# /" "$2"
    if [ "$(tail -n 1 "$2")" != "status 0" ] && ! grep -q '^not ok ' "$2"; then
        echo "not ok $1: stopped with $(tail -n 1 "$2")"
    fi
}
