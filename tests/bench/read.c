/*
** The read phases: one query each, over data that came from the server. Every query runs on
** both sides in turn, on databases without statistics and on others after ANALYZE, and its
** results must be the same.
*/
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_SECONDS 0.02 /* of one measurement */
#define HASHED_RUNS   50

/* What an operation is, in which the times are given. */
typedef enum per { PER_RUN, PER_POST, PER_COMMENT, PER_KEY } per;
typedef enum values { NO_VALUES, ONE_POST, MANY_POSTS } values;

typedef enum mode {
    PREPARED,       /* once; each run is a transaction of its own */
    IN_TRANSACTION, /* all runs in one */
    EACH_PREPARED,  /* prepare, run, finalize */
    EACH_OPENED     /* open, prepare, run, finalize, close: needs a file */
} mode;

typedef struct query {
    bench_goal goal;
    const char *sql;
    per per;
    values values;
    mode mode;
    bool is_ordered;
} query;

#define ONE_POST_SQL "SELECT id, title, rating, status FROM Post WHERE id = ?"

static const query queries[] = {
    {{"point read by id", 1.4}, ONE_POST_SQL, PER_RUN, ONE_POST, PREPARED, false},
    {{"point read by id, in a transaction", 0},
     ONE_POST_SQL,
     PER_RUN,
     ONE_POST,
     IN_TRANSACTION,
     false},
    {{"point read, prepare to finalize", 0},
     ONE_POST_SQL,
     PER_RUN,
     ONE_POST,
     EACH_PREPARED,
     false},
    {{"point read, open to close", 0},
     ONE_POST_SQL,
     PER_RUN,
     ONE_POST,
     EACH_OPENED,
     false},
    {{"children by foreign key", 1.4},
     "SELECT id, content FROM Comment WHERE post = ?",
     PER_RUN,
     ONE_POST,
     PREPARED,
     false},
    {{"join, GROUP BY status", 1.2},
     "SELECT p.status, count(*), sum(length(c.content))"
     " FROM Post p JOIN Comment c ON c.post = p.id GROUP BY p.status",
     PER_COMMENT,
     NO_VALUES,
     PREPARED,
     true},
    {{"ORDER BY rating DESC LIMIT 20", 1.7},
     "SELECT rating, title FROM Post ORDER BY rating DESC LIMIT 20",
     PER_RUN,
     NO_VALUES,
     PREPARED,
     true},
    {{"scan, 1 column of the index", 2.4},
     "SELECT rating FROM Post",
     PER_POST,
     NO_VALUES,
     PREPARED,
     false},
    {{"scan, 1 column of 80 bytes", 2.4},
     "SELECT content FROM Comment",
     PER_COMMENT,
     NO_VALUES,
     PREPARED,
     false},
    {{"scan, 3 columns", 2.4},
     "SELECT id, content, post FROM Comment",
     PER_COMMENT,
     NO_VALUES,
     PREPARED,
     false},
    {{"scan, 6 columns", 2.4},
     "SELECT id, title, rating, status, createdAt, updatedAt FROM Post",
     PER_POST,
     NO_VALUES,
     PREPARED,
     false},
    {{"scan, sum of lengths", 2.4},
     "SELECT sum(length(content)) FROM Comment",
     PER_COMMENT,
     NO_VALUES,
     PREPARED,
     false},
    {{"EXISTS of the children", 2.7},
     "SELECT count(*) FROM Post p"
     " WHERE EXISTS (SELECT 1 FROM Comment c WHERE c.post = p.id)",
     PER_POST,
     NO_VALUES,
     PREPARED,
     false},
    {{"IN of 1,000 keys", 1.5}, NULL, PER_KEY, MANY_POSTS, PREPARED, false},
    {{"range of the index, 5 %", 0},
     "SELECT id, rating FROM Post WHERE rating >= 40 AND rating < 45",
     PER_RUN,
     NO_VALUES,
     PREPARED,
     false},
    {{"count(*)", 0},
     "SELECT count(*) FROM Comment",
     PER_COMMENT,
     NO_VALUES,
     PREPARED,
     false},
    {{"count(*) of an unindexed column", 0},
     "SELECT count(*) FROM Post WHERE status = 'ACTIVE'",
     PER_POST,
     NO_VALUES,
     PREPARED,
     false},
    {{"max of an indexed column", 0},
     "SELECT max(rating) FROM Post",
     PER_RUN,
     NO_VALUES,
     PREPARED,
     false},
    {{"LIKE 'ab%'", 0},
     "SELECT id FROM Post WHERE title LIKE 'ab%'",
     PER_POST,
     NO_VALUES,
     PREPARED,
     false},
    {{"GROUP BY status", 0},
     "SELECT status, count(*), avg(rating) FROM Post GROUP BY status",
     PER_POST,
     NO_VALUES,
     PREPARED,
     true},
    {{"LEFT JOIN, GROUP BY parent", 0},
     "SELECT p.id, count(c.id) FROM Post p LEFT JOIN Comment c ON c.post = p.id"
     " WHERE p.rating = 5 GROUP BY p.id",
     PER_RUN,
     NO_VALUES,
     PREPARED,
     false},
    {{"DISTINCT status", 0},
     "SELECT DISTINCT status FROM Post",
     PER_POST,
     NO_VALUES,
     PREPARED,
     false},
    {{"ORDER BY two columns, all rows", 0},
     "SELECT id, title FROM Post ORDER BY status, title",
     PER_POST,
     NO_VALUES,
     PREPARED,
     true},
};

typedef struct state {
    const bench_options *options;
    const bench_data *data;
    const query *query;
    const char *sql;
} state;

/* Both sides with the same data. */
typedef struct pair {
    bench_side native;
    bench_side model;
} pair;

static void bind(const state *s, sqlite3_stmt *statement, int run) {
    int n = s->query->values == ONE_POST     ? 1
            : s->query->values == MANY_POSTS ? BENCH_KEYS
                                             : 0;
    for (int i = 0; i < n; i++) {
        const bench_post *post = &s->data->posts[bench_pick(run + i, s->data->n_posts)];
        bench_bind_text(statement, i + 1, post->id);
    }
}

static void run_once(const state *s, sqlite3 *db, int run) {
    sqlite3_stmt *statement = bench_prepare(db, s->sql);
    bind(s, statement, run);
    bench_run(statement);
    (void)sqlite3_finalize(statement);
}

static void open_once(const state *s, const bench_side *side, int run) {
    sqlite3 *db = bench_connect(s->options, side->path, side->is_model);
    run_once(s, db, run);
    if (sqlite3_close(db) != SQLITE_OK) {
        bench_die(db, "close");
    }
}

/* Seconds that `runs` runs take. */
static double measure(const state *s, bench_side *side, sqlite3_stmt *statement,
                      int runs) {
    mode how = s->query->mode;
    if (how == IN_TRANSACTION) {
        bench_exec(side->db, "BEGIN");
    }
    double start = bench_now();
    for (int i = 0; i < runs; i++) {
        if (how == EACH_OPENED) {
            open_once(s, side, i);
        } else if (how == EACH_PREPARED) {
            run_once(s, side->db, i);
        } else {
            bind(s, statement, i);
            bench_run(statement);
        }
    }
    double seconds = bench_now() - start;
    if (how == IN_TRANSACTION) {
        bench_exec(side->db, "COMMIT");
    }
    return seconds;
}

static uint64_t hash(const state *s, sqlite3_stmt *statement) {
    int runs = s->query->values == ONE_POST ? HASHED_RUNS : 1;
    uint64_t sum = 0;
    for (int i = 0; i < runs; i++) {
        bind(s, statement, i);
        sum = bench_hash(statement, s->query->is_ordered, sum);
    }
    return sum;
}

/* How many runs the native side needs for a measurement that is long enough. */
static int calibrate(const state *s, bench_side *side, sqlite3_stmt *statement) {
    int runs = 1;
    while (measure(s, side, statement, runs) < LEAST_SECONDS && runs < 1000000) {
        runs *= 2;
    }
    return runs;
}

static double operations(const state *s, int runs) {
    switch (s->query->per) {
    case PER_POST:
        return (double)runs * s->data->n_posts;
    case PER_COMMENT:
        return (double)runs * s->data->n_comments;
    case PER_KEY:
        return (double)runs * BENCH_KEYS;
    case PER_RUN:
        break;
    }
    return runs;
}

static void compare(const state *s, pair *sides, bench_times *times) {
    sqlite3_stmt *native = bench_prepare(sides->native.db, s->sql);
    sqlite3_stmt *model = bench_prepare(sides->model.db, s->sql);
    if (hash(s, native) != hash(s, model)) {
        fprintf(stderr, "bench: the sides give different rows: %s\n", s->sql);
        exit(1);
    }
    int runs = calibrate(s, &sides->native, native);
    double n = operations(s, runs);
    (void)measure(s, &sides->model, model, 1);
    times->n = s->options->rounds;
    for (int i = 0; i < times->n; i++) {
        if (i % 2 == 0) {
            times->native[i] = measure(s, &sides->native, native, runs) / n;
        }
        times->model[i] = measure(s, &sides->model, model, runs) / n;
        if (i % 2 != 0) {
            times->native[i] = measure(s, &sides->native, native, runs) / n;
        }
    }
    (void)sqlite3_finalize(native);
    (void)sqlite3_finalize(model);
}

static pair pair_new(const bench_options *options, const char *name,
                     const bench_data *data, bool is_analyzed) {
    pair made = {bench_side_new(options, name, false),
                 bench_side_new(options, name, true)};
    bench_side_fill(&made.native, data, true);
    bench_side_fill(&made.model, data, true);
    if (is_analyzed) {
        /* A model reads statistics when it is connected; RESET makes SQLite do that again. */
        bench_exec(made.native.db, "ANALYZE; PRAGMA writable_schema=RESET");
        bench_exec(made.model.db, "ANALYZE; PRAGMA writable_schema=RESET");
    }
    return made;
}

static void pair_close(pair *sides) {
    bench_side_close(&sides->native);
    bench_side_close(&sides->model);
}

/* "… IN (?, ?, …)" */
static void print_in(char *out, size_t size) {
    int n = snprintf(out, size, "SELECT id, title, rating FROM Post WHERE id IN (?");
    for (int i = 1; i < BENCH_KEYS; i++) {
        n += snprintf(out + n, size - (size_t)n, ", ?");
    }
    (void)snprintf(out + n, size - (size_t)n, ")");
}

void bench_read_phases(const bench_options *options, bench_score *score) {
    static bench_times plain_times, analyzed_times;
    static char in_sql[BENCH_KEYS * 3 + 100];
    const size_t n = sizeof queries / sizeof *queries;
    bool is_any = false;
    for (size_t i = 0; i < n; i++) {
        is_any = is_any || bench_is_wanted(options, queries[i].goal.name);
    }
    if (!is_any) {
        return;
    }
    bench_data data =
        bench_data_new(options->rows, options->rows * 10, BENCH_SPREAD, 4, 1);
    pair plain = pair_new(options, "plain", &data, false);
    pair analyzed = pair_new(options, "analyzed", &data, true);
    print_in(in_sql, sizeof in_sql);
    bench_print_head("reads", true);
    for (size_t i = 0; i < n; i++) {
        const query *asked = &queries[i];
        const state s = {options, &data, asked, asked->sql ? asked->sql : in_sql};
        if (!bench_is_wanted(options, asked->goal.name) ||
            (asked->mode == EACH_OPENED && options->folder == NULL)) {
            continue;
        }
        compare(&s, &plain, &plain_times);
        compare(&s, &analyzed, &analyzed_times);
        bench_print(&asked->goal, &plain_times, &analyzed_times, score);
    }
    pair_close(&plain);
    pair_close(&analyzed);
    bench_data_free(&data);
}
