/*
** Any message to subscriptions. What is read of it must hold together and lie inside of it.
*/
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "appsync/appsync.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(const ds_token *token, const char *text, size_t size) {
    if (token->kind != 0 && (token->text < text || token->text > text + size ||
                             token->length > (size_t)(text + size - token->text))) {
        abort();
    }
}

static void check_text(const char *text, size_t size) {
    if (memchr(text, 0, size) == NULL || !ds_text_is_utf8(text, strlen(text))) {
        abort();
    }
}

static void check(const ds_realtime_message *message, const char *text, size_t size) {
    bool is_error =
        message->kind == DS_REALTIME_ERROR || message->kind == DS_REALTIME_REFUSED;
    check_inside(&message->data, text, size);
    check_inside(&message->record, text, size);
    check_text(message->type, sizeof message->type);
    check_text(message->message, sizeof message->message);
    if (memchr(message->id, 0, sizeof message->id) == NULL ||
        (message->data.kind != 0 && message->data.kind != '{') ||
        (message->record.kind != 0 && message->data.kind == 0) ||
        (is_error && message->fault == DS_REALTIME_FINE) ||
        (!is_error && message->kind != DS_REALTIME_DATA &&
         message->fault != DS_REALTIME_FINE) ||
        (message->kind == DS_REALTIME_ACK) != (message->timeout_ms > 0)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ds_realtime_message message;
    ds_err err = DS_ERR_INIT;
    const char *text = (const char *)data;
    int rc = ds_realtime_read(text, size, &message, &err);
    if (rc == SQLITE_OK) {
        check(&message, text, size);
    } else if (rc != SQLITE_ERROR || err.text[0] == 0) {
        abort();
    }
    return 0;
}
