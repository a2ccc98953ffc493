#!/bin/sh
# `make demo`: saving, querying and deleting relations, in a folder that is thrown away: the blog
# of README in the stock sqlite3 shell, a many-to-many relation, the blog from Python and C, and
# two databases that sync with each other.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$root/schema" "$work/"
mkdir "$work/dist"
ln -s "$root/dist/datastore.so" "$work/dist/"
# shellcheck disable=SC2046
${CC:-cc} -o "$work/demo" "$root/tests/support/demo.c" $(pkg-config --cflags --libs sqlite3)
cd "$work"

title() { printf '\n== %s\n\n' "$1"; }
title "One to many, in the sqlite3 shell (schema/blog.graphql)"
HOME=$work sqlite3 -batch -echo app.db <"$root/tests/support/demo.sql"
title "Many to many (schema/examples/editors.graphql)"
HOME=$work sqlite3 -batch -echo many.db <"$root/tests/support/demo-many.sql"
title "From Python"
/usr/bin/python3 "$root/tests/support/demo.py"
title "From C"
./demo
title "Two databases in sync, through a local AppSync (tests/backend)"
"$root/tests/support/demo-sync.sh" "$root"
