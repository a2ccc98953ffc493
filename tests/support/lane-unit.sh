#!/bin/sh
# Unit tests: each tests/unit/**/*_test.c is a cmocka program. Variants: asan (default),
# debug, cover; valgrind runs the debug programs under valgrind.
. tests/support/lib.sh
variant=${1:-asan}
wrap=
limit=120
if [ "$variant" = valgrind ]; then
    variant=debug
    limit=600
    wrap="valgrind -q --leak-check=full --error-exitcode=99"
fi
build "unit tests compile" VARIANT="$variant" units

out=build/$variant/log
rm -rf "$out"
mkdir -p "$out"
programs=$(find tests/unit -name '*_test.c' | sed "s|^tests/\(.*\)\.c$|build/$variant/\1|" | sort)
for program in $programs; do
    echo "$program $out/$(echo "$program" | tr / -)"
done | xargs -P "$jobs" -L 1 sh -c \
    "timeout $limit $wrap \"\$0\" >\"\$1.out\" 2>&1; echo \"status \$?\" >>\"\$1.out\""
for program in $programs; do
    awk -v program="${program#build/"$variant"/unit/}" -f tests/support/cmocka.awk \
        "$out/$(echo "$program" | tr / -).out"
done
