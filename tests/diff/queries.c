/*
** The fixed statements: queries.sql as steps of a script.
*/
#include "diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How the lines below a heading are compared. */
typedef struct heading {
    bool is_write;
    compare mode;
    int leading;
} heading;

/* "-- ordered" and so on; other comments change nothing. */
static void read_heading(const char *line, heading *h) {
    int leading = 0;
    if (strcmp(line, "-- ordered") == 0) {
        *h = (heading){false, COMPARE_ORDERED, 0};
    } else if (strcmp(line, "-- any order") == 0) {
        *h = (heading){false, COMPARE_BAG, 0};
    } else if (sscanf(line, "-- first %d", &leading) == 1) {
        *h = (heading){false, COMPARE_LEADING, leading};
    } else if (strcmp(line, "-- writes") == 0) {
        *h = (heading){true, COMPARE_BAG, 0};
    }
}

static void add_transaction(script *out, const char *sql) {
    step *s = script_add(out, STEP_WRITE);
    s->sql = copy_of(sql);
    s->tables = ALL_TABLES;
}

static void add_line(script *out, char *line, const heading *h) {
    char *native = strstr(line, " <=> ");
    step *s = script_add(out, h->is_write ? STEP_WRITE : STEP_QUERY);
    if (native != NULL) {
        *native = '\0';
        s->native = copy_of(native + 5);
    }
    s->sql = copy_of(line);
    s->mode = h->mode;
    s->leading = h->leading;
    s->is_cut = strstr(line, " LIMIT ") != NULL;
    s->tables = ALL_TABLES;
    s->changes = true;
}

void queries_add(script *out) {
    char *content = file_read("tests/diff/queries.sql");
    heading h = {false, COMPARE_BAG, 0};
    for (char *line = strtok(content, "\n"); line; line = strtok(NULL, "\n")) {
        if (strncmp(line, "--", 2) == 0) {
            read_heading(line, &h);
            continue;
        }
        if (h.is_write) {
            add_transaction(out, "BEGIN");
        }
        add_line(out, line, &h);
        if (h.is_write) {
            add_transaction(out, "ROLLBACK");
        }
    }
    free(content);
}
