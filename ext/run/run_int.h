/* Private to run/. */
#ifndef DS_RUN_INT_H
#define DS_RUN_INT_H

#include "feed/feed.h"
#include "run/run.h"

#include <pthread.h>
#include <sys/types.h>

/*
** n_connections, thread, is_running and bell belong to the lock of the list; file, vfs, pid, owner and ear do
** not change while the thread runs. The rest has `lock`: what the connections tell the thread (is_stopping; n_pauses: how
** many want it to step aside; config and n_configs, its number), and what it tells them (status). owed:
** who has ended and could not give the lease back, as somebody kept the file locked; "" for nobody.
*/
struct ds_background {
    ds_background *next;
    char *file;
    const char *vfs;
    pid_t pid;
    char owner[DS_MAX_LEASE_OWNER]; /* of the lease, whichever thread works */
    int n_connections;
    pthread_t thread;
    bool is_running;
    ds_bell *bell;
    ds_ear *ear; /* rung by who commits, and by who tells the thread something */
    pthread_mutex_t lock;
    bool is_stopping;
    int n_pauses;
    ds_config *config;
    int n_configs;
    char owed[DS_MAX_LEASE_OWNER];
    ds_background_status status;
};

/* Make the thread look around: it was told something. */
void ds_background_wake(ds_background *background);

/* Give the lease of `owner` back. What cannot be done now is done by the next call of _settle, which comes
** before the lease is taken: nobody in this process has to wait until its time is over. */
void ds_background_give_back(ds_background *background, ds_store *store,
                             const char *owner);
void ds_background_settle(ds_background *background, ds_store *store);

/* thread.c: the thread; its argument is the place. */
void *ds_thread_main(void *background);

/* connection.c: open a connection of our own to a file that is there; *out is NULL after a failure. */
DS_MUST_USE int ds_connection_open(const char *file, const char *vfs, sqlite3 **out);
/* Is this thread doing that right now? */
bool ds_connection_is_own(void);
/* The VFS that a connection has opened `main` with, by its name. */
const char *ds_vfs_of(sqlite3 *db);

/* sockets.c: the WebSockets of an engine, by the number of their channels; NULL where there is none. */
typedef struct ds_sockets {
    ds_websocket **items;
    int n;
} ds_sockets;

/* Do what a DIAL, INIT, START or HANG_UP says; what cannot be done is told to the engine. */
DS_MUST_USE int ds_sockets_act(ds_sockets *sockets, ds_engine *engine,
                               const ds_config *config, ds_http *http,
                               const ds_effect *effect, ds_err *err);
/* Hand what has happened to the engine. */
DS_MUST_USE int ds_sockets_read(ds_sockets *sockets, ds_engine *engine, ds_err *err);
/* Before the ds_http that they belong to is freed. */
void ds_sockets_done(ds_sockets *sockets);

#endif
