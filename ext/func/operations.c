/*
** Fills datastore_operations. It stands here because only func sees both the store and the
** documents. Also the installed schema given again comes by: another version of the extension
** may print other documents.
*/
#include "func/func_int.h"

/* What is done with each document: `statement` takes model, operation and document. `stored`:
** was a row found each time so far? */
typedef struct visit {
    ds_store *store;
    sqlite3_stmt *statement;
    bool stored;
    ds_err *err;
} visit;

static int run(visit *v, const char *model, const char *operation, const char *document) {
    const char *const values[] = {model, operation, document};
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < (int)DS_COUNT(values); i++) {
        rc = sqlite3_bind_text(v->statement, i + 1, values[i], -1, SQLITE_STATIC);
    }
    if (rc == SQLITE_OK) {
        v->stored = sqlite3_step(v->statement) == SQLITE_ROW && v->stored;
        rc = sqlite3_reset(v->statement);
    }
    return rc == SQLITE_OK ? rc : ds_err_db(v->err, v->store->db, rc);
}

static int print(visit *v, const ds_model *model, ds_graphql_operation operation) {
    ds_buf document;
    ds_buf_init(&document, DS_MAX_OUTPUT_BYTES);
    ds_graphql_document(&document, model, operation);
    int rc = document.rc;
    if (rc == SQLITE_NOMEM) {
        rc = ds_err_nomem(v->err);
    } else if (rc != SQLITE_OK) {
        rc = ds_err_set(
            v->err, SQLITE_ERROR,
            "the types that \"%s\" embeds hold each other in too many ways: its "
            "selection set has more than %d fields",
            model->name, DS_MAX_SELECT_FIELDS);
    } else {
        rc = run(v, model->name, ds_graphql_name(operation), ds_buf_text(&document));
    }
    ds_buf_done(&document);
    return rc;
}

/* All documents of the catalog through the statement `id`. */
static int each(visit *v, enum ds_sql id) {
    const ds_catalog *catalog = v->store->catalog;
    int rc = ds_store_prepare_named(v->store, id, &v->statement, v->err);
    for (int i = 0; rc == SQLITE_OK && i < catalog->n_models; i++) {
        const ds_model *model = &catalog->models[i];
        for (int o = 0; rc == SQLITE_OK && o < DS_GRAPHQL_OPERATION_COUNT; o++) {
            if (ds_graphql_field(model, (ds_graphql_operation)o) != NULL) {
                rc = print(v, model, (ds_graphql_operation)o);
            }
        }
    }
    sqlite3_finalize(v->statement);
    return rc;
}

int ds_operations_put(ds_store *store, bool anew, ds_err *err) {
    visit v = {.store = store, .err = err};
    int rc = SQLITE_OK;
    if (anew) {
        rc = ds_store_exec(store, ds_sql_text(DS_SQL_META_OPERATIONS_REMOVE), err);
    }
    return rc ? rc : each(&v, DS_SQL_META_OPERATION_PUT);
}

int ds_operations_are_stored(ds_store *store, bool *out, ds_err *err) {
    visit v = {.store = store, .stored = true, .err = err};
    int rc = each(&v, DS_SQL_META_OPERATION_FIND);
    *out = v.stored;
    return rc;
}
