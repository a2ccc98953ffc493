#!/bin/sh
# Calls and headers that have no business in ext/, or only in one file.

# banned REGEX HOME WHY: no line of code matches, except in file HOME (- is none).
banned() {
    find ext -name '*.[ch]' ! -path "$2" | sort | xargs awk -v regex="$1" -v why="$3" '
    FNR == 1 { comment = 0 }
    {
        code = $0
        gsub(/"([^"\\]|\\.)*"/, "\"\"", code)   # what stands in strings is no call,
        if ($0 ~ /#[ \t]*include/) code = $0
        if (comment) {                          # nor what stands in comments
            if (!sub(/^.*\*\//, "", code)) next
            comment = 0
        }
        gsub(/\/\*([^*]|\*[^\/])*\*\//, "", code)
        if (sub(/\/\*.*/, "", code)) comment = 1
        if ((" " code) ~ regex) {
            print "not ok " FILENAME ":" FNR ": " why
            failed = 1
        }
    }
    END { if (!failed) print "ok nowhere: " why }'
}

banned '[^a-zA-Z0-9_](malloc|calloc|realloc|free|strdup|strndup)[ \t]*\(' - \
    "only SQLite's allocator and arenas"
banned '[^a-zA-Z0-9_](strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|atof|gets)[ \t]*\(' - \
    "no unbounded or unchecked string functions"
banned '[^a-zA-Z0-9_](printf|fprintf|puts|putchar|perror)[ \t]*\(' - \
    "a library writes to no stream of its host"
banned 'include.*cJSON\.h' ext/base/json.c "cJSON.h is for base/json.c only"
banned 'include.*(sqlite3ext|sqlite3)\.h' ext/base/base.h "sqlite3ext.h is for base/base.h only"
banned '[^a-zA-Z0-9_](setenv|putenv|signal|sigaction|curl_global_cleanup|sqlite3_(update|commit|rollback|wal|preupdate)_hook|sqlite3_set_authorizer|sqlite3_progress_handler|sqlite3_trace_v2)[ \t]*\(' - \
    "hooks, handlers, signals and the environment are the host's"
banned '[^a-zA-Z0-9_]sqlite3_busy_(handler|timeout)[ \t]*\(' 'ext/run/*' \
    "busy handlers are the host's, but for connections of our own"
