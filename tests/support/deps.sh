#!/bin/sh
# Installs what building (`demo`), the local AppSync (`node`) or testing (`check`) needs and
# this machine lacks. It looks for the commands and headers themselves, so whatever brought
# them is fine, and calls apt only when something is missing.
set -u

packages=
need() { packages="$packages $1"; }
command_from() { command -v "$1" >/dev/null 2>&1 || need "$2"; }
header_from() {
    echo "#include <$1>" | "${CC:-cc}" -E -xc - >/dev/null 2>&1 || need "$2"
}

look_for_node() {
    command_from node nodejs
    command_from npm npm
}

look() {
    packages=
    if [ "$1" = node ]; then
        look_for_node
        return 0
    fi
    command_from "${CC:-cc}" gcc
    echo 'int x;' | "${CC:-cc}" -fsyntax-only -include stdlib.h -xc - 2>/dev/null || need libc6-dev
    command_from make make
    command_from pkg-config pkg-config
    command_from sqlite3 sqlite3
    header_from sqlite3ext.h libsqlite3-dev
    header_from curl/curl.h libcurl4-openssl-dev
    header_from cjson/cJSON.h libcjson-dev
    header_from wslay/wslay.h libwslay-dev
    header_from openssl/evp.h libssl-dev
    [ -x /usr/bin/python3 ] || need python3
    [ "$1" = check ] || return 0
    printf '%s\n' stdarg.h stddef.h setjmp.h stdint.h cmocka.h | sed 's/.*/#include <&>/' |
        "${CC:-cc}" -E -xc - >/dev/null 2>&1 || need libcmocka-dev
    for command in clang clang-format openssl pmccabe valgrind shellcheck; do
        command_from $command $command
    done
    look_for_node
}

give_up() {
    echo "missing packages (Debian's names):$packages" >&2
    echo "$1" >&2
    exit 1
}

look "$1"
[ -n "$packages" ] || exit 0
command -v apt-get >/dev/null 2>&1 || give_up "there is no apt-get here: install them by hand"
sudo=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || give_up "run as root, or install sudo or the packages"
    sudo=sudo
    [ -t 0 ] || sudo="sudo -n"
fi

echo "installing:$packages" >&2
retries="-o Acquire::Retries=3"
# The package lists of a fresh machine are empty or old: fetch them only if it fails without.
install() {
    # shellcheck disable=SC2086
    $sudo env DEBIAN_FRONTEND=noninteractive \
        apt-get $retries install -qq -y --no-install-recommends $packages >&2
}
install 2>/dev/null || {
    # shellcheck disable=SC2086
    $sudo apt-get $retries update -qq >&2 && install
} ||
    give_up "apt-get could not install them: is this machine offline?"
look "$1"
[ -z "$packages" ] || give_up "they are installed, but their commands or headers are not found"
