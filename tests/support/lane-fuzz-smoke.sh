#!/bin/sh
# Fuzz targets: each tests/fuzz/<target>_fuzz.c gets its corpus and a fixed number of mutations of
# it, or for FUZZ_SECONDS, from FUZZ_SEED, under the sanitizers. A target is one case.
. tests/support/lib.sh
build "fuzz targets compile" VARIANT=asan fuzzers
out=build/asan/fuzz
targets=$(find tests/fuzz -name '*_fuzz.c' -exec basename {} .c \; | sort)
[ -n "$targets" ] || exit 0
echo "$targets" | xargs -P "$jobs" -I TARGET sh -c '
    corpus=tests/fuzz/corpus/$(basename TARGET _fuzz)
    find "$corpus" schema tests/golden -type f 2>/dev/null | LC_ALL=C sort |
        timeout $((120 + ${FUZZ_SECONDS:-0})) "$0/TARGET" ${FUZZ_SECONDS:-} >"$0/TARGET.out" 2>&1
    echo "status $?" >>"$0/TARGET.out"' "$out"
for target in $targets; do
    if grep -qx 'status 0' "$out/$target.out"; then
        echo "ok $target"
    else
        echo "not ok $target"
        head -n 40 "$out/$target.out" | sed 's/^/# /'
    fi
done
