#!/bin/sh
# The loadable exports its entry point and nothing else; the static library has no global name
# that could clash with the program's own.
so=$(nm -D --defined-only dist/datastore.so | awk '{ print $3 }' | xargs)
if [ "$so" = sqlite3_datastore_init ]; then
    echo "ok dist/datastore.so exports one symbol"
else
    echo "not ok dist/datastore.so exports: $so"
fi
odd=$(nm -g --defined-only dist/libdatastore.a | awk 'NF == 3 { print $3 }' |
    grep -vE '^(ds_|sqlite3_datastore_init$)' | xargs)
if [ -z "$odd" ]; then
    echo "ok dist/libdatastore.a defines only ds_ names"
else
    echo "not ok dist/libdatastore.a defines: $odd"
fi
