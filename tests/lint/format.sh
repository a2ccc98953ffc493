#!/bin/sh
# C files are as clang-format writes them: `make format`.
files=$(find ext tests -name '*.[ch]' | sort)
# shellcheck disable=SC2086
if ! clang-format --dry-run -Werror $files >/dev/null 2>&1; then
    for file in $files; do
        clang-format --dry-run -Werror "$file" >/dev/null 2>&1 || echo "not ok $file: make format"
    done
fi
echo "ok looked at the format of $(echo "$files" | wc -l) files"
