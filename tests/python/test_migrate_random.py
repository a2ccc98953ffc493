"""Random schemas, rows and changes, then random next schemas. What must hold each time:
a refusal leaves the file as it was; else kept columns keep their values and unsent changes their
meaning, and the file is as if the new schema had been installed in a fresh one.

The same sequences each time, so that no change is refused for what it did not do. RANDOM_SECONDS goes on for
as long as that from a seed of its own, or from RANDOM_SEED.
"""

import copy
import json
import os
import random
import re
import sqlite3
import time
import unittest

from test_load import connect
from test_migrate import dump, migrate, scalar, settle

SECONDS = float(os.environ.get("RANDOM_SECONDS", "0"))
SEQUENCES = 60  # where no time is given
MODELS = ["M0", "M1", "M2", "M3", "m4"]
FIELDS = ["a", "b", "c", "d", "e", "rid", "_rid", "A", "createdAt"]
SCALARS = ["String", "ID", "Int", "Float", "Boolean", "AWSJSON", "AWSDate", "AWSTimestamp"]


# ---- schemas ---------------------------------------------------------------------------------

class Schema:
    """version: of the transformer. models: name to fields and key; a field is a dictionary.
    relations: (name, parent, child, is one-way, is many-to-many)."""

    def __init__(self, generator):
        self.random = generator
        self.version = generator.choice((1, 2))
        self.enums = {"E0": ["X", "Y", "Z"], "E1": ["X"]}
        self.embedded = {"T0": {"k": "Int", "t": "String"}, "T1": {"t": "T0", "u": "[Int]"}}
        self.models, self.relations = {}, []
        for _ in range(generator.randint(1, 3)):
            self.add_model()
        for _ in range(generator.randint(0, 6)):
            self.change()

    def type(self):
        kind = self.random.random()
        name = self.random.choice(SCALARS if kind < 0.6 else list(self.enums) if kind < 0.75
                                  else list(self.embedded) if kind < 0.85 else ["Int", "String"])
        return f"[{name}]" if kind >= 0.85 else name

    def add_model(self):
        free = [m for m in MODELS if m not in self.models]
        if free:
            key = self.random.choice((None, None, None, ["x"], ["x", "y"], ["y", "x"]))
            self.models[self.random.choice(free)] = {"key": key, "fields": {}}
            for _ in range(self.random.randint(1, 4)):
                self.add_field()

    def add_field(self):
        fields = self.model()["fields"]
        name = self.random.choice(FIELDS)
        if name.lower() not in [f.lower() for f in fields]:
            fields[name] = {"type": self.type() if name != "createdAt" else "AWSDateTime",
                            "required": self.random.random() < 0.15, "default": False,
                            "tame": self.random.random() < 0.5,
                            "index": self.random.random() < 0.2}
            self.settle_default(fields[name])

    def settle_default(self, field):
        simple = field["type"] in ("String", "Int", "Float")
        field["default"] = simple and self.version == 2 and self.random.random() < 0.3
        field["index"] = field["index"] and field["type"] in ("String", "ID", "Int", "Float")

    def model(self):
        return self.models[self.random.choice(list(self.models))]

    def add_relation(self):
        parents = [m for m in self.models if not self.models[m]["key"]]
        if parents:
            parent, child = self.random.choice(parents), self.random.choice(list(self.models))
            is_many = self.version == 2 and parent != child and child in parents and \
                self.random.random() < 0.3
            if all({parent, child} != {p, c} for _, p, c, _, _ in self.relations):
                self.relations.append((f"r{self.random.randrange(10)}", parent, child,
                                       self.version == 2 and self.random.random() < 0.5, is_many))

    def change(self):
        """One random step."""
        fields = self.model()["fields"]
        field = fields[self.random.choice(list(fields))] if fields else None
        step = self.random.randrange(15)
        if step < 3:
            self.add_field()
        elif step == 3 and len(fields) > 1:
            del fields[self.random.choice(list(fields))]
        elif step in (4, 13, 14) and field and field["type"] != "AWSDateTime":
            field["type"] = self.random.choice(sorted(TAME)) if field["tame"] else self.type()
            self.settle_default(field)
        elif step == 5 and field:
            field["required"] = not field["required"]
        elif step == 6 and field:
            field["index"] = not field["index"]
            self.settle_default(field)
        elif step == 7:
            self.add_model()
        elif step == 8 and len(self.models) > 1:
            gone = self.random.choice(list(self.models))
            del self.models[gone]
            self.relations = [r for r in self.relations if gone not in r[1:3]]
        elif step == 9:
            self.add_relation()
        elif step == 10 and self.relations:
            self.relations.remove(self.random.choice(self.relations))
        elif step == 11:
            values = self.random.sample(["X", "Y", "Z", "W"], self.random.randint(1, 4))
            self.enums[self.random.choice(("E0", "E1"))] = values
        elif step == 12:
            members = self.embedded["T0"]
            if len(members) < 4:
                members[f"n{self.random.randrange(5)}"] = self.random.choice(("Int", "String!"))
            elif len(members) > 1:
                del members[self.random.choice(list(members))]

    def next(self):
        other = copy.deepcopy(self)
        other.random = self.random
        for _ in range(self.random.randint(1, 4)):
            other.change()
        return other

    def sdl(self):
        out = [f"enum {e} {{ {' '.join(v)} }}" for e, v in self.enums.items()]
        out += [f"type {t} {{ {' '.join(f'{n}: {x}' for n, x in m.items())} }}"
                for t, m in self.embedded.items()]
        return "\n".join(out + [self.model_sdl(m) for m in self.models]) + "\n"

    def model_sdl(self, name):
        model, head, lines = self.models[name], "@model", []
        key = model["key"]
        if self.version == 1:
            head += f' @key(fields: {json.dumps(key)})' if key else ""
            for f, field in model["fields"].items():
                head += f' @key(name: "k{f}", fields: ["{f}"])' if field["index"] else ""
        if key:
            for i, k in enumerate(key):
                sort = f"(sortKeyFields: {json.dumps(key[1:])})" if key[1:] else ""
                mark = f" @primaryKey{sort}" if self.version == 2 and i == 0 else ""
                lines.append(f"{k}: {'ID' if k == 'x' else 'Int'}!{mark}")
        else:
            lines.append("id: ID!")
        for f, field in model["fields"].items():
            line = f"{f}: {field['type']}{'!' if field['required'] else ''}"
            line += ' @default(value: "7")' if field["default"] else ""
            line += f' @index(name: "k{f}")' if self.version == 2 and field["index"] else ""
            lines.append(line)
        for relation in self.relations:
            lines += self.relation_lines(name, *relation)
        return f"type {name} {head} {{ {' '.join(lines)} }}"

    def relation_lines(self, model, name, parent, child, is_one_way, is_many):
        if is_many:
            other = child if model == parent else parent
            return [f'{name}s: [{other}] @manyToMany(relationName: "J{name}")'] \
                if model in (parent, child) else []
        lines = []
        has, back = ("@hasMany", "@belongsTo") if self.version == 2 else \
            (f'@connection(name: "{name}")',) * 2
        if model == parent:
            lines.append(f"{name}s: [{child}] {has}")
        if model == child and not is_one_way and (self.version == 1 or parent != child):
            lines.append(f"{name}: {parent} {back}")
        return lines


# Values of several types that are the same: fields with these often get another type.
TAME = {"Int": 1, "Float": 1.0, "String": "1", "Boolean": 1, "AWSTimestamp": 1, "AWSJSON": "1"}


# ---- values -----------------------------------------------------------------------------------

def value_of(generator, schema, type_name, is_tame=False):
    """A value as SQL takes it."""
    name = type_name.strip("[]!")
    if is_tame and type_name.strip("!") in TAME:
        return TAME[name]
    if type_name.startswith("["):
        items = [value_of(generator, schema, name) for _ in range(generator.randrange(3))]
        return json.dumps(items)
    if name in schema.enums:
        return generator.choice(schema.enums[name])
    if name in schema.embedded:
        members = {n: value_of(generator, schema, t) for n, t in schema.embedded[name].items()}
        return json.dumps({n: json.loads(v) if isinstance(v, str) and v[:1] in "[{" and v else v
                           for n, v in members.items()})
    return {"String": lambda: generator.choice(["X", "5", "2020-02-02", "null", "[1]", "ü", ""]),
            "ID": lambda: generator.choice(["X", "5", "id"]),
            "Int": lambda: generator.choice([0, 1, 5, -7, 2147483647]),
            "Float": lambda: generator.choice([0.0, 1.0, 0.5, 0.1 + 0.2, 5.0, -1e300]),
            "Boolean": lambda: generator.randrange(2),
            "AWSJSON": lambda: generator.choice(["[1]", "5", '{"k":1}', '"X"']),
            "AWSDate": lambda: generator.choice(["2020-02-02", "2021-01-01"]),
            "AWSDateTime": lambda: "2020-02-02T00:00:00.000Z",
            "AWSTimestamp": lambda: generator.choice([0, 1, 5, 1600000000])}[name]()


def columns_of(connection, model):
    """Of the virtual table: names, without what only the store sets and foreign keys."""
    sql = ("SELECT c.name, c.type FROM datastore_columns c JOIN datastore_models m"
           " ON m.number = c.model WHERE m.model = ? AND NOT is_removed ORDER BY c.number")
    return dict(connection.execute(sql, (model,)).fetchall())


def ordered_columns_of(connection, model):
    """The same in the order that the schema gives them."""
    types = columns_of(connection, model)
    return {c: types[c] for c, in connection.execute(
        "SELECT name FROM pragma_table_xinfo(?) ORDER BY cid", (model,)) if c in types}


def key_of(connection, model):
    sql = "SELECT key FROM datastore_models WHERE model = ?"
    return json.loads(scalar(connection, sql, model))


def models_of(connection):
    return [m for m, in connection.execute("SELECT model FROM datastore_models ORDER BY model")]


def random_write(generator, schema, connections):
    """The same random statement on all connections; it may be refused, but then everywhere."""
    first = connections[0]
    model = generator.choice(models_of(first))
    columns, key = columns_of(first, model), key_of(first, model)
    known = set(schema.enums) | set(schema.embedded) | set(SCALARS) | {"AWSDateTime"}
    free = [c for c in sorted(columns) if c not in key and c != "updatedAt"
            and columns[c].strip("[]!") in known
            and (c != "createdAt" or "createdAt" in schema.models.get(model, {"fields": ()})["fields"])]
    ids = [generator.randrange(6) if columns[k].startswith("Int") else
           f"k{generator.randrange(6)}" for k in key]
    where = " AND ".join(f'"{k}" = ?' for k in key)
    tame = {f for f, field in schema.models.get(model, {"fields": {}})["fields"].items()
            if field["tame"]}
    chosen = [c for c in free if generator.random() < 0.6]
    values = [None if generator.random() < 0.2 else
              f"k{generator.randrange(6)}" if columns[c] == "ID" and "Id" in c else
              value_of(generator, schema, columns[c], c in tame) for c in chosen]
    kind = generator.random()
    if kind < 0.5:
        names = ", ".join(f'"{c}"' for c in key + chosen)
        sql = f"INSERT INTO {model}({names}) VALUES ({', '.join('?' * (len(key + chosen)))})"
        values = ids + values
    elif kind < 0.85 and chosen:
        sql = f"UPDATE {model} SET " + ", ".join(f'"{c}" = ?' for c in chosen) + f" WHERE {where}"
        values = values + ids
    else:
        sql, values = f"DELETE FROM {model} WHERE {where}", ids
    outcomes = []
    for connection in connections:
        try:
            connection.execute(sql, values)
            outcomes.append(None)
        except sqlite3.Error as error:
            outcomes.append(str(error))
    return sql, values, outcomes


# ---- what a file is ---------------------------------------------------------------------------

def visible(connection):
    """The rows of each model by key, without times."""
    out = {}
    for model in models_of(connection):
        cursor = connection.execute(f"SELECT *, _version, _status FROM {model}")
        names = [d[0] for d in cursor.description]
        key = key_of(connection, model)
        out[model] = {}
        for row in cursor.fetchall():
            record = {n: v for n, v in zip(names, row) if n not in ("createdAt", "updatedAt")}
            out[model][tuple(record[k] for k in key)] = record
    return out


def outbox(connection):
    return connection.execute("SELECT model, id, op, changed FROM datastore_outbox").fetchall()


def without_numbers(sql):
    """A trigger without the numbers of columns, models and components, and without its mask."""
    sql = re.sub(r", 2, \(\(.*?\), (NULL|json_array\(.*?\)|\S*)(, OLD\.\"_version\"\)|\);)",
                 ", 2, MASK;", sql, flags=re.DOTALL)
    return re.sub(r"\b\d+\b", "N", sql)


def structure(connection):
    """All that a schema makes in a file, whatever it was before."""
    parts = connection.execute(
        "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type IN ('trigger', 'index')"
        " AND sql IS NOT NULL").fetchall()
    out = {"parts": sorted((*p[:3], without_numbers(p[3])) for p in parts)}
    out["tables"] = sorted(connection.execute(
        "SELECT t.name, lower(c.name), c.type, c.pk, c.[notnull] FROM sqlite_schema t,"
        " pragma_table_xinfo(t.name) c WHERE t.type = 'table'"
        " AND (t.name LIKE '%~_rows' ESCAPE '~' OR t.name LIKE '%~_base' ESCAPE '~')").fetchall())
    out["virtual"] = sorted(connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL%'").fetchall())
    for table, columns in (("models", "model, plural, key, rows_table, base_table"),
                           ("relations", "*"), ("operations", "*"), ("sync_state", "model, filter")):
        out[table] = sorted(connection.execute(
            f"SELECT {columns} FROM datastore_{table}").fetchall(), key=str)
    out["columns"] = sorted(connection.execute(
        "SELECT m.model, c.name, c.wire, c.type FROM datastore_columns c JOIN datastore_models m"
        " ON m.number = c.model WHERE NOT is_removed").fetchall())
    return out


def same_value(old, new):
    if old is None or new is None:
        return old is new
    try:
        return old == new or float(old) == float(new)
    except ValueError:
        return False


def count_unsent(connection, model, column):
    """Records of which the outbox has a change of the column."""
    ids = set()
    key = key_of(connection, model)
    for name, entry_key, op, changed in outbox(connection):
        if name == model and op == "update" and column in json.loads(changed):
            ids.add(entry_key)
        elif name == model and op == "create":
            values = [entry_key] if len(key) == 1 else json.loads(entry_key)
            where = " AND ".join(f'"{k}" = ?' for k in key)
            row = connection.execute(f'SELECT "{column}" FROM {model} WHERE {where}', values)
            if (row.fetchone() or [None])[0] is not None:
                ids.add(entry_key)
    return len(ids)


class Random(unittest.TestCase):
    def open(self):
        connection = connect()
        connection.isolation_level = None
        return connection

    def is_valid(self, sdl):
        connection = self.open()
        try:
            migrate(connection, sdl)
            return True
        except sqlite3.OperationalError as error:
            self.assertRegex(str(error), "schema line")
            return False
        finally:
            connection.close()

    def valid(self, make):
        while True:
            schema = make()
            if self.is_valid(schema.sdl()):
                return schema

    def shapes(self, connection):
        """Of each model: its columns in their order, with what is inside of their types."""
        catalog = json.loads(scalar(connection, "SELECT datastore_introspect()"))
        inside = json.dumps([catalog["enums"], catalog["nonModels"]])
        return {m: [list(ordered_columns_of(connection, m).items()), inside,
                    catalog["models"][m]["fields"]["createdAt"].get("isReadOnly")]
                for m in models_of(connection)}

    def check_summary(self, connection, summary, before):
        after = self.shapes(connection)
        self.assertEqual(set(summary["models"]), set(after))
        self.assertEqual(set(summary["added"]), set(after) - set(before))
        self.assertEqual(set(summary["removed"]), set(before) - set(after))
        synced = dict(connection.execute("SELECT model, last_sync FROM datastore_sync_state"))
        self.assertEqual(set(synced), set(after))
        for model in set(after) & set(before):
            if after[model] == before[model]:
                self.assertEqual(synced[model], 5, model)
            elif after[model][0] != before[model][0]:
                self.assertIsNone(synced[model], model)
                self.assertIn(model, summary["changed"])
            self.assertTrue(synced[model] == 5 or model in summary["changed"])

    def check_kept(self, before, after, sdl):
        for model in before.keys() & after.keys():
            self.assertEqual(before[model].keys(), after[model].keys(), sdl)
            for key, old in before[model].items():
                new = after[model][key]
                for column in old.keys() & new.keys():
                    is_filled = old[column] is None and new[column] is not None
                    if not (is_filled and "@default" in sdl):
                        self.assertTrue(same_value(old[column], new[column]),
                                        (model, key, column, old[column], new[column]))

    def check_reason(self, connection, following, error):
        """Is it true what the refusal says?"""
        for pattern, check in (
                (r"(\w+)\.(\w+) cannot be (removed|converted|read-only): (\d+) records? ha",
                 lambda m, c, _, n: count_unsent(connection, m, c) == int(n)),
                (r"model (\w+) cannot be removed: (\d+) records? ha",
                 lambda m, n: m not in following.models
                 and len({e[1] for e in outbox(connection) if e[0] == m}) == int(n)),
                (r"(\w+)\.(\w+) is required now, but (\d+) records? ha",
                 lambda m, c, n: int(n) == scalar(connection, f"SELECT count(*) FROM {m}_rows")
                 - (c in columns_of(connection, m) and
                    scalar(connection, f'SELECT count("{c}") FROM {m}_rows'))),
                (r"the key of (\w+) cannot change: it has (\d+) records? and (\d+) with",
                 lambda m, rows, n: int(rows) == scalar(connection, f"SELECT count(*) FROM {m}_rows")
                 and int(n) == len({e[1] for e in outbox(connection) if e[0] == m})),
                (r"(\w+)\.(\w+) cannot become what the schema says, because of the record '(.*?)': ",
                 lambda m, c, _: c in columns_of(connection, m))):
            found = re.search(pattern, error)
            if found:
                self.assertTrue(check(*found.groups()), error)
                return
        self.fail(error)

    def fresh_copy(self, connection, sdl):
        """The schema installed anew, with the same rows."""
        fresh = self.open()
        migrate(fresh, sdl)
        self.assertEqual(structure(connection), structure(fresh))
        settle(connection)
        fresh.execute("UPDATE datastore_session SET applying = 1")
        for model in models_of(connection):
            cursor = connection.execute(f"SELECT * FROM {model}_rows")
            names = ", ".join(f'"{d[0]}"' for d in cursor.description)
            marks = ", ".join("?" * len(cursor.description))
            fresh.executemany(f"INSERT INTO {model}_rows({names}) VALUES ({marks})",
                              cursor.fetchall())
        fresh.execute("UPDATE datastore_session SET applying = 0")
        return fresh

    def check_like_fresh(self, generator, schema, connection, sdl):
        fresh = self.fresh_copy(connection, sdl)
        for _ in range(12):
            sql, values, outcomes = random_write(generator, schema, [connection, fresh])
            self.assertEqual(outcomes[0], outcomes[1], (sql, values))
        self.assertEqual(visible(connection), visible(fresh))
        self.assertEqual([e[:3] for e in outbox(connection)], [e[:3] for e in outbox(fresh)])
        for mine, other in zip(outbox(connection), outbox(fresh)):
            self.assertEqual(sorted(json.loads(mine[3] or "[]")), sorted(json.loads(other[3] or "[]")))
        fresh.close()

    def step(self, generator, connection, schema):
        """The schema that is installed after one try to migrate."""
        for _ in range(15):
            random_write(generator, schema, [connection])
        if generator.random() < 0.7:
            settle(connection)
            for _ in range(generator.randrange(4)):
                random_write(generator, schema, [connection])
        following = self.valid(schema.next)
        connection.execute("UPDATE datastore_sync_state SET last_sync = 5")
        before = dump(connection), visible(connection), outbox(connection)
        shapes = self.shapes(connection)
        sdl = following.sdl()
        try:
            summary = json.loads(migrate(connection, sdl))
        except sqlite3.Error as error:
            self.refusals += 1
            self.check_reason(connection, following, str(error))
            self.assertEqual(dump(connection), before[0])
            self.assertEqual(visible(connection), before[1])
            return schema
        self.migrations += 1
        self.check_summary(connection, summary, shapes)
        self.check_kept(before[1], visible(connection), sdl)
        self.assertEqual(outbox(connection), before[2])
        self.check_like_fresh(generator, following, connection, sdl)
        self.assertEqual(scalar(connection, "PRAGMA integrity_check"), "ok")
        self.assertEqual(connection.execute("PRAGMA foreign_key_check").fetchall(), [])
        return following

    def test_sequences(self):
        self.migrations = self.refusals = 0
        chosen = random.randrange(1 << 30) if SECONDS else 1
        first = seed = int(os.environ.get("RANDOM_SEED", chosen))
        end = time.monotonic() + SECONDS
        while time.monotonic() < end if SECONDS else seed < first + SEQUENCES:
            generator = random.Random(seed)
            with self.subTest(seed=seed):
                schema = self.valid(lambda: Schema(generator))
                connection = self.open()
                migrate(connection, schema.sdl())
                for _ in range(8):
                    schema = self.step(generator, connection, schema)
                connection.close()
            seed += 1
        print(f"# {self.migrations} migrations, {self.refusals} refused, up to seed {seed - 1}")
        self.assertGreater(self.migrations, self.refusals)


if __name__ == "__main__":
    unittest.main()
