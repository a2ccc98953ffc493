/*
** Any bytes as frames of a WebSocket, and as the answer to its upgrade: whole and in pieces
** they must mean the same.
*/
#include "fuzz.h"

#include <string.h>

#include "net/net_int.h"

#define MAXIMUM 4096

/* What came of it: messages one after the other, and the state. */
static ds_frames_state receive(const char *bytes, size_t size, size_t step, ds_buf *out) {
    ds_frames *frames = NULL;
    ds_buf text;
    const char *unsent;
    size_t n;
    NEED(ds_frames_new(MAXIMUM, &frames, NULL) == SQLITE_OK);
    for (size_t at = 0; at < size; at += step) {
        n = step < size - at ? step : size - at;
        NEED(ds_frames_receive(frames, bytes + at, n) == SQLITE_OK);
        NEED(ds_frames_unsent(frames, &unsent, &n) == SQLITE_OK);
        ds_frames_sent(frames, n);
    }
    while (ds_frames_take(frames, &text)) {
        NEED(text.length <= MAXIMUM);
        NEED(ds_text_is_utf8(ds_buf_text(&text), text.length));
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
    ds_frames_state one = receive(bytes, size, size + 1, &whole);
    ds_frames_state other = receive(bytes, size, 3, &pieces);
    NEED((one == DS_FRAMES_TOO_LARGE) == (other == DS_FRAMES_TOO_LARGE));
    NEED(whole.length == pieces.length);
    NEED(memcmp(ds_buf_text(&whole), ds_buf_text(&pieces), whole.length) == 0);
    ds_buf_done(&whole);
    ds_buf_done(&pieces);
}

static ds_upgrade_state answer(const char *bytes, size_t size, size_t step, int *status) {
    static char host[] = "a.test", path[] = "/";
    const ds_url url = {.host = host, .path = path};
    const ds_websocket_request request = {.n_protocols = 0};
    ds_http_answer result = {.status = 0};
    ds_upgrade upgrade;
    NEED(ds_upgrade_init(&upgrade, &url, &request, &result, NULL) == SQLITE_OK);
    for (size_t at = 0; at < size && upgrade.state < DS_UPGRADE_OPEN; at += step) {
        size_t n = step < size - at ? step : size - at, used;
        NEED(ds_upgrade_feed(&upgrade, bytes + at, n, &used) == SQLITE_OK);
        NEED(used <= n);
    }
    ds_upgrade_state state = upgrade.state;
    NEED(state != DS_UPGRADE_OPEN); /* nobody can know the answer to our key */
    NEED((state == DS_UPGRADE_BROKEN) == (result.reason[0] != 0));
    *status = result.status;
    ds_upgrade_done(&upgrade);
    ds_buf_done(&result.body);
    return state;
}

static void check_answer(const char *bytes, size_t size) {
    int whole = 0, pieces = 0;
    NEED(answer(bytes, size, size + 1, &whole) == answer(bytes, size, 3, &pieces));
    NEED(whole == pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check_frames((const char *)data, size);
    check_answer((const char *)data, size);
    return 0;
}
