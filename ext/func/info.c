/*
** datastore_version, datastore_info, datastore_uuid, datastore_last_id.
*/
#include "func/func_int.h"

#include <curl/curl.h>

void ds_func_version(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc;
    (void)argv;
    sqlite3_result_text(context, DATASTORE_VERSION, -1, SQLITE_STATIC);
}

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "unknown"
#endif

void ds_func_info(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc;
    (void)argv;
    ds_buf json;
    ds_buf_init(&json, DS_MAX_OUTPUT_BYTES);
    ds_buf_addf(&json,
                "{\"version\":\"%s\",\"format\":%d,\"compiler\":\"%s\",\"sqlite\":\"%s\","
                "\"sqliteSource\":\"%s\",\"libcurl\":\"%s\"}",
                DATASTORE_VERSION, DS_STORE_FORMAT, COMPILER, sqlite3_libversion(),
                sqlite3_sourceid(), curl_version_info(CURLVERSION_NOW)->version);
    ds_func_json(context, &json);
    ds_buf_done(&json);
}

void ds_func_uuid(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc;
    (void)argv;
    char id[DS_UUID_SIZE];
    ds_env_id(ds_func_store(context)->id_format, id);
    sqlite3_result_text(context, id, -1, SQLITE_TRANSIENT);
}

void ds_func_last_id(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc;
    (void)argv;
    const ds_store *store = ds_func_store(context);
    if (store->last_type == SQLITE_INTEGER) {
        sqlite3_result_int64(context, store->last_integer);
    } else if (store->last_type == SQLITE_TEXT) {
        sqlite3_result_text64(context, ds_buf_text(&store->last_text),
                              store->last_text.length, SQLITE_TRANSIENT, SQLITE_UTF8);
    }
}
