#!/bin/sh
# Python tests: tests/python/test_*.py, with the distribution's Python, whose sqlite3 module
# can load extensions. Variants: release (default), asan.
. tests/support/lib.sh
variant=${1:-release}
build "extension compiles" VARIANT="$variant" all
preload=$(preload "$variant")
# Python itself leaks at exit: only errors count here, leaks are found by the other lanes.
ASAN_OPTIONS=detect_leaks=0
DATASTORE=$PWD/$(library "$variant")
PYTHONDONTWRITEBYTECODE=1
export ASAN_OPTIONS DATASTORE PYTHONDONTWRITEBYTECODE
env ${preload:+LD_PRELOAD="$preload"} \
    timeout 600 /usr/bin/python3 tests/support/unittest_lines.py tests/python
