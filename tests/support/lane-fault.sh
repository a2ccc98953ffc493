#!/bin/sh
# Fault tests: each tests/fault/*_test.c is a program that knows SQLite only and loads the
# extension whose path is in DATASTORE. It prints "ok name" and "not ok name" lines and puts
# files into TMPDIR. FAULT_POINTS=0 lets every single point fail, not a selection.
# Variants: release (default), asan.
. tests/support/lib.sh
variant=${1:-release}
build "fault programs compile" VARIANT="$variant" all faults
DATASTORE=$PWD/$(library "$variant")
TMPDIR=$(mktemp -d)
trap 'rm -rf "$TMPDIR"' EXIT
export DATASTORE TMPDIR

names=$(find tests/fault -name '*_test.c' -exec basename {} .c \; | sort)
[ -n "$names" ] || exit 0
mkdir -p "build/$variant/log/fault"
for name in $names; do
    echo "build/$variant/fault/$name build/$variant/log/fault/$name.out"
done | xargs -P "$jobs" -L 1 sh -c \
    "timeout \"\${FAULT_SECONDS:-900}\" \"\$0\" >\"\$1\" 2>&1; echo \"status \$?\" >>\"\$1\""
for name in $names; do
    host_lines "$name" "build/$variant/log/fault/$name.out"
done
