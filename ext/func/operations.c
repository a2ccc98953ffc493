/*
** Fills datastore_operations. It stands here because only func sees both the store and the
** documents. Also the installed schema given again comes by: another version of the extension
** may print other documents.
*/
#include "func/func_int.h"

static int run(ds_store *store, sqlite3_stmt *statement, const char *model,
               const char *operation, const char *document, ds_err *err) {
    const char *const values[] = {model, operation, document};
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < (int)DS_COUNT(values); i++) {
        rc = sqlite3_bind_text(statement, i + 1, values[i], -1, SQLITE_STATIC);
    }
    if (rc == SQLITE_OK) {
        (void)sqlite3_step(statement);
        rc = sqlite3_reset(statement);
    }
    return rc == SQLITE_OK ? rc : ds_err_db(err, store->db, rc);
}

static int put(ds_store *store, sqlite3_stmt *statement, const ds_model *model,
               ds_graphql_operation operation, ds_err *err) {
    ds_buf document;
    ds_buf_init(&document, DS_MAX_OUTPUT_BYTES);
    ds_graphql_document(&document, model, operation);
    int rc = document.rc;
    if (rc == SQLITE_NOMEM) {
        rc = ds_err_nomem(err);
    } else if (rc != SQLITE_OK) {
        rc = ds_err_set(
            err, SQLITE_ERROR,
            "the types that \"%s\" embeds hold each other in too many ways: its "
            "selection set has more than %d fields",
            model->name, DS_MAX_SELECT_FIELDS);
    } else {
        rc = run(store, statement, model->name, ds_graphql_name(operation),
                 ds_buf_text(&document), err);
    }
    ds_buf_done(&document);
    return rc;
}

int ds_operations_put(ds_store *store, bool anew, ds_err *err) {
    const ds_catalog *catalog = store->catalog;
    sqlite3_stmt *statement = NULL;
    int rc = SQLITE_OK;
    if (anew) {
        rc = ds_store_exec(store, ds_sql_text(DS_SQL_META_OPERATIONS_REMOVE), err);
    }
    rc = rc ? rc
            : ds_store_prepare_named(store, DS_SQL_META_OPERATION_PUT, &statement, err);
    for (int i = 0; rc == SQLITE_OK && i < catalog->n_models; i++) {
        for (int o = 0; rc == SQLITE_OK && o < DS_GRAPHQL_OPERATION_COUNT; o++) {
            if (ds_graphql_field(&catalog->models[i], (ds_graphql_operation)o) != NULL) {
                rc = put(store, statement, &catalog->models[i], (ds_graphql_operation)o,
                         err);
            }
        }
    }
    sqlite3_finalize(statement);
    return rc;
}
