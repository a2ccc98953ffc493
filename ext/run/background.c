/*
** Places of database files, and their threads: begin and end. What a thread does is in thread.c.
*/
#define _POSIX_C_SOURCE 200809L

#include "run/run_int.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

/* The list, and whose it is: after fork the child's copy is of no use, and nobody's. */
static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t list_once = PTHREAD_ONCE_INIT;
static ds_background *list;

/*
** SQLite's own locks are the process's, too: a thread of ours that held one when the host forks would hold it
** for ever in the child, whose first sqlite3_open or allocation would hang. In the order in which
** SQLite takes them.
*/
static const int shared[] = {SQLITE_MUTEX_STATIC_MASTER, SQLITE_MUTEX_STATIC_VFS1,
                             SQLITE_MUTEX_STATIC_LRU,    SQLITE_MUTEX_STATIC_PMEM,
                             SQLITE_MUTEX_STATIC_PRNG,   SQLITE_MUTEX_STATIC_MEM};

static void before_fork(void) {
    pthread_mutex_lock(&list_lock);
    for (size_t i = 0; i < DS_COUNT(shared); i++) {
        sqlite3_mutex_enter(sqlite3_mutex_alloc(shared[i]));
    }
}

static void after_fork(void) {
    for (size_t i = DS_COUNT(shared); i > 0; i--) {
        sqlite3_mutex_leave(sqlite3_mutex_alloc(shared[i - 1]));
    }
    pthread_mutex_unlock(&list_lock);
}

static void after_fork_in_child(void) {
    list = NULL; /* threads stay behind, with what they hold */
    ds_bell_after_fork();
    after_fork();
}

static void watch_forks(void) {
    (void)pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

/* ---- places ------------------------------------------------------------------------------------------ */

static ds_background *find(const char *file) {
    ds_background *b = list;
    while (b != NULL && strcmp(b->file, file) != 0) {
        b = b->next;
    }
    return b;
}

static void free_place(ds_background *b) {
    if (b != NULL) {
        ds_config_release(b->config);
        pthread_mutex_destroy(&b->lock);
        sqlite3_free(b->file);
        sqlite3_free(b);
    }
}

static ds_background *make(const char *file) {
    ds_background *b = sqlite3_malloc64(sizeof *b);
    if (b == NULL) {
        return NULL;
    }
    *b = (ds_background){.pid = getpid()};
    b->file = sqlite3_mprintf("%s", file);
    if (b->file == NULL || pthread_mutex_init(&b->lock, NULL) != 0) {
        sqlite3_free(b->file);
        sqlite3_free(b);
        return NULL;
    }
    b->next = list;
    list = b;
    return b;
}

int ds_background_attach(sqlite3 *db, ds_background **out) {
    const char *file = sqlite3_db_filename(db, "main");
    *out = NULL;
    if (file == NULL || file[0] == '\0' || ds_connection_is_own()) {
        return SQLITE_OK;
    }
    pthread_once(&list_once, watch_forks);
    pthread_mutex_lock(&list_lock);
    ds_background *b = find(file);
    b = b ? b : make(file);
    if (b != NULL) {
        b->n_connections++;
    }
    pthread_mutex_unlock(&list_lock);
    *out = b;
    return b ? SQLITE_OK : SQLITE_NOMEM;
}

static void take_out(ds_background *b) {
    ds_background **at = &list;
    while (*at != NULL && *at != b) {
        at = &(*at)->next;
    }
    if (*at == b) {
        *at = b->next;
    }
}

/* ---- threads ------------------------------------------------------------------------------------------- */

void ds_background_wake(ds_background *b) {
    if (b->ear != NULL) {
        ds_ear_ring(b->ear);
    }
}

/* Signals are the host's: the thread takes none. */
static int begin_thread(ds_background *b) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&b->thread, NULL, ds_thread_main, b);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed ? SQLITE_CANTOPEN : SQLITE_OK;
}

static int open_ear(ds_background *b, ds_err *err) {
    b->bell = ds_bell_get(b->file, b->vfs);
    int rc = b->bell ? ds_ear_open(b->bell, false, &b->ear) : SQLITE_NOMEM;
    return rc == SQLITE_NOMEM ? ds_err_nomem(err)
           : rc               ? ds_err_set(err, rc, "no file descriptors are left")
                              : rc;
}

static void close_ear(ds_background *b) {
    ds_ear_close(b->ear);
    ds_bell_release(b->bell);
    b->ear = NULL;
    b->bell = NULL;
}

static void set_state(ds_background *b, ds_engine_state state) {
    pthread_mutex_lock(&b->lock);
    b->status = (ds_background_status){.state = state};
    pthread_mutex_unlock(&b->lock);
}

/* With the list's lock, so that start and stop do not meet. */
static void end_thread(ds_background *b) {
    if (!b->is_running) {
        return;
    }
    pthread_mutex_lock(&b->lock);
    b->is_stopping = true;
    pthread_mutex_unlock(&b->lock);
    ds_background_wake(b);
    pthread_join(b->thread, NULL);
    close_ear(b);
    b->is_running = b->is_stopping = false;
    set_state(b, DS_ENGINE_STOPPED);
}

void ds_background_detach(ds_background *b) {
    if (b == NULL || b->pid != getpid()) {
        return; /* a connection that was carried through fork: its place is the parent's */
    }
    pthread_mutex_lock(&list_lock);
    bool is_last = --b->n_connections == 0;
    if (is_last) {
        end_thread(b);
        take_out(b);
    }
    pthread_mutex_unlock(&list_lock);
    if (is_last) {
        free_place(b);
    }
}

/* ---- start, stop ------------------------------------------------------------------------------------------ */

static int check(const ds_background *b, const ds_store *store, const ds_config *config,
                 ds_err *err) {
    ds_auth_mode modes[DS_AUTH_MODE_COUNT];
    const char *missing = NULL;
    if (b == NULL) {
        missing =
            "datastore_start needs a database file; for this one call datastore_sync";
    } else if (b->pid != getpid()) {
        missing = "this connection was opened before fork: open a new one";
    } else if (sqlite3_db_readonly(store->db, "main") == 1) {
        missing = "the database is open for reading only";
    } else if (!sqlite3_threadsafe()) {
        missing = "this SQLite was built without threads: call datastore_sync";
    } else if (ds_config_text(config, DS_CONFIG_URL) == NULL) {
        missing = "no url is configured: call "
                  "datastore_configure(readfile('amplify_outputs.json')) first";
    } else if (ds_config_modes(config, modes) == 0) {
        missing =
            "no credential is configured: set apiKey, authToken or accessKeyId with "
            "datastore_configure";
    } else if (store->catalog == NULL) {
        missing = "no schema is installed: call datastore_schema(sdl) first";
    } else if (ds_policy_find(ds_config_text(config, DS_CONFIG_CONFLICT)) ==
               DS_POLICY_FUNCTION) {
        missing =
            "an SQL function for conflicts is this connection's, which the background "
            "engine cannot call: set conflict to merge, local or remote, or call "
            "datastore_sync";
    }
    return missing ? ds_err_set(err, SQLITE_ERROR, "%s", missing) : SQLITE_OK;
}

/* Each connection says how the API is reached before it starts the thread, mostly what others have said: a
** session goes on then. A thread that rests after one that failed tries again. */
static bool is_news(const ds_background *b, const ds_config *config) {
    bool is_resting = b->status.state == DS_ENGINE_STARTING && b->status.error[0] != '\0';
    return is_resting || b->config == NULL || !ds_config_is_same(b->config, config);
}

static void set_config(ds_background *b, ds_config *config) {
    ds_config_retain(config);
    pthread_mutex_lock(&b->lock);
    ds_config *before = b->config;
    b->n_configs += is_news(b, config);
    b->config = config;
    pthread_mutex_unlock(&b->lock);
    ds_config_release(before);
}

static int start(ds_background *b, sqlite3 *db, ds_err *err) {
    if (b->is_running) {
        ds_background_wake(b);
        return SQLITE_OK;
    }
    b->vfs = ds_vfs_of(db);
    if (b->owner[0] == '\0') {
        ds_lease_name(b->owner);
    }
    int rc = open_ear(b, err);
    if (rc != SQLITE_OK) {
        close_ear(b);
        return rc;
    }
    set_state(b, DS_ENGINE_STARTING);
    b->is_running = begin_thread(b) == SQLITE_OK;
    if (!b->is_running) {
        close_ear(b);
        set_state(b, DS_ENGINE_STOPPED);
        return ds_err_set(err, SQLITE_CANTOPEN, "no thread can be started");
    }
    return SQLITE_OK;
}

int ds_background_start(ds_background *b, ds_store *store, ds_config *config,
                        ds_err *err) {
    int rc = check(b, store, config, err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    set_config(b, config);
    pthread_mutex_lock(&list_lock);
    rc = start(b, store->db, err);
    pthread_mutex_unlock(&list_lock);
    return rc;
}

static void set_owed(ds_background *b, const char *owner) {
    pthread_mutex_lock(&b->lock);
    sqlite3_snprintf(sizeof b->owed, b->owed, "%s", owner);
    pthread_mutex_unlock(&b->lock);
}

void ds_background_give_back(ds_background *b, ds_store *store, const char *owner) {
    if (!ds_lease_drop(store, owner) && b != NULL && b->pid == getpid()) {
        set_owed(b, owner);
    }
}

/* Inside a transaction it may be rolled back: then it is still owed. */
void ds_background_settle(ds_background *b, ds_store *store) {
    char owed[DS_MAX_LEASE_OWNER];
    if (b == NULL || b->pid != getpid()) {
        return;
    }
    pthread_mutex_lock(&b->lock);
    memcpy(owed, b->owed, sizeof owed);
    pthread_mutex_unlock(&b->lock);
    if (owed[0] != '\0' && ds_lease_drop(store, owed) &&
        sqlite3_get_autocommit(store->db)) {
        set_owed(b, "");
    }
}

int ds_background_stop(ds_background *b, ds_store *store, bool *out, ds_err *err) {
    *out = false;
    if (b == NULL) {
        return SQLITE_OK;
    }
    if (b->pid != getpid()) {
        return ds_err_set(err, SQLITE_ERROR,
                          "this connection was opened before fork: open a new one");
    }
    pthread_mutex_lock(&list_lock);
    *out = b->is_running;
    end_thread(b);
    pthread_mutex_unlock(&list_lock);
    if (sqlite3_txn_state(store->db, "main") == SQLITE_TXN_WRITE) {
        ds_background_settle(b, store); /* it is the caller who kept the file locked */
    }
    return SQLITE_OK;
}

static void add_pauses(ds_background *b, int n) {
    if (b == NULL || b->pid != getpid()) {
        return;
    }
    pthread_mutex_lock(&list_lock);
    pthread_mutex_lock(&b->lock);
    b->n_pauses += n;
    pthread_mutex_unlock(&b->lock);
    ds_background_wake(b);
    pthread_mutex_unlock(&list_lock);
}

void ds_background_pause(ds_background *b) {
    add_pauses(b, 1);
}

void ds_background_resume(ds_background *b) {
    add_pauses(b, -1);
}

void ds_background_configure(ds_background *b, ds_config *config) {
    if (b == NULL || b->pid != getpid()) {
        return;
    }
    pthread_mutex_lock(&list_lock);
    if (b->is_running) {
        set_config(b, config);
        ds_background_wake(b);
    }
    pthread_mutex_unlock(&list_lock);
}

void ds_background_read(ds_background *b, ds_background_status *out) {
    *out = (ds_background_status){.state = DS_ENGINE_STOPPED};
    if (b != NULL && b->pid == getpid()) {
        pthread_mutex_lock(&b->lock);
        *out = b->status;
        pthread_mutex_unlock(&b->lock);
    }
}
