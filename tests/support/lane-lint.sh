#!/bin/sh
# Every script of tests/lint, side by side. A script that dies without a verdict is a failure.
. tests/support/lib.sh
out=build/log/lint
rm -rf "$out"
mkdir -p "$out"
find tests/lint -name '*.sh' | sort | xargs -P "$jobs" -I SCRIPT sh -c '
    file=$0/$(basename SCRIPT .sh)
    SCRIPT >"$file.out" 2>&1
    echo $? >"$file.status"' "$out"
for script in tests/lint/*.sh; do
    file=$out/$(basename "$script" .sh)
    status=$(cat "$file.status")
    cat "$file.out"
    if [ "$status" -ne 0 ] && ! grep -q '^not ok ' "$file.out"; then
        echo "not ok $script: stopped with status $status"
        sed 's/^/# /' "$file.out"
    fi
done
