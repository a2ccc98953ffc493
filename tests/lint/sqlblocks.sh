#!/bin/sh
# Every block of sql/ is used somewhere in ext/.
used=$(find ext -name '*.c' -exec grep -ohE 'DS_SQL_[A-Z0-9_]+' {} + | sort -u)
for block in $(find sql -name '*.sql' -exec awk '/^-- name:/ { print $3 }' {} + | sort); do
    name=DS_SQL_$(echo "$block" | tr '[:lower:]' '[:upper:]')
    echo "$used" | grep -qx "$name" || echo "not ok sql block $block: nothing in ext/ uses $name"
done
echo "ok looked for the use of each sql block"
