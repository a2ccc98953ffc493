/*
** The entry point: version check, one store per connection, each module's registration.
*/
#define DS_ENTRY_POINT
#include "base/base.h"
SQLITE_EXTENSION_INIT1
#include "feed/feed.h"
#include "func/func.h"
#include "store/store.h"
#include "table/table.h"

/* LIMIT and OFFSET of virtual tables, sqlite3_vtab_distinct and the JSON functions came with
** SQLite 3.38. */
#define OLDEST_SQLITE 3038000

/* A writer may hold the file for a moment while we want to read the schema. */
#define READ_TRIES   20
#define READ_WAIT_MS 50

#if defined(_WIN32)
#define DS_API __declspec(dllexport)
#else
#define DS_API __attribute__((visibility("default")))
#endif

/* What the file says now. A file that stays locked is read at the first use instead. */
static int read_catalog(ds_store *store, ds_err *err) {
    int rc = ds_store_refresh(store, NULL, err);
    for (int i = 0; (rc & 0xff) == SQLITE_BUSY && i < READ_TRIES; i++) {
        sqlite3_sleep(READ_WAIT_MS);
        *err = (ds_err)DS_ERR_INIT;
        rc = ds_store_refresh(store, NULL, err);
    }
    if ((rc & 0xff) == SQLITE_BUSY) {
        *err = (ds_err)DS_ERR_INIT;
        rc = SQLITE_OK;
    }
    return rc;
}

/* Loading again keeps what is there: modules that tables use, and their store. The function is
** the last thing that is registered. */
static int is_loaded(sqlite3 *db, bool *out) {
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(db, "SELECT datastore_version()", -1, &statement, NULL);
    *out = rc == SQLITE_OK;
    sqlite3_finalize(statement);
    return rc == SQLITE_NOMEM ? rc : SQLITE_OK;
}

static int start(sqlite3 *db, ds_err *err) {
    ds_store *store = NULL;
    bool loaded = false;
    if (sqlite3_libversion_number() < OLDEST_SQLITE) {
        return ds_err_set(err, SQLITE_ERROR,
                          "SQLite %s is too old, 3.38.0 or later is needed",
                          sqlite3_libversion());
    }
    if (is_loaded(db, &loaded) != SQLITE_OK ||
        (!loaded && ds_store_new(db, &store) != SQLITE_OK)) {
        return ds_err_nomem(err);
    }
    if (loaded) {
        return SQLITE_OK;
    }
    int rc = read_catalog(store, err);
    if (rc == SQLITE_OK) {
        rc = ds_table_register(store, err);
    }
    if (rc == SQLITE_OK) {
        rc = ds_feed_register(store, err);
    }
    if (rc == SQLITE_OK) {
        rc = ds_func_register(store, err);
    }
    if (rc != SQLITE_OK) {
        ds_feed_unregister(store);
        ds_table_unregister(store); /* the next try has a store of its own */
    }
    ds_store_release(store);
    return rc;
}

/* Calls go to one SQLite per process and copy of the extension. A process may have another one besides, as
** where better-sqlite3 has its own and Node has, too: given to the wrong one, connections break. */
static int refuse_second(const sqlite3_api_routines *api, char **out_error) {
#ifdef SQLITE_CORE
    (void)api;
    (void)out_error;
    return SQLITE_OK;
#else
    if (sqlite3_api == NULL || sqlite3_api == api) {
        return SQLITE_OK;
    }
    *out_error = api->mprintf(
        "datastore: another SQLite of this process (%s) has loaded this file already: "
        "load a copy of it from another folder",
        sqlite3_libversion());
    return SQLITE_ERROR;
#endif
}

DS_API int sqlite3_datastore_init(sqlite3 *db, char **out_error,
                                  const sqlite3_api_routines *api);

/* Called by SQLite when the extension is loaded. On failure *out_error is a text of
** sqlite3_mprintf. libcurl leaves state in the process, so the library stays loaded. */
DS_API int sqlite3_datastore_init(sqlite3 *db, char **out_error,
                                  const sqlite3_api_routines *api) {
    ds_err err = DS_ERR_INIT;
    int rc = refuse_second(api, out_error);
    if (rc != SQLITE_OK) {
        return rc;
    }
    SQLITE_EXTENSION_INIT2(api)
    rc = start(db, &err);
    if (rc != SQLITE_OK) {
        *out_error = sqlite3_mprintf("datastore: %s", err.text);
        return rc;
    }
#ifdef SQLITE_CORE
    return SQLITE_OK;
#else
    return SQLITE_OK_LOAD_PERMANENTLY;
#endif
}
