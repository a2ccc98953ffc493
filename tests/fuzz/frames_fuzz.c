/*
** Any bytes as frames of a WebSocket and, before them, as the answer to its upgrade: whole and in
** pieces they must mean the same.
*/
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/net_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAXIMUM 4096

/* What came of it: messages one after the other, and the state. */
static ds_frames_state receive(const char *bytes, size_t size, size_t step, ds_buf *out) {
    ds_frames *frames = NULL;
    ds_buf text;
    const char *unsent;
    size_t n;
    if (ds_frames_new(MAXIMUM, &frames, NULL) != SQLITE_OK) {
        abort();
    }
    for (size_t at = 0; at < size; at += step) {
        n = step < size - at ? step : size - at;
        if (ds_frames_receive(frames, bytes + at, n) != SQLITE_OK ||
            ds_frames_unsent(frames, &unsent, &n) != SQLITE_OK) {
            abort();
        }
        ds_frames_sent(frames, n);
    }
    while (ds_frames_take(frames, &text)) {
        if (text.length > MAXIMUM || !ds_text_is_utf8(ds_buf_text(&text), text.length)) {
            abort();
        }
        ds_buf_addf(out, "%d:", (int)text.length);
        ds_buf_add_bytes(out, ds_buf_text(&text), text.length);
        ds_buf_done(&text);
    }
    ds_frames_state state = ds_frames_state_of(frames);
    ds_frames_free(frames);
    return state;
}

/*
** The messages must be the same. The state, too, but that wslay 1.1.1 misjudges the letters of
** a close frame's reason when it comes in pieces; it ends the connection in any case.
*/
static void check_frames(const char *bytes, size_t size) {
    ds_buf whole, pieces;
    ds_buf_init(&whole, DS_MAX_OUTPUT_BYTES);
    ds_buf_init(&pieces, DS_MAX_OUTPUT_BYTES);
    ds_frames_state state = receive(bytes, size, size + 1, &whole);
    if ((receive(bytes, size, 3, &pieces) == DS_FRAMES_TOO_LARGE) !=
            (state == DS_FRAMES_TOO_LARGE) ||
        strcmp(ds_buf_text(&whole), ds_buf_text(&pieces)) != 0) {
        abort();
    }
    ds_buf_done(&whole);
    ds_buf_done(&pieces);
}

static ds_upgrade_state answer(const char *bytes, size_t size, size_t step, int *status) {
    static char host[] = "a.test", path[] = "/";
    const ds_url url = {.host = host, .path = path};
    const ds_websocket_request request = {.n_protocols = 0};
    ds_http_answer result = {.status = 0};
    ds_upgrade upgrade;
    if (ds_upgrade_init(&upgrade, &url, &request, &result, NULL) != SQLITE_OK) {
        abort();
    }
    for (size_t at = 0; at < size && upgrade.state < DS_UPGRADE_OPEN; at += step) {
        size_t n = step < size - at ? step : size - at, used;
        if (ds_upgrade_feed(&upgrade, bytes + at, n, &used) != SQLITE_OK || used > n) {
            abort();
        }
    }
    ds_upgrade_state state = upgrade.state;
    if (state == DS_UPGRADE_OPEN) { /* nobody can know the answer to our key */
        abort();
    }
    *status = result.status;
    ds_upgrade_done(&upgrade);
    ds_buf_done(&result.body);
    return state;
}

static void check_answer(const char *bytes, size_t size) {
    int whole = 0, pieces = 0;
    if (answer(bytes, size, size + 1, &whole) != answer(bytes, size, 3, &pieces) ||
        whole != pieces) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check_frames((const char *)data, size);
    check_answer((const char *)data, size);
    return 0;
}
