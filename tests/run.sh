#!/bin/sh
# Runs test lanes and sums them up:  tests/run.sh lane[:variant]...
#
# A lane is tests/support/lane-<name>.sh, called with the variant. It prints a line "ok …" or
# "not ok …" per case, and explains failures in lines that start with "#". A lane fails also
# when it ran no case, or fewer than tests/count says. The last line of output is always
# "N passed, N failed".
#
# GOLDEN=1 rewrites tests/count, and the SQL lane then rewrites its expected output.
set -u
cd "$(dirname "$0")/.." || exit 1

log=build/log
mkdir -p "$log"
passed=0
failed=0
counts=$log/count
: >"$counts"

# Count the lane's lines, and add a failure for what the lane itself could not say.
judge() {
    ok=$(grep -c '^ok ' "$1")
    bad=$(grep -c '^not ok ' "$1")
    least=$(awk -v lane="${lane%%:*}" '$1 == lane { print $2 }' tests/count 2>/dev/null)
    cases=$((ok + bad))
    if [ "$cases" -eq 0 ]; then
        echo "not ok $lane: no case ran" >>"$1"
    elif [ "$bad" -eq 0 ] && [ "$2" -ne 0 ]; then
        echo "not ok $lane: stopped with status $2" >>"$1"
    elif [ "$cases" -lt "${least:-0}" ] && [ -z "${GOLDEN:-}" ]; then
        echo "not ok $lane: $cases cases, tests/count expects $least" >>"$1"
    fi
    bad=$(grep -c '^not ok ' "$1")
}

for lane in "$@"; do
    out=$log/$(echo "$lane" | tr : -).log
    case $lane in
    *:*) variant=${lane#*:} ;;
    *) variant= ;;
    esac
    start=$(date +%s)
    "tests/support/lane-${lane%%:*}.sh" "$variant" >"$out" 2>&1
    judge "$out" $?
    printf '%-16s %5d passed, %d failed  (%d s)\n' \
        "$lane" "$ok" "$bad" $(($(date +%s) - start))
    [ "$bad" -eq 0 ] || grep -E '^(not ok |#)' "$out" | head -n 200
    passed=$((passed + ok))
    failed=$((failed + bad))
    echo "$lane $cases" >>"$counts"
done

if [ -n "${GOLDEN:-}" ] && [ "$failed" -eq 0 ]; then
    {
        echo "# The least number of cases per lane, so that none disappears. \`make golden\`."
        cat "$counts"
    } >tests/count
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
