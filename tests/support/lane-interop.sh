#!/bin/sh
# Amplify's own DataStore client (tests/interop, 40 MB from npm) beside ours, at the local AppSync.
. tests/support/lib.sh
for folder in backend interop; do
    if ! missing=$(tests/support/backend-packages.sh $folder); then
        echo "not ok $missing"
        exit 1
    fi
done
build "the extension compiles" all
env PYTHONDONTWRITEBYTECODE=1 timeout 600 /usr/bin/python3 tests/support/unittest_lines.py tests/interop
