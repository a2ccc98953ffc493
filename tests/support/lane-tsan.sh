#!/bin/sh
# The programs of tests/e2e under ThreadSanitizer. It sees everything of ours; SQLite and libcurl are the
# system's.
. tests/support/lib.sh
if ! missing=$(tests/support/backend-packages.sh); then
    echo "not ok $missing"
    exit 1
fi
build "programs compile with ThreadSanitizer" VARIANT=tsan e2e
out=build/tsan/log
mkdir -p "$out"
for source in tests/e2e/*_test.c; do
    name=$(basename "$source" .c)
    TSAN_OPTIONS=halt_on_error=0:exitcode=66 timeout 300 "build/tsan/e2e/$name" >"$out/$name.out" 2>&1
    echo "status $?" >>"$out/$name.out"
    awk -v program="$name" -f tests/support/cmocka.awk "$out/$name.out"
done
