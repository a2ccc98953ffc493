/*
** A model's pull, in the tables: begun, page by page, to its end; and when it comes again.
*/
#include "sync/engine_int.h"

#include <string.h>

#define POLL_MS       60000 /* between two pulls of a model that nobody tells about */
#define FIRST_POLL_MS 1000

/* ---- when ------------------------------------------------------------------------------------------- */

void ds_puller_want(ds_puller *puller) {
    if (puller->phase == DS_PHASE_DUE) {
        return; /* it is still to be begun */
    }
    if (puller->phase != DS_PHASE_OVER && puller->phase != DS_PHASE_AWAITED) {
        puller->is_wanted = true;
        return;
    }
    puller->phase = DS_PHASE_DUE;
    puller->is_wanted = false;
    puller->at = puller->poll_at = 0;
    puller->attempts = puller->mode = 0;
    puller->is_again = puller->is_restarted = false;
}

/* Not told of changes it is polled, soon for the first time; in short what was missed is pulled when it is
** told again. */
void ds_puller_untold(const ds_engine *engine, ds_puller *puller) {
    puller->is_told = false;
    if (puller->phase == DS_PHASE_AWAITED) {
        ds_puller_want(puller);
    } else if (puller->phase == DS_PHASE_OVER && puller->poll_at == 0) {
        puller->poll_at = engine->now + POLL_MS;
    }
}

void ds_puller_rest(const ds_engine *engine, ds_puller *puller) {
    uint32_t random;
    if (engine->options.is_live) {
        ds_env_random(&random, sizeof random);
        int64_t wait = FIRST_POLL_MS + ds_outbox_backoff(puller->failures++, random);
        int64_t at = engine->now + (wait < POLL_MS ? wait : POLL_MS);
        puller->poll_at = at > puller->at ? at : puller->at;
    }
}

static int64_t next_poll(const ds_engine *engine, const ds_puller *puller) {
    int64_t minutes = ds_config_number(engine->config, DS_CONFIG_FULL_SYNC_INTERVAL);
    if (!engine->options.is_live || (puller->is_told && minutes == 0)) {
        return 0;
    }
    return engine->now + (puller->is_told ? minutes * 60 * 1000 : POLL_MS);
}

/* ---- in the tables ------------------------------------------------------------------------------------- */

/* The end of a pull that has found nothing more: only its time is to be kept. */
static bool is_empty(const ds_puller *puller) {
    return puller->answer != NULL && puller->phase == DS_PHASE_LAST &&
           puller->page.n_items == 0;
}

/* Empty pages wait for those that are still to come, to be kept in one commit. */
bool ds_puller_has_work(const ds_engine *engine, const ds_puller *puller) {
    bool waits = is_empty(puller) && engine->n_asked > 0 && !engine->is_stopped;
    return (puller->answer != NULL && !waits) || puller->phase == DS_PHASE_DUE ||
           puller->phase == DS_PHASE_RESTART ||
           (puller->phase == DS_PHASE_OVER && puller->error != NULL && !puller->is_noted);
}

static int begun(ds_puller *puller, ds_err *err) {
    puller->phase = DS_PHASE_READY;
    puller->n_pages = puller->n_old = puller->n_in_pull = 0;
    int rc = ds_engine_text(&puller->old_token, NULL, err);
    return rc ? rc : ds_engine_text(&puller->next_token, puller->pull.next_token, err);
}

static bool is_same_text(const char *a, const char *b) {
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* The pull, begun or taken up again. With another sync expression than before it is subscribed to anew. */
static int begin_pull(ds_engine *engine, ds_puller *puller, ds_err *err) {
    int64_t interval =
        ds_config_number(engine->config, DS_CONFIG_FULL_SYNC_INTERVAL) * 60 * 1000;
    const ds_pull_wish wish = {
        .full_interval_ms = interval,
        .most = ds_config_number(engine->config, DS_CONFIG_MAX_RECORDS),
        .is_full = engine->options.is_full && !puller->is_resumed};
    ds_merge_counts counts = puller->pull.counts;
    char *filter = puller->pull.filter;
    puller->pull.filter = NULL;
    ds_pull_done(&puller->pull);
    int rc = ds_pull_begin(engine->merger, puller->model, &wish, &puller->pull, err);
    if (rc == SQLITE_OK && !is_same_text(filter, puller->pull.filter)) {
        ds_live_resubscribe(engine, puller);
    }
    sqlite3_free(filter);
    if (!engine->options.is_live) {
        puller->pull.counts = counts; /* of the cycle, whose pull begins a second time */
    }
    return rc;
}

static int begin(ds_engine *engine, ds_puller *puller, ds_err *err) {
    int rc = ds_engine_text(&puller->error, NULL, err);
    rc = rc ? rc : ds_engine_tell_started(engine, err);
    rc = rc ? rc : begin_pull(engine, puller, err);
    /* What was begun before brings the state of that time: what came after it is to follow. */
    puller->is_resumed = rc == SQLITE_OK && puller->pull.next_token != NULL;
    puller->is_wanted = puller->is_wanted || puller->is_resumed;
    return rc ? rc : begun(puller, err);
}

int ds_puller_begin_due(ds_engine *engine, ds_err *err) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < engine->n_pullers; i++) {
        ds_puller *puller = &engine->pullers[i];
        if (puller->phase == DS_PHASE_DUE && puller->answer == NULL) {
            rc = begin(engine, puller, err);
        }
    }
    return rc;
}

static int restart(ds_engine *engine, ds_puller *puller, ds_err *err) {
    int rc = ds_pull_restart(engine->merger, &puller->pull, err);
    puller->is_wanted = puller->is_resumed = false;
    return rc ? rc : begun(puller, err);
}

/* The end of a pull that came to something. The API can be reached: if it could not, what was put off
** goes out now. */
static void finish(ds_engine *engine, ds_puller *puller) {
    puller->phase = DS_PHASE_OVER;
    puller->poll_at = next_poll(engine, puller);
    if (puller->is_wanted && !engine->is_stopped) {
        ds_puller_want(puller);
    }
    if (puller->failures > 0) {
        puller->failures = 0;
        ds_engine_hurry(engine);
    }
}

/* Merged, the page is over; the pull may be, too. */
static int merge(ds_engine *engine, ds_puller *puller, ds_err *err) {
    bool is_over = false, is_superseded = false;
    const ds_page page = {
        .items = &puller->page.items,
        .next_token = puller->page.next_token,
        .started_at = puller->page.started_at,
        .is_whole = puller->is_whole,
        .truncated_at = puller->is_truncated
                            ? ds_config_number(engine->config, DS_CONFIG_MAX_RECORDS)
                            : 0};
    int rc =
        ds_pull_page(engine->merger, &puller->pull, &page, &is_over, &is_superseded, err);
    if (rc == SQLITE_OK && !is_superseded && !puller->is_whole) {
        rc = ds_pull_note(engine->merger, puller->model, puller->error, err);
    }
    if (rc == SQLITE_OK && is_superseded) {
        engine->n_asked -= puller->phase == DS_PHASE_ASKED; /* nobody's answer now */
        puller->phase = engine->is_stopped ? DS_PHASE_OVER : DS_PHASE_DUE;
    } else if (rc == SQLITE_OK && is_over) {
        finish(engine, puller);
        rc = engine->options.is_live ? ds_pull_tidy(engine->merger, err) : SQLITE_OK;
    }
    ds_puller_drop_page(puller);
    return rc;
}

static int merge_with_empty_ones(ds_engine *engine, ds_puller *puller, ds_err *err) {
    int rc = merge(engine, puller, err);
    for (int i = 0; rc == SQLITE_OK && i < engine->n_pullers; i++) {
        ds_puller *other = &engine->pullers[i];
        rc = is_empty(other) ? merge(engine, other, err) : SQLITE_OK;
    }
    return rc;
}

static int note(ds_engine *engine, ds_puller *puller, ds_err *err) {
    puller->is_noted = true;
    return ds_pull_note(engine->merger, puller->model, puller->error, err);
}

static int do_work(ds_engine *engine, void *about, ds_err *err) {
    ds_puller *puller = about;
    if (puller->answer != NULL) {
        return merge_with_empty_ones(engine, puller, err);
    }
    switch (puller->phase) {
    case DS_PHASE_DUE:
        return ds_puller_begin_due(engine, err);
    case DS_PHASE_RESTART:
        return restart(engine, puller, err);
    case DS_PHASE_OVER:
        return note(engine, puller, err);
    case DS_PHASE_AWAITED:
    case DS_PHASE_READY:
    case DS_PHASE_ASKED:
    case DS_PHASE_LAST:
    default:
        return SQLITE_OK;
    }
}

int ds_puller_work(ds_engine *engine, ds_puller *puller, ds_err *err) {
    return ds_engine_transact(engine, do_work, puller, err);
}
