"""The blog from Python's own sqlite3 module: save, query, delete relations."""

import sqlite3

db = sqlite3.connect(":memory:", isolation_level=None)
db.enable_load_extension(True)
db.load_extension("dist/datastore")
db.execute("SELECT datastore_schema(?)", [open("schema/blog.graphql").read()])

(post,) = db.execute("SELECT datastore_uuid()").fetchone()
db.execute(
    "INSERT INTO Post(id, title, rating, status) VALUES (?, ?, ?, ?)",
    [post, "From Python", 7, "ACTIVE"],
)
db.execute("INSERT INTO Comment(content, post) VALUES (?, ?)", ["Nice", post])
print(db.execute("SELECT c.content FROM Comment c WHERE c.post = ?", [post]).fetchall())
db.execute("DELETE FROM Post WHERE id = ?", [post])
print(db.execute("SELECT count(*) FROM Comment").fetchone())
print(db.execute("SELECT model, op FROM datastore_outbox").fetchall())
db.close()
