/*
** One cycle in the foreground: the caller's statement waits for it.
*/
#define _POSIX_C_SOURCE 200809L

#include "run/run_int.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SLICE_MS      50    /* between two looks at the host: is it interrupted? */
#define LEASE_WAIT_MS 12000 /* for a process that is about to end its work */
#define ATTEMPTS      4
#define DRAW_MS       100
#define LOCK_WAIT_MS  10000 /* for other writers; ours are short */
#define LOCK_SLICE_MS 10
#define DROP_MS       500  /* also after the time for all is over */
#define BACK_MS       2000 /* a clock that was set back, not only made slower */

typedef struct cycle {
    ds_background *background;
    ds_workplace place;
    ds_config *config;
    const ds_cycle_options *options;
    ds_merger *merger;
    ds_engine *engine;
    ds_http *http;
    sqlite3_stmt *probe; /* on the host's connection: fails once that is interrupted */
    bool has_lease;
    int64_t deadline;
    int64_t renewed_at;
    int64_t drawn_at;
    int64_t now;
    bool has_progress;
    bool is_drawn;
    ds_err *err;
} cycle;

/* ---- interrupts -------------------------------------------------------------------------------------- */

/* SQLite says so to every statement of the connection, as long as the one that called us runs. */
static bool is_interrupted(cycle *c) {
    (void)sqlite3_step(c->probe);
    return (sqlite3_reset(c->probe) & 0xff) == SQLITE_INTERRUPT;
}

static int check_interrupt(cycle *c) {
    return is_interrupted(c)
               ? ds_err_set(
                     c->err, SQLITE_INTERRUPT,
                     "interrupted: what was done is kept, the next datastore_sync goes "
                     "on from there")
               : SQLITE_OK;
}

/* Another connection writes: how long is that waited for? */
static int wait_for_lock(void *cycle_, int n) {
    cycle *c = cycle_;
    if (n > LOCK_WAIT_MS / LOCK_SLICE_MS || is_interrupted(c) ||
        (c->deadline > 0 && ds_env_now_ms() >= c->deadline)) {
        return 0;
    }
    sqlite3_sleep(n < 10 ? 1 : LOCK_SLICE_MS);
    return 1;
}

/* ---- the lease ------------------------------------------------------------------------------------------ */

static int take_lease(cycle *c, bool *out_taken, char *holder) {
    if (!c->has_lease) {
        ds_background_settle(c->background, c->place.store);
    }
    int rc = ds_lease_take(c->place.store, c->options->owner, out_taken, holder, c->err);
    c->has_lease = rc == SQLITE_OK && *out_taken;
    c->renewed_at = ds_env_now_ms();
    return rc;
}

static int wait_for_lease(cycle *c) {
    char holder[DS_MAX_LEASE_OWNER];
    int64_t end = ds_env_now_ms() + LEASE_WAIT_MS;
    bool taken = false;
    if (c->deadline > 0 && c->deadline < end) {
        end = c->deadline;
    }
    int rc = take_lease(c, &taken, holder);
    while (rc == SQLITE_OK && !taken && ds_env_now_ms() < end) {
        sqlite3_sleep(SLICE_MS);
        rc = check_interrupt(c);
        rc = rc ? rc : take_lease(c, &taken, holder);
    }
    return rc || taken
               ? rc
               : ds_err_set(c->err, SQLITE_BUSY,
                            "%s syncs this database: one does it at a time", holder);
}

static int renew_lease(cycle *c) {
    char holder[DS_MAX_LEASE_OWNER];
    bool taken = false;
    if (ds_env_now_ms() - c->renewed_at < DS_LEASE_RENEW_MS) {
        return SQLITE_OK;
    }
    int rc = take_lease(c, &taken, holder);
    return rc || taken
               ? rc
               : ds_err_set(c->err, SQLITE_BUSY,
                            "%s syncs this database now: this one was too slow", holder);
}

/* ---- progress ------------------------------------------------------------------------------------------- */

static void draw(cycle *c) {
    ds_engine_progress p;
    int64_t now = ds_env_now_ms();
    if (!c->has_progress || now - c->drawn_at < DRAW_MS) {
        return;
    }
    ds_engine_progress_read(c->engine, &p);
    c->drawn_at = now;
    c->is_drawn = true;
    dprintf(STDERR_FILENO,
            "\r\033[Ksync: %d of %d models, %lld records received, %lld changes sent",
            p.n_models_done, p.n_models, (long long)p.n_records, (long long)p.n_pushed);
}

static void erase(const cycle *c) {
    if (c->is_drawn) {
        dprintf(STDERR_FILENO, "\r\033[K");
    }
}

/* ---- the loop ---------------------------------------------------------------------------------------------- */

static int slice(const ds_effect *effect, int64_t now) {
    int64_t left = effect->until > 0 ? effect->until - now : SLICE_MS;
    return left < 0 ? 0 : left < SLICE_MS ? (int)left : SLICE_MS;
}

/* Let the network work, for `ms` milliseconds at most, and hand on what has come. */
static int poll(cycle *c, int ms) {
    ds_http_answer *answer = NULL;
    int rc = ds_http_poll(c->http, ms, &answer, c->err);
    while (rc == SQLITE_OK && answer != NULL) {
        rc = ds_engine_answer(c->engine, answer, c->err);
        answer = NULL;
        rc = rc ? rc : ds_http_poll(c->http, 0, &answer, c->err);
    }
    return rc;
}

/* Why it is to end before its end; NULL: it goes on. All times are those of the clock: when that is set back, the
** cycle would wait until it is as late again. */
static const char *reason_to_stop(cycle *c) {
    int64_t before = c->now;
    c->now = ds_env_now_ms();
    return c->now + BACK_MS < before ? "the clock was set back: sync again"
           : c->deadline > 0 && c->now >= c->deadline ? "timeoutMs is over"
                                                      : NULL;
}

static int look_around(cycle *c) {
    int rc = check_interrupt(c);
    rc = rc ? rc : renew_lease(c);
    const char *reason = rc == SQLITE_OK ? reason_to_stop(c) : NULL;
    if (reason != NULL) {
        c->deadline = 0;
        rc = ds_engine_stop(c->engine, reason, c->err);
    }
    draw(c);
    return rc;
}

static int loop(cycle *c) {
    ds_effect effect = {.kind = DS_EFFECT_WAIT};
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && effect.kind != DS_EFFECT_END) {
        rc = ds_engine_next(c->engine, ds_env_now_ms(), &effect, c->err);
        if (rc == SQLITE_OK && effect.kind == DS_EFFECT_POST) {
            rc = ds_run_post(c->engine, c->config, c->http, &effect, c->err);
            rc = rc ? rc : poll(c, 0); /* off it goes, before anything else is done */
        } else if (rc == SQLITE_OK && effect.kind == DS_EFFECT_WAIT) {
            rc = poll(c, slice(&effect, ds_env_now_ms()));
        }
        rc = rc || effect.kind == DS_EFFECT_END ? rc : look_around(c);
    }
    return rc;
}

/* ---- before and after ---------------------------------------------------------------------------------------- */

/* By the name of a policy, or of a function of the user's. */
static int make_merger(cycle *c) {
    const char *name = ds_config_text(c->config, DS_CONFIG_CONFLICT);
    ds_policy policy = ds_policy_find(name);
    bool is_function = policy == DS_POLICY_FUNCTION;
    return ds_merger_new(c->place.store, policy, is_function ? name : NULL, c->place.host,
                         &c->merger, c->err);
}

static int make_engine(cycle *c) {
    const ds_engine_options options = {.pull = c->options->pull,
                                       .push = c->options->push,
                                       .is_full = c->options->is_full,
                                       .models = c->options->models,
                                       .n_models = c->options->n_models,
                                       .attempts = ATTEMPTS,
                                       .owner = c->options->owner};
    return ds_engine_new(c->merger, c->config, &options, &c->engine, c->err);
}

static int open(cycle *c, ds_store *store) {
    ds_http_options options = ds_config_http(c->config);
    int rc = ds_workplace_open(store, &c->place, c->err);
    if (rc == SQLITE_OK && c->place.store->catalog == NULL) {
        rc = ds_err_set(c->err, SQLITE_ERROR,
                        "no schema is installed: call datastore_schema(sdl) first");
    }
    rc = rc ? rc : ds_store_prepare(store, "SELECT 1", 0, &c->probe, c->err);
    if (rc == SQLITE_OK && c->place.own != NULL) {
        rc = sqlite3_busy_handler(c->place.own, wait_for_lock, c);
    }
    rc = rc ? rc : ds_http_new(&options, &c->http, c->err);
    rc = rc ? rc : wait_for_lease(c);
    rc = rc ? rc : make_merger(c);
    return rc ? rc : make_engine(c);
}

static void close_all(cycle *c) {
    erase(c);
    ds_engine_free(c->engine);
    ds_merger_free(c->merger);
    ds_http_free(c->http);
    if (c->has_lease) {
        if (c->place.own != NULL) {
            (void)sqlite3_busy_timeout(c->place.own, DROP_MS);
        }
        ds_background_give_back(c->background, c->place.store, c->options->owner);
    }
    sqlite3_finalize(c->probe);
    ds_workplace_close(&c->place);
}

/* Nothing at all came to anything: that is an error, not a summary. */
static int report(cycle *c, ds_buf *summary) {
    const char *reason = NULL;
    int rc = ds_engine_verdict(c->engine, &reason);
    if (rc != SQLITE_OK) {
        return ds_err_set(c->err, rc, "%s", reason);
    }
    ds_engine_summary(c->engine, summary);
    return SQLITE_OK;
}

/* What is in flight when the user interrupts is put back, so that _status does not say that it is on its
** way. */
static int stop(cycle *c, int rc) {
    ds_err ignored = DS_ERR_INIT;
    ds_effect effect = {.kind = DS_EFFECT_WAIT};
    if ((rc & 0xff) == SQLITE_BUSY && c->probe != NULL && is_interrupted(c)) {
        *c->err = (ds_err)DS_ERR_INIT; /* that is why it did not wait any longer */
        rc = check_interrupt(c);
    }
    if (rc != SQLITE_INTERRUPT || c->engine == NULL || c->place.own == NULL) {
        return rc;
    }
    int other = ds_engine_stop(c->engine, "interrupted", &ignored);
    while (other == SQLITE_OK && effect.kind != DS_EFFECT_END) {
        other = ds_engine_next(c->engine, ds_env_now_ms(), &effect, &ignored);
    }
    return rc;
}

int ds_run_cycle(ds_background *background, ds_store *store, ds_config *config,
                 const ds_cycle_options *options, ds_buf *summary, ds_err *err) {
    cycle c = {
        .background = background, .config = config, .options = options, .err = err};
    if (ds_config_text(config, DS_CONFIG_URL) == NULL) {
        return ds_err_set(err, SQLITE_ERROR,
                          "no url is configured: call "
                          "datastore_configure(readfile('amplify_outputs.json')) first");
    }
    c.now = ds_env_now_ms();
    c.deadline = options->timeout_ms > 0 ? c.now + options->timeout_ms : 0;
    c.has_progress = options->has_progress && isatty(STDERR_FILENO);
    int rc = open(&c, store);
    rc = rc ? rc : loop(&c);
    rc = stop(&c, rc);
    rc = rc ? rc : report(&c, summary);
    close_all(&c);
    return rc;
}
