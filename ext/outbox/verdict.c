/*
** What becomes of a step: it is tried again, or goes to the dead letter.
*/
#include "outbox/outbox_int.h"

#include <string.h>

#define FIRST_WAIT_MS 100
#define LAST_WAIT_MS  (5 * 60 * 1000)

/* Half of the wait is certain, the other half chance: clients that failed together do not come
** back together. */
int64_t ds_outbox_backoff(int attempts, uint32_t random) {
    int64_t wait = FIRST_WAIT_MS;
    for (int i = 0; i < attempts && wait < LAST_WAIT_MS; i++) {
        wait *= 2;
    }
    wait = wait < LAST_WAIT_MS ? wait : LAST_WAIT_MS;
    return wait / 2 + (int64_t)(random % (uint32_t)(wait / 2 + 1));
}

int ds_outbox_later(ds_records *records, const ds_key *key, ds_step *step,
                    bool is_unclear, int64_t least_ms, const char *error, ds_err *err) {
    uint32_t random;
    ds_env_random(&random, sizeof random);
    int64_t wait = ds_outbox_backoff(step->attempts, random);
    step->state = DS_STEP_PENDING;
    step->is_unclear = step->is_unclear || is_unclear;
    step->next_attempt_at = ds_env_now_ms() + (wait > least_ms ? wait : least_ms);
    step->error = error;
    return ds_step_put(records, key, step, err);
}

/* ---- to the dead letter ----------------------------------------------------------------------------- */

static void add_failure(const ds_key *key, const ds_step *step, ds_buf *out) {
    static const char *const names[] = {"", "create", "update", "delete"};
    ds_buf_add(out, "{\"model\":");
    ds_buf_add_json(out, key->model->name, strlen(key->model->name));
    ds_buf_addf(out, ",\"operation\":\"%s\",\"error\":", names[step->op]);
    ds_buf_add_json(out, step->error, strlen(step->error));
    ds_buf_add(out, ",\"request\":");
    ds_buf_add(out, step->request ? step->request : "null");
    ds_buf_add(out, "}");
}

static int tell(ds_records *records, const ds_key *key, const ds_step *step,
                ds_err *err) {
    ds_buf payload;
    ds_buf_init(&payload, DS_MAX_OUTPUT_BYTES);
    add_failure(key, step, &payload);
    int rc = ds_records_hub(records, "outboxMutationFailed", &payload, err);
    ds_buf_done(&payload);
    return rc;
}

static int is_unknown(ds_records *records, const ds_key *key, bool *out, ds_err *err) {
    ds_value *base = NULL;
    ds_arena *arena = ds_arena_new();
    if (arena == NULL) {
        return ds_err_nomem(err);
    }
    int rc = ds_records_read(records, DS_BASE, key, arena, &base, err);
    *out = base == NULL;
    ds_arena_free(arena);
    return rc;
}

int ds_outbox_refuse(ds_records *records, const ds_key *key, ds_step *step,
                     const char *error, const char *response, ds_err *err) {
    bool unknown = false;
    int64_t n = 0;
    step->state = DS_STEP_FAILED;
    step->failed_at = ds_env_now_ms();
    step->next_attempt_at = 0;
    step->error = error;
    step->response = response;
    int rc = ds_step_put(records, key, step, err);
    rc = rc ? rc : tell(records, key, step, err);
    if (rc == SQLITE_OK && step->op == DS_OP_CREATE) {
        rc = is_unknown(records, key, &unknown, err);
    }
    if (rc == SQLITE_OK && unknown) {
        rc = ds_outbox_fold(records, key, err);
        rc = rc ? rc : ds_outbox_hold(records, key, DS_HOLD, NULL, &n, err);
    }
    return rc;
}
