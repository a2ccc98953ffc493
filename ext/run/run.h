/*
** run: executes what the sync engine wants done. Floor 7: the only place where the engine, the network and
** the clock come together.
*/
#ifndef DS_RUN_H
#define DS_RUN_H

#include "appsync/appsync.h"
#include "base/base.h"
#include "net/net.h"
#include "store/store.h"
#include "sync/sync.h"

/* ---- connection.c: a connection of our own ---------------------------------------------------------- */

/*
** The connection that sync works over: one of its own to the file of the host's `main`, so that what is
** merged is committed whatever the host does; the host's own where there is no file, where the file
** cannot be read without what only the host knows (a key), or where the host's statement keeps a lock.
*/
typedef struct ds_workplace {
    sqlite3 *host;
    ds_store *store;
    sqlite3 *own; /* NULL when the host's is used */
} ds_workplace;

/* Open it. `store` is that of the host's connection. End with ds_workplace_close, also after a failure.
** SQLITE_READONLY where the host may not write either. */
DS_MUST_USE int ds_workplace_open(ds_store *store, ds_workplace *out, ds_err *err);
void ds_workplace_close(ds_workplace *place);

/* ---- post.c: requests ----------------------------------------------------------------------------------- */

/* Start the request of an effect. What cannot be sent at all is told to the engine. */
DS_MUST_USE int ds_run_post(ds_engine *engine, const ds_config *config, ds_http *http,
                            const ds_effect *effect, ds_err *err);

/* ---- cycle.c: one cycle in the foreground ---------------------------------------------------------------- */

/*
** What datastore_sync was asked for. models: names, NULL for all. timeout_ms: 0 for none. has_progress: a
** line on standard error shows how far it is, if that is a terminal. owner: of the lease, the same for all
** cycles of the host's connection: where that one is interrupted it cannot give the lease back.
*/
typedef struct ds_cycle_options {
    const char *owner;
    bool pull;
    bool push;
    bool is_full;
    const char *const *models;
    int n_models;
    int64_t timeout_ms;
    bool has_progress;
} ds_cycle_options;

/* background.c, below. */
typedef struct ds_background ds_background;

/*
** Run one cycle: pull, then push until the outbox is empty or nothing more can be done now. `store` is that of
** the host's connection, whose statement is running: when it is interrupted the cycle stops, and the result
** is SQLITE_INTERRUPT. Appends the summary (see README) to `summary`.
** background: the place of the host's file, NULL for none.
** Errors, when nothing could be done: SQLITE_ERROR (no configuration, no schema), SQLITE_AUTH, SQLITE_IOERR
** (not reached), SQLITE_BUSY (another process syncs this database), and those of the database.
*/
DS_MUST_USE int ds_run_cycle(ds_background *background, ds_store *store,
                             ds_config *config, const ds_cycle_options *options,
                             ds_buf *summary, ds_err *err);

/* ---- background.c: the engine that runs by itself -------------------------------------------------------- */

/*
** The place of a database file in this process: which connections have it open with the extension, and the
** thread that syncs it, if there is one. Places are found by the name of the file, in a list that is
** the process's. A child of fork begins with an empty list: threads do not go along.
*/

/* A connection to the file of `db` begins. NULL in *out for a database without a file. */
DS_MUST_USE int ds_background_attach(sqlite3 *db, ds_background **out);
/* It ends; the last one ends the thread, and waits for that. NULL is fine. */
void ds_background_detach(ds_background *background);

/*
** Start the thread, with that configuration, or hand it to the one that runs. `store`: of the caller's
** connection. Errors: SQLITE_ERROR for a database without a file, a configuration that lacks what is needed,
** no schema, an SQLite without threads; SQLITE_CANTOPEN where no file descriptor or thread is left; SQLITE_NOMEM.
*/
DS_MUST_USE int ds_background_start(ds_background *background, ds_store *store,
                                    ds_config *config, ds_err *err);
/* End the thread, and wait for that; what is in flight is put back. `store`: of the caller's connection.
** *out: did it run? */
DS_MUST_USE int ds_background_stop(ds_background *background, ds_store *store, bool *out,
                                   ds_err *err);

/*
** Make a thread that runs step aside, for a cycle in the foreground of this process, until ds_background_resume.
** It gives the lease back at its next step, which is not waited for. NULL is fine, and so is no thread.
*/
void ds_background_pause(ds_background *background);
void ds_background_resume(ds_background *background);

/* The new configuration of a connection, for a thread that runs. */
void ds_background_configure(ds_background *background, ds_config *config);

/*
** What the thread does. STANDBY: another process is the sender, this one waits for its end. error: why it
** could not go on the last time, "" for nothing; holder: who sends, in STANDBY. is_ready: everything was
** pulled once since it began.
*/
typedef enum ds_engine_state {
    DS_ENGINE_STOPPED,
    DS_ENGINE_STARTING,
    DS_ENGINE_STANDBY,
    DS_ENGINE_RUNNING
} ds_engine_state;

typedef struct ds_background_status {
    ds_engine_state state;
    bool is_online;
    bool is_ready;
    char holder[DS_MAX_LEASE_OWNER];
    char error[DS_ERR_TEXT_MAX];
} ds_background_status;

void ds_background_read(ds_background *background, ds_background_status *out);

#endif
