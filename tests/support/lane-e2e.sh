#!/bin/sh
# End to end: each tests/e2e/*_test.c is a cmocka program, linked with everything but the entry
# point, that starts the local AppSync of tests/backend. Variants: asan (default), debug, cover.
. tests/support/lib.sh
variant=${1:-asan}
if ! missing=$(tests/support/backend-packages.sh); then
    echo "not ok $missing"
    exit 1
fi
build "end-to-end tests compile" VARIANT="$variant" e2e
out=build/$variant/log/e2e
mkdir -p "$out"
for source in tests/e2e/*_test.c; do
    name=$(basename "$source" .c)
    timeout 300 "build/$variant/e2e/$name" >"$out/$name.out" 2>&1
    echo "status $?" >>"$out/$name.out"
    awk -v program="$name" -f tests/support/cmocka.awk "$out/$name.out"
done
