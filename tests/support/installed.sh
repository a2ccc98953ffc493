#!/bin/sh
# Says how to load what `make install` has put into folder $1: by its bare name where the
# dynamic loader finds it, else by its path.
cd / || exit 1
if [ -z "$(HOME=/ sqlite3 :memory: '.load datastore' 2>&1)" ]; then
    echo "load it with        .load datastore"
else
    echo "load it with        .load $1/datastore"
    echo "the dynamic loader does not search $1 (see ldconfig)"
fi
