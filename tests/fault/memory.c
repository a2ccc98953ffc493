/*
** SQLite's allocator with chances to fail. Only one thread at a time may be under test.
*/
#define _GNU_SOURCE /* RTLD_DEFAULT */
#include "fault.h"

#include <dlfcn.h>
#include <string.h>

static sqlite3_mem_methods original;
static long passed;  /* points since arm */
static long failing; /* the point that fails, 0 for none */
static bool failing_ever;
static bool is_armed;

static bool fails(void) {
    if (!is_armed) {
        return false;
    }
    passed++;
    return failing > 0 && (passed == failing || (failing_ever && passed > failing));
}

static void *fault_malloc(int size) {
    return fails() ? NULL : original.xMalloc(size);
}

static void *fault_realloc(void *old, int size) {
    return fails() ? NULL : original.xRealloc(old, size);
}

void memory_install(void) {
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &original);
    sqlite3_mem_methods methods = original;
    methods.xMalloc = fault_malloc;
    methods.xRealloc = fault_realloc;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}

static void *json_malloc(size_t size) {
    return sqlite3_malloc64(size);
}

void memory_reach_json(void) {
    const struct {
        void *(*malloc)(size_t);
        void (*free)(void *);
    } hooks = {json_malloc, sqlite3_free};
    void (*init)(const void *) = NULL;
    void *symbol = dlsym(RTLD_DEFAULT, "cJSON_InitHooks");
    memcpy(&init, &symbol, sizeof init);
    verdict(init != NULL, "out of memory: the JSON parser is reached");
    if (init != NULL) {
        init(&hooks);
    }
}

static void arm(sqlite3 *db, long n, bool for_ever) {
    (void)db;
    passed = 0;
    failing = n;
    failing_ever = for_ever;
    is_armed = true;
}

static long disarm(sqlite3 *db) {
    (void)db;
    is_armed = false;
    return passed;
}

/* SQLite's in-memory file says IOERR_NOMEM when it cannot grow. */
static bool is_expected(int rc) {
    return (rc & 0xff) == SQLITE_NOMEM || rc == SQLITE_IOERR_NOMEM;
}

const fault memory_fault = {"out of memory", arm, disarm, is_expected, false};
