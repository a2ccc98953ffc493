/*
** The benchmark: the time of model tables against native SQLite tables that hold the same
** rows. bench.c reads the options, side.c makes the databases, data.c what is in them,
** read.c and write.c hold the phases, report.c compares and prints.
*/
#ifndef BENCH_H
#define BENCH_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_MAX_ROUNDS 99
#define BENCH_KEYS       1000 /* of the phase IN */

/*
** rows: how many posts the read phases have (comments: ten times as many), and how many
** comments the write phases (posts: a tenth). folder: of the database files, NULL for
** :memory:. is_self: native tables on both sides, which shows what the harness itself adds
** and how far its figures scatter. phase: only those whose name begins so.
*/
typedef struct bench_options {
    int rows;
    int rounds;
    const char *folder;
    bool is_wal;
    bool is_self;
    const char *phase;
    const char *library;
} bench_options;

/* ---- data.c ------------------------------------------------------------------------------ */

#define BENCH_UUID_BYTES    36
#define BENCH_TITLE_BYTES   40
#define BENCH_CONTENT_BYTES 80
#define BENCH_N_STATUS      3

typedef struct bench_post {
    char id[BENCH_UUID_BYTES + 1];
    char title[BENCH_TITLE_BYTES + 1];
    int rating;
    const char *status;
} bench_post;

/* post: an index into posts. */
typedef struct bench_comment {
    char id[BENCH_UUID_BYTES + 1];
    char content[BENCH_CONTENT_BYTES + 1];
    int post;
} bench_comment;

/* Made by bench_data_new, freed by bench_data_free. */
typedef struct bench_data {
    bench_post *posts;
    int n_posts;
    bench_comment *comments;
    int n_comments;
} bench_data;

/* BENCH_SPREAD: parents at random, as many as chance gives; BENCH_EVEN: each post has as many
** comments as any other, and they do not lie side by side. */
typedef enum bench_parents { BENCH_SPREAD, BENCH_EVEN } bench_parents;

/* The same arguments give the same data. uuid: version of the ids, 4 or 7. */
bench_data bench_data_new(int n_posts, int n_comments, bench_parents parents, int uuid,
                          uint64_t seed);
void bench_data_free(bench_data *data);
/* An index below n for the i-th of a series that visits them in no order, each once in n. */
int bench_pick(int i, int n);

/* ---- side.c ------------------------------------------------------------------------------ */

/* One of the two sides of a comparison: a database of its own. */
typedef struct bench_side {
    sqlite3 *db;
    bool is_model;
    char path[256];
} bench_side;

/* All of these print the reason and end the program when SQLite reports an error. */

/* A connection with what both sides set: page cache, foreign keys, journal; with the
** extension if is_model. */
sqlite3 *bench_connect(const bench_options *options, const char *path, bool is_model);
/* A new, empty database with the tables; `name` tells it from others of the same run. */
bench_side bench_side_new(const bench_options *options, const char *name, bool is_model);
void bench_side_close(bench_side *side);
/* Put rows in: as the server's (`is_synced`), or as local ones, which are journalled. */
void bench_side_fill(bench_side *side, const bench_data *data, bool is_synced);
/* What a side holds after a write phase. Equal for both sides if they hold the same. */
uint64_t bench_side_hash(bench_side *side);
/* The first column of the first row, as an integer. */
int64_t bench_number(sqlite3 *db, const char *sql);

_Noreturn void bench_die(sqlite3 *db, const char *what);
void bench_exec(sqlite3 *db, const char *sql);
sqlite3_stmt *bench_prepare(sqlite3 *db, const char *sql);
/* Step to the end, reading every value, and reset. */
void bench_run(sqlite3_stmt *statement);
/* The same, untimed: add the rows to a hash. */
uint64_t bench_hash(sqlite3_stmt *statement, bool is_ordered, uint64_t hash);
void bench_bind_text(sqlite3_stmt *statement, int at, const char *text);

/* ---- report.c ---------------------------------------------------------------------------- */

/* Seconds of CPU that this thread has used. */
double bench_now(void);

/* Seconds per operation of each round. */
typedef struct bench_times {
    double native[BENCH_MAX_ROUNDS];
    double model[BENCH_MAX_ROUNDS];
    int n;
} bench_times;

/* target: the highest ratio that is wanted (reached by the median, in reads with statistics and
** without); 0: the figure is for information. */
typedef struct bench_goal {
    const char *name;
    double target;
} bench_goal;

typedef struct bench_score {
    int reached;
    int missed;
} bench_score;

bool bench_is_wanted(const bench_options *options, const char *name);
void bench_print_head(const char *kind, bool has_analyzed);
/* One line of the table; `analyzed` is NULL where there are no statistics to be had, `score`
** where nothing is to be judged. */
void bench_print(const bench_goal *goal, const bench_times *times,
                 const bench_times *analyzed, bench_score *score);

/* ---- read.c, write.c ----------------------------------------------------------------------- */

void bench_read_phases(const bench_options *options, bench_score *score);
void bench_write_phases(const bench_options *options, bench_score *score);

#endif
