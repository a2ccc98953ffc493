/* The blog from C: nothing but SQLite is linked, the extension is loaded. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

static sqlite3 *db;

static int print_row(void *unused, int n, char **values, char **names) {
    (void)unused;
    for (int i = 0; i < n; i++) {
        printf("%s=%s%s", names[i], values[i] ? values[i] : "NULL",
               i + 1 < n ? " " : "\n");
    }
    return 0;
}

static void run(const char *sql) {
    if (sqlite3_exec(db, sql, print_row, NULL, NULL) != SQLITE_OK) {
        printf("%s: %s\n", sql, sqlite3_errmsg(db));
        exit(1);
    }
}

/* The whole file as text that ends with NUL. */
static char *read_file(const char *path) {
    static char text[10000];
    FILE *file = fopen(path, "rb");
    size_t n = file ? fread(text, 1, sizeof text - 1, file) : 0;
    text[n] = '\0';
    if (file != NULL) {
        fclose(file);
    }
    return text;
}

int main(void) {
    sqlite3_open(":memory:", &db);
    sqlite3_enable_load_extension(db, 1);
    if (sqlite3_load_extension(db, "dist/datastore", NULL, NULL) != SQLITE_OK) {
        return 1;
    }
    char *schema = sqlite3_mprintf("SELECT datastore_schema(%Q) IS NOT NULL AS installed",
                                   read_file("schema/blog.graphql"));
    run(schema);
    sqlite3_free(schema);
    run("INSERT INTO Post(title, rating, status) VALUES ('From C', 9, 'ACTIVE')");
    run("INSERT INTO Comment(content, post) VALUES ('Fast', datastore_last_id())");
    run("SELECT p.title, c.content FROM Post p JOIN Comment c ON c.post = p.id");
    run("DELETE FROM Post");
    run("SELECT count(*) AS comments FROM Comment");
    run("SELECT group_concat(op || ' ' || model) AS outbox FROM datastore_outbox");
    return sqlite3_close(db) != SQLITE_OK;
}
