/*
** Shared by the tests of a live engine: the WebSocket's side of a transcript. A connection is dialled,
** greeted and acknowledged, each subscription started and acknowledged, and then records are told:
**
**   go_live("{}");
**   join(0);
**   accept(0, "onCreateNote"); …
**   tell(0, "onCreateNote", NOTE("a", "1", 1));
*/
#ifndef DS_TEST_LIVE_H
#define DS_TEST_LIVE_H

#include "engine.h"

#define IDS 400

/* What was started last under each name, as "0:onCreateNote" of a channel. */
static struct {
    char name[80];
    char id[DS_REALTIME_ID_SIZE];
} started[IDS];
static int n_started;

static inline void go_live(const char *config_json) {
    how.is_live = true;
    memset(started, 0, sizeof started);
    n_started = 0;
    start(config_json);
}

/* ---- events of a WebSocket ------------------------------------------------------------------------- */

static inline int hand_over(int channel, ds_websocket_event *event) {
    int rc = ds_engine_websocket(engine, channel, event, &err);
    ds_websocket_event_done(event);
    return rc;
}

static inline void happens(int channel, ds_websocket_event *event) {
    int rc = hand_over(channel, event);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
}

static inline void say(int channel, const char *text) {
    ds_websocket_event event = {.kind = DS_WEBSOCKET_MESSAGE};
    ds_buf_init(&event.text, DS_MAX_JSON_BYTES);
    ds_buf_add(&event.text, text);
    happens(channel, &event);
}

static inline void opened(int channel) {
    ds_websocket_event event = {.kind = DS_WEBSOCKET_OPENED};
    happens(channel, &event);
}

/* The end: refused with a status other than 101, closed with a code, or without an answer. */
static inline void closed(int channel, int status, int code, ds_http_failure failure) {
    ds_websocket_event event = {.kind = DS_WEBSOCKET_CLOSED, .code = code};
    event.answer = answer_new(0);
    assert_non_null(event.answer);
    event.answer->status = status;
    event.answer->failure = failure;
    sqlite3_snprintf(sizeof event.answer->reason, event.answer->reason, "%s",
                     status == 101 ? "closed"
                     : failure     ? "lost"
                                   : "");
    happens(channel, &event);
}

static inline void lost(int channel) {
    closed(channel, 0, 0, DS_HTTP_RESET);
}

/* ---- what the engine must do ------------------------------------------------------------------------- */

static inline void expect_dial(int channel) {
    next(DS_EFFECT_DIAL);
    assert_int_equal(effect.channel, channel);
}

static inline void expect_hang_up(int channel) {
    next(DS_EFFECT_HANG_UP);
    assert_int_equal(effect.channel, channel);
}

static inline void greet(int channel) {
    opened(channel);
    next(DS_EFFECT_INIT);
    assert_int_equal(effect.channel, channel);
    say(channel,
        "{\"type\":\"connection_ack\",\"payload\":{\"connectionTimeoutMs\":60000}}");
}

static inline void join(int channel) {
    expect_dial(channel);
    greet(channel);
}

/* The root field of a subscription's document. */
static inline void field_of(const char *document, char *out, size_t size) {
    const char *line = strstr(document, "\n  ");
    assert_non_null(line);
    size_t length = strcspn(line + 3, "( {");
    sqlite3_snprintf((int)(length + 1 < size ? length + 1 : size), out, "%s", line + 3);
}

static inline char *id_slot(int channel, const char *field) {
    char name[80];
    int i = 0;
    sqlite3_snprintf(sizeof name, name, "%d:%s", channel, field);
    while (i < n_started && strcmp(started[i].name, name) != 0) {
        i++;
    }
    if (i == n_started) {
        assert_true(n_started < IDS);
        n_started++;
        memcpy(started[i].name, name, sizeof name);
    }
    return started[i].id;
}

/* The effect at hand begins a subscription: keep its number, give its field. */
static inline void note_start(char *field, size_t size) {
    assert_int_equal(effect.kind, DS_EFFECT_START);
    assert_int_equal(strlen(effect.body), effect.length);
    field_of(effect.body, field, size);
    char *id = id_slot(effect.channel, field);
    assert_string_not_equal(id, effect.subscription);
    sqlite3_snprintf(DS_REALTIME_ID_SIZE, id, "%s", effect.subscription);
}

/* Subscriptions are begun without waiting for one another: those of `fields`, by spaces. */
static inline void expect_starts(int channel, const char *fields) {
    const char *at = fields;
    while (*at != '\0') {
        char field[80], wanted[80];
        size_t length = strcspn(at, " ");
        sqlite3_snprintf((int)length + 1, wanted, "%s", at);
        next(DS_EFFECT_START);
        assert_int_equal(effect.channel, channel);
        note_start(field, sizeof field);
        assert_string_equal(field, wanted);
        at += length + (at[length] == ' ');
    }
}

/* ---- what the server says ------------------------------------------------------------------------------- */

static inline void answer_start(int channel, const char *field, const char *type,
                                const char *payload) {
    char *text = sqlite3_mprintf("{\"type\":\"%s\",\"id\":\"%s\"%s%s}", type,
                                 id_slot(channel, field), payload ? ",\"payload\":" : "",
                                 payload ? payload : "");
    say(channel, text);
    sqlite3_free(text);
}

static inline void acknowledge(int channel, const char *field) {
    answer_start(channel, field, "start_ack", NULL);
}

static inline void acknowledge_all(int channel, const char *fields) {
    const char *at = fields;
    while (*at != '\0') {
        char field[80];
        size_t length = strcspn(at, " ");
        sqlite3_snprintf((int)length + 1, field, "%s", at);
        acknowledge(channel, field);
        at += length + (at[length] == ' ');
    }
}

static inline void refuse_start(int channel, const char *field, const char *type,
                                const char *message) {
    char *payload = sqlite3_mprintf(
        "{\"errors\":[{\"errorType\":\"%s\",\"message\":\"%s\"}]}", type, message);
    answer_start(channel, field, "error", payload);
    sqlite3_free(payload);
}

static inline void tell(int channel, const char *field, const char *record) {
    char *payload = sqlite3_mprintf("{\"data\":{\"%s\":%s}}", field, record);
    answer_start(channel, field, "data", payload);
    sqlite3_free(payload);
}

/* ---- and all at once ---------------------------------------------------------------------------------------- */

#define ON_NOTE "onCreateNote onUpdateNote onDeleteNote"

static inline void subscribe(int channel, const char *fields) {
    join(channel);
    expect_starts(channel, fields);
    acknowledge_all(channel, fields);
}

/* Nothing is to be done before something comes, or `most` milliseconds have passed. */
static inline void expect_idle(int64_t most) {
    next(DS_EFFECT_WAIT);
    assert_true(effect.until > now);
    assert_true(effect.until <= now + most);
}

/* Notes, pulled and live. */
static inline void be_live(const char *items) {
    go_live("{}");
    subscribe(0, ON_NOTE);
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", items, NULL);
    expect_idle(60000);
}

#endif
