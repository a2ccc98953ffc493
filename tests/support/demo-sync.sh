#!/bin/sh
# The last part of `make demo`: two databases, Ann's and Bob's, sync with each other through the local AppSync of
# tests/backend. Runs in the demo's folder, which has dist/ and schema/; $1 is that of the sources.
set -eu
root=$1
"$root/tests/support/deps.sh" node || true
if ! missing=$("$root/tests/support/backend-packages.sh"); then
    echo "left out: $missing"
    exit 0
fi

# The server ends when its stdin does, whatever happens to this script.
mkfifo input
node "$root/tests/backend/server.js" --schema schema/blog.graphql --until-eof <input >ready 2>&1 &
exec 3>input
tries=0
until grep -q '"ready":true' ready; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { echo "left out: the server does not start"; cat ready; exit 0; }
    sleep 0.1
done
value() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" ready; }
cat >amplify_outputs.json <<END
{"version":"1.3","data":{"url":"$(value url)","aws_region":"eu-west-1","api_key":"$(value apiKey)",
"default_authorization_type":"API_KEY","authorization_types":[]}}
END
cat >begin.sql <<'END'
.bail on
.load dist/datastore
.mode list
.output /dev/null
SELECT datastore_schema(readfile('schema/blog.graphql'));
SELECT datastore_configure(readfile('amplify_outputs.json'));
.output stdout
.echo on
END

# session NAME: SQL from stdin, in the stock shell, on that person's database.
session() {
    printf '\n-- %s\n' "$1"
    cat begin.sql - >session.sql
    HOME=. sqlite3 -batch "$1.db" <session.sql
}
session Ann <<'END'
INSERT INTO Post(id, title, rating, status) VALUES ('123', 'First', 1, 'ACTIVE');
INSERT INTO Comment(content, post) VALUES ('Loving it', '123');
SELECT key, value FROM json_each(datastore_sync());
END
session Bob <<'END'
SELECT key, value FROM json_each(datastore_sync());
SELECT p.title, c.content FROM Post p JOIN Comment c ON c.post = p.id;
UPDATE Post SET title = 'First, by Bob', rating = 2;
SELECT datastore_sync() ->> 'pushed' AS pushed;
END
# Both have changed the title, and each something else.
session Ann <<'END'
UPDATE Post SET title = 'First, by Ann', status = 'INACTIVE';
SELECT key, value FROM json_each(datastore_sync());
SELECT title, rating, status, _version, _status FROM Post;
END
session Bob <<'END'
SELECT key, value FROM json_each(datastore_sync());
SELECT title, rating, status, _version, _status FROM Post;
END
exec 3>&-
wait
