/*
** Any message to subscriptions. What is read of it must hold together and lie inside of it.
*/
#include "fuzz.h"

#include <string.h>

#include "appsync/appsync.h"

static void check_inside(const ds_token *token, const char *text, size_t size) {
    if (token->kind != 0) {
        NEED(token->text >= text && token->text <= text + size);
        NEED(token->length <= (size_t)(text + size - token->text));
    }
}

static void check_text(const char *text, size_t size) {
    NEED(memchr(text, 0, size) != NULL);
    NEED(ds_text_is_utf8(text, strlen(text)));
}

static void check(const ds_realtime_message *message, const char *text, size_t size) {
    bool is_error =
        message->kind == DS_REALTIME_ERROR || message->kind == DS_REALTIME_REFUSED;
    bool is_data = message->kind == DS_REALTIME_DATA;
    check_inside(&message->data, text, size);
    check_inside(&message->record, text, size);
    check_text(message->type, sizeof message->type);
    check_text(message->message, sizeof message->message);
    NEED(memchr(message->id, 0, sizeof message->id) != NULL);
    NEED(message->data.kind == 0 || (is_data && message->data.kind == '{'));
    NEED(message->record.kind == 0 || message->data.kind != 0);
    NEED(!is_error || message->fault != DS_REALTIME_FINE);
    NEED(is_error || is_data || message->fault == DS_REALTIME_FINE);
    NEED((message->kind == DS_REALTIME_ACK) == (message->timeout_ms > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ds_realtime_message message;
    ds_err err = DS_ERR_INIT;
    const char *text = (const char *)data;
    int rc = ds_realtime_read(text, size, &message, &err);
    NEED_WITH(rc == SQLITE_OK || rc == SQLITE_ERROR, err.text);
    NEED((rc == SQLITE_OK) == (err.text[0] == 0));
    if (rc == SQLITE_OK) {
        check(&message, text, size);
    }
    return 0;
}
