"""datastore_save and datastore_delete inside transactions, statements and other connections."""

import json
import os
import sqlite3
import tempfile
import threading
import time
import unittest

from test_load import connect

SCHEMA = """
type Post @model {
  id: ID!
  title: String!
  rating: Int
  comments: [Comment] @connection(name: "PostComments")
}
type Comment @model {
  id: ID!
  content: String
  post: Post @connection(name: "PostComments")
}
type Folder @model {
  id: ID!
  name: String
  parent: Folder @connection(name: "Tree")
  folders: [Folder] @connection(name: "Tree")
}
"""


def scalar(connection, sql, *parameters):
    return connection.execute(sql, parameters).fetchone()[0]


def save(connection, model, record, *condition):
    conditions = [json.dumps(c) for c in condition]
    marks = ", ?" * len(conditions)
    sql = f"SELECT datastore_save(?, ?{marks})"
    return json.loads(scalar(connection, sql, model, json.dumps(record), *conditions))


def delete(connection, model, what, *condition):
    what = json.dumps(what) if isinstance(what, (dict, list)) else what
    conditions = [json.dumps(c) for c in condition]
    marks = ", ?" * len(conditions)
    return scalar(connection, f"SELECT datastore_delete(?, ?{marks})", model, what, *conditions)


def outbox(connection):
    sql = "SELECT model, id, op FROM datastore_outbox"
    return connection.execute(sql).fetchall()


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "app.db")
        self.connection = self.open()
        scalar(self.connection, "SELECT datastore_schema(?)", SCHEMA)

    def open(self):
        connection = connect(self.path)
        connection.isolation_level = None
        self.addCleanup(connection.close)
        return connection


class Save(Case):
    def test_record_comes_back_as_stored(self):
        record = save(self.connection, "Post", {"title": "A", "rating": 1})
        self.assertEqual(record["title"], "A")
        self.assertEqual(record["id"], scalar(self.connection, "SELECT datastore_last_id()"))
        self.assertEqual(record, save(self.connection, "Post", record))
        self.assertEqual(len(outbox(self.connection)), 1)

    def test_text_survives(self):
        for title in ["", "Ärger 🎈", 'a"b\\c\'d', "line\nbreak\ttab", "%_*", "x" * 1000000]:
            record = save(self.connection, "Post", {"id": "p", "title": title})
            self.assertEqual(record["title"], title)
            self.assertEqual(scalar(self.connection, "SELECT title FROM Post"), title)

    def test_result_has_the_json_subtype(self):
        sql = "SELECT json_object('post', datastore_save('Post', ?))"
        outer = json.loads(scalar(self.connection, sql, '{"id":"p","title":"A"}'))
        self.assertEqual(outer["post"]["title"], "A")

    def test_one_save_is_one_transaction(self):
        save(self.connection, "Post", {"id": "p", "title": "A"})
        self.assertFalse(self.connection.in_transaction)
        self.assertEqual(scalar(self.open(), "SELECT count(*) FROM Post"), 1)

    def test_rollback_takes_row_and_journal(self):
        self.connection.execute("BEGIN")
        save(self.connection, "Post", {"id": "p", "title": "A"})
        save(self.connection, "Post", {"id": "p", "title": "B"}, {"title": {"eq": "A"}})
        self.connection.execute("ROLLBACK")
        self.assertEqual(scalar(self.connection, "SELECT count(*) FROM Post"), 0)
        self.assertEqual(outbox(self.connection), [])

    def test_failure_leaves_the_transaction_as_it_was(self):
        self.connection.execute("BEGIN")
        save(self.connection, "Post", {"id": "p", "title": "A"})
        with self.assertRaisesRegex(sqlite3.IntegrityError, "^NOT NULL .*: Post.title$"):
            save(self.connection, "Post", {"id": "q"})
        with self.assertRaisesRegex(sqlite3.IntegrityError, "does not match the condition"):
            save(self.connection, "Post", {"id": "p", "title": "B"}, {"title": {"eq": "C"}})
        self.assertTrue(self.connection.in_transaction)
        self.connection.execute("COMMIT")
        self.assertEqual(self.connection.execute("SELECT id, title FROM Post").fetchall(),
                         [("p", "A")])
        self.assertEqual(outbox(self.connection), [("Post", "p", "create")])
        self.assertEqual(scalar(self.connection, "SELECT count(payload) FROM datastore_journal"), 0)

    def test_own_savepoint_stays_usable(self):
        self.connection.execute("SAVEPOINT mine")
        save(self.connection, "Post", {"id": "p", "title": "A"})
        self.connection.execute("ROLLBACK TO mine")
        save(self.connection, "Post", {"id": "q", "title": "B"})
        self.connection.execute("RELEASE mine")
        self.assertEqual(outbox(self.connection), [("Post", "q", "create")])

    def test_from_a_table_of_records(self):
        self.connection.execute("CREATE TABLE staged(record)")
        self.connection.executemany(
            "INSERT INTO staged VALUES (?)",
            [(json.dumps({"id": f"p{i}", "title": f"T{i}"}),) for i in range(100)])
        rows = self.connection.execute(
            "SELECT datastore_save('Post', record) ->> 'title' FROM staged").fetchall()
        self.assertEqual(rows, [(f"T{i}",) for i in range(100)])
        self.assertEqual(scalar(self.connection, "SELECT count(*) FROM Post"), 100)

    def test_while_another_statement_reads(self):
        for i in range(10):
            save(self.connection, "Post", {"id": f"p{i}", "title": "A"})
        reader = self.connection.execute("SELECT id FROM Post ORDER BY id")
        self.assertEqual(reader.fetchone(), ("p0",))
        save(self.connection, "Post", {"id": "p5", "title": "B"})
        self.assertEqual(len(reader.fetchall()), 9)
        self.assertEqual(scalar(self.connection, "SELECT title FROM Post WHERE id = 'p5'"), "B")

    def test_refused_in_statements_that_write(self):
        self.connection.execute("CREATE TABLE note(text)")
        for sql in ["INSERT INTO note VALUES (datastore_save('Post', '{\"title\":\"A\"}'))",
                    "INSERT INTO note SELECT datastore_delete('Post', '{}')"]:
            with self.assertRaisesRegex(sqlite3.OperationalError, "inside a statement that writes"):
                self.connection.execute(sql)
        for sql in ["CREATE VIEW v AS SELECT datastore_save('Post', '{}') AS x",
                    "CREATE VIEW v AS SELECT datastore_delete('Post', '{}') AS x"]:
            self.connection.execute(sql)
            with self.assertRaisesRegex(sqlite3.OperationalError, "unsafe use"):
                self.connection.execute("SELECT x FROM v")
            self.connection.execute("DROP VIEW v")

    def test_a_temporary_table_of_the_name_is_not_meant(self):
        self.connection.execute("CREATE TEMP TABLE Post(id, title)")
        save(self.connection, "Post", {"id": "p", "title": "A"})
        self.assertEqual(scalar(self.connection, "SELECT count(*) FROM temp.Post"), 0)
        self.assertEqual(scalar(self.connection, "SELECT count(*) FROM main.Post"), 1)
        self.assertEqual(delete(self.connection, "Post", "p"), 1)

    def test_codes_of_errors(self):
        for record, code in [({"id": "p"}, sqlite3.SQLITE_CONSTRAINT_NOTNULL),
                             ({"title": True}, sqlite3.SQLITE_CONSTRAINT_DATATYPE
                              if hasattr(sqlite3, "SQLITE_CONSTRAINT_DATATYPE") else 3091),
                             ({"titel": 1}, sqlite3.SQLITE_ERROR)]:
            with self.assertRaises(sqlite3.DatabaseError) as caught:
                save(self.connection, "Post", record)
            self.assertEqual(caught.exception.sqlite_errorcode, code)
        with self.assertRaises(sqlite3.IntegrityError) as caught:
            save(self.connection, "Comment", {"post": "nobody"})
        self.assertEqual(caught.exception.sqlite_errorcode,
                         sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY)

    def test_many_members_and_values(self):
        fields = "\n".join(f"  f{i}: String" for i in range(300))
        connection = connect()
        self.addCleanup(connection.close)
        scalar(connection, "SELECT datastore_schema(?)", f"type Wide @model {{ id: ID! {fields} }}")
        record = {f"f{i}": str(i) for i in range(300)}
        stored = save(connection, "Wide", {"id": "w", **record})
        self.assertEqual({k: v for k, v in stored.items() if k in record}, record)
        save(connection, "Wide", {"id": "w", "f61": "x", "f62": "y", "f299": "z", "f3": "3"})
        changed = scalar(connection, "SELECT changed FROM datastore_outbox WHERE op = 'update'")
        self.assertEqual(json.loads(changed), ["f61", "f62", "f299"])


class Delete(Case):
    def test_counts_what_matched(self):
        for i in range(10):
            save(self.connection, "Post", {"id": f"p{i}", "title": "A", "rating": i})
            save(self.connection, "Comment", {"id": f"c{i}", "post": f"p{i}"})
        self.assertEqual(delete(self.connection, "Post", {"rating": {"lt": 4}}), 4)
        self.assertEqual(scalar(self.connection, "SELECT count(*) FROM Comment"), 6)
        self.assertEqual(delete(self.connection, "Post", {}), 6)
        self.assertEqual(scalar(self.connection, "SELECT count(*) FROM Comment"), 0)

    def test_children_that_match_too_are_counted(self):
        save(self.connection, "Folder", {"id": "f0", "name": "x"})
        for i in range(1, 50):
            save(self.connection, "Folder", {"id": f"f{i}", "name": "x", "parent": f"f{i - 1}"})
        self.connection.execute("DELETE FROM datastore_journal")
        self.assertEqual(delete(self.connection, "Folder", {"name": {"eq": "x"}}), 50)
        self.assertEqual(scalar(self.connection, "SELECT count(*) FROM Folder"), 0)
        order = [key for _, key, _ in outbox(self.connection)]
        self.assertEqual(order, [f"f{i}" for i in reversed(range(50))])

    def test_failure_deletes_nothing(self):
        for i in range(5):
            save(self.connection, "Post", {"id": f"p{i}", "title": "A"})
        self.connection.execute(
            "CREATE TRIGGER keep BEFORE DELETE ON Post_rows WHEN OLD.id = 'p3' "
            "BEGIN SELECT RAISE(ABORT, 'p3 stays'); END")
        with self.assertRaisesRegex(sqlite3.IntegrityError, "^p3 stays$"):
            delete(self.connection, "Post", {})
        self.assertEqual(scalar(self.connection, "SELECT count(*) FROM Post"), 5)
        self.assertEqual(len(outbox(self.connection)), 5)

    def test_rollback(self):
        save(self.connection, "Post", {"id": "p", "title": "A"})
        self.connection.execute("BEGIN")
        self.assertEqual(delete(self.connection, "Post", "p", {"title": {"eq": "A"}}), 1)
        self.connection.execute("ROLLBACK")
        self.assertEqual(scalar(self.connection, "SELECT count(*) FROM Post"), 1)
        self.assertEqual(outbox(self.connection), [("Post", "p", "create")])
        self.assertEqual(scalar(self.connection, "SELECT count(payload) FROM datastore_journal"), 0)

    def test_many_rows(self):
        n = 10000
        self.connection.execute("BEGIN")
        for i in range(n):
            save(self.connection, "Post", {"id": f"p{i}", "title": f"T{i}", "rating": i % 10})
        self.connection.execute("COMMIT")
        self.assertEqual(delete(self.connection, "Post", {"rating": {"ge": 5}}), n // 2)
        self.assertEqual(scalar(self.connection, "SELECT count(*) FROM Post"), n // 2)
        self.assertEqual(len(outbox(self.connection)), n + n // 2)


class Condition(Case):
    def journal(self):
        return self.connection.execute(
            "SELECT op, condition, payload ->> 'title' FROM datastore_journal ORDER BY seq"
        ).fetchall()

    def test_kept_with_the_change(self):
        condition = {"and": [{"rating": {"gt": 1}}, {"title": {"eq": "A"}}]}
        save(self.connection, "Post", {"id": "p", "title": "A", "rating": 2})
        save(self.connection, "Post", {"id": "p", "title": "B"}, condition)
        save(self.connection, "Post", {"id": "p", "title": "C"})
        delete(self.connection, "Post", "p", {"title": {"eq": "C"}})
        text = [json.dumps(condition), json.dumps({"title": {"eq": "C"}})]
        self.assertEqual(self.journal(), [
            (1, None, "A"), (2, text[0], "B"), (2, None, "C"), (3, text[1], None)])

    def test_cascaded_children_have_none(self):
        save(self.connection, "Post", {"id": "p", "title": "A"})
        save(self.connection, "Comment", {"id": "c", "post": "p"})
        delete(self.connection, "Post", "p", {"title": {"eq": "A"}})
        self.assertEqual([c is None for _, c, _ in self.journal()], [True, True, True, False])

    def test_other_records_are_left_alone(self):
        save(self.connection, "Post", {"id": "other", "title": "O"})
        save(self.connection, "Post", {"id": "p", "title": "A"})
        save(self.connection, "Post", {"id": "other", "title": "O2"})
        save(self.connection, "Post", {"id": "p", "title": "B"}, {"title": {"eq": "A"}})
        self.assertEqual([p for _, _, p in self.journal()], [None, "A", None, "B"])


class Connections(Case):
    def test_schema_of_another_connection(self):
        path = os.path.join(self.folder.name, "new.db")
        early, late = connect(path), connect(path)
        self.addCleanup(early.close)
        self.addCleanup(late.close)
        with self.assertRaisesRegex(sqlite3.OperationalError, "datastore_schema"):
            save(early, "Post", {"title": "A"})
        scalar(late, "SELECT datastore_schema(?)", SCHEMA)
        self.assertEqual(save(early, "Post", {"title": "A"})["title"], "A")

    def test_last_id_is_the_connection_s(self):
        other = self.open()
        record = save(self.connection, "Post", {"title": "A"})
        self.assertIsNone(scalar(other, "SELECT datastore_last_id()"))
        mine = save(other, "Post", {"title": "B"})
        self.assertEqual(scalar(other, "SELECT datastore_last_id()"), mine["id"])
        self.assertEqual(scalar(self.connection, "SELECT datastore_last_id()"), record["id"])

    def wait_for_writer(self, change):
        """A writer holds the file while `change` runs, and commits a moment later."""
        writer = connect(self.path)
        writer.isolation_level = None
        done = []

        def run():
            change()
            done.append(time.monotonic())

        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE Post SET rating = 99")
        thread = threading.Thread(target=run)
        thread.start()
        time.sleep(0.3)
        locked_until = time.monotonic()
        writer.execute("COMMIT")
        thread.join()
        writer.close()
        return done and done[0] >= locked_until

    def test_waits_for_a_writer(self):
        save(self.connection, "Post", {"id": "p", "title": "A"})
        for mode in ["DELETE", "WAL"]:
            scalar(self.connection, f"PRAGMA journal_mode = {mode}")
            for change in [
                    lambda c: save(c, "Post", {"id": "p", "title": mode}),
                    lambda c: save(c, "Post", {"id": "p", "title": mode + "2"},
                                   {"rating": {"eq": 99}}),
                    lambda c: delete(c, "Post", {"title": {"eq": "nothing"}})]:

                def run():
                    connection = connect(self.path)
                    connection.execute("PRAGMA busy_timeout = 10000")
                    change(connection)
                    connection.close()

                self.assertTrue(self.wait_for_writer(run))
        self.assertEqual(scalar(self.connection, "SELECT title FROM Post"), "WAL2")


if __name__ == "__main__":
    unittest.main()
