#!/bin/sh
# README has an entry for every SQL function that the extension registers.
names=$(sqlite3 -batch :memory: '.load dist/datastore' \
    "SELECT DISTINCT name FROM pragma_function_list WHERE name LIKE 'datastore%' ORDER BY 1")
for name in $names; do
    grep -qF "$name(" README.md || echo "not ok README.md has no entry for $name()"
done
if [ -n "$names" ] && [ -r README.md ]; then
    echo "ok compared README.md with $(echo "$names" | wc -l) functions"
else
    echo "not ok README.md could not be compared with the registered functions"
fi
