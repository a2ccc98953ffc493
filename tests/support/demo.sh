#!/bin/sh
# `make demo`: the blog of README in the stock sqlite3 shell, in a folder that is thrown away.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$root/schema" "$work/"
mkdir "$work/dist"
ln -s "$root/dist/datastore.so" "$work/dist/"
cd "$work"
HOME=$work sqlite3 -batch -echo app.db <"$root/tests/support/demo.sql"
