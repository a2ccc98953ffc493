/*
** The sweep: one statement list, a fault at point after point of it.
*/
#define _POSIX_C_SOURCE 200809L /* strdup, fork, nanosleep, unlink */
#include "fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
** image: the content that every attempt begins with, as SQLite serializes it. before,
** inside, after: content then, once scenario->before ran, and once the statements ran
** without a fault. rows, points: what they gave, and how many chances to fail they have.
*/
typedef struct world {
    const sweep *how;
    const scenario *what;
    unsigned char *image;
    sqlite3_int64 size;
    char *before;
    char *inside;
    char *after;
    char *rows;
    long points;
    sqlite3_int64 memory; /* in use when nothing is open */
} world;

/* ---- the world ----------------------------------------------------------------------------- */

static void install(sqlite3 *db, const scenario *what) {
    char *sql = sqlite3_mprintf("SELECT datastore_schema(%Q, %Q)", what->schema,
                                what->options ? what->options : "{}");
    must(db, sql);
    sqlite3_free(sql);
}

static void make_image(world *w) {
    const scenario *what = w->what;
    sqlite3 *db = open_loaded(":memory:", NULL);
    must(db, "PRAGMA page_size = 1024");
    if (what->encoding != NULL) {
        char *sql = sqlite3_mprintf("PRAGMA encoding = %Q", what->encoding);
        must(db, sql);
        sqlite3_free(sql);
    }
    must(db, "CREATE TABLE bystander(x); INSERT INTO bystander VALUES (1)");
    if (what->schema != NULL) {
        install(db, what);
    }
    if (what->setup != NULL) {
        must(db, what->setup);
    }
    unsigned char *image = sqlite3_serialize(db, "main", &w->size, 0);
    w->image = malloc((size_t)w->size);
    memcpy(w->image, image, (size_t)w->size);
    sqlite3_free(image);
    w->before = dump(db);
    sqlite3_close(db);
}

static sqlite3 *open_in_memory(const world *w) {
    sqlite3 *db = open_plain(":memory:", NULL);
    unsigned char *image = sqlite3_malloc64((sqlite3_uint64)w->size);
    memcpy(image, w->image, (size_t)w->size);
    if (sqlite3_deserialize(db, "main", image, w->size, w->size,
                            SQLITE_DESERIALIZE_FREEONCLOSE |
                                SQLITE_DESERIALIZE_RESIZEABLE) != SQLITE_OK) {
        verdict(false, "the world cannot be opened");
        exit(1);
    }
    return db;
}

static void remove_file(const char *path, const char *suffix) {
    char name[500];
    snprintf(name, sizeof name, "%s%s", path, suffix);
    unlink(name);
}

static sqlite3 *open_file(const world *w) {
    char sql[100];
    remove_file(w->how->path, "-journal");
    remove_file(w->how->path, "-wal");
    remove_file(w->how->path, "-shm");
    FILE *file = fopen(w->how->path, "wb");
    if (file == NULL || fwrite(w->image, (size_t)w->size, 1, file) != 1) {
        verdict(false, "the file cannot be written");
        exit(1);
    }
    fclose(file);
    sqlite3 *db = open_plain(w->how->path, w->how->vfs);
    /* A small cache writes to the disk in the middle of a statement. */
    snprintf(sql, sizeof sql, "PRAGMA cache_size = 10; PRAGMA journal_mode = %s",
             w->how->journal_mode);
    must(db, sql);
    return db;
}

static sqlite3 *open_world(const world *w) {
    sqlite3 *db = w->how->path ? open_file(w) : open_in_memory(w);
    if (!w->what->is_cold) {
        char *error = NULL;
        if (load(db, &error) != SQLITE_OK) {
            explain("%s", error);
            verdict(false, "the extension loads");
            exit(1);
        }
    }
    if (w->what->before != NULL) {
        must(db, w->what->before);
    }
    return db;
}

/* What is under test. */
static int act(const world *w, sqlite3 *db, text *rows, char **error) {
    int rc = w->what->is_cold ? load(db, error) : SQLITE_OK;
    if (rc == SQLITE_OK && w->what->sql != NULL) {
        free(*error);
        rc = run(db, w->what->sql, rows, error);
    }
    text_add(rows, "");
    return rc;
}

static char *normalized_dump(sqlite3 *db) {
    char *content = dump(db);
    normalize(content);
    return content;
}

/* The answer without a fault; the one with which all others are compared. */
static bool try_without(world *w) {
    text rows = {NULL, 0, 0};
    char *error = NULL;
    sqlite3 *db = open_world(w);
    w->inside = normalized_dump(db);
    w->how->fault->arm(db, 0, false);
    int rc = act(w, db, &rows, &error);
    w->points = w->how->fault->disarm(db);
    w->after = normalized_dump(db);
    normalize(rows.data);
    w->rows = rows.data;
    bool ok = rc == w->what->rc;
    if (!ok) {
        explain("without a fault: code %d, %s", rc, error ? error : "no message");
    }
    if (sqlite3_close(db) != SQLITE_OK) {
        explain("without a fault: sqlite3_close is refused");
        ok = false;
    }
    free(error);
    w->memory = sqlite3_memory_used();
    return ok;
}

/* ---- one attempt --------------------------------------------------------------------------- */

static bool is_right_answer(const world *w, sqlite3 *db, const text *rows) {
    char *content = normalized_dump(db);
    normalize(rows->data);
    bool ok = is_equal("the answer", w->rows, rows->data);
    ok = is_equal("the content", w->after, content) && ok;
    free(content);
    return ok;
}

/* Is what is under test part of a transaction? */
static bool began(const world *w) {
    return w->what->before != NULL && strstr(w->what->before, "BEGIN") != NULL;
}

/* The same, to the byte? If not the content may still be the same. */
static bool is_untouched(const world *w, sqlite3 *db) {
    sqlite3_int64 size = 0;
    unsigned char *image = sqlite3_serialize(db, "main", &size, SQLITE_SERIALIZE_NOCOPY);
    return image != NULL && size == w->size && memcmp(image, w->image, (size_t)size) == 0;
}

/* SQLite may have rolled back a whole transaction; then the content is that before it. */
static bool is_undone(const world *w, sqlite3 *db) {
    bool rolled_back = sqlite3_get_autocommit(db) != 0;
    if (rolled_back && w->how->path == NULL && is_untouched(w, db)) {
        return true;
    }
    bool is_raw = w->what->before == NULL || (rolled_back && began(w));
    char *content = dump(db);
    if (!is_raw) {
        normalize(content);
    }
    bool ok =
        is_equal("after the error the content", is_raw ? w->before : w->inside, content);
    if (!rolled_back && !began(w)) {
        explain("a transaction was left open");
        ok = false;
    }
    free(content);
    return ok;
}

/* What another connection finds, now that nothing is under way. */
static bool is_sound_file(const world *w) {
    sqlite3 *db = open_plain(w->how->path, NULL);
    text rows = {NULL, 0, 0};
    char *error = NULL;
    int rc = run(db, "PRAGMA integrity_check", &rows, &error);
    bool ok = is_equal("integrity_check", "ok\n", rc ? error : rows.data);
    if (ok && (w->what->before == NULL || began(w))) {
        char *content = dump(db);
        ok = is_equal("the file", w->before, content);
        free(content);
    }
    free(rows.data);
    free(error);
    sqlite3_close(db);
    return ok;
}

static bool is_clean_error(const world *w, int rc, const char *error) {
    bool ok = true;
    /* All that SQLite gives when loading or ALTER TABLE fails. */
    bool is_lost = rc == SQLITE_ERROR && (w->what->is_cold || w->what->loses_code);
    if (!w->how->fault->is_expected(rc) && rc != w->what->rc && !is_lost) {
        explain("code %d is no answer to this fault: %s", rc, error ? error : "");
        ok = false;
    }
    /* Without memory there may be none for a message either. */
    if (error == NULL ? rc != SQLITE_NOMEM && !is_lost
                      : !*error || strchr(error, '\n') != NULL) {
        explain("the message is not one line: %s", error ? error : "none");
        ok = false;
    }
    return ok;
}

/* The same again, when there is nothing wrong. */
static bool succeeds_now(const world *w, sqlite3 *db) {
    text rows = {NULL, 0, 0};
    char *error = NULL;
    if (began(w) && sqlite3_get_autocommit(db)) {
        must(db, w->what->before);
    }
    int rc = act(w, db, &rows, &error);
    bool ok = rc == w->what->rc;
    if (!ok) {
        explain("tried again: code %d, %s", rc, error ? error : "no message");
    }
    ok = ok && is_right_answer(w, db, &rows);
    free(error);
    free(rows.data);
    return ok;
}

/* May all be done, and an error still come? A function has done its work while SQLite has
** yet to hand over what it returned. */
static bool ends_early(const world *w) {
    const char *sql = w->what->sql;
    return w->how->fault->may_be_late ||
           (sql != NULL && strncmp(sql, "SELECT datastore_", 17) == 0);
}

static bool is_done(const world *w, sqlite3 *db) {
    char *content = normalized_dump(db);
    bool done = strcmp(content, w->after) == 0;
    free(content);
    return done;
}

/* Judge an answer that came with a fault. */
static bool is_fine(const world *w, sqlite3 *db, int rc, const text *rows,
                    const char *error) {
    bool is_answer = rc == w->what->rc && !w->how->fault->is_expected(rc);
    if (rc == SQLITE_OK || is_answer) {
        return is_right_answer(w, db, rows); /* a fault that SQLite could do without */
    }
    if (ends_early(w) && is_done(w, db)) {
        return true;
    }
    bool ok = is_clean_error(w, rc, error);
    ok = is_undone(w, db) && ok;
    if (ok && w->how->path != NULL && sqlite3_get_autocommit(db)) {
        ok = is_sound_file(w);
    }
    return ok && succeeds_now(w, db);
}

static bool try_point(const world *w, long n, bool for_ever) {
    text rows = {NULL, 0, 0};
    char *error = NULL;
    sqlite3 *db = open_world(w);
    w->how->fault->arm(db, n, for_ever);
    int rc = act(w, db, &rows, &error);
    w->how->fault->disarm(db);
    bool ok = is_fine(w, db, rc, &rows, error);
    if (sqlite3_close(db) != SQLITE_OK) {
        explain("sqlite3_close is refused");
        ok = false;
    }
    if (ok && w->how->path == NULL && sqlite3_memory_used() != w->memory) {
        explain("%lld bytes leak", sqlite3_memory_used() - w->memory);
        ok = false;
    }
    if (!ok) {
        explain("that was point %ld%s: code %d, %s", n,
                for_ever ? " and all after it" : "", rc, error ? error : "");
    }
    free(rows.data);
    free(error);
    return ok;
}

static long stride_of(const world *w) {
    const char *given = getenv("FAULT_POINTS");
    long points = given ? atol(given) : w->how->points;
    return points > 0 && w->points > points ? (w->points + points - 1) / points : 1;
}

void sweep_run(const sweep *s, const scenario *what) {
    const char *only = getenv("FAULT_ONLY");
    world w = {.how = s, .what = what};
    char name[200];
    if (only != NULL && strcmp(only, what->name) != 0) {
        return;
    }
    make_image(&w);
    bool ok = try_without(&w);
    long stride = stride_of(&w), tried = 0;
    for (long n = 1; ok && n <= w.points; n += stride) {
        ok = try_point(&w, n, false) && try_point(&w, n, true);
        tried += 2;
    }
    snprintf(name, sizeof name, "%s%s%s: %s", s->fault->name, s->journal_mode ? ", " : "",
             s->journal_mode ? s->journal_mode : "", what->name);
    verdict(ok, name);
    if (getenv("FAULT_POINTS") != NULL) {
        explain("%ld points, %ld attempts", w.points, tried);
    }
    free(w.image);
    free(w.before);
    free(w.inside);
    free(w.after);
    free(w.rows);
}
