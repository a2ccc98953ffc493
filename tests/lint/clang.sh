#!/bin/sh
# clang has nothing to say either, about the loadable and the static form.
if out=$("${MAKE:-make}" --no-print-directory CC=clang WERROR=1 clang-syntax 2>&1); then
    echo "ok clang -fsyntax-only"
else
    echo "not ok clang -fsyntax-only"
    echo "$out" | sed 's/^/# /'
fi
