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
