"""Keys of several columns, relations to oneself, models that nobody may query: the other schemas."""

import os
import unittest

from kit import ROOT, Case, backend

EXAMPLES = os.path.join(ROOT, "schema/examples")


class Keys(Case):
    def open(self, name):
        self.server = backend(os.path.join(EXAMPLES, name))
        return self.client("a.db"), self.client("b.db")

    def both(self, a, b, *models):
        """Both databases and the server hold the same."""
        for one in (a, b, a):
            self.clean(one.sync())
        for model in models:
            rows = sorted(a.sql(f"SELECT *, _version FROM {model}"), key=str)
            self.assertEqual(rows, sorted(b.sql(f"SELECT *, _version FROM {model}"), key=str))
            live = [one for one in self.server.admin(f"records?model={model}") if not one.get("_deleted")]
            self.assertEqual(len(rows), len(live), model)

    def test_composite_keys(self):
        a, b = self.open("custom-keys.graphql")
        a.sql("INSERT INTO Product(sku, name, price) VALUES ('x#1', 'n', 1.5)")
        a.sql("INSERT INTO Shelf(warehouse, aisle, place) VALUES ('w', 'a#b', 1), ('w', 'a', 2)")
        self.server.fault("reset", "mutation", after=True)
        self.both(a, b, "Product", "Shelf")
        names = [name for name, in b.sql("SELECT name FROM pragma_table_info('Stock')")]
        self.assertIn("productSku", names)
        b.sql(
            """INSERT INTO Stock(id, productSku, counted, amount, shelfStockWarehouse, shelfStockAisle,
                                 shelfStockPlace)
               VALUES ('s', 'x#1', '2024-02-29', 3, 'w', 'a#b', 1)"""
            if "shelfStockWarehouse" in names
            else "INSERT INTO Stock(id, productSku, counted, amount) VALUES ('s', 'x#1', '2024-02-29', 3)"
        )
        self.server.fault("truncated", "mutation", after=True)
        self.both(a, b, "Product", "Shelf", "Stock")
        # One part of a sort key changes: the others are sent along, as the server wants it.
        a.sql("UPDATE Stock SET counted = '2024-03-01'")
        b.sql("UPDATE Stock SET amount = 4")
        b.sql("UPDATE Product SET price = 2.5")
        self.server.fault("reset", "mutation", after=True)
        self.both(a, b, "Product", "Shelf", "Stock")
        self.assertEqual(a.sql("SELECT counted, amount FROM Stock"), [("2024-03-01", 4)])
        b.sql("DELETE FROM Shelf WHERE aisle = 'a'")
        a.sql("DELETE FROM Product")
        self.both(a, b, "Product", "Shelf", "Stock")
        self.assertEqual(a.sql("SELECT aisle FROM Shelf"), [("a#b",)])
        self.assertEqual(a.sql("SELECT * FROM Stock"), [])

    def test_relations_to_oneself(self):
        a, b = self.open("self-relation.graphql")
        a.configure(pushBatchSize=2)
        a.sql("INSERT INTO Folder(id, name) VALUES ('1', 'top')")
        for number in range(2, 9):
            parent = str(number // 2)
            a.sql("INSERT INTO Folder(id, name, parent) VALUES (?, 'n', ?)", str(number), parent)
        a.sql("INSERT INTO Employee(id, name) VALUES ('x', 'n')")
        a.sql("INSERT INTO Employee(id, name, managerID) VALUES ('y', 'n', 'x')")
        a.sql("UPDATE Employee SET managerID = 'y' WHERE id = 'x'")  # a circle
        self.both(a, b, "Folder", "Employee")
        self.assertEqual(b.one("SELECT managerID FROM Employee WHERE id = 'x'"), "y")
        b.sql("DELETE FROM Folder WHERE id = '2'")
        self.both(a, b, "Folder", "Employee")
        self.assertEqual([key for key, in a.sql("SELECT id FROM Folder ORDER BY id")], ["1", "3", "6", "7"])
        a.sql("DELETE FROM Employee WHERE id = 'y'")
        self.both(a, b, "Folder", "Employee")

    def test_model_without_queries(self):
        """The API cannot be asked for a PostEditor; the refusal says what is there."""
        a, b = self.open("editors.graphql")
        a.sql("INSERT INTO Post(id, title) VALUES ('p', 't')")
        a.sql("INSERT INTO User(id, username) VALUES ('u', 'n')")
        self.clean(a.sync())
        a.sql("INSERT INTO PostEditor(id, postID, editorID) VALUES ('e', 'p', 'u')")
        self.server.fault("reset", "mutation", after=True)
        self.both(a, b, "Post", "User", "PostEditor")
        b.sql("DELETE FROM Post")
        self.server.fault("reset", "mutation", after=True)
        self.both(a, b, "Post", "User", "PostEditor")
        self.assertEqual(a.sql("SELECT * FROM PostEditor"), [])
        self.assertEqual(a.one("SELECT count(*) FROM User"), 1)


if __name__ == "__main__":
    unittest.main()
