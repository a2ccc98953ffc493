#!/bin/sh
# All scripts pass shellcheck. SC2016: an awk program stands in single quotes on purpose.
for script in $(find tests -name '*.sh' | sort) .ci/run; do
    out=$(shellcheck -x -e SC2016 "$script" 2>&1) || {
        echo "not ok shellcheck $script"
        echo "$out" | sed 's/^/# /'
    }
done
echo "ok shellcheck looked at the scripts"
