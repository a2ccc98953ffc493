/*
** Follows the journal, record by record.
*/
#include "track.h"

#include <stdlib.h>
#include <string.h>

void tracks_done(tracks *t) {
    for (int i = 0; i < t->n; i++) {
        free(t->items[i].key);
        text_done(&t->items[i].changed);
    }
    free(t->items);
    *t = (tracks){0};
}

track *track_find(tracks *t, int index, const char *key) {
    for (int i = 0; i < t->n; i++) {
        if (t->items[i].table == index && strcmp(t->items[i].key, key) == 0) {
            return &t->items[i];
        }
    }
    return NULL;
}

static bool has_key(const char *row, const char *key) {
    size_t length = strlen(key);
    return strncmp(row, key, length) == 0 && row[length] == COLUMN_END;
}

const char *row_of(const rows *dump, const char *key) {
    for (int i = 0; i < dump->n; i++) {
        if (has_key(dump->row[i], key)) {
            return dump->row[i];
        }
    }
    return NULL;
}

char *key_of(const char *row) {
    size_t length = 0;
    const char *key = row_column(row, KEY, &length);
    text copy = {0};
    text_add_bytes(&copy, key, length);
    return copy.chars;
}

/* The record's track; a new one begins with the row that was there before. */
static track *get(tracks *t, const rows *before, int index, const char *key) {
    track *found = track_find(t, index, key);
    if (found != NULL) {
        return found;
    }
    t->items = must(realloc(t->items, (size_t)(t->n + 1) * sizeof *t->items));
    found = &t->items[t->n++];
    *found = (track){.table = index, .key = copy_of(key)};
    found->before = row_of(&before[index], key);
    found->exists = found->before != NULL;
    return found;
}

/* ---- reading the journal ---------------------------------------------------------------- */

/* Columns of an entry, as in `entries_sql`. */
enum { E_SEQ, E_TABLE, E_KEY, E_OP, E_CHANGED };

static const char entries_sql[] =
    "SELECT seq, model, id, op, replace(coalesce(changed, ''), '\"', ';')"
    " FROM datastore_outbox WHERE seq > ?1 ORDER BY seq";

static int model_index(const char *quoted, size_t length) {
    for (int i = 0; i < N_MODELS; i++) {
        const char *name = tables[i].name;
        if (strlen(name) + 1 == length && strncmp(quoted + 1, name, length - 1) == 0) {
            return i;
        }
    }
    give_up("the journal names an unknown model", quoted);
}

static bool apply(track *t, char op, const char *changed, size_t length, int64_t seq) {
    t->entries++;
    if (op == 'c' && !t->exists) {
        t->exists = t->was_created = true;
        t->deleted_at = 0;
        return true;
    }
    if (op == 'u' && t->exists) {
        text_add_bytes(&t->changed, changed, length);
        return true;
    }
    if (op == 'd' && t->exists) {
        t->exists = false;
        t->deleted_at = seq;
        return true;
    }
    return false;
}

static bool add_entry(tracks *t, const rows *before, const char *row, int64_t *seq,
                      text *why) {
    size_t length = 0;
    *seq = strtoll(row, NULL, 10);
    const char *model = row_column(row, E_TABLE, &length);
    int index = model_index(model, length);
    char *key = key_of(row_column(row, E_KEY, &length));
    const char *op = row_column(row, E_OP, &length);
    const char *changed = row_column(row, E_CHANGED, &length);
    track *found = get(t, before, index, key);
    bool right = apply(found, op[1], changed, length, *seq);
    if (!right) {
        text_add(why, "journal entry %lld: %s of %s %s, which %s then\n", (long long)*seq,
                 op + 1, tables[index].name, key,
                 found->exists ? "exists" : "does not exist");
    }
    free(key);
    return right;
}

bool tracks_follow(tracks *t, const rows *before, side *model, int64_t *seq, text *why) {
    rows entries = {0};
    sqlite3_stmt *statement = NULL;
    bool right = true;
    if (sqlite3_prepare_v2(model->db, entries_sql, -1, &statement, NULL) != SQLITE_OK) {
        give_up(entries_sql, sqlite3_errmsg(model->db));
    }
    sqlite3_bind_int64(statement, 1, *seq);
    rows_step(&entries, statement, INT32_MAX);
    sqlite3_finalize(statement);
    if (entries.rc != SQLITE_DONE) {
        give_up(entries_sql, entries.message);
    }
    for (int i = 0; right && i < entries.n; i++) {
        right = add_entry(t, before, entries.row[i], seq, why);
    }
    rows_done(&entries);
    return right;
}
