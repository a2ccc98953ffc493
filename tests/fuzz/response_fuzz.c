/*
** Any answer: its length chooses the status. What is read of it must hold together,
** whatever the server means by it.
*/
#include "fuzz.h"

#include <string.h>

#include "appsync/appsync.h"

static const int statuses[] = {401, 400, 302, 200, 403, 404, 413, 429, 500, 0};

static void check_error(const ds_response_error *error) {
    bool has_path = error->path != NULL && ds_json_type(error->path) == DS_JSON_LIST;
    NEED(error->fault != DS_FAULT_NONE && error->fault <= DS_FAULT_OTHER);
    NEED(error->path == NULL || has_path);
    NEED(error->field == NULL || has_path);
}

static void check(const ds_response *response) {
    bool is_done = response->fault == DS_FAULT_NONE;
    NEED(response->fault <= DS_FAULT_OTHER);
    NEED(response->n_errors <= response->n_all && response->n_errors <= DS_MAX_ERRORS);
    NEED(is_done == (response->reason[0] == 0));
    NEED(is_done || response->data == NULL);
    NEED(!is_done || (response->root != NULL && !response->is_unclear));
    NEED(strpbrk(response->reason, "\r\n") == NULL);
    NEED(ds_text_is_utf8(response->reason, strlen(response->reason)));
    for (int i = 0; i < response->n_errors; i++) {
        check_error(&response->errors[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ds_err err = DS_ERR_INIT;
    ds_response response;
    ds_http_answer answer = {.was_sent = true};
    answer.status = statuses[size % DS_COUNT(statuses)];
    ds_buf_init(&answer.body, DS_MAX_JSON_BYTES);
    ds_buf_add_bytes(&answer.body, (const char *)data, size);
    NEED_WITH(ds_response_read(&answer, &response, &err) == SQLITE_OK, err.text);
    check(&response);
    ds_response_done(&response);
    ds_buf_done(&answer.body);
    return 0;
}
