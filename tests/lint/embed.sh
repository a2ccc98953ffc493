#!/bin/sh
# sql/embed.awk says file and line of each mistake, and its output is what went in.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# refuses NAME LINE WORDS TEXT: embedding TEXT fails at LINE with WORDS in the message.
refuses() {
    printf '%b' "$4" >"$work/x.sql"
    message=$(awk -v out="$work" -f sql/embed.awk "$work/x.sql" 2>&1)
    status=$?
    case $status:$message in
    1:"$work/x.sql:$2: "*"$3"*) echo "ok embed: $1" ;;
    *) echo "not ok embed: $1" && echo "# status $status, message: $message" ;;
    esac
}

refuses "text before the first block" 2 "outside" '\nSELECT 1;\n'
refuses "double block" 3 'already in' '-- name: a\nSELECT 1;\n-- name: a\nSELECT 2;\n'
refuses "empty block" 3 '"a" is empty' '-- name: a\n\n-- name: b\nSELECT 1;\n'
refuses "empty last block" 1 '"a" is empty' '-- name: a\n'
refuses "bad name" 1 "block_name" '-- name: A-b\nSELECT 1;\n'
refuses "slot that is not declared" 3 '"b"' '-- slots: a\n-- name: x\nSELECT @b@;\n'
refuses "unclosed slot" 3 "malformed" '-- slots: a\n-- name: x\nSELECT @a;\n'
refuses "slot with one quote" 3 "malformed" '-- slots: a\n-- name: x\nSELECT @"a@;\n'
refuses "odd characters" 2 "ASCII" '-- name: x\nSELECT \0303\0251;\n'

# A long block takes another form in C; both must give back every byte.
awk 'BEGIN { print "-- name: short\nSELECT \"\\\", \x27?\x27;\n-- name: long"
             for (i = 0; i < 300; i++) print "SELECT \"\\\", \x27??(\x27;" }' >"$work/x.sql"
printf '%s\n' '#include <stdio.h>' '#include "sql_gen.c"' 'int main(void) {' \
    'for (int i = 0; i < DS_SQL_COUNT; i++) { fputs(ds_sql_text(i), stdout); }' '}' >"$work/main.c"
grep -v '^-- name' "$work/x.sql" >"$work/expected"
if awk -v out="$work" -f sql/embed.awk "$work/x.sql" &&
    "${CC:-cc}" -std=c11 -Wall -Wextra -Wpedantic -Werror "$work/main.c" -o "$work/main" &&
    "$work/main" | cmp - "$work/expected"; then
    echo "ok embed: short and long blocks come back byte for byte"
else
    echo "not ok embed: short and long blocks come back byte for byte"
fi
