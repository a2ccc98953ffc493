"""Odd names and large sizes: keywords, other modules' names, many models, deep cascades."""

import sqlite3
import unittest

from test_load import connect


def install(sdl):
    db = connect()
    db.isolation_level = None
    db.execute("SELECT datastore_schema(?)", [sdl]).fetchone()
    return db


def one(db, sql, *arguments):
    return db.execute(sql, arguments).fetchone()[0]


class Names(unittest.TestCase):
    def test_keywords_are_models_and_fields(self):
        db = install(
            """
            type Order @model { id: ID! group: String select: Int lines: [Index] @connection(name: "L") }
            type Index @model { id: ID! order: Order @connection(name: "L") from: String }
            type Group @model { id: ID! table: String! }
            """
        )
        db.execute('INSERT INTO "Order"(id, "group", "select") VALUES (?, ?, ?)', ["o", "g", 1])
        db.execute("""INSERT INTO "Index"(id, "order", "from") VALUES ('i', 'o', 'x')""")
        db.execute("""INSERT INTO "Group"("table") VALUES ('t')""")
        self.assertEqual(one(db, 'SELECT o."group" FROM "Index" i JOIN "Order" o ON i."order" = o.id'), "g")
        db.execute('UPDATE "Order" SET "select" = 2')
        self.assertEqual(one(db, """SELECT changed FROM datastore_outbox WHERE op = 'update'"""), '["select"]')
        db.execute('DELETE FROM "Order"')
        self.assertEqual(one(db, 'SELECT count(*) FROM "Index"'), 0)

    def test_a_model_may_have_the_name_of_a_module(self):
        db = install("type Rtree @model { id: ID! x: Int } type fts5 @model { id: ID! y: Int }")
        db.execute("INSERT INTO Rtree(id, x) VALUES ('a', 1)")
        db.execute("INSERT INTO fts5(id, y) VALUES ('b', 2)")
        self.assertEqual(one(db, "SELECT x FROM Rtree WHERE id = 'a'"), 1)
        db.execute("CREATE VIRTUAL TABLE boxes USING rtree(id, a, b)")
        db.execute("INSERT INTO boxes VALUES (1, 0, 1)")
        self.assertEqual(one(db, "SELECT count(*) FROM boxes"), 1)

    def test_refused_names(self):
        for sdl, words in [
            ("type sqlite_x @model { id: ID! }", "sqlite_"),
            ("type Datastore_x @model { id: ID! }", "datastore_"),
            ("type A @model { id: ID! } type a @model { id: ID! }", "differ only in case"),
            ("type A @model { id: ID! } type A_rows @model { id: ID! }", "A_rows"),
            ("type A @model { id: ID! name: Int Name: Int }", "case"),
        ]:
            db = connect()
            with self.assertRaisesRegex(sqlite3.Error, words):
                db.execute("SELECT datastore_schema(?)", [sdl])
            self.assertEqual(one(db, "SELECT count(*) FROM sqlite_schema"), 0)

    def test_a_table_in_the_way(self):
        db = connect()
        db.execute("CREATE TABLE Post(x)")
        with self.assertRaisesRegex(sqlite3.Error, 'table "Post" stands in the way'):
            db.execute("SELECT datastore_schema('type Post @model { id: ID! }')")
        self.assertEqual(one(db, "SELECT count(*) FROM sqlite_schema"), 1)


class Sizes(unittest.TestCase):
    def test_200_models(self):
        sdl = "".join(
            f"type M{i} @model {{ id: ID! name: String next: [M{i + 1}] @connection(name: \"c{i}\") "
            + (f"up: M{i - 1} @connection(name: \"c{i - 1}\") " if i else "")
            + "}\n"
            for i in range(199)
        ) + 'type M199 @model { id: ID! up: M198 @connection(name: "c198") }'
        db = install(sdl)
        self.assertEqual(one(db, "SELECT count(*) FROM datastore_models"), 200)
        db.execute("INSERT INTO M0(id) VALUES ('0')")
        for i in range(1, 200):
            db.execute(f"INSERT INTO M{i}(id, up) VALUES (?, ?)", [str(i), str(i - 1)])
        db.execute("DELETE FROM M0")
        self.assertEqual(one(db, "SELECT count(*) FROM M199"), 0)
        deletes = [r[0] for r in db.execute("SELECT model FROM datastore_outbox WHERE op = 'delete' ORDER BY seq")]
        self.assertEqual(deletes, [f"M{i}" for i in range(199, -1, -1)])

    def test_300_fields(self):
        fields = " ".join(f"f{i}: Int" for i in range(300))
        db = install(f"type Wide @model {{ id: ID! {fields} }}")
        db.execute("INSERT INTO Wide(id, f0, f299) VALUES ('w', 1, 2)")
        db.execute("UPDATE Wide SET f70 = 5, f299 = 3, f1 = NULL")
        self.assertEqual(
            one(db, "SELECT changed FROM datastore_outbox WHERE op = 'update'"), '["f70","f299"]'
        )
        self.assertEqual(db.execute("SELECT f0, f70, f298, f299 FROM Wide").fetchone(), (1, 5, None, 3))
        self.assertEqual(len(db.execute("SELECT * FROM Wide").fetchone()), 303)

    def test_long_texts(self):
        db = install("type Text @model { id: ID! body: String tags: [String] }")
        body = "ä" * 500_000
        db.execute("INSERT INTO Text(id, body) VALUES ('t', ?)", [body])
        self.assertEqual(one(db, "SELECT body FROM Text WHERE body = ?", body), body)
        db.execute("UPDATE Text SET body = body || '!'")
        self.assertEqual(one(db, "SELECT length(body) FROM Text"), 500_001)

    def test_long_texts_in_errors(self):
        """They are shortened at a character: hosts decode what they are told."""
        db = install(
            """type Post @model { id: ID! comments: [Comment] @connection(name: "c") }
               type Comment @model { id: ID! post: Post @connection(name: "c") }"""
        )
        for key in ("é" * 100, "x" + "é" * 100, "😀" * 100):
            with self.assertRaisesRegex(sqlite3.IntegrityError, f"Comment.post = '{key[:60]}'"):
                db.execute("INSERT INTO Comment(post) VALUES (?)", [key])
        with self.assertRaisesRegex(sqlite3.OperationalError, r'unknown model "\?\?\?"'):
            db.execute("SELECT datastore_save(CAST(x'eda080' AS TEXT), '{}')")

    def test_texts_that_cannot_be_sent(self):
        db = install("type Text @model { id: ID! body: String }")
        with self.assertRaises(sqlite3.Error):
            db.execute("INSERT INTO Text(id, body) VALUES ('n', 'a' || char(0) || 'b')")
        with self.assertRaises(sqlite3.Error):
            db.execute("INSERT INTO Text(id, body) VALUES ('u', CAST(x'ff61' AS TEXT))")
        with self.assertRaises(sqlite3.Error):
            db.execute("INSERT INTO Text(id, body) VALUES ('b', x'61')")
        # What another program wrote is handed out as it is.
        db.execute("INSERT INTO Text_rows(id, body) VALUES ('n', 'a' || char(0) || 'b')")
        self.assertEqual(one(db, "SELECT hex(body) FROM Text WHERE id = 'n'"), "610062")
        self.assertEqual(one(db, "SELECT count(*) FROM datastore_outbox"), 1)


TREE = """
type Node @model { id: ID! name: String parent: Node @connection(name: "tree") children: [Node] @connection(name: "tree")
  leaves: [Leaf] @connection(name: "leaf") }
type Leaf @model { id: ID! node: Node @connection(name: "leaf") }
"""


class Cascade(unittest.TestCase):
    def test_10000_children(self):
        db = install(TREE)
        db.execute("INSERT INTO Node(id) VALUES ('root')")
        db.execute("BEGIN")
        db.executemany("INSERT INTO Node(id, parent) VALUES (?, 'root')", ((f"n{i}",) for i in range(10_000)))
        db.execute("COMMIT")
        db.execute("DELETE FROM Node WHERE id = 'root'")
        self.assertEqual(one(db, "SELECT count(*) FROM Node"), 0)
        self.assertEqual(one(db, "SELECT count(DISTINCT id) FROM datastore_outbox WHERE op = 'delete'"), 10_001)
        self.assertEqual(one(db, "SELECT count(*) FROM datastore_outbox WHERE op = 'delete'"), 10_001)

    def deep(self, recursive):
        db = install(TREE)
        db.execute(f"PRAGMA recursive_triggers = {recursive}")
        db.execute("INSERT INTO Node(id) VALUES ('0')")
        db.executemany(
            "INSERT INTO Node(id, parent) VALUES (?, ?)", ((str(i), str(i - 1)) for i in range(1, 1501))
        )
        db.execute("INSERT INTO Leaf(id, node) VALUES ('leaf', '1500')")
        db.execute("DELETE FROM Node WHERE id = '0'")
        self.assertEqual(one(db, "SELECT count(*) FROM Node_rows"), 0)
        self.assertEqual(one(db, "SELECT count(*) FROM Leaf_rows"), 0)
        order = [r[0] for r in db.execute("SELECT id FROM datastore_outbox WHERE op = 'delete' ORDER BY seq")]
        self.assertEqual(order, ["leaf"] + [str(i) for i in range(1500, -1, -1)])
        self.assertEqual(one(db, "PRAGMA recursive_triggers"), recursive)
        self.assertEqual(one(db, "SELECT count(*) FROM datastore_closure"), 0)
        self.assertEqual(one(db, "SELECT count(*) FROM datastore_cascading"), 0)

    def test_depth_1500(self):
        self.deep(0)

    def test_depth_1500_with_recursive_triggers(self):
        self.deep(1)

    def test_row_cycle(self):
        db = install(TREE)
        db.execute("INSERT INTO Node(id) VALUES ('a')")
        db.execute("INSERT INTO Node(id, parent) VALUES ('b', 'a'), ('c', 'b')")
        db.execute("UPDATE Node SET parent = 'c' WHERE id = 'a'")
        db.execute("DELETE FROM Node WHERE id = 'b'")
        self.assertEqual(one(db, "SELECT count(*) FROM Node"), 0)
        deleted = [r[0] for r in db.execute("SELECT id FROM datastore_outbox WHERE op = 'delete'")]
        self.assertEqual(sorted(deleted), ["a", "b", "c"])

    def test_diamond(self):
        db = install(
            """
            type A @model { id: ID! bs: [B] @connection(name: "ab") cs: [C] @connection(name: "ac") }
            type B @model { id: ID! a: A @connection(name: "ab") ds: [D] @connection(name: "bd") }
            type C @model { id: ID! a: A @connection(name: "ac") ds: [D] @connection(name: "cd") }
            type D @model { id: ID! b: B @connection(name: "bd") c: C @connection(name: "cd") }
            """
        )
        db.execute("INSERT INTO A(id) VALUES ('a')")
        db.execute("INSERT INTO B(id, a) VALUES ('b', 'a')")
        db.execute("INSERT INTO C(id, a) VALUES ('c', 'a')")
        db.execute("INSERT INTO D(id, b, c) VALUES ('d', 'b', 'c')")
        db.execute("DELETE FROM A")
        order = [r[0] for r in db.execute("SELECT id FROM datastore_outbox WHERE op = 'delete' ORDER BY seq")]
        self.assertEqual(sorted(order), ["a", "b", "c", "d"])
        self.assertLess(order.index("d"), min(order.index("b"), order.index("c")))
        self.assertEqual(order[-1], "a")

    def test_has_one_with_the_key_on_the_owner(self):
        db = install(
            """
            type User @model { id: ID! profileID: ID profile: Profile @hasOne(fields: ["profileID"]) }
            type Profile @model { id: ID! bio: String }
            """
        )
        db.execute("INSERT INTO Profile(id) VALUES ('p')")
        db.execute("INSERT INTO User(id, profileID) VALUES ('u', 'p')")
        db.execute("DELETE FROM User")
        self.assertEqual(one(db, "SELECT count(*) FROM Profile"), 0)


if __name__ == "__main__":
    unittest.main()
