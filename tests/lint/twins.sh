#!/bin/sh
# Every ext/<m>/<f>.c has tests/unit/<m>/<f>_test.c, and every such test its source. These
# modules have a face in SQL and are tested there (tests/sql), through the real virtual tables
# and triggers; what they contain of pure functions may still have a unit test.
by_sql="store table outbox feed func run"
for source in $(find ext -mindepth 2 -name '*.c' | sort); do
    path=${source#ext/}
    case " $by_sql " in *" ${path%%/*} "*) continue ;; esac
    test=tests/unit/${path%.c}_test.c
    [ -e "$test" ] || echo "not ok $source: no $test"
done
for test in $(find tests/unit -name '*_test.c' | sort); do
    path=${test#tests/unit/}
    [ -e "ext/${path%_test.c}.c" ] || echo "not ok $test: no ext/${path%_test.c}.c"
done
echo "ok looked for the test of each source"
