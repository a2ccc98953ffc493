#!/bin/sh
# SQL tests: each tests/sql/*.sql goes through the stock sqlite3 shell, in a fresh folder with
# the extension loaded and schema/ at hand; output and errors must equal the .out beside it.
# Variants: release (default), asan, cover; valgrind runs the shell under valgrind.
# GOLDEN=1 writes the .out files.
. tests/support/lib.sh
variant=${1:-release}
wrap=
if [ "$variant" = valgrind ]; then
    variant=debug
    wrap="valgrind -q --leak-check=full --errors-for-leak-kinds=definite --error-exitcode=99"
fi
build "extension compiles" VARIANT="$variant" all
root=$PWD
library=$root/$(library "$variant")
preload=$(preload "$variant")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The shell reads from stdin, as a user types: line numbers in errors are those of the file.
run_case() {
    mkdir -p "$folder/dist"
    cp -R schema "$folder/"
    ln -s "$library" "$folder/dist/datastore.so"
    (
        cd "$folder" || exit
        # shellcheck disable=SC2086
        env HOME="$folder" LC_ALL=C TZ=UTC ${preload:+LD_PRELOAD="$preload"} \
            timeout 120 $wrap sqlite3 -batch -cmd 'PRAGMA synchronous = OFF' \
                -cmd '.load dist/datastore' app.db
    ) <"$file" >"$folder.out" 2>&1
}

for file in tests/sql/*.sql; do
    [ -e "$file" ] || exit 0
    name=$(basename "$file" .sql)
    folder=$work/$name
    expected=tests/sql/$name.out
    run_case
    [ -z "${GOLDEN:-}" ] || cp "$folder.out" "$expected"
    if diff -u --label expected --label actual "$expected" "$folder.out" >"$folder.diff" 2>&1; then
        echo "ok $name"
    else
        echo "not ok $name"
        sed 's/^/# /' "$folder.diff"
    fi
    rm -rf "$folder"
done
