/*
** The write phases. Each round makes both sides anew, with rows that are there already, and
** measures one kind of write; afterwards both must hold the same, and the models must have
** journalled every row, and kept the server's row of each that had one.
**
** What is not quite equal goes against the models: the native side is given the times and
** ids that a model makes, and its UPDATE leaves updatedAt alone.
*/
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the rows that a phase writes to come from. */
typedef enum origin {
    LOCAL,  /* made here, not yet sent */
    SYNCED, /* the server's */
    CHANGED /* the server's, and changed here once already */
} origin;

typedef enum kind { INSERT, UPDATE, DELETE, CASCADE } kind;
typedef enum unit { ONE_TRANSACTION, EACH_ITS_OWN } unit;

/* uuid: version of the new rows' ids; is_made: the model makes them, the native side has
** them given. is_observed: somebody observes all models; in the other phases nobody does. */
typedef struct phase {
    bench_goal goal;
    kind kind;
    unit unit;
    origin origin;
    int uuid;
    bool is_made;
    bool is_observed;
} phase;

#define CHILDREN 100

static const phase phases[] = {
    {{"insert, bulk, UUIDv4 given", 1.5},
     INSERT,
     ONE_TRANSACTION,
     SYNCED,
     4,
     false,
     false},
    {{"insert, bulk, UUIDv7 given", 1.5},
     INSERT,
     ONE_TRANSACTION,
     SYNCED,
     7,
     false,
     false},
    {{"insert, bulk, UUIDv7 made", 1.5}, INSERT, ONE_TRANSACTION, SYNCED, 7, true, false},
    {{"insert, each a transaction, given", 1.35},
     INSERT,
     EACH_ITS_OWN,
     SYNCED,
     7,
     false,
     false},
    {{"insert, each a transaction, made", 1.35},
     INSERT,
     EACH_ITS_OWN,
     SYNCED,
     7,
     true,
     false},
    {{"update, rows not yet synced", 2.2},
     UPDATE,
     ONE_TRANSACTION,
     LOCAL,
     4,
     false,
     false},
    {{"update, further change", 2.2}, UPDATE, ONE_TRANSACTION, CHANGED, 4, false, false},
    {{"update, first change of synced rows", 3.0},
     UPDATE,
     ONE_TRANSACTION,
     SYNCED,
     4,
     false,
     false},
    {{"update, each a transaction, not synced", 0},
     UPDATE,
     EACH_ITS_OWN,
     LOCAL,
     4,
     false,
     false},
    {{"update, each a transaction, first", 0},
     UPDATE,
     EACH_ITS_OWN,
     SYNCED,
     4,
     false,
     false},
    {{"delete, rows not yet synced", 1.9},
     DELETE,
     ONE_TRANSACTION,
     LOCAL,
     4,
     false,
     false},
    {{"delete, synced rows", 1.9}, DELETE, ONE_TRANSACTION, SYNCED, 4, false, false},
    {{"delete, each a transaction, synced", 0},
     DELETE,
     EACH_ITS_OWN,
     SYNCED,
     4,
     false,
     false},
    {{"cascade, 100 children, not yet synced", 1.6},
     CASCADE,
     ONE_TRANSACTION,
     LOCAL,
     4,
     false,
     false},
    {{"cascade, 100 children, synced", 1.6},
     CASCADE,
     ONE_TRANSACTION,
     SYNCED,
     4,
     false,
     false},
    {{"observed: insert, bulk", 0}, INSERT, ONE_TRANSACTION, SYNCED, 7, false, true},
    {{"observed: insert, each a transaction", 0},
     INSERT,
     EACH_ITS_OWN,
     SYNCED,
     7,
     false,
     true},
    {{"observed: update, not yet synced", 0},
     UPDATE,
     ONE_TRANSACTION,
     LOCAL,
     4,
     false,
     true},
    {{"observed: delete, not yet synced", 0},
     DELETE,
     ONE_TRANSACTION,
     LOCAL,
     4,
     false,
     true},
    {{"observed: cascade, 100 children", 0},
     CASCADE,
     ONE_TRANSACTION,
     LOCAL,
     4,
     false,
     true},
};

typedef struct state {
    const bench_options *options;
    const phase *phase;
    const bench_data *present; /* in the tables beforehand */
    const bench_data *fresh;   /* to be inserted */
} state;

/* How many rows a phase writes, and how many operations they count for. */
static int rows_of(const state *s) {
    switch (s->phase->kind) {
    case INSERT:
        return (s->phase->unit == EACH_ITS_OWN ? 0 : s->fresh->n_posts) +
               s->fresh->n_comments;
    case CASCADE:
        return s->present->n_posts / 2 * (CHILDREN + 1);
    case UPDATE:
        return s->present->n_comments;
    case DELETE:
        break;
    }
    return s->present->n_comments / 2;
}

static int operations(const state *s) {
    return s->phase->kind == CASCADE ? s->present->n_posts / 2 : rows_of(s);
}

/* ---- insert ------------------------------------------------------------------------------ */

/* The statements of one side; a model that makes ids is not given them, and none is given
** times. The id of a new post is asked for, as an application would. */
typedef struct inserts {
    sqlite3_stmt *post;
    sqlite3_stmt *comment;
    sqlite3_stmt *last_id;
} inserts;

static inserts prepare_inserts(bench_side *side, bool is_made) {
    inserts in = {NULL, NULL, NULL};
    if (!side->is_model) {
        in.post = bench_prepare(
            side->db, "INSERT INTO Post(title, rating, status, id, createdAt, updatedAt)"
                      " VALUES (?, ?, ?, ?, ?, ?)");
        in.comment = bench_prepare(
            side->db, "INSERT INTO Comment(content, post, id, createdAt, updatedAt)"
                      " VALUES (?, ?, ?, ?, ?)");
    } else if (is_made) {
        in.post = bench_prepare(
            side->db, "INSERT INTO Post(title, rating, status) VALUES (?, ?, ?)");
        in.comment =
            bench_prepare(side->db, "INSERT INTO Comment(content, post) VALUES (?, ?)");
        in.last_id = bench_prepare(side->db, "SELECT datastore_last_id()");
    } else {
        in.post = bench_prepare(
            side->db, "INSERT INTO Post(title, rating, status, id) VALUES (?, ?, ?, ?)");
        in.comment = bench_prepare(
            side->db, "INSERT INTO Comment(content, post, id) VALUES (?, ?, ?)");
    }
    return in;
}

static void finalize_inserts(inserts *in) {
    (void)sqlite3_finalize(in->post);
    (void)sqlite3_finalize(in->comment);
    (void)sqlite3_finalize(in->last_id);
}

/* Id, createdAt and updatedAt, as far as the statement takes them. */
static void bind_common(sqlite3_stmt *statement, int at, const char *id) {
    int n = sqlite3_bind_parameter_count(statement);
    if (at <= n) {
        bench_bind_text(statement, at, id);
    }
    for (int i = at + 1; i <= n; i++) {
        bench_bind_text(statement, i, "2024-05-05T12:00:00.000Z");
    }
}

static void insert_post(inserts *in, const bench_post *post,
                        char id[BENCH_UUID_BYTES + 1]) {
    bench_bind_text(in->post, 1, post->title);
    (void)sqlite3_bind_int(in->post, 2, post->rating);
    bench_bind_text(in->post, 3, post->status);
    bind_common(in->post, 4, post->id);
    bench_run(in->post);
    const char *made = post->id;
    if (in->last_id != NULL) {
        (void)sqlite3_step(in->last_id);
        made = (const char *)sqlite3_column_text(in->last_id, 0);
    }
    (void)snprintf(id, BENCH_UUID_BYTES + 1, "%s", made ? made : "");
    if (in->last_id != NULL) {
        (void)sqlite3_reset(in->last_id);
    }
}

static void insert_comment(inserts *in, const bench_comment *comment, const char *post) {
    bench_bind_text(in->comment, 1, comment->content);
    bench_bind_text(in->comment, 2, post);
    bind_common(in->comment, 3, comment->id);
    bench_run(in->comment);
}

/* Each post with its comments. */
static void insert_bulk(const state *s, inserts *in) {
    const bench_data *fresh = s->fresh;
    char id[BENCH_UUID_BYTES + 1];
    int each = fresh->n_comments / fresh->n_posts;
    for (int i = 0; i < fresh->n_posts; i++) {
        insert_post(in, &fresh->posts[i], id);
        for (int j = i * each; j < (i + 1) * each; j++) {
            insert_comment(in, &fresh->comments[j], id);
        }
    }
}

/* Comments to the posts that are there. */
static void insert_single(const state *s, inserts *in) {
    for (int i = 0; i < s->fresh->n_comments; i++) {
        int post = bench_pick(i, s->present->n_posts);
        insert_comment(in, &s->fresh->comments[i], s->present->posts[post].id);
    }
}

static double run_inserts(const state *s, bench_side *side) {
    inserts in = prepare_inserts(side, s->phase->is_made);
    double start = bench_now();
    if (s->phase->unit == EACH_ITS_OWN) {
        insert_single(s, &in);
    } else {
        bench_exec(side->db, "BEGIN IMMEDIATE");
        insert_bulk(s, &in);
        bench_exec(side->db, "COMMIT");
    }
    double seconds = bench_now() - start;
    finalize_inserts(&in);
    return seconds;
}

/* ---- update, delete ---------------------------------------------------------------------- */

static void update_all(const state *s, sqlite3_stmt *update, int shift) {
    const bench_data *present = s->present;
    int n = present->n_comments;
    for (int i = 0; i < n; i++) {
        bench_bind_text(update, 1, present->comments[(i + shift) % n].content);
        bench_bind_text(update, 2, present->comments[bench_pick(i, n)].id);
        bench_run(update);
    }
}

static void delete_half(const state *s, sqlite3_stmt *delete) {
    const bench_data *present = s->present;
    for (int i = 0; i < operations(s); i++) {
        const char *id = s->phase->kind == CASCADE
                             ? present->posts[i].id
                             : present->comments[bench_pick(i, present->n_comments)].id;
        bench_bind_text(delete, 1, id);
        bench_run(delete);
    }
}

static double run_changes(const state *s, bench_side *side) {
    kind what = s->phase->kind;
    bool is_one = s->phase->unit == ONE_TRANSACTION;
    sqlite3_stmt *change = bench_prepare(
        side->db, what == UPDATE   ? "UPDATE Comment SET content = ? WHERE id = ?"
                  : what == DELETE ? "DELETE FROM Comment WHERE id = ?"
                                   : "DELETE FROM Post WHERE id = ?");
    double start = bench_now();
    if (is_one) {
        bench_exec(side->db, "BEGIN IMMEDIATE");
    }
    if (what == UPDATE) {
        update_all(s, change, 5);
    } else {
        delete_half(s, change);
    }
    if (is_one) {
        bench_exec(side->db, "COMMIT");
    }
    double seconds = bench_now() - start;
    (void)sqlite3_finalize(change);
    return seconds;
}

/* ---- one round --------------------------------------------------------------------------- */

static void change_once(const state *s, bench_side *side) {
    sqlite3_stmt *update =
        bench_prepare(side->db, "UPDATE Comment SET content = ? WHERE id = ?");
    bench_exec(side->db, "BEGIN IMMEDIATE");
    update_all(s, update, 9);
    bench_exec(side->db, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
    (void)sqlite3_finalize(update);
}

#define COUNT_JOURNAL "SELECT count(*) FROM datastore_journal"
#define COUNT_BASE    "SELECT count(*) FROM Comment_base"

/* A model that forgot to journal would be fast. */
static void check_journal(const state *s, bench_side *side, int64_t before) {
    bool keeps_base = s->phase->origin != LOCAL && s->phase->kind != INSERT;
    int64_t journalled = bench_number(side->db, COUNT_JOURNAL) - before;
    int64_t kept = bench_number(side->db, COUNT_BASE);
    int64_t comments = rows_of(s) - (s->phase->kind == CASCADE ? operations(s) : 0);
    if (journalled != rows_of(s) || kept != (keeps_base ? comments : 0)) {
        fprintf(stderr, "bench: %s: %lld journal entries for %d rows, %lld base rows\n",
                s->phase->goal.name, (long long)journalled, rows_of(s), (long long)kept);
        exit(1);
    }
}

#define COUNT_FEED "SELECT count(*) FROM datastore_changes"

static void check_feed(const state *s, bench_side *side) {
    int64_t written = bench_number(side->db, COUNT_FEED);
    if (written != (s->phase->is_observed ? rows_of(s) : 0)) {
        fprintf(stderr, "bench: %s: %lld changes in the feed for %d rows\n",
                s->phase->goal.name, (long long)written, rows_of(s));
        exit(1);
    }
}

/* Seconds per operation. */
static double measure(const state *s, bool is_model, uint64_t *out_hash) {
    bench_side side = bench_side_new(s->options, "write", is_model);
    bench_side_fill(&side, s->present, s->phase->origin != LOCAL);
    if (s->phase->origin == CHANGED) {
        change_once(s, &side);
    }
    if (side.is_model && s->phase->is_observed) {
        bench_exec(side.db, "SELECT datastore_observe()");
    }
    int64_t before = side.is_model ? bench_number(side.db, COUNT_JOURNAL) : 0;
    double seconds =
        s->phase->kind == INSERT ? run_inserts(s, &side) : run_changes(s, &side);
    if (side.is_model) {
        check_journal(s, &side, before);
        check_feed(s, &side);
    }
    *out_hash = bench_side_hash(&side);
    bench_side_close(&side);
    return seconds / operations(s);
}

static void compare(const state *s, bench_times *times) {
    times->n = s->options->rounds;
    for (int i = -1; i < times->n; i++) {
        uint64_t native_hash, model_hash;
        int at = i < 0 ? 0 : i; /* the first one warms up */
        if (i % 2 == 0) {
            times->native[at] = measure(s, false, &native_hash);
            times->model[at] = measure(s, true, &model_hash);
        } else {
            times->model[at] = measure(s, true, &model_hash);
            times->native[at] = measure(s, false, &native_hash);
        }
        if (native_hash != model_hash) {
            fprintf(stderr, "bench: the sides hold different rows after: %s\n",
                    s->phase->goal.name);
            exit(1);
        }
    }
}

static void run_phase(const bench_options *options, const phase *what,
                      bench_score *score) {
    static bench_times times;
    int n = options->rows;
    bool is_cascade = what->kind == CASCADE;
    int n_posts = is_cascade ? n / CHILDREN : n / 10;
    int n_present = what->unit == EACH_ITS_OWN ? n / 4 : n;
    bench_data present =
        bench_data_new(n_posts, is_cascade ? n_posts * CHILDREN : n_present,
                       is_cascade ? BENCH_EVEN : BENCH_SPREAD, 4, 2);
    bench_data fresh = bench_data_new(n / 10, what->unit == EACH_ITS_OWN ? n / 4 : n,
                                      BENCH_EVEN, what->uuid, 3);
    const state s = {options, what, &present, &fresh};
    compare(&s, &times);
    bench_print(&what->goal, &times, NULL, score);
    bench_data_free(&present);
    bench_data_free(&fresh);
}

void bench_write_phases(const bench_options *options, bench_score *score) {
    bool is_first = true;
    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++) {
        if (bench_is_wanted(options, phases[i].goal.name)) {
            if (is_first) {
                bench_print_head("writes", false);
                is_first = false;
            }
            run_phase(options, &phases[i], score);
        }
    }
}
