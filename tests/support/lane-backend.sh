#!/bin/sh
# The backend's own tests (tests/backend/test), by node's test runner: the judge of the
# end-to-end tests is judged here.
if ! missing=$(tests/support/backend-packages.sh); then
    echo "not ok $missing"
    exit 1
fi
log=build/log/backend.tap
# Verdicts of tests, not of the files that some versions of node wrap around them; what
# explains a failure follows it.
timeout 300 node --test --test-reporter=tap tests/backend/test/*.test.js >"$log" 2>&1
awk '
/^ *(not )?ok [0-9]+ - / {
    failed = /^ *not ok/
    sub(/^ */, "")
    sub(/ok [0-9]+ - /, "ok ")
    if (/\.test\.js$/) { failed = 0; next }
    print
    next
}
/^ *# Subtest/ { failed = 0 }
failed { print "# " $0 }' "$log"
