#!/bin/sh
# Differential test: the program of tests/diff compares models with tables under the system's
# SQLite and under the newest. A case is good when it is good under both. The newest SQLite is
# the source inside a package of npm, built once into build/sqlite; without npm or network it is
# left out. DIFF_SEED and DIFF_SECONDS: see tests/diff/main.c. Variants: release (default), asan.
. tests/support/lib.sh
variant=${1:-release}
version=13.2.0 # of better-sqlite3, with SQLite 3.54.1
sha256=40487589df3496f2ee0079d22b73c63fccebe7db0e8ee9a2c42421861e321e0b
newest=build/sqlite/$version
package=better-sqlite3-$version.tgz
source=package/deps/sqlite3/sqlite3.c
# As Debian builds it, as far as virtual tables can tell.
options="-DSQLITE_THREADSAFE=1 -DSQLITE_SECURE_DELETE -DSQLITE_OMIT_LOOKASIDE
    -DSQLITE_ENABLE_COLUMN_METADATA -DSQLITE_ENABLE_DBSTAT_VTAB -DSQLITE_ENABLE_LOAD_EXTENSION
    -DSQLITE_ENABLE_MATH_FUNCTIONS -DSQLITE_ENABLE_PREUPDATE_HOOK -DSQLITE_ENABLE_SESSION
    -DSQLITE_ENABLE_STMTVTAB -DSQLITE_ENABLE_UNLOCK_NOTIFY -DSQLITE_LIKE_DOESNT_MATCH_BLOBS
    -DSQLITE_MAX_SCHEMA_RETRY=25 -DSQLITE_MAX_VARIABLE_NUMBER=250000 -DSQLITE_SOUNDEX
    -DSQLITE_TEMP_STORE=1 -DSQLITE_USE_URI"

build "differential test compiles" VARIANT="$variant" all difftest
DATASTORE=$PWD/$(library "$variant")
export DATASTORE
program=build/$variant/difftest
log=build/$variant/log/diff
mkdir -p "$log" "$newest"
rm -f "$log"/*.out

# Get and build the newest SQLite; status 1 when it cannot be had, 2 when it is not the one.
make_newest() (
    cd "$newest" || exit
    [ ! -e libsqlite3.so.0 ] || exit 0
    if [ ! -e "$package" ]; then
        timeout 90 npm pack --fetch-retries=0 "better-sqlite3@$version" >npm.log 2>&1 || exit 1
    fi
    echo "$sha256  $package" | sha256sum -c --quiet >&2 || exit 2
    tar xzf "$package" "$source" || exit 2
    # shellcheck disable=SC2086
    "${CC:-cc}" -O1 -w -fPIC -shared $options "$source" -Wl,-soname,libsqlite3.so.0 \
        -o new.so -lm -lpthread -ldl || exit 2
    mv new.so libsqlite3.so.0
)

# run NAME COMMAND...: the program, with its status as last line.
run() {
    out=$log/$1.out
    shift
    timeout "${DIFF_TIMEOUT:-600}" "$@" "$program" >"$out" 2>&1
    echo "status $?" >>"$out"
}

make_newest >"$newest/build.log" 2>&1
status=$?
case $status in
0) run newest env LD_LIBRARY_PATH="$newest" & ;;
1) echo "# the newest SQLite is left out: npm or its registry cannot be reached" ;;
*)
    echo "not ok the newest SQLite can be built"
    sed 's/^/# /' "$newest/build.log"
    ;;
esac
run system env
wait

awk '
FNR == 1 { version = FILENAME }
/^# SQLite / { version = $3 }
/^ok / { name = substr($0, 4); if (!(name in bad)) names[n++] = name; bad[name] = bad[name] }
/^not ok / { name = substr($0, 8); if (!(name in bad)) names[n++] = name
             bad[name] = bad[name] " " version }
/^status / { if ($2 != 0) print "not ok SQLite " version ": stopped with status " $2 }
!/^(ok|not ok|#|status) / { print "# " $0 }
/^# / { print }
END { for (i = 0; i < n; i++)
          if (!done[names[i]]++)
              print (bad[names[i]] ? "not ok " : "ok ") names[i] (bad[names[i]] ? ":" bad[names[i]] : "") }
' "$log"/*.out
