/*
** From the engine's effect to a request of libcurl's.
*/
#include "run/run.h"

static int start(const ds_config *config, ds_http *http, const ds_effect *effect,
                 const ds_auth *auth, ds_err *why) {
    const ds_http_request request = {
        .id = effect->id,
        .url = ds_config_text(config, DS_CONFIG_URL),
        .headers = auth->headers,
        .n_headers = auth->n_headers,
        .body = effect->body,
        .length = effect->length,
        .maximum = effect->maximum,
        .only_once = effect->only_once,
        .signer = auth->is_signed ? &auth->signer : NULL,
    };
    return ds_http_start(http, &request, why);
}

int ds_run_post(ds_engine *engine, const ds_config *config, ds_http *http,
                const ds_effect *effect, ds_err *err) {
    ds_auth auth;
    ds_err why = DS_ERR_INIT;
    int rc = ds_auth_make(config, effect->mode, &auth, &why);
    rc = rc ? rc : start(config, http, effect, &auth, &why);
    ds_auth_done(&auth);
    if ((rc & 0xff) == SQLITE_NOMEM) {
        return ds_err_nomem(err);
    }
    return rc ? ds_engine_unsent(engine, effect->id, &why, err) : SQLITE_OK;
}
