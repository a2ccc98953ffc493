/*
** The keys of the configuration. A new one is a row here, a name in appsync.h and a line
** in the README.
*/
#include "appsync/appsync_int.h"

#include <string.h>

#define MINUTE_MS INT64_C(60000)
#define MOST      INT64_C(9007199254740991) /* that JSON's numbers hold exactly */

/* AppSync gives at most 1000 records a page. 5,256,000 minutes are ten years. */
static const ds_config_row rows[DS_CONFIG_COUNT] = {
    [DS_CONFIG_URL] = {"url", DS_SETTING_URL, 0, 0, 0, NULL},
    [DS_CONFIG_REALTIME_URL] = {"realtimeUrl", DS_SETTING_SOCKET_URL, 0, 0, 0, NULL},
    [DS_CONFIG_REGION] = {"region", DS_SETTING_REGION, 0, 0, 0, NULL},
    [DS_CONFIG_AUTH_MODE] = {"authMode", DS_SETTING_MODE, 0, 0, 0, NULL},
    [DS_CONFIG_AUTH_MODES] = {"authModes", DS_SETTING_MODES, 0, 0, 0, NULL},
    [DS_CONFIG_API_KEY] = {"apiKey", DS_SETTING_SECRET, 0, 0, 0, NULL},
    [DS_CONFIG_AUTH_TOKEN] = {"authToken", DS_SETTING_SECRET, 0, 0, 0, NULL},
    [DS_CONFIG_ACCESS_KEY_ID] = {"accessKeyId", DS_SETTING_SECRET, 0, 0, 0, NULL},
    [DS_CONFIG_SECRET_ACCESS_KEY] = {"secretAccessKey", DS_SETTING_SECRET, 0, 0, 0, NULL},
    [DS_CONFIG_SESSION_TOKEN] = {"sessionToken", DS_SETTING_SECRET, 0, 0, 0, NULL},
    [DS_CONFIG_CA_FILE] = {"caFile", DS_SETTING_FILE, 0, 0, 0, NULL},
    [DS_CONFIG_PROXY] = {"proxy", DS_SETTING_PROXY, 0, 0, 0, NULL},
    [DS_CONFIG_ALLOW_INSECURE] = {"allowInsecure", DS_SETTING_FLAG, 0, 1, 0, NULL},
    [DS_CONFIG_CONNECT_TIMEOUT] = {"connectTimeoutMs", DS_SETTING_NUMBER, 1,
                                   10 * MINUTE_MS, 10000, NULL},
    [DS_CONFIG_REQUEST_TIMEOUT] = {"requestTimeoutMs", DS_SETTING_NUMBER, 1,
                                   10 * MINUTE_MS, MINUTE_MS, NULL},
    [DS_CONFIG_SYNC_PAGE_SIZE] = {"syncPageSize", DS_SETTING_NUMBER, 1, 1000, 1000, NULL},
    [DS_CONFIG_MAX_RECORDS] = {"maxRecordsToSync", DS_SETTING_NUMBER, 1, MOST, -1, NULL},
    [DS_CONFIG_FULL_SYNC_INTERVAL] = {"fullSyncIntervalMinutes", DS_SETTING_NUMBER, 0,
                                      5256000, 1440, NULL},
    [DS_CONFIG_PUSH_BATCH_SIZE] = {"pushBatchSize", DS_SETTING_NUMBER, 1, 100, 25, NULL},
    [DS_CONFIG_CONCURRENCY] = {"concurrency", DS_SETTING_NUMBER, 1, 16, 4, NULL},
    [DS_CONFIG_CONFLICT] = {"conflict", DS_SETTING_CONFLICT, 0, 0, 0, "merge"},
    [DS_CONFIG_ID_FORMAT] = {"idFormat", DS_SETTING_ID_FORMAT, 0, 0, DS_ID_UUID7,
                             "uuid7"},
    [DS_CONFIG_FEED_CHANGES] = {"feedMaxChanges", DS_SETTING_NUMBER, 1, 100000000, -1,
                                NULL},
    [DS_CONFIG_FEED_AGE] = {"feedMaxAgeMinutes", DS_SETTING_NUMBER, 1, 5256000, -1, NULL},
};

const ds_config_row *ds_config_row_of(ds_config_key key) {
    return &rows[key];
}

ds_config_key ds_config_find(const char *name) {
    int key = 0;
    while (key < DS_CONFIG_COUNT && strcmp(rows[key].name, name) != 0) {
        key++;
    }
    return (ds_config_key)key;
}

int ds_config_refuse_key(const char *name, ds_err *err) {
    const char *names[DS_CONFIG_COUNT];
    for (int key = 0; key < DS_CONFIG_COUNT; key++) {
        names[key] = rows[key].name;
    }
    const char *nearest = ds_text_nearest(name, names, DS_CONFIG_COUNT);
    return nearest
               ? ds_err_set(err, SQLITE_ERROR,
                            "configuration: unknown key \"%s\" (did you mean \"%s\"?)",
                            name, nearest)
               : ds_err_set(err, SQLITE_ERROR, "configuration: unknown key \"%s\"", name);
}
