# Turns the named blocks of sql/**/*.sql into C: an enum and the texts. See sql/README.md.
#
#   awk -v out=build/gen -f sql/embed.awk sql/*.sql
#
# Stops with file and line at: text outside of a block, a bad, double or empty block, a slot
# that is malformed or not declared.

function fail(message) {
    if (failed) exit 1
    failed = 1
    printf "%s:%d: %s\n", FILENAME, FNR, message > "/dev/stderr"
    exit 1
}

# One line of C for one line of SQL. `?` is escaped because of trigraphs.
function quoted(line) {
    gsub(/[\\"?]/, "\\\\&", line)
    return "\"" line "\\n\""
}

# The same as character constants: a string literal may not pass 4095 bytes in ISO C.
function spelled(line,    i, c, out) {
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        out = out (c == "'" || c == "\\" ? "'\\" c "'," : "'" c "',")
    }
    return out "'\\n',"
}

function check_slots(line,    rest, word) {
    rest = line
    while (match(rest, /@"[a-z_]+"@|@'[a-z_]+'@|@[a-z_]+@/)) {
        word = substr(rest, RSTART, RLENGTH)
        gsub(/[@"']/, "", word)
        if (!((FILENAME, word) in declared)) fail("unknown slot \"" word "\"")
        rest = substr(rest, 1, RSTART - 1) " " substr(rest, RSTART + RLENGTH)
    }
    if (index(rest, "@")) fail("malformed slot: write @\"name\"@, @'name'@ or @name@")
}

function begin_block(words,    n, w) {
    n = split(words, w, /[ \t]+/)
    if (n < 3 || w[3] !~ /^[a-z][a-z0-9_]*$/) fail("a block starts with \"-- name: block_name\"")
    if (w[3] in where) fail("block \"" w[3] "\" is already in " where[w[3]])
    if (blocks && !lines[blocks]) fail("block \"" name[blocks] "\" is empty")
    where[w[3]] = FILENAME ":" FNR
    name[++blocks] = w[3]
    in_block = 1
}

function declare_slots(words,    i, n, w) {
    n = split(words, w, /[ \t]+/)
    for (i = 3; i <= n; i++) declared[FILENAME, w[i]] = 1
}

FNR == 1 { in_block = 0 }
/^-- name:/ { begin_block($0); next }
/^-- slots:/ { declare_slots($0); next }
/^[ \t]*(--.*)?$/ { next }
{
    if (!in_block) fail("text outside of a block")
    if ($0 !~ /^[ -~\t]*$/) fail("only printable ASCII is allowed")
    check_slots($0)
    # Indentation goes, but a fragment that starts with a space keeps one.
    sub(/^[ \t]+/, lines[blocks] ? "" : " ")
    sub(/[ \t]+$/, "")
    text[blocks, ++lines[blocks]] = $0
    size[blocks] += length($0) + 1
}

END {
    if (failed) exit 1
    if (!blocks) fail("no block")
    if (!lines[blocks]) fail("block \"" name[blocks] "\" is empty")
    header = out "/sql_gen.h"
    source = out "/sql_gen.c"
    print "/* Made by sql/embed.awk from sql/: do not edit. */" > header
    print "#ifndef DS_SQL_GEN_H\n#define DS_SQL_GEN_H\n\nenum ds_sql {" > header
    for (b = 1; b <= blocks; b++) print "    DS_SQL_" toupper(name[b]) "," > header
    print "    DS_SQL_COUNT\n};\n\nconst char *ds_sql_text(enum ds_sql id);\n\n#endif" > header

    print "/* Made by sql/embed.awk from sql/: do not edit. */\n#include \"sql_gen.h\"" > source
    for (b = 1; b <= blocks; b++) {
        long = size[b] > 4000
        printf "\nstatic const char sql_%s[] =%s\n", name[b], long ? " {" : "" > source
        for (i = 1; i <= lines[b]; i++) {
            print "    " (long ? spelled(text[b, i]) : quoted(text[b, i])) > source
        }
        print (long ? "    0};" : "    ;") > source
    }
    print "\nconst char *ds_sql_text(enum ds_sql id) {" > source
    print "    static const char *const texts[DS_SQL_COUNT] = {" > source
    for (b = 1; b <= blocks; b++) print "        sql_" name[b] "," > source
    print "    };\n    return texts[id];\n}" > source
}
