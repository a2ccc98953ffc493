/*
** The differential test: models against tables. Each random script runs on two databases, one
** with the models of models.graphql and one with the ordinary tables of native.sql, and both
** must answer alike: rows, errors, changes(), contents, and then the journal must account for
** every change. Whatever differs is a bug of the models, or stands in differences.c.
**
** DATASTORE is the path of the extension. DIFF_SEED begins with another seed, DIFF_SECONDS
** goes on for that long instead of a fixed number of scripts.
*/
#include "diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SCRIPTS     20 /* per kind of database */
#define MAX_REPORTS 3

typedef struct totals {
    long scripts;
    long queries;
    long writes;
    long skipped;
} totals;

#define MAX_LINES 60

/* The last lines of a text, each behind the prefix. */
static void print_lines(const char *prefix, const char *lines) {
    int left = 0;
    for (const char *c = lines; *c != '\0'; c++) {
        left += *c == '\n';
    }
    for (; *lines != '\0'; left--) {
        size_t n = strcspn(lines, "\n");
        if (left <= MAX_LINES) {
            printf("%s%.*s\n", prefix, (int)n, lines);
        }
        lines += n + (lines[n] == '\n');
    }
}

/* Shorten the script and tell what is left of it. */
static void report(script *s, const config *c, const outcome *found, uint64_t seed) {
    int at = found->at;
    outcome out;
    text shown = {0};
    if (at < s->n) {
        text_add(&shown, "%s;\n", s->steps[at].sql);
    }
    printf("# seed %llu, step %d: %s", (unsigned long long)seed, at, text_of(&shown));
    fflush(stdout);
    text_clear(&shown);
    script_shrink(s, c, found);
    script_show(s, at, &shown);
    script_run(s, c, &out);
    print_lines("#   ", text_of(&shown));
    print_lines("# ", text_of(&out.why));
    text_done(&out.why);
    text_done(&shown);
}

/* The first script of each kind of database has the fixed statements too. */
static void make_script(script *s, uint64_t seed, bool is_first) {
    rng r = {seed};
    gen_rows(&r, s);
    if (rng_chance(&r, 50)) {
        script_add(s, STEP_SYNC);
    }
    if (is_first) {
        queries_add(s);
    }
    for (int i = 0; i < 40; i++) {
        gen_query(&r, script_add(s, STEP_QUERY));
    }
    for (int i = 0; i < 120; i++) {
        gen_write(&r, s);
        if (rng_chance(&r, 20)) {
            gen_query(&r, script_add(s, STEP_QUERY));
        }
    }
}

static bool run_script(const config *c, uint64_t seed, bool is_first, totals *sum) {
    script s = {0};
    outcome out;
    make_script(&s, seed, is_first);
    script_run(&s, c, &out);
    sum->scripts++;
    sum->queries += out.queries;
    sum->writes += out.writes;
    sum->skipped += out.skipped;
    text_done(&out.why);
    if (out.at >= 0) {
        report(&s, c, &out, seed);
    }
    script_done(&s);
    return out.at < 0;
}

/* A fixed number of scripts, or as many as there is time for. */
static void run_config(const config *c, uint64_t seed, long seconds) {
    totals sum = {0, 0, 0, 0};
    time_t end = time(NULL) + seconds;
    int bad = 0;
    for (int i = 0; bad < MAX_REPORTS && (seconds ? time(NULL) < end : i < SCRIPTS);
         i++) {
        bad += !run_script(c, seed + (uint64_t)i, i == 0, &sum);
    }
    if (sum.skipped * 50 > sum.queries) {
        printf("# too many queries are skipped: the generator is wrong\n");
        bad++;
    }
    printf("# %ld scripts from seed %llu, %ld queries, %ld writes, %ld skipped\n",
           sum.scripts, (unsigned long long)seed, sum.queries, sum.writes, sum.skipped);
    printf("%s %s, recursive_triggers %s\n", bad ? "not ok" : "ok", c->encoding,
           c->recursive_triggers ? "on" : "off");
    fflush(stdout);
}

static uint64_t from_environment(const char *name, uint64_t otherwise) {
    const char *text_value = getenv(name);
    return text_value ? strtoull(text_value, NULL, 10) : otherwise;
}

int main(void) {
    static const char *const encodings[] = {"UTF-8", "UTF-16le", "UTF-16be"};
    const char *library = getenv("DATASTORE");
    uint64_t seed = from_environment("DIFF_SEED", 1);
    long seconds = (long)from_environment("DIFF_SECONDS", 0);
    if (library == NULL) {
        give_up("DATASTORE", "must be the path of the extension");
    }
    printf("# SQLite %s\n", sqlite3_libversion());
    for (unsigned i = 0; i < 2 * COUNT(encodings); i++) {
        config c = {library, encodings[i / 2], i % 2 != 0};
        run_config(&c, seed + i * 1000000, (seconds + 5) / 6);
    }
    differences_check(&(config){library, "UTF-8", false});
    return 0;
}
