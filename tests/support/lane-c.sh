#!/bin/sh
# Host programs: each tests/c/*.c is linked with SQLite only and loads the extension whose path
# is in DATASTORE. It prints "ok name" and "not ok name" lines and ends with status 0.
# Variants: release (default), asan.
. tests/support/lib.sh
variant=${1:-release}
build "host programs compile" VARIANT="$variant" all ctests
DATASTORE=$PWD/$(library "$variant")
export DATASTORE
for source in tests/c/*.c; do
    [ -e "$source" ] || exit 0
    name=$(basename "$source" .c)
    timeout 120 "build/$variant/c/$name" >build/log/c.out 2>&1
    echo "status $?" >>build/log/c.out
    host_lines "$name" build/log/c.out
done
