/*
** Good guest: the extension loads into a program that only knows SQLite, its name and entry
** point are found by SQLite's own rule, and connections close without anything said
** before.
*/
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

static int failures;

static void check(int is_right, const char *name) {
    printf("%s %s\n", is_right ? "ok" : "not ok", name);
    failures += !is_right;
}

static sqlite3 *open_loaded(const char *library) {
    sqlite3 *db = NULL;
    char *message = NULL;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
        sqlite3_enable_load_extension(db, 1) != SQLITE_OK ||
        sqlite3_load_extension(db, library, NULL, &message) != SQLITE_OK) {
        printf("%s\n", message ? message : "cannot open");
        sqlite3_free(message);
        sqlite3_close_v2(db);
        return NULL;
    }
    return db;
}

int main(void) {
    const char *library = getenv("DATASTORE");
    sqlite3 *first = open_loaded(library ? library : "dist/datastore");
    sqlite3 *second = open_loaded(library ? library : "dist/datastore");
    check(first != NULL, "loads");
    check(second != NULL, "loads into a second connection");
    check(sqlite3_exec(first, "SELECT datastore_version()", NULL, NULL, NULL) ==
              SQLITE_OK,
          "functions are there");
    check(sqlite3_close(first) == SQLITE_OK, "sqlite3_close closes");
    check(sqlite3_exec(second, "SELECT datastore_version()", NULL, NULL, NULL) ==
              SQLITE_OK,
          "the second connection outlives the first");
    check(sqlite3_close(second) == SQLITE_OK, "and closes too");
    return failures != 0;
}
