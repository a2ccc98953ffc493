/*
** Judges the journal by what happened to the tables: every committed change is in it once, and
** nothing else. Reads what users may read: datastore_outbox, and the base tables.
*/
#include "track.h"

#include <stdlib.h>
#include <string.h>

/* ---- judging ---------------------------------------------------------------------------------------- */

static bool complain(const track *t, const char *what, text *why) {
    text_add(why, "journal: %s %s: %s\n", tables[t->table].name, t->key, what);
    return false;
}

static bool same_column(const char *a, const char *b, int index) {
    size_t x = 0, y = 0;
    const char *first = row_column(a, index, &x), *second = row_column(b, index, &y);
    return x == y && memcmp(first, second, x) == 0;
}

static bool has_changed(const track *t, const char *name) {
    text marked = {0};
    text_add(&marked, ";%s;", name);
    bool found = strstr(text_of(&t->changed), text_of(&marked)) != NULL;
    text_done(&marked);
    return found;
}

/* A row that was there before and still is: are the changed columns those of the mask? */
static bool judge_update(const track *t, const char *now, bool is_exact, text *why) {
    const table_info *info = &tables[t->table];
    bool any = false;
    for (int i = 0; i < info->n_columns; i++) {
        bool differs = !same_column(t->before, now, FIRST + i);
        bool named = has_changed(t, info->columns[i].name);
        any = any || differs;
        if ((differs && !named) || (is_exact && named && !differs)) {
            text_add(why, "column %s: ", info->columns[i].name);
            return complain(
                t, named ? "in the mask, unchanged" : "changed, not in the mask", why);
        }
    }
    return any || !is_exact || complain(t, "an entry for a row that did not change", why);
}

static bool judge_track(const track *t, const rows *now, bool is_exact, text *why) {
    const char *row = row_of(&now[t->table], t->key);
    if (t->exists != (row != NULL)) {
        return complain(t,
                        row ? "is there, but the journal ends with a delete"
                            : "is not there, but the journal says so",
                        why);
    }
    if (is_exact && t->entries != 1) {
        return complain(t, "one statement, more than one entry", why);
    }
    return row == NULL || t->before == NULL || t->was_created ||
           judge_update(t, row, is_exact, why);
}

/* Rows that changed without any entry. */
static bool judge_untracked(tracks *all, const rows *from, const rows *to, text *why) {
    for (int t = 0; t < N_MODELS; t++) {
        for (int i = 0; i < from[t].n; i++) {
            char *key = key_of(from[t].row[i]);
            const char *other = row_of(&to[t], key);
            bool same = other != NULL && strcmp(other, from[t].row[i]) == 0;
            bool right = same || track_find(all, t, key) != NULL;
            if (!right) {
                text_add(why, "journal: %s %s changed without an entry\n", tables[t].name,
                         key);
            }
            free(key);
            if (!right) {
                return false;
            }
        }
    }
    return true;
}

/* ---- children before parents ------------------------------------------------------------------------ */

/* The key of the row's parent in the journal's form; NULL without parent. */
static char *parent_key(const track *t, int *parent) {
    const table_info *info = &tables[t->table];
    text key = {0};
    size_t length = 0;
    for (int i = 0; i < info->n_columns; i++) {
        if (info->columns[i].parent < 0) {
            continue;
        }
        const char *part = row_column(t->before, FIRST + i, &length);
        *parent = info->columns[i].parent;
        if (strncmp(part, "NULL", 4) == 0) {
            text_done(&key);
            return NULL;
        }
        if (tables[*parent].n_key == 1) {
            text_add_bytes(&key, part, length);
        } else if (key.chars == NULL) {
            text_add(&key, "'[\"%.*s\"", (int)length - 1, part + 1);
        } else {
            text_add(&key, ",%.*s]", (int)length, part);
        }
    }
    return key.chars;
}

/* Round a cycle of rows no order is right. */
static bool is_on_cycle(tracks *all, const track *start) {
    const track *t = start;
    for (int steps = 0; t != NULL && t->before != NULL && steps < 100; steps++) {
        int parent = 0;
        char *key = parent_key(t, &parent);
        t = key ? track_find(all, parent, key) : NULL;
        free(key);
        if (t == start) {
            return true;
        }
    }
    return t != NULL;
}

static bool judge_order(tracks *all, text *why) {
    for (int i = 0; i < all->n; i++) {
        track *child = &all->items[i];
        int parent = 0;
        if (child->deleted_at == 0 || child->before == NULL || is_on_cycle(all, child)) {
            continue;
        }
        char *key = parent_key(child, &parent);
        track *above = key ? track_find(all, parent, key) : NULL;
        free(key);
        if (above != NULL && above->deleted_at != 0 &&
            above->deleted_at < child->deleted_at) {
            return complain(child, "deleted after its parent", why);
        }
    }
    return true;
}

/* ---- interface ---------------------------------------------------------------------------------------- */

static void dump_all(side *model, rows *out) {
    for (int i = 0; i < N_MODELS; i++) {
        side_dump(model, i, &out[i]);
    }
}

static void clear_all(rows *r) {
    for (int i = 0; i < N_MODELS; i++) {
        rows_done(&r[i]);
    }
}

void journal_begin(journal *j, side *model) {
    *j = (journal){0};
    dump_all(model, j->committed);
}

bool journal_check(journal *j, side *model, bool is_exact, text *why) {
    rows now[N_MODELS] = {{0}};
    tracks t = {0};
    dump_all(model, now);
    bool right = tracks_follow(&t, j->committed, model, &j->seq, why);
    for (int i = 0; right && i < t.n; i++) {
        right = judge_track(&t.items[i], now, is_exact, why);
    }
    right = right && judge_untracked(&t, j->committed, now, why) &&
            judge_untracked(&t, now, j->committed, why) &&
            (!is_exact || judge_order(&t, why));
    tracks_done(&t);
    clear_all(j->committed);
    memcpy(j->committed, now, sizeof now);
    return right;
}

/* ---- the server's rows ---------------------------------------------------------------------------- */

static void run(side *model, const char *sql) {
    if (sqlite3_exec(model->db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        give_up(sql, sqlite3_errmsg(model->db));
    }
}

/* The rows tables are closed to the host's SQL while the database is defensive. */
void journal_sync(journal *j, side *model) {
    text sql = {0};
    text_add(&sql, "SAVEPOINT sync; UPDATE datastore_session SET applying = 1;");
    for (int i = 0; i < N_MODELS; i++) {
        text_add(&sql, "UPDATE %s_rows SET _version = 7, _lastChangedAt = 7;",
                 tables[i].name);
    }
    text_add(&sql,
             "UPDATE datastore_session SET applying = 0; DELETE FROM datastore_journal;");
    text_add(&sql, "RELEASE sync");
    sqlite3_db_config(model->db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    run(model, text_of(&sql));
    sqlite3_db_config(model->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    text_done(&sql);
    journal_done(j);
    *j = (journal){0};
    dump_all(model, j->committed);
    dump_all(model, j->server);
}

/* Of each of the server's rows that was changed there is a copy as it was, and of no other. */
static bool judge_base(tracks *all, const rows *server, side *model, int index,
                       text *why) {
    rows base = {0};
    int expected = 0;
    bool right = true;
    side_read(model, index, "_base", &base);
    for (int i = 0; right && i < all->n; i++) {
        const track *t = &all->items[i];
        if (t->table != index || t->before == NULL) {
            continue;
        }
        const char *kept = row_of(&base, t->key);
        expected++;
        right = kept != NULL && strcmp(kept, row_of(&server[index], t->key)) == 0;
        right = right || complain(t, kept ? "another base row" : "no base row", why);
    }
    if (right && base.n != expected) {
        text_add(why, "%s has %d base rows, not %d\n", tables[index].name, base.n,
                 expected);
        right = false;
    }
    rows_done(&base);
    return right;
}

bool journal_replay(journal *j, side *model, text *why) {
    rows now[N_MODELS] = {{0}};
    tracks t = {0};
    int64_t seq = 0;
    dump_all(model, now);
    bool right = tracks_follow(&t, j->server, model, &seq, why);
    for (int i = 0; right && i < t.n; i++) {
        right = judge_track(&t.items[i], now, false, why);
    }
    right = right && judge_untracked(&t, j->server, now, why) &&
            judge_untracked(&t, now, j->server, why);
    for (int i = 0; right && i < N_MODELS; i++) {
        right = judge_base(&t, j->server, model, i, why);
    }
    tracks_done(&t);
    clear_all(now);
    return right;
}

void journal_done(journal *j) {
    clear_all(j->committed);
    clear_all(j->server);
}
