/*
** Messages as frames, by wslay, between two buffers: no connection is touched here. wslay
** checks frames and UTF-8 and answers pings and close frames. Messages are put together
** here: wslay would keep a block of memory for each fragment, however small.
*/
#include "net/net_int.h"

#include <string.h>

#include <wslay/wslay.h>

#define READY_BYTES  65536 /* of frames that are made before they can be sent */
#define QUEUED_COUNT 1000  /* messages, most of them answers to pings */
#define REASON_SIZE  124

typedef struct received {
    struct received *next;
    ds_buf text;
} received;

/*
** in: what wslay is being fed, n_in bytes. out: frames to be sent; is_kept: it must stay as
** it is. text: of a message that is not complete. first: messages that nobody took; last:
** where the next one is hung up. rc: memory was out in a function that wslay called.
*/
struct ds_frames {
    wslay_event_context_ptr context;
    const char *in;
    size_t n_in;
    ds_buf out;
    bool is_kept;
    size_t maximum;
    bool is_control; /* the frame that is being received */
    ds_buf text;
    received *first;
    received **last;
    ds_frames_state state;
    int code;
    char reason[REASON_SIZE];
    int rc;
};

/* ---- called by wslay --------------------------------------------------------------- */

static ssize_t give_input(wslay_event_context_ptr context, uint8_t *buf, size_t size,
                          int flags, void *user) {
    ds_frames *f = user;
    size_t n = f->n_in < size ? f->n_in : size;
    (void)flags;
    if (n == 0) {
        wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    memcpy(buf, f->in, n);
    f->in += n;
    f->n_in -= n;
    return (ssize_t)n;
}

static ssize_t take_output(wslay_event_context_ptr context, const uint8_t *bytes,
                           size_t size, int flags, void *user) {
    ds_frames *f = user;
    (void)flags;
    if (f->out.length >= READY_BYTES) {
        wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    ds_buf_add_bytes(&f->out, (const char *)bytes, size);
    if (f->out.rc != SQLITE_OK) {
        f->rc = SQLITE_NOMEM;
        wslay_event_set_error(context, WSLAY_ERR_CALLBACK_FAILURE);
        return -1;
    }
    return (ssize_t)size;
}

static int make_mask(wslay_event_context_ptr context, uint8_t *buf, size_t size,
                     void *user) {
    (void)context;
    (void)user;
    ds_env_random(buf, (int)size);
    return 0;
}

/* Give up, with a close frame that says why. */
static void refuse(ds_frames *f, ds_frames_state state, uint16_t code) {
    f->state = state;
    wslay_event_shutdown_read(f->context);
    if (wslay_event_queue_close(f->context, code, NULL, 0) == WSLAY_ERR_NOMEM) {
        f->rc = SQLITE_NOMEM;
    }
}

static void take_close(ds_frames *f, const struct wslay_event_on_msg_recv_arg *arg) {
    size_t n = arg->msg_length > 2 ? arg->msg_length - 2 : 0; /* behind the code */
    /* Half a code passes wslay. */
    f->state = arg->msg_length == 1 ? DS_FRAMES_MALFORMED : DS_FRAMES_CLOSED;
    f->code = arg->msg_length >= 2 ? arg->status_code : WSLAY_CODE_NO_STATUS_RCVD;
    const char *reason = (const char *)arg->msg + 2;
    if (n > 0 && n < REASON_SIZE && ds_text_is_utf8(reason, n)) {
        memcpy(f->reason, reason, n);
    }
}

/* A frame begins; its length is known, and nothing was kept of it. */
static void begin_frame(wslay_event_context_ptr context,
                        const struct wslay_event_on_frame_recv_start_arg *arg,
                        void *user) {
    ds_frames *f = user;
    (void)context;
    f->is_control = wslay_is_ctrl_frame(arg->opcode);
    if (!f->is_control && arg->payload_length > f->maximum - f->text.length) {
        refuse(f, DS_FRAMES_TOO_LARGE, WSLAY_CODE_MESSAGE_TOO_BIG);
    }
}

static void take_part(wslay_event_context_ptr context,
                      const struct wslay_event_on_frame_recv_chunk_arg *arg, void *user) {
    ds_frames *f = user;
    (void)context;
    if (!f->is_control && f->state == DS_FRAMES_OPEN) {
        ds_buf_add_bytes(&f->text, (const char *)arg->data, arg->data_length);
        f->rc = f->rc ? f->rc : f->text.rc;
    }
}

static void end_text(ds_frames *f) {
    received *next = sqlite3_malloc64(sizeof *next);
    if (next == NULL) {
        f->rc = SQLITE_NOMEM;
        return;
    }
    next->next = NULL;
    next->text = f->text;
    ds_buf_init(&f->text, f->maximum);
    *f->last = next;
    f->last = &next->next;
}

static void end_message(wslay_event_context_ptr context,
                        const struct wslay_event_on_msg_recv_arg *arg, void *user) {
    ds_frames *f = user;
    (void)context;
    if (f->state != DS_FRAMES_OPEN) {
        return;
    }
    if (arg->opcode == WSLAY_TEXT_FRAME) {
        end_text(f);
    } else if (arg->opcode == WSLAY_CONNECTION_CLOSE) {
        take_close(f, arg);
    } else if (arg->opcode == WSLAY_BINARY_FRAME) {
        refuse(f, DS_FRAMES_MALFORMED, WSLAY_CODE_UNSUPPORTED_DATA);
    }
}

/* ---- life -------------------------------------------------------------------------- */

int ds_frames_new(size_t maximum, ds_frames **out, ds_err *err) {
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = give_input,
        .send_callback = take_output,
        .genmask_callback = make_mask,
        .on_frame_recv_start_callback = begin_frame,
        .on_frame_recv_chunk_callback = take_part,
        .on_msg_recv_callback = end_message};
    ds_frames *f = sqlite3_malloc64(sizeof *f);
    *out = NULL;
    if (f == NULL) {
        return ds_err_nomem(err);
    }
    memset(f, 0, sizeof *f);
    ds_buf_init(&f->out, 2 * READY_BYTES);
    ds_buf_init(&f->text, maximum);
    f->maximum = maximum;
    f->last = &f->first;
    if (wslay_event_context_client_init(&f->context, &callbacks, f) != 0) {
        sqlite3_free(f);
        return ds_err_nomem(err);
    }
    wslay_event_config_set_no_buffering(f->context, 1);
    wslay_event_config_set_max_recv_msg_length(f->context, INT64_MAX); /* begin_frame */
    *out = f;
    return SQLITE_OK;
}

void ds_frames_free(ds_frames *f) {
    ds_buf text;
    if (f == NULL) {
        return;
    }
    while (ds_frames_take(f, &text)) {
        ds_buf_done(&text);
    }
    wslay_event_context_free(f->context);
    ds_buf_done(&f->out);
    ds_buf_done(&f->text);
    sqlite3_free(f);
}

/* ---- sending ----------------------------------------------------------------------- */

static int queue(ds_frames *f, const struct wslay_event_msg *message, ds_err *err) {
    switch (wslay_event_queue_msg(f->context, message)) {
    case 0:
    case WSLAY_ERR_NO_MORE_MSG: /* it is being closed */
        return SQLITE_OK;
    case WSLAY_ERR_NOMEM:
        return ds_err_nomem(err);
    default:
        return ds_err_set(err, SQLITE_ERROR, "wslay takes no such message");
    }
}

int ds_frames_queue(ds_frames *f, const char *text, size_t length, ds_err *err) {
    size_t waiting = f->out.length + wslay_event_get_queued_msg_length(f->context);
    if (length > DS_MAX_UNSENT_BYTES || waiting > DS_MAX_UNSENT_BYTES - length) {
        return ds_err_set(err, SQLITE_FULL,
                          "more than %d bytes would wait to be sent on one WebSocket",
                          DS_MAX_UNSENT_BYTES);
    }
    const struct wslay_event_msg message = {WSLAY_TEXT_FRAME, (const uint8_t *)text,
                                            length};
    return queue(f, &message, err);
}

/* Make frames of what is queued, as many as there is room for. */
static int make_frames(ds_frames *f) {
    if (!f->is_kept) {
        (void)wslay_event_send(f->context); /* its only failure is ours: memory */
    }
    return f->rc;
}

int ds_frames_close(ds_frames *f, int code, const char *reason, ds_err *err) {
    /* wslay sends close frames first, and nothing behind them. */
    int rc = make_frames(f);
    if (rc == SQLITE_OK &&
        wslay_event_queue_close(f->context, (uint16_t)code, (const uint8_t *)reason,
                                strlen(reason)) == WSLAY_ERR_NOMEM) {
        rc = SQLITE_NOMEM;
    }
    return rc == SQLITE_OK ? SQLITE_OK : ds_err_nomem(err);
}

int ds_frames_unsent(ds_frames *f, const char **out, size_t *out_n) {
    int rc = make_frames(f);
    *out = ds_buf_text(&f->out);
    *out_n = f->out.length;
    return rc;
}

void ds_frames_sent(ds_frames *f, size_t n) {
    f->is_kept = n == 0;
    if (n > 0) {
        memmove(f->out.data, f->out.data + n, f->out.length - n);
        ds_buf_cut(&f->out, f->out.length - n);
    }
}

/* ---- receiving --------------------------------------------------------------------- */

int ds_frames_receive(ds_frames *f, const char *bytes, size_t n) {
    f->in = bytes;
    f->n_in = n;
    int code = wslay_event_recv(f->context);
    if (code == WSLAY_ERR_NOMEM) {
        f->rc = SQLITE_NOMEM;
    }
    if (f->state == DS_FRAMES_OPEN && !wslay_event_get_read_enabled(f->context)) {
        f->state = DS_FRAMES_MALFORMED;
    }
    f->n_in = 0;
    return f->rc;
}

bool ds_frames_is_full(const ds_frames *f) {
    return f->out.length >= READY_BYTES ||
           wslay_event_get_queued_msg_count(f->context) > QUEUED_COUNT;
}

bool ds_frames_has_message(const ds_frames *f) {
    return f->first != NULL;
}

bool ds_frames_take(ds_frames *f, ds_buf *out) {
    received *first = f->first;
    if (first == NULL) {
        return false;
    }
    *out = first->text;
    f->first = first->next;
    f->last = f->first ? f->last : &f->first;
    sqlite3_free(first);
    return true;
}

ds_frames_state ds_frames_state_of(const ds_frames *f) {
    return f->state;
}

int ds_frames_code(const ds_frames *f) {
    return f->code;
}

const char *ds_frames_reason(const ds_frames *f) {
    return f->reason;
}
