/*
** The rows of a few models as they were at an entry of the feed.
**
** Of each record that an entry behind the position changes, the row is kept here: the one before the
** first such entry to begin with, then what each entry makes of it. All other records are as the
** tables have them. So nothing more than what observers get anyway need ever be written, and a
** filter sees related rows as they were when the change was made.
*/
#include "feed/feed_int.h"

#include <string.h>

#define N_BUCKETS 1024

/* One block of memory: the key, the row behind it if there is one, and their texts. */
typedef struct kept {
    struct kept *next;
    const ds_model *model;
    bool exists;
    ds_value values[]; /* key, row */
} kept;

/* A statement that finds rows by some columns, while nobody uses it. */
typedef struct finder {
    struct finder *next;
    const ds_model *model;
    const ds_column *const *columns;
    sqlite3_stmt *statement;
} finder;

struct ds_past {
    ds_store *store;
    kept *buckets[N_BUCKETS];
    finder *finders;
};

/* ---- what is kept ----------------------------------------------------------------------------------- */

static size_t hash(const ds_model *model, const ds_value *key) {
    uint32_t h = 2166136261u + (uint32_t)model->index;
    if (key->type == SQLITE_TEXT) {
        for (int i = 0; i < key->length; i++) {
            h = (h ^ (unsigned char)key->text[i]) * 16777619u;
        }
    } else if (key->type == SQLITE_INTEGER) {
        h = (h ^ (uint32_t)key->integer) * 16777619u;
    }
    return h % N_BUCKETS;
}

static kept **find_kept(ds_past *past, const ds_model *model, const ds_value *key) {
    kept **at = &past->buckets[hash(model, key)];
    while (*at && ((*at)->model != model || !ds_entry_same(&(*at)->values[0], key))) {
        at = &(*at)->next;
    }
    return at;
}

static size_t text_bytes(const ds_value *value) {
    return value->type == SQLITE_TEXT ? (size_t)value->length : 0;
}

static void put_value(ds_value *to, const ds_value *from, char **room) {
    *to = *from;
    if (from->type == SQLITE_TEXT) {
        memcpy(*room, from->text, (size_t)from->length);
        to->text = *room;
        *room += from->length;
    }
}

/* `row` NULL: the record does not exist. */
static kept *new_kept(const ds_model *model, const ds_value *key, const ds_value *row) {
    size_t n = row ? (size_t)model->n_columns + DS_N_META : 0;
    size_t bytes = text_bytes(key);
    for (size_t i = 0; i < n; i++) {
        bytes += text_bytes(&row[i]);
    }
    size_t values = (n + 1) * sizeof(ds_value);
    kept *k = sqlite3_malloc64(sizeof *k + values + bytes);
    if (k == NULL) {
        return NULL;
    }
    char *room = (char *)k + sizeof *k + values;
    *k = (kept){.next = NULL, .model = model, .exists = row != NULL};
    put_value(&k->values[0], key, &room);
    for (size_t i = 0; i < n; i++) {
        put_value(&k->values[i + 1], &row[i], &room);
    }
    return k;
}

static int keep(ds_past *past, const ds_entry *entry, const ds_value *row, bool replaces,
                ds_err *err) {
    kept **at = find_kept(past, entry->model, &entry->key);
    if (*at != NULL && !replaces) {
        return SQLITE_OK;
    }
    kept *k = new_kept(entry->model, &entry->key, row);
    if (k == NULL) {
        return ds_err_nomem(err);
    }
    if (*at != NULL) {
        kept *old = *at;
        k->next = old->next;
        sqlite3_free(old);
    }
    *at = k;
    return SQLITE_OK;
}

static bool is_change(const ds_entry *entry) {
    return entry->model != NULL && (entry->before != NULL || entry->after != NULL);
}

int ds_past_apply(ds_past *past, const ds_entry *entry, ds_err *err) {
    return is_change(entry) ? keep(past, entry, entry->after, true, err) : SQLITE_OK;
}

/* ---- begin and end -------------------------------------------------------------------------------- */

static int keep_first(ds_past *past, sqlite3_stmt *statement, const bool *is_wanted,
                      ds_err *err) {
    ds_entry entry;
    ds_arena *arena = ds_arena_new();
    int rc = arena ? ds_entry_read(past->store, statement, arena, &entry, err)
                   : ds_err_nomem(err);
    if (rc == SQLITE_OK && is_change(&entry) && is_wanted[entry.model->index]) {
        rc = keep(past, &entry, entry.before, false, err);
    }
    ds_arena_free(arena);
    return rc;
}

int ds_past_new(ds_store *store, const bool *is_wanted, int64_t position, ds_past **out,
                ds_err *err) {
    sqlite3_stmt *statement = NULL;
    ds_past *past = sqlite3_malloc64(sizeof *past);
    *out = past;
    if (past == NULL) {
        return ds_err_nomem(err);
    }
    memset(past, 0, sizeof *past);
    past->store = store;
    int rc = ds_store_prepare_named(store, DS_SQL_FEED_READ, &statement, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_bind_int64(statement, 1, position);
    while (rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
        rc = keep_first(past, statement, is_wanted, err);
    }
    int ended = sqlite3_finalize(statement);
    return rc || ended == SQLITE_OK ? rc : ds_err_db(err, store->db, ended);
}

void ds_past_free(ds_past *past) {
    for (size_t i = 0; past != NULL && i < N_BUCKETS; i++) {
        while (past->buckets[i] != NULL) {
            kept *k = past->buckets[i];
            past->buckets[i] = k->next;
            sqlite3_free(k);
        }
    }
    while (past != NULL && past->finders != NULL) {
        finder *f = past->finders;
        past->finders = f->next;
        sqlite3_finalize(f->statement);
        sqlite3_free(f);
    }
    sqlite3_free(past);
}

/* ---- rows in the tables ------------------------------------------------------------------------------ */

/* SELECT key, columns FROM rows AS r WHERE r.a = ?1 AND r.b = ?2 */
static void add_find(ds_buf *sql, const ds_model *model, const ds_column *const *columns,
                     int n) {
    ds_buf_add(sql, "SELECT ");
    ds_store_add_key(sql, model, "r");
    ds_buf_add(sql, ", ");
    ds_codec_add_columns(model, "r", sql);
    ds_buf_add(sql, " FROM ");
    ds_store_add_rows(sql, model);
    for (int i = 0; i < n; i++) {
        ds_buf_add(sql, i ? " AND r." : " AS r WHERE r.");
        ds_buf_add_ident(sql, columns[i]->name);
        ds_buf_addf(sql, " = ?%d", i + 1);
    }
}

/* Take one out of the list, or make one: a search may begin another of the same kind. */
static int take_finder(ds_past *past, const ds_model *model,
                       const ds_column *const *columns, int n, finder **out,
                       ds_err *err) {
    for (finder **at = &past->finders; *at != NULL; at = &(*at)->next) {
        if ((*at)->model == model && (*at)->columns == columns) {
            *out = *at;
            *at = (*at)->next;
            return SQLITE_OK;
        }
    }
    finder *f = sqlite3_malloc64(sizeof *f);
    if (f == NULL) {
        return ds_err_nomem(err);
    }
    *f = (finder){.model = model, .columns = columns};
    ds_buf sql;
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    add_find(&sql, model, columns, n);
    int rc =
        sql.rc ? ds_err_set(err, sql.rc, "%s", sqlite3_errstr(sql.rc))
               : ds_store_prepare(past->store, ds_buf_text(&sql), 0, &f->statement, err);
    ds_buf_done(&sql);
    if (rc == SQLITE_OK) {
        *out = f;
    } else {
        sqlite3_free(f);
    }
    return rc;
}

static void give_finder(ds_past *past, finder *f) {
    f->next = past->finders;
    past->finders = f;
}

/* A search under way. */
typedef struct search {
    ds_past *past;
    const ds_model *model;
    ds_past_visit *visit;
    void *data;
    bool stop;
    ds_err *err;
} search;

static int visit_table_row(search *s, sqlite3_stmt *statement) {
    ds_value key = ds_value_column(statement, 0);
    size_t n = (size_t)s->model->n_columns + DS_N_META;
    if (key.type == SQLITE_TEXT && key.text == NULL) {
        return ds_err_nomem(s->err);
    }
    if (*find_kept(s->past, s->model, &key) != NULL) {
        return SQLITE_OK;
    }
    ds_value *row = sqlite3_malloc64(n * sizeof *row);
    if (row == NULL) {
        return ds_err_nomem(s->err);
    }
    bool is_whole = true;
    for (size_t i = 0; i < n; i++) {
        row[i] = ds_value_column(statement, (int)i + 1);
        is_whole = is_whole && (row[i].type != SQLITE_TEXT || row[i].text != NULL);
    }
    int rc =
        is_whole ? s->visit(s->data, &key, row, &s->stop, s->err) : ds_err_nomem(s->err);
    sqlite3_free(row);
    return rc;
}

static int find_in_table(search *s, const ds_column *const *columns,
                         const ds_value *values, int n) {
    finder *f = NULL;
    int rc = take_finder(s->past, s->model, columns, n, &f, s->err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    for (int i = 0; rc == SQLITE_OK && i < n; i++) {
        rc = ds_value_bind(f->statement, i + 1, &values[i]);
    }
    rc = rc ? ds_err_nomem(s->err) : rc;
    while (rc == SQLITE_OK && !s->stop && sqlite3_step(f->statement) == SQLITE_ROW) {
        rc = visit_table_row(s, f->statement);
    }
    int ended = sqlite3_reset(f->statement);
    give_finder(s->past, f);
    return rc || ended == SQLITE_OK ? rc : ds_err_db(s->err, s->past->store->db, ended);
}

/* ---- rows that are kept --------------------------------------------------------------------------------- */

static bool has_values(const kept *k, const ds_column *const *columns,
                       const ds_value *values, int n) {
    bool is_same = k->exists;
    for (int i = 0; is_same && i < n; i++) {
        is_same = ds_entry_same(&k->values[1 + columns[i]->index], &values[i]);
    }
    return is_same;
}

int ds_past_find(ds_past *past, const ds_model *model, const ds_column *const *columns,
                 const ds_value *values, int n, ds_past_visit *visit, void *data,
                 ds_err *err) {
    search s = {past, model, visit, data, false, err};
    for (int i = 0; i < n; i++) {
        if (values[i].type == SQLITE_NULL) {
            return SQLITE_OK;
        }
    }
    int rc = find_in_table(&s, columns, values, n);
    for (size_t b = 0; b < N_BUCKETS; b++) {
        for (const kept *k = past->buckets[b]; k && !s.stop && rc == SQLITE_OK;
             k = k->next) {
            if (k->model == model && has_values(k, columns, values, n)) {
                rc = visit(data, &k->values[0], &k->values[1], &s.stop, err);
            }
        }
    }
    return rc;
}
