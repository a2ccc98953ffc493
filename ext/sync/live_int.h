/* Private to the engine: what a live one consists of. */
#ifndef DS_LIVE_INT_H
#define DS_LIVE_INT_H

#include "sync/sync_int.h"

struct ds_puller; /* engine_int.h */

/* ---- channel.c: a WebSocket and its subscriptions -------------------------------------------------------- */

#define DS_OPERATIONS_TOLD 3 /* onCreate, onUpdate, onDelete */

typedef enum ds_sub_state {
    DS_SUB_IDLE,
    DS_SUB_STARTING, /* until `at` */
    DS_SUB_LIVE,
    DS_SUB_LATER,  /* to be started again at `at`; polled meanwhile */
    DS_SUB_REFUSED /* as long as the connection lasts; polled */
} ds_sub_state;

/* id: of the last start, unique on the connection. is_bare: without the filter, which the API does not
** take: it is applied here. is_partial: not all that may be read is told. mode, is_again: as with a puller.
** n_heard: of the channel when it was started. */
typedef struct ds_subscription {
    struct ds_puller *puller;
    ds_graphql_operation operation;
    ds_sub_state state;
    char id[DS_REALTIME_ID_SIZE];
    int64_t at;
    int64_t n_heard;
    int mode;
    bool is_again;
    bool is_bare;
    bool is_partial;
    int failures;
    char *error;
} ds_subscription;

typedef enum ds_channel_phase {
    DS_CHANNEL_DOWN, /* to be dialled at `at` */
    DS_CHANNEL_DIALLED,
    DS_CHANNEL_OPEN, /* to be acknowledged until `at` */
    DS_CHANNEL_UP
} ds_channel_phase;

/* is_greeted: the init message was sent. is_ready: all its subscriptions are settled. is_told_off: the
** connection is of no use any more, to be hung up. has_worked: it was ready, and no dialling has failed since then.
** silence_ms, heard_at: when it is given up. n_heard: messages that have come. user: who dialled, asked_at:
** when it was last asked whether that is still so. */
typedef struct ds_channel {
    int number;
    ds_channel_phase phase;
    int64_t at;
    bool is_greeted;
    bool is_ready;
    bool is_told_off;
    bool has_worked;
    int64_t heard_at;
    int64_t n_heard;
    int64_t silence_ms;
    int mode;
    bool is_again;
    ds_realtime_form form;
    int failures;
    int n_starts;
    ds_subscription *subs;
    int n_subs;
    char *user;
    int64_t asked_at;
    char *error;
} ds_channel;

/* A record that a subscription told of, to be merged; in the order in which they came. */
typedef struct ds_news {
    struct ds_news *next;
    struct ds_puller *puller;
    size_t length;
    char text[];
} ds_news;

/* ---- subscriber.c: as whom ------------------------------------------------------------------------------- */

/* The owner that a subscription names. field: the argument, NULL for none; borrowed from the
** model. value: owned. is_partial: the user may read more than that owner's. */
typedef struct ds_subscriber {
    const char *field;
    char *value;
    bool is_partial;
} ds_subscriber;

#endif
