#!/bin/sh
# A module includes only modules of a lower floor, by their public header; <m>_int.h stays
# inside its module; sql_gen.h belongs to store. This is the one list of floors.
floors="base 0 sdl 1 net 1 model 2 filter 3 store 4 graphql 4 table 5 outbox 5 feed 5
        appsync 5 sync 6 run 7 func 8"
find ext -name '*.[ch]' | sort | xargs awk -v floors="$floors" '
BEGIN {
    n = split(floors, f, /[ \n]+/)
    for (i = 1; i < n; i += 2) floor[f[i]] = f[i + 1]
}
function bad(why) {
    printf "not ok %s:%d: %s: %s\n", FILENAME, FNR, $0, why
    failed = 1
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, quoted, "\"")
    parts = split(FILENAME, path, "/")
    own = parts > 2 ? path[2] : ""              # "" is ext/datastore.c
    if (own != "" && !(own in floor)) { bad("folder ext/" own " has no floor"); next }
    if (quoted[2] == "sqlite3ext.h") next       # banned.sh sees to it
    if (quoted[2] == "sql_gen.h") { if (own != "store") bad("only store may"); next }
    if (split(quoted[2], to, "/") != 2) { bad("write \"module/file.h\""); next }
    if (!(to[1] in floor)) { bad("no such module"); next }
    if (to[1] == own) next
    if (own != "" && floor[to[1]] >= floor[own]) bad("not a lower floor")
    if (to[2] != to[1] ".h") bad("only " to[1] "/" to[1] ".h is public")
}
END { if (!failed) print "ok floors and private headers" }'
