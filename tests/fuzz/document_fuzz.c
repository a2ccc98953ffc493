/*
** Any text as a schema: the documents of what builds have sets that open, hold something and
** close; its diagrams print.
*/
#include "fuzz.h"

#include <string.h>

#include "graphql/graphql.h"

#define DEEPEST (DS_MAX_EMBEDDED_DEPTH + 4)

/* How many levels a line is indented. */
static int level_of(const char *line) {
    size_t spaces = strspn(line, " ");
    NEED(spaces % 2 == 0 && spaces / 2 < DEEPEST);
    return (int)(spaces / 2);
}

/* Every line stands one level deeper than the one before exactly if that opened a set, and is a
** field, or closes what stands on its level. */
static void check_lines(const char *text) {
    int level = 0;
    bool opened = false;
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        int own = level_of(line);
        size_t length = strcspn(line, "\n");
        bool closes = line[2 * own] == '}';
        NEED(length > 2 * (size_t)own);
        NEED(own == level + opened - closes);
        NEED(!(opened && closes));
        NEED(!closes || length == 2 * (size_t)own + 1);
        level = own;
        opened = line[length - 1] == '{';
    }
    NEED(level == 0 && !opened);
}

static void check_model(const ds_model *model) {
    for (int i = 0; i < DS_GRAPHQL_OPERATION_COUNT; i++) {
        ds_buf text;
        ds_buf_init(&text, DS_MAX_OUTPUT_BYTES);
        if (ds_graphql_field(model, (ds_graphql_operation)i) != NULL) {
            ds_graphql_document(&text, model, (ds_graphql_operation)i);
            NEED(text.rc == SQLITE_OK || text.rc == SQLITE_TOOBIG);
            if (text.rc == SQLITE_OK) {
                check_lines(ds_buf_text(&text));
            }
        }
        ds_buf_done(&text);
    }
}

static void check_diagram(const ds_catalog *catalog, ds_diagram format) {
    ds_buf text;
    ds_buf_init(&text, DS_MAX_OUTPUT_BYTES);
    ds_catalog_diagram(catalog, format, &text);
    NEED(text.rc == SQLITE_OK);
    ds_buf_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const ds_model_options options[] = {{1, true}, {2, true}, {2, false}};
    for (size_t i = 0; i < DS_COUNT(options); i++) {
        ds_catalog *catalog = NULL;
        (void)!ds_catalog_build((const char *)data, size, &options[i], &catalog, NULL);
        for (int m = 0; catalog != NULL && m < catalog->n_models; m++) {
            check_model(&catalog->models[m]);
        }
        if (catalog != NULL) {
            check_diagram(catalog, DS_DIAGRAM_MERMAID);
            check_diagram(catalog, DS_DIAGRAM_DOT);
        }
        ds_catalog_release(catalog);
    }
    return 0;
}
