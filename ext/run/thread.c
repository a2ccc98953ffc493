/*
** The background thread: it opens a connection of its own, waits to be the sender, and then lets a live
** engine work. What goes wrong ends a session, and another one begins after a while.
*/
#define _POSIX_C_SOURCE 200809L

#include "run/run_int.h"

#include <string.h>

#define LOOK_MS    60 /* between two looks at the file: has another process written? */
#define PAUSE_MS   20 /* at least, also when connections here commit all the time */
#define STANDBY_MS 1000
#define BUSY_MS    10000
#define DROP_MS    500 /* also when we are to end */
#define FIRST_REST 500 /* after a session that failed */
#define LAST_REST  30000
#define ATTEMPTS   4
#define BACK_MS    2000 /* a clock that was set back, not only made slower */

typedef struct worker {
    ds_background *place;
    ds_config *config;
    int n_configs;
    sqlite3 *db;
    ds_store *store;
    ds_merger *merger;
    ds_engine *engine;
    ds_http *http;
    ds_sockets sockets;
    sqlite3_stmt *version;
    int64_t seen_version;
    bool has_lease;
    int64_t renewed_at;
    int64_t looked_at;
    bool is_rung; /* since then: a connection of this process has written */
    int64_t now;
    int n_failures;
    char failure[DS_ERR_TEXT_MAX]; /* of the last session, until one is ready */
    ds_err err;
} worker;

/* ---- what the connections say, and are told ---------------------------------------------------------- */

static bool is_stopping(const worker *w) {
    pthread_mutex_lock(&w->place->lock);
    bool is = w->place->is_stopping;
    pthread_mutex_unlock(&w->place->lock);
    return is;
}

/* Is it to step aside, and not to end? */
static bool is_paused(const worker *w) {
    pthread_mutex_lock(&w->place->lock);
    bool is = w->place->n_pauses > 0 && !w->place->is_stopping;
    pthread_mutex_unlock(&w->place->lock);
    return is;
}

/* Is the session to go on? Not when it was stopped or paused, or has another configuration. */
static bool goes_on(const worker *w) {
    pthread_mutex_lock(&w->place->lock);
    bool is = !w->place->is_stopping && w->place->n_pauses == 0 &&
              w->place->n_configs == w->n_configs;
    pthread_mutex_unlock(&w->place->lock);
    return is;
}

static void take_config(worker *w) {
    pthread_mutex_lock(&w->place->lock);
    ds_config *config = w->place->config;
    ds_config_retain(config);
    w->n_configs = w->place->n_configs;
    pthread_mutex_unlock(&w->place->lock);
    ds_config_release(w->config);
    w->config = config;
}

static void tell(worker *w, ds_engine_state state, const char *holder,
                 const char *error) {
    ds_background_status *status = &w->place->status;
    pthread_mutex_lock(&w->place->lock);
    status->state = state;
    sqlite3_snprintf(sizeof status->holder, status->holder, "%s", holder);
    sqlite3_snprintf(sizeof status->error, status->error, "%s", error);
    if (state != DS_ENGINE_RUNNING) {
        status->is_online = status->is_ready = false;
    }
    pthread_mutex_unlock(&w->place->lock);
}

static void print_error(const ds_engine_health *health, char *out, int size) {
    const char *error = health->error ? health->error : "";
    if (health->untold == NULL) {
        sqlite3_snprintf(size, out, "%s", error);
    } else if (health->untold[0] == '\0') {
        sqlite3_snprintf(size, out, "no subscriptions, so models are polled: %s", error);
    } else {
        sqlite3_snprintf(size, out, "%s is polled, as its subscriptions are refused: %s",
                         health->untold, error);
    }
}

static void tell_health(worker *w) {
    ds_engine_health health;
    ds_background_status *status = &w->place->status;
    ds_engine_health_read(w->engine, &health);
    pthread_mutex_lock(&w->place->lock);
    status->is_online = health.is_online;
    status->is_ready = health.is_ready;
    w->failure[0] = health.is_ready ? '\0' : w->failure[0];
    if (health.error == NULL && w->failure[0] != '\0') {
        sqlite3_snprintf(sizeof status->error, status->error, "%s", w->failure);
    } else {
        print_error(&health, status->error, sizeof status->error);
    }
    pthread_mutex_unlock(&w->place->lock);
}

/* Wait without the network, as long as it may: it is told of that, and rung by each commit. */
static void rest(const worker *w, int ms, bool (*may_rest)(const worker *w)) {
    int64_t start = ds_env_now_ms(), now = start;
    while (may_rest(w) && now >= start && now < start + ms) {
        if (ds_ear_wait(w->place->ear, (int)(start + ms - now))) {
            ds_ear_hear(w->place->ear);
        }
        now = ds_env_now_ms();
    }
}

/* ---- opening -------------------------------------------------------------------------------------------- */

/* Others write: wait for them, but not when we are to end. */
static int wait_for_lock(void *user, int count) {
    const worker *w = user;
    int ms = count < 10 ? count + 1 : 20;
    if (is_stopping(w) || count > BUSY_MS / 20) {
        return 0;
    }
    sqlite3_sleep(ms);
    return 1;
}

static int open_file(worker *w) {
    int rc = ds_connection_open(w->place->file, w->place->vfs, &w->db);
    if (rc != SQLITE_OK) {
        return ds_err_set(&w->err, rc, "%s", sqlite3_errstr(rc));
    }
    w->seen_version = -1; /* each connection counts from its own beginning */
    sqlite3_busy_handler(w->db, wait_for_lock, w);
    if (ds_store_new(w->db, &w->store) != SQLITE_OK) {
        return ds_err_nomem(&w->err);
    }
    rc = ds_store_refresh(w->store, NULL, &w->err);
    if (rc == SQLITE_OK && w->store->catalog == NULL) {
        rc = ds_err_set(&w->err, SQLITE_ERROR, "no schema is installed");
    }
    return rc ? rc
              : ds_store_prepare(w->store, "PRAGMA main.data_version", 0, &w->version,
                                 &w->err);
}

static int make_engine(worker *w) {
    const char *conflict = ds_config_text(w->config, DS_CONFIG_CONFLICT);
    ds_http_options http = ds_config_http(w->config);
    const ds_engine_options options = {.pull = true,
                                       .push = true,
                                       .is_live = true,
                                       .attempts = ATTEMPTS,
                                       .owner = w->place->owner};
    int rc = ds_http_new(&http, &w->http, &w->err);
    if (rc == SQLITE_OK) {
        ds_http_wake_by(w->http, ds_ear_fd(w->place->ear));
        rc = ds_merger_new(w->store, ds_policy_find(conflict), NULL, NULL, &w->merger,
                           &w->err);
    }
    return rc ? rc : ds_engine_new(w->merger, w->config, &options, &w->engine, &w->err);
}

static void close_all(worker *w) {
    ds_engine_free(w->engine);
    ds_merger_free(w->merger);
    ds_sockets_done(&w->sockets);
    ds_http_free(w->http);
    if (w->has_lease) {
        (void)sqlite3_busy_timeout(w->db, DROP_MS);
        ds_background_give_back(w->place, w->store, w->place->owner);
    }
    sqlite3_finalize(w->version);
    ds_store_release(w->store);
    sqlite3_close(w->db);
    w->engine = NULL;
    w->merger = NULL;
    w->http = NULL;
    w->version = NULL;
    w->store = NULL;
    w->db = NULL;
    w->has_lease = false;
}

/* The name may be another file's by now, which is the one that hosts open from then on. */
static int check_file(worker *w) {
    int has_moved = 0;
    (void)sqlite3_file_control(w->db, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
    return has_moved ? ds_err_set(&w->err, SQLITE_CANTOPEN,
                                  "the database file was moved or deleted")
                     : SQLITE_OK;
}

/* ---- the lease -------------------------------------------------------------------------------------------- */

static int take_lease(worker *w, char *holder) {
    if (!w->has_lease) {
        ds_background_settle(w->place, w->store);
    }
    w->renewed_at = ds_env_now_ms();
    return ds_lease_take(w->store, w->place->owner, &w->has_lease, holder, &w->err);
}

static int stand_by(worker *w) {
    char holder[DS_MAX_LEASE_OWNER] = "";
    int rc = take_lease(w, holder);
    while (rc == SQLITE_OK && !w->has_lease && goes_on(w)) {
        tell(w, DS_ENGINE_STANDBY, holder, "");
        rest(w, STANDBY_MS, goes_on);
        rc = check_file(w);
        rc = rc ? rc : take_lease(w, holder);
    }
    return rc;
}

static int renew_lease(worker *w) {
    char holder[DS_MAX_LEASE_OWNER] = "";
    if (ds_env_now_ms() - w->renewed_at < DS_LEASE_RENEW_MS) {
        return SQLITE_OK;
    }
    int rc = take_lease(w, holder);
    return rc || w->has_lease
               ? rc
               : ds_err_set(&w->err, SQLITE_BUSY, "%s syncs this database now", holder);
}

/* ---- the loop ---------------------------------------------------------------------------------------------- */

static int64_t next_look(const worker *w) {
    return w->looked_at + (w->is_rung ? PAUSE_MS : LOOK_MS);
}

/* Has another connection written? */
static int look_at_file(worker *w) {
    int64_t now = ds_env_now_ms();
    if (now < next_look(w)) {
        return SQLITE_OK;
    }
    w->looked_at = now;
    w->is_rung = false;
    int64_t version = 0;
    if (sqlite3_step(w->version) == SQLITE_ROW) {
        version = sqlite3_column_int64(w->version, 0);
    }
    int rc = sqlite3_reset(w->version);
    rc = rc ? ds_err_db(&w->err, w->db, rc) : check_file(w);
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (version != w->seen_version) {
        w->seen_version = version;
        ds_engine_wake(w->engine);
    }
    return SQLITE_OK;
}

static int poll_network(worker *w, int ms) {
    ds_http_answer *answer = NULL;
    int rc = ds_http_poll(w->http, ms, &answer, &w->err);
    while (rc == SQLITE_OK && answer != NULL) {
        rc = ds_engine_answer(w->engine, answer, &w->err);
        answer = NULL;
        rc = rc ? rc : ds_http_poll(w->http, 0, &answer, &w->err);
    }
    return rc ? rc : ds_sockets_read(&w->sockets, w->engine, &w->err);
}

static int wait(worker *w, const ds_effect *effect) {
    int64_t now = ds_env_now_ms(), until = next_look(w);
    if (effect->until > 0 && effect->until < until) {
        until = effect->until;
    }
    tell_health(w);
    int64_t ms = until - now;
    int rc = poll_network(w, ms < 0 ? 0 : ms < LOOK_MS ? (int)ms : LOOK_MS);
    w->is_rung = ds_ear_hear(w->place->ear) || w->is_rung;
    rc = rc ? rc : look_at_file(w);
    return rc ? rc : renew_lease(w);
}

static int act(worker *w, ds_effect *effect) {
    int rc = ds_engine_next(w->engine, ds_env_now_ms(), effect, &w->err);
    if (rc != SQLITE_OK) {
        return rc;
    }
    switch (effect->kind) {
    case DS_EFFECT_POST:
        rc = ds_run_post(w->engine, w->config, w->http, effect, &w->err);
        return rc ? rc : poll_network(w, 0);
    case DS_EFFECT_DIAL:
    case DS_EFFECT_INIT:
    case DS_EFFECT_START:
    case DS_EFFECT_HANG_UP:
        rc = ds_sockets_act(&w->sockets, w->engine, w->config, w->http, effect, &w->err);
        return rc ? rc : poll_network(w, 0); /* so that little waits to be sent */
    case DS_EFFECT_WAIT:
        return wait(w, effect);
    case DS_EFFECT_END:
    default:
        return SQLITE_OK;
    }
}

/* What is in flight is put back, for the next sender. */
static void wind_up(worker *w) {
    ds_effect effect = {.kind = DS_EFFECT_WAIT};
    ds_err ignored = DS_ERR_INIT;
    int rc = ds_engine_stop(w->engine, "stopped", &ignored);
    while (rc == SQLITE_OK && effect.kind != DS_EFFECT_END) {
        rc = ds_engine_next(w->engine, ds_env_now_ms(), &effect, &ignored);
    }
}

/* All times are those of the clock: when that is set back, everything would wait until it is as late again. A new
** session has no times yet. */
static bool has_gone_back(worker *w) {
    int64_t before = w->now;
    w->now = ds_env_now_ms();
    return w->now + BACK_MS < before;
}

static int session(worker *w) {
    ds_effect effect = {.kind = DS_EFFECT_WAIT};
    w->err = (ds_err)DS_ERR_INIT;
    take_config(w);
    int rc = open_file(w);
    rc = rc ? rc : stand_by(w);
    if (rc == SQLITE_OK && w->has_lease) {
        rc = make_engine(w);
    }
    if (rc == SQLITE_OK && w->engine != NULL) {
        tell(w, DS_ENGINE_RUNNING, "", w->failure);
        while (rc == SQLITE_OK && goes_on(w) && !has_gone_back(w)) {
            rc = act(w, &effect);
        }
    }
    if (rc == SQLITE_OK && w->engine != NULL) {
        wind_up(w);
    }
    close_all(w);
    return rc;
}

/* Half of it is chance, as everywhere. A session that has lasted does not count with those that failed before. */
static void rest_after_failure(worker *w, int64_t lasted) {
    uint32_t random;
    int64_t ms = FIRST_REST;
    w->n_failures = lasted < LAST_REST ? w->n_failures : 0;
    for (int i = 0; i < w->n_failures && ms < LAST_REST; i++) {
        ms *= 2;
    }
    w->n_failures++;
    ds_env_random(&random, sizeof random);
    ms = ms < LAST_REST ? ms : LAST_REST;
    sqlite3_snprintf(sizeof w->failure, w->failure, "%s", w->err.text);
    tell(w, DS_ENGINE_STARTING, "", w->failure);
    rest(w, (int)(ms / 2 + (int64_t)(random % (uint32_t)(ms / 2 + 1))), goes_on);
}

void *ds_thread_main(void *background) {
    worker w = {.place = background};
    while (!is_stopping(&w)) {
        int64_t begin = ds_env_now_ms();
        if (is_paused(&w)) {
            tell(&w, DS_ENGINE_STANDBY, "", "");
            rest(&w, STANDBY_MS, is_paused);
        } else if (session(&w) != SQLITE_OK && !is_stopping(&w)) {
            rest_after_failure(&w, ds_env_now_ms() - begin);
        }
    }
    ds_config_release(w.config);
    return NULL;
}
