/*
** Two databases side by side: one with the models, one with ordinary tables of the same names.
** Both run the same statements.
*/
#include "diff.h"

#include <stdlib.h>
#include <string.h>

static void run(sqlite3 *db, const char *sql) {
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        give_up(sql, sqlite3_errmsg(db));
    }
}

static void run_file(sqlite3 *db, const char *path) {
    char *sql = file_read(path);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        give_up(path, sqlite3_errmsg(db));
    }
    free(sql);
}

static sqlite3 *open_one(const config *c) {
    sqlite3 *db = NULL;
    text pragma = {0};
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) {
        give_up("open", sqlite3_errmsg(db));
    }
    text_add(&pragma,
             "PRAGMA encoding = '%s'; PRAGMA foreign_keys = ON; PRAGMA "
             "recursive_triggers = %d",
             c->encoding, c->recursive_triggers);
    run(db, text_of(&pragma));
    text_done(&pragma);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return db;
}

static void load(sqlite3 *db, const char *library) {
    char *message = NULL;
    sqlite3_enable_load_extension(db, 1);
    if (sqlite3_load_extension(db, library, NULL, &message) != SQLITE_OK) {
        give_up(library, message ? message : sqlite3_errmsg(db));
    }
    sqlite3_enable_load_extension(db, 0);
}

static void install(sqlite3 *db) {
    char *schema = file_read("tests/diff/models.graphql");
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, "SELECT datastore_schema(?1)", -1, &statement, NULL) ==
        SQLITE_OK) {
        sqlite3_bind_text(statement, 1, schema, -1, SQLITE_STATIC);
        sqlite3_step(statement);
    }
    if (sqlite3_finalize(statement) != SQLITE_OK) {
        give_up("datastore_schema", sqlite3_errmsg(db));
    }
    free(schema);
}

static sqlite3_stmt *prepare_dump(side *s, int index, const char *suffix) {
    const table_info *t = &tables[index];
    sqlite3_stmt *statement = NULL;
    text sql = {0};
    text_add(&sql, t->n_key > 1 ? "SELECT json_array(%s, %s)" : "SELECT %s",
             t->columns[0].name, t->columns[1].name);
    for (int i = 0; i < t->n_columns; i++) {
        text_add(&sql, ", %s", t->columns[i].name);
    }
    text_add(&sql, " FROM %s%s", t->name, suffix);
    if (sqlite3_prepare_v2(s->db, text_of(&sql), -1, &statement, NULL) != SQLITE_OK) {
        give_up(text_of(&sql), sqlite3_errmsg(s->db));
    }
    text_done(&sql);
    return statement;
}

void side_dump(side *s, int index, rows *out) {
    if (s->dumps[index] == NULL) {
        s->dumps[index] = prepare_dump(s, index, "");
    }
    rows_step(out, s->dumps[index], INT32_MAX);
    sqlite3_reset(s->dumps[index]);
    rows_sort(out);
}

void side_read(side *s, int index, const char *suffix, rows *out) {
    sqlite3_stmt *statement = prepare_dump(s, index, suffix);
    rows_step(out, statement, INT32_MAX);
    sqlite3_finalize(statement);
}

void pair_open(pair *p, const config *c) {
    *p = (pair){0};
    p->model.db = open_one(c);
    load(p->model.db, c->library);
    install(p->model.db);
    p->native.db = open_one(c);
    run_file(p->native.db, "tests/diff/native.sql");
    run_file(p->model.db, "tests/diff/common.sql");
    run_file(p->native.db, "tests/diff/common.sql");
}

/* ---- the end ---------------------------------------------------------------------------------- */

static void finalize(side *s) {
    for (int i = 0; i < N_MODELS; i++) {
        sqlite3_finalize(s->dumps[i]);
        s->dumps[i] = NULL;
    }
    for (int i = 0; i < N_SLOTS; i++) {
        sqlite3_finalize(s->slots[i]);
        s->slots[i] = NULL;
    }
}

static bool is_sound(sqlite3 *db, text *why) {
    rows found = {0};
    sqlite3_stmt *statement = NULL;
    sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, NULL);
    rows_step(&found, statement, INT32_MAX);
    sqlite3_finalize(statement);
    bool sound = found.n == 1 && strncmp(found.row[0], "'ok", 3) == 0;
    if (!sound) {
        text_add(why, "integrity_check: %s\n",
                 found.n > 0 ? found.row[0] : found.message);
    }
    rows_done(&found);
    return sound;
}

static bool is_idle(sqlite3 *db, text *why) {
    for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s; s = sqlite3_next_stmt(db, s)) {
        if (sqlite3_stmt_busy(s)) {
            text_add(why, "left busy: %s\n", sqlite3_sql(s));
            return false;
        }
    }
    return true;
}

bool pair_close(pair *p, text *why) {
    finalize(&p->model);
    finalize(&p->native);
    bool good = is_idle(p->model.db, why);
    good = is_sound(p->model.db, why) && good;
    if (sqlite3_close(p->model.db) != SQLITE_OK) {
        text_add(why, "sqlite3_close: %s\n", sqlite3_errmsg(p->model.db));
        sqlite3_close_v2(p->model.db);
        good = false;
    }
    if (sqlite3_close(p->native.db) != SQLITE_OK) {
        give_up("closing the mirror", sqlite3_errmsg(p->native.db));
    }
    return good;
}
