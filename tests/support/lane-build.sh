#!/bin/sh
# The products build without a warning, and a program compiles against the public header.
. tests/support/lib.sh
build "all: dist/datastore.so" all
echo "ok all: dist/datastore.so"
build "static: dist/libdatastore.a, dist/datastore.h" static
echo "ok static: dist/libdatastore.a, dist/datastore.h"
if echo '#include "datastore.h"' |
    "${CC:-cc}" -std=c11 -Wall -Wextra -Wpedantic -Werror -Idist -fsyntax-only -xc -; then
    echo "ok dist/datastore.h compiles alone"
else
    echo "not ok dist/datastore.h compiles alone"
fi
# What install puts somewhere, uninstall takes away.
place=$(mktemp -d)
if "${MAKE:-make}" --no-print-directory install DESTDIR="$place" PREFIX=/p >/dev/null 2>&1 &&
    [ -e "$place/p/lib/datastore.so" ] && [ -e "$place/p/include/datastore.h" ] &&
    "${MAKE:-make}" --no-print-directory uninstall DESTDIR="$place" PREFIX=/p >/dev/null 2>&1 &&
    [ -z "$(find "$place" -type f -o -type l)" ]; then
    echo "ok install and uninstall"
else
    echo "not ok install and uninstall"
    find "$place" | sed 's/^/# /'
fi
rm -rf "$place"
