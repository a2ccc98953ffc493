/*
** bench [options]: see usage below and bench.h. The library is in DATASTORE, or
** dist/datastore. Its times say nothing about right or wrong: only an error, or sides
** that do not hold the same, make it fail.
*/
#define _POSIX_C_SOURCE 200809L
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: bench [options]\n"
    "  --rows N      posts to read, comments to write (10000; 1000 to 1000000)\n"
    "  --rounds N    measurements of each phase (9; 1 to 99)\n"
    "  --file        database files with a rollback journal, not :memory:\n"
    "  --wal         database files in WAL mode, synchronous=NORMAL\n"
    "  --phase TEXT  only the phases whose name begins so\n"
    "  --reads       only the phases that read\n"
    "  --writes      only the phases that write\n"
    "  --self        native tables on both sides: the error of the measurement\n";

/* A run that ends early leaves the folder behind, to be looked at. */
static void make_folder(char *folder, size_t size) {
    const char *parent = getenv("TMPDIR");
    int n = snprintf(folder, size, "%s/bench-XXXXXX", parent ? parent : "/tmp");
    if (n < 0 || (size_t)n >= size || mkdtemp(folder) == NULL) {
        bench_die(NULL, "cannot make a folder for the database files");
    }
}

static int number(const char *text, int least, int most) {
    char *end = NULL;
    long value = text ? strtol(text, &end, 10) : -1;
    if (text == NULL || *end || value < least || value > most) {
        fputs(usage, stderr);
        exit(2);
    }
    return (int)value;
}

typedef struct choice {
    bool reads;
    bool writes;
    bool is_file;
} choice;

static void parse(char **argv, bench_options *options, choice *chosen) {
    for (int i = 1; argv[i]; i++) {
        const char *arg = argv[i];
        if (strcmp(arg, "--rows") == 0) {
            options->rows = number(argv[++i], BENCH_KEYS, 1000000);
        } else if (strcmp(arg, "--rounds") == 0) {
            options->rounds = number(argv[++i], 1, BENCH_MAX_ROUNDS);
        } else if (strcmp(arg, "--phase") == 0 && argv[i + 1]) {
            options->phase = argv[++i];
        } else if (strcmp(arg, "--file") == 0) {
            chosen->is_file = true;
        } else if (strcmp(arg, "--wal") == 0) {
            chosen->is_file = options->is_wal = true;
        } else if (strcmp(arg, "--reads") == 0) {
            chosen->writes = false;
        } else if (strcmp(arg, "--writes") == 0) {
            chosen->reads = false;
        } else if (strcmp(arg, "--self") == 0) {
            options->is_self = true;
        } else {
            fputs(usage, stderr);
            exit(2);
        }
    }
}

int main(int argc, char **argv) {
    const char *library = getenv("DATASTORE");
    bench_options options = {10000, 9, NULL, false, false, "", ""};
    choice chosen = {true, true, false};
    bench_score score = {0, 0};
    char folder[128] = "";
    (void)argc;
    options.library = library ? library : "dist/datastore";
    parse(argv, &options, &chosen);
    if (chosen.is_file) {
        make_folder(folder, sizeof folder);
        options.folder = folder;
    }
    printf(
        "SQLite %s, %s, %d rows, %d rounds; thread CPU time; ratio: median (least-most)"
        "\n",
        sqlite3_libversion(),
        options.is_wal   ? "file, WAL, synchronous=NORMAL"
        : chosen.is_file ? "file"
                         : ":memory:",
        options.rows, options.rounds);
    if (chosen.writes) {
        bench_write_phases(&options, options.is_self ? NULL : &score);
    }
    if (chosen.reads) {
        bench_read_phases(&options, options.is_self ? NULL : &score);
    }
    if (chosen.is_file) {
        (void)rmdir(folder);
    }
    if (!options.is_self) {
        printf("\n%d targets reached, %d not\n", score.reached, score.missed);
    }
    return 0;
}
