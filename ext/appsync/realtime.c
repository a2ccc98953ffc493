/*
** What is sent for subscriptions: the address and subprotocols to open, and messages.
*/
#include "appsync/appsync_int.h"

#include <string.h>

#define PAYLOAD_MAX (DS_MAX_UNSENT_BYTES / 2)

void ds_realtime_url(const ds_config *config, ds_buf *out) {
    const char *realtime = ds_config_text(config, DS_CONFIG_REALTIME_URL);
    const char *url = ds_config_text(config, DS_CONFIG_URL);
    if (realtime != NULL) {
        ds_buf_add(out, realtime);
    } else if (url != NULL) {
        ds_endpoint_realtime(url, out);
    }
}

/* ---- dialling ---------------------------------------------------------------------- */

static int take(ds_buf *buf, char **out, ds_err *err) {
    return ds_buf_take(buf, out) == SQLITE_OK ? SQLITE_OK : ds_err_nomem(err);
}

/* header=<base64>&payload=<base64 of {}>, what is not a letter or digit escaped. */
static void add_query(const ds_buf *header, ds_buf *out) {
    ds_buf base64;
    ds_buf_init(&base64, DS_MAX_UPGRADE_BYTES);
    ds_buf_add_base64(&base64, ds_buf_text(header), header->length, false);
    ds_buf_add(out, "header=");
    for (const char *p = ds_buf_text(&base64); *p; p++) {
        if (strchr("+/=", *p) != NULL) {
            ds_buf_addf(out, "%%%02X", *p);
        } else {
            ds_buf_add_bytes(out, p, 1);
        }
    }
    ds_buf_add(out, "&payload=e30%3D");
    out->rc = out->rc ? out->rc : base64.rc;
    ds_buf_done(&base64);
}

static int add_authorization(const ds_config *config, ds_auth_mode mode,
                             ds_realtime_form form, ds_realtime_dial *out, ds_err *err) {
    ds_buf header, text;
    ds_buf_init(&header, DS_MAX_UPGRADE_BYTES);
    ds_buf_init(&text, DS_MAX_UPGRADE_BYTES);
    int rc = ds_realtime_authorize(config, mode, "/connect", "{}", &header, err);
    if (rc == SQLITE_OK && form == DS_REALTIME_QUERY) {
        add_query(&header, &text);
        rc = take(&text, &out->owned[1], err);
        out->request.query = out->owned[1];
    } else if (rc == SQLITE_OK) {
        ds_buf_add(&text, "header-");
        ds_buf_add_base64(&text, ds_buf_text(&header), header.length, true);
        rc = take(&text, &out->owned[1], err);
        out->protocols[out->request.n_protocols++] = out->owned[1];
    }
    ds_buf_done(&header);
    ds_buf_done(&text);
    return rc;
}

int ds_realtime_dial_make(const ds_config *config, ds_auth_mode mode,
                          ds_realtime_form form, ds_realtime_dial *out, ds_err *err) {
    ds_buf url;
    memset(out, 0, sizeof *out);
    ds_buf_init(&url, DS_MAX_URL_BYTES + 100);
    ds_realtime_url(config, &url);
    int rc = take(&url, &out->owned[0], err);
    out->protocols[0] = "graphql-ws";
    out->request = (ds_websocket_request){.url = out->owned[0],
                                          .protocols = out->protocols,
                                          .n_protocols = 1,
                                          .answer_timeout_ms = DS_REALTIME_ACK_MS,
                                          .maximum = DS_MAX_MESSAGE_BYTES};
    return rc ? rc : add_authorization(config, mode, form, out, err);
}

void ds_realtime_dial_done(ds_realtime_dial *dial) {
    sqlite3_free(dial->owned[0]);
    sqlite3_free(dial->owned[1]);
    memset(dial, 0, sizeof *dial);
}

/* ---- messages ---------------------------------------------------------------------- */

void ds_realtime_init_print(ds_buf *out) {
    ds_buf_add(out, "{\"type\":\"connection_init\"}");
}

int ds_realtime_start_print(const ds_config *config, ds_auth_mode mode, const char *id,
                            const char *document, const char *variables, ds_buf *out,
                            ds_err *err) {
    ds_buf data;
    ds_buf_init(&data, PAYLOAD_MAX);
    ds_envelope_print(document, variables, &data);
    ds_buf_add(out, "{\"id\":");
    ds_buf_add_json(out, id, strlen(id));
    ds_buf_add(out, ",\"type\":\"start\",\"payload\":{\"data\":");
    ds_buf_add_json(out, ds_buf_text(&data), data.length); /* JSON as a JSON string */
    ds_buf_add(out, ",\"extensions\":{\"authorization\":");
    int rc = data.rc
                 ? ds_err_nomem(err)
                 : ds_realtime_authorize(config, mode, "", ds_buf_text(&data), out, err);
    ds_buf_add(out, "}}}");
    ds_buf_done(&data);
    return rc == SQLITE_OK && out->rc != SQLITE_OK ? ds_err_nomem(err) : rc;
}

void ds_realtime_stop_print(const char *id, ds_buf *out) {
    ds_buf_add(out, "{\"type\":\"stop\",\"id\":");
    ds_buf_add_json(out, id, strlen(id));
    ds_buf_add(out, "}");
}
