#!/bin/sh
# Every script of tests/lint. A script that dies without a verdict is a failure.
for script in tests/lint/*.sh; do
    out=$("$script" 2>&1)
    status=$?
    echo "$out"
    if [ $status -ne 0 ] && ! echo "$out" | grep -q '^not ok '; then
        echo "not ok $script: stopped with status $status"
        echo "$out" | sed 's/^/# /'
    fi
done
