#!/bin/sh
# End to end, against the local AppSync of tests/backend: tests/e2e/test_*.py with the distribution's
# Python, and tests/e2e/*_test.c, cmocka programs that are linked with everything but the entry
# point. Variants: release (default), asan.
. tests/support/lib.sh
variant=${1:-release}
if ! missing=$(tests/support/backend-packages.sh); then
    echo "not ok $missing"
    exit 1
fi
build "end-to-end tests compile" VARIANT="$variant" all e2e
preload=$(preload "$variant")
# Python itself leaks at exit: only errors count there, leaks are found by the other lanes.
DATASTORE=$PWD/$(library "$variant")
export DATASTORE
out=build/$variant/log/e2e
mkdir -p "$out"
rm -f "$out"/*
# shellcheck disable=SC2016 # the inner shell expands them
# Most of the time is spent waiting: several files at once, each with a backend of its own.
for source in tests/e2e/test_*.py; do
    basename "$source"
done | env PYTHONDONTWRITEBYTECODE=1 ASAN_OPTIONS=detect_leaks=0 \
    ${preload:+LD_PRELOAD="$preload"} xargs -P 4 -I '{}' sh -c '
        timeout 600 /usr/bin/python3 tests/support/unittest_lines.py tests/e2e "$2" >"$1/$2.out" 2>&1
        echo "status $?" >>"$1/$2.out"' sh "$out" '{}'
for file in "$out"/test_*.out; do
    sed '$d' "$file"
    if [ "$(tail -n 1 "$file")" != "status 0" ] && ! grep -q '^not ok ' "$file"; then
        echo "not ok $(basename "$file" .py.out): stopped with $(tail -n 1 "$file")"
    fi
done
for source in tests/e2e/*_test.c; do
    name=$(basename "$source" .c)
    timeout 300 "build/$variant/e2e/$name" >"$out/$name.out" 2>&1
    echo "status $?" >>"$out/$name.out"
    awk -v program="$name" -f tests/support/cmocka.awk "$out/$name.out"
done
