/*
** Any text as the row of an entry of the change feed, as a damaged file may hold it: it is read within its
** bounds, and what is read is read the same when it is written again.
*/
#include "fuzz.h"

#include <string.h>

#include "feed/feed_int.h"

static const char sdl[] = "type Post @model { id: ID! title: String rating: Int score: "
                          "Float done: Boolean tags: [String] }";
static const int numbers[] = {1, 2, 3, 4, 5, 6, 7, 8};

static const ds_model *model;

static void start(void) {
    static ds_catalog *catalog;
    const ds_model_options options = DS_MODEL_OPTIONS_DEFAULT;
    ds_err err = DS_ERR_INIT;
    int rc = ds_catalog_build(sdl, sizeof sdl - 1, &options, &catalog, &err);
    NEED_WITH(rc == SQLITE_OK, err.text);
    model = ds_catalog_model(catalog, "Post");
    NEED(model->n_columns == (int)DS_COUNT(numbers));
}

typedef struct list {
    ds_value row[DS_COUNT(numbers) + DS_N_META];
    bool given[DS_COUNT(numbers) + DS_N_META];
    bool is_whole;
} list;

static void parse(char *text, list *out) {
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < DS_COUNT(out->row); i++) {
        out->row[i].type = SQLITE_NULL;
    }
    out->is_whole = ds_entry_parse(model, numbers, text, out->row, out->given);
}

static void add_value(const ds_value *value, ds_buf *out) {
    if (value->type == SQLITE_INTEGER) {
        ds_buf_addf(out, "%lld", (long long)value->integer);
    } else if (value->type == SQLITE_FLOAT) {
        ds_buf_addf(out, "%!.17g", value->real);
    } else if (value->type == SQLITE_TEXT) {
        NEED(strlen(value->text) == (size_t)value->length);
        ds_buf_add_literal(out, value->text);
    } else {
        ds_buf_add(out, "NULL");
    }
}

/* As the triggers write it. */
static void print(const list *l, ds_buf *out) {
    static const char letters[] = "vtd";
    bool is_first = true;
    for (size_t i = 0; i < DS_COUNT(l->row); i++) {
        if (!l->given[i]) {
            continue;
        }
        ds_buf_add(out, is_first ? "" : ",");
        if (i < DS_COUNT(numbers)) {
            ds_buf_addf(out, "%d=", numbers[i]);
        } else {
            ds_buf_addf(out, "%c=", letters[i - DS_COUNT(numbers)]);
        }
        add_value(&l->row[i], out);
        is_first = false;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    list first, second;
    ds_buf printed;
    if (model == NULL) {
        start();
    }
    char *text = sqlite3_mprintf("%.*s", (int)size, (const char *)data), *again = NULL;
    NEED(text != NULL);
    parse(text, &first);
    ds_buf_init(&printed, DS_MAX_SQL_BYTES);
    print(&first, &printed);
    NEED(ds_buf_take(&printed, &again) == SQLITE_OK);
    parse(again, &second);
    NEED(second.is_whole);
    for (size_t i = 0; i < DS_COUNT(first.row); i++) {
        const ds_value *a = &first.row[i], *b = &second.row[i];
        NEED(first.given[i] == second.given[i] && a->type == b->type);
        NEED(a->type == SQLITE_NULL || ds_entry_same(a, b));
    }
    sqlite3_free(text);
    sqlite3_free(again);
    return 0;
}
