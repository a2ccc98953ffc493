/* Private to the engine: the files engine*.c, puller*.c and pusher*.c. */
#ifndef DS_ENGINE_INT_H
#define DS_ENGINE_INT_H

#include "sync/live_int.h"
#include "sync/sync_int.h"

/* ---- page.c: what stands in an answer ------------------------------------------------------------- */

/*
** A page of a sync query. Tokens are borrowed from the body; next_token is owned, NULL for the last
** page. n_items is how many there are. started_at: 0 when the answer does not say.
*/
typedef struct ds_found_page {
    ds_token items;
    char *next_token;
    int64_t started_at;
    int64_t n_items;
} ds_found_page;

/* Find the page of root field `field` in the body of an answer; *out_is_there is false when the field
** is absent, null or no page. The error is SQLITE_NOMEM. */
DS_MUST_USE int ds_page_read(const ds_buf *body, const char *field, ds_found_page *out,
                             bool *out_is_there, ds_err *err);
void ds_page_done(ds_found_page *page);

/* Find the value of each root field of an answer: tokens[i] is that of names[i], left alone when it is
** absent or null. */
void ds_page_fields(const ds_buf *body, const char *const *names, int n,
                    ds_token *tokens);

/* ---- puller.c: the pages of one model ---------------------------------------------------------------- */

typedef enum ds_phase {
    DS_PHASE_DUE,     /* to be begun, in a transaction */
    DS_PHASE_AWAITED, /* to be begun when its subscriptions are settled */
    DS_PHASE_RESTART, /* to be begun anew, as a full sync */
    DS_PHASE_READY,   /* the next page is to be asked for, at `at` */
    DS_PHASE_ASKED,
    DS_PHASE_LAST, /* the last page has come, and is to be merged */
    DS_PHASE_OVER
} ds_phase;

/*
** next_token: of the page that is asked for next, which may be ahead of the cursor in pull. old_token:
** one that came before in this pull, n_old: when to remember another; n_pages, n_in_pull: pages and records
** of this pull. answer and
** page: what has come and is not merged yet. limit: records per page. mode: index into the engine's
** modes. is_again: the request is repeated with a fresh credential. attempts: failures in a row.
** error: why the model could not be pulled; is_noted: datastore_sync_state says so too. failures: pulls in
** a row that came to nothing; poll_at: when a model that is OVER is pulled again, 0 for never. is_told: its
** subscriptions tell of all changes. is_wanted: a pull under way began too early, another one is to follow.
*/
typedef struct ds_puller {
    const ds_model *model;
    ds_phase phase;
    ds_pull pull;
    int64_t request;
    int64_t at;
    char *next_token;
    char *old_token;
    int64_t n_pages;
    int64_t n_old;
    int64_t n_in_pull;
    ds_http_answer *answer;
    ds_found_page page;
    bool is_whole;
    bool is_truncated;
    int limit;
    int mode;
    bool is_again;
    bool is_restarted;
    int attempts;
    int64_t n_received;
    char *error;
    bool is_noted;
    int failures;
    int64_t poll_at;
    bool is_told;
    bool is_wanted;
    bool is_resumed;
} ds_puller;

/* ---- pusher.c: the outbox, document by document ------------------------------------------------------- */

typedef enum ds_item_state {
    DS_ITEM_TODO,
    DS_ITEM_SENT,
    DS_ITEM_KNOWN, /* there is a verdict, which is to be merged */
    DS_ITEM_DONE
} ds_item_state;

/*
** One mutation of the batch. asks: it is not the mutation that is sent now but a query for its record;
** the verdict after that is `after`. mode, is_again: as with a puller. The rest is for ds_merge_answer;
** texts are in the pusher's arena.
*/
typedef struct ds_item {
    const ds_mutation *mutation;
    ds_item_state state;
    bool asks;
    ds_verdict after;
    int mode;
    bool is_again;
    ds_verdict verdict;
    ds_token record;
    const char *error;
    const char *response;
    int64_t wait_ms;
} ds_item;

/*
** sent: the items of the last document, names: their root fields in the answer; both in the arena, which
** lives until the next document. chunk: how many mutations go into one document. request: what is in flight, 0 for none; sent_at: when
** it went. answer: what the records of the items are borrowed from. failures: documents in a row that
** brought nothing. at: nothing can be sent before (milliseconds since 1970). rests_until: nothing is to be
** sent before, also if there is something new. is_over: for this cycle.
*/
typedef struct ds_pusher {
    ds_batch batch;
    ds_item *items;
    ds_arena *arena;
    ds_item **sent;
    const char **names;
    int n_sent;
    int chunk;
    int64_t request;
    int64_t sent_at;
    ds_http_answer *answer;
    int failures;
    int64_t at;
    int64_t rests_until;
    bool is_over;
    ds_merge_counts counts;
    char *error;
} ds_pusher;

/* ---- engine.c ---------------------------------------------------------------------------------------------- */

/*
** pullers: of the models to be pulled, parents first. last_id: of the last request. body: of the
** effect that was handed out last. n_asked: requests of pullers in flight. n_answers: requests that
** came to something; n_tries: that ended. reason, reason_rc: why the first one did not. is_offline:
** the API cannot be reached, nothing else is tried in this cycle. is_stopped: nothing is begun any more.
** is_online: the last request had an answer; was_told_online: what the hub knows of that. has_told_…: so does it.
** n_dialled: channels from that number on have no connection. has_news_of_channels: one has become ready. is_hurried: what was put off is to be
** tried at once, as the API can be reached again. outbox: what is left, at the end.
*/
struct ds_engine {
    ds_merger *merger;
    ds_config *config;
    ds_engine_options options;
    char **names;
    char *owner;
    ds_auth_mode modes[DS_AUTH_MODE_COUNT];
    int n_modes;
    int64_t now;
    int64_t last_id;
    ds_buf body;
    ds_buf variables;
    bool has_begun;
    bool has_told_ready;
    bool is_finished;
    ds_puller *pullers;
    int n_pullers;
    int n_asked;
    ds_channel *channels;
    int n_channels;
    int n_dialled;
    ds_news *news;
    ds_news **last_news;
    int n_news;
    ds_merge_counts told;
    ds_pusher push;
    int64_t n_answers;
    bool is_hurried;
    bool is_online;
    bool was_told_online;
    bool has_news_of_channels;
    bool has_told_started;
    bool has_told_subscribed;
    char *reason;
    int reason_rc;
    bool is_offline;
    bool is_stopped;
    ds_outbox_counts outbox;
};

typedef int (*ds_engine_work)(ds_engine *engine, void *about, ds_err *err);

/* Do `work` in a transaction of the merger, as holder of the lease. When the schema has changed
** meanwhile nothing is done, and the engine begins anew. */
DS_MUST_USE int ds_engine_transact(ds_engine *engine, ds_engine_work work, void *about,
                                   ds_err *err);

/* Keep the first reason why something did not come to anything. */
DS_MUST_USE int ds_engine_blame(ds_engine *engine, ds_fault fault, const char *reason,
                                ds_err *err);

/* The network is back: what was put off goes out now. */
void ds_engine_hurry(ds_engine *engine);

/* The API could be reached, or not. */
void ds_engine_reach(ds_engine *engine, bool is_online);

/* begin.c: the first piece of work: which models are pulled, and in what order; and to forget them. */
DS_MUST_USE int ds_engine_begin(ds_engine *engine, void *about, ds_err *err);
void ds_engine_drop_pullers(ds_engine *engine);

/* Has everything been pulled once? */
bool ds_engine_is_ready(const ds_engine *engine);

/* hub.c: tell the hub. Inside a transaction; _started does so once, and so does _ready, once it is so. */
DS_MUST_USE int ds_engine_tell_started(ds_engine *engine, ds_err *err);
DS_MUST_USE int ds_engine_tell_ready(ds_engine *engine, void *about, ds_err *err);
DS_MUST_USE int ds_engine_tell_network(ds_engine *engine, void *about, ds_err *err);
DS_MUST_USE int ds_engine_tell_subscribed(ds_engine *engine, void *about, ds_err *err);

/* Set a text that is owned: `*at` is freed first. */
DS_MUST_USE int ds_engine_text(char **at, const char *text, ds_err *err);

/* One line about an error of an answer: "type: message", without secrets. */
const char *ds_engine_explain(const ds_engine *engine, const ds_response_error *error,
                              ds_arena *arena);

/* The longest pause of a cycle that ends. */
#define DS_PAUSE_MS 5000

/* Has the request failed too often for this cycle, or would it have to wait for too long? Otherwise *at is when
** to try it again. */
bool ds_engine_gives_up(const ds_engine *engine, int attempts, int retry_after,
                        int64_t *at);

/* order.c: fill `order` with the indexes of all models, parents before children where that is possible. */
DS_MUST_USE int ds_engine_order(const ds_catalog *catalog, int *order, ds_err *err);

/* pages.c: pull the model again, from where it is: now, or after the pull that is under way. */
void ds_puller_want(ds_puller *puller);
/* Its subscriptions do not tell of everything any more. */
void ds_puller_untold(const ds_engine *engine, ds_puller *puller);
/* Begin all pulls that are due, in the transaction that is open: a commit costs more than what is written. */
DS_MUST_USE int ds_puller_begin_due(ds_engine *engine, ds_err *err);
/* After a failure: a live engine tries again later, not before the server wants that (`at`). */
void ds_puller_rest(const ds_engine *engine, ds_puller *puller);

/* puller.c: the next request of a puller that is READY; *out_is_sent stays false when there is none: its filter does
** not fit the schema any more. */
DS_MUST_USE int ds_puller_post(ds_engine *engine, ds_puller *puller, ds_effect *out,
                               bool *out_is_sent, ds_err *err);
/* The answer to it. Takes the ownership of `answer`. */
DS_MUST_USE int ds_puller_answer(ds_engine *engine, ds_puller *puller,
                                 ds_http_answer *answer, ds_response *response,
                                 ds_err *err);
/* What a puller has to do in the tables, if anything. */
bool ds_puller_has_work(const ds_engine *engine, const ds_puller *puller);
DS_MUST_USE int ds_puller_work(ds_engine *engine, ds_puller *puller, ds_err *err);
/* It could not be pulled. */
DS_MUST_USE int ds_puller_fail(ds_engine *engine, ds_puller *puller, ds_fault fault,
                               const char *reason, ds_err *err);
void ds_puller_drop_page(ds_puller *puller);
void ds_puller_done(ds_puller *puller);

/* The next document, if there is something to send. */
DS_MUST_USE int ds_pusher_post(ds_engine *engine, ds_effect *out, bool *out_is_sent,
                               ds_err *err);
/* The answer to it. Takes the ownership of `answer`. */
DS_MUST_USE int ds_pusher_answer(ds_engine *engine, ds_http_answer *answer,
                                 ds_response *response, ds_err *err);
/* Nothing more is sent; what is in flight may have been carried out. */
DS_MUST_USE int ds_pusher_stop(ds_engine *engine, const char *reason, ds_err *err);
bool ds_pusher_has_work(const ds_engine *engine);
DS_MUST_USE int ds_pusher_work(ds_engine *engine, ds_err *err);
void ds_pusher_done(ds_pusher *push);

/* document.c: the body of a request for n items (all of them ask, or none does). Root field i is
** called names[i] in the answer; the names are in the arena. */
DS_MUST_USE int ds_push_print(ds_item *const *items, int n, ds_arena *arena, ds_buf *out,
                              const char **names, ds_err *err);

/* Why a document came to nothing. is_unclear, retry_after: as in ds_response. is_about_one: one of its mutations
** may be to blame, which is to be found. is_general: other documents would fare no better. */
typedef struct ds_refusal {
    ds_fault fault;
    const char *reason;
    bool is_unclear;
    int retry_after;
    bool is_about_one;
    bool is_general;
} ds_refusal;

/* judge.c: what became of the items that were sent, by an answer whose document was carried out, or by
** one that refuses it as a whole. */
DS_MUST_USE int ds_judge_fields(ds_engine *engine, const ds_response *response,
                                ds_err *err);
DS_MUST_USE int ds_judge_whole(ds_engine *engine, const ds_refusal *refusal, ds_err *err);

/* live.c: give the models of the pullers to channels; records that are told, and to merge them. */
DS_MUST_USE int ds_live_begin(ds_engine *engine, ds_err *err);
void ds_live_done(ds_engine *engine);
DS_MUST_USE int ds_live_take(ds_engine *engine, ds_puller *puller,
                             const ds_realtime_message *message, ds_err *err);
DS_MUST_USE int ds_live_work(ds_engine *engine, ds_err *err);
/* Are all channels ready? */
bool ds_live_is_ready(const ds_engine *engine);
/* Has another connection changed what is to be pulled (a sync expression, datastore_clear)? Then do. */
DS_MUST_USE int ds_live_look(ds_engine *engine, ds_err *err);
/* The first channel, or subscription, that is not as it should be: see ds_engine_health. */
void ds_live_health(const ds_engine *engine, ds_engine_health *out);
/* The filter of a model is another one: subscribe anew. */
void ds_live_resubscribe(ds_engine *engine, const ds_puller *puller);

/* subscriber.c: as whom to subscribe. When the API wants an owner and it is not known: SQLITE_AUTH with one line why, or the error of the token that
** could not be read. Else only SQLITE_NOMEM. *out is to be freed with ds_subscriber_done in any case. */
DS_MUST_USE int ds_subscriber_find(const ds_model *model, const ds_config *config,
                                   ds_auth_mode mode, ds_subscriber *out, ds_err *err);
void ds_subscriber_done(ds_subscriber *subscriber);
/* What tells the token's user from others; NULL when there is no token of a user now. *out is owned. Only
** SQLITE_NOMEM. */
DS_MUST_USE int ds_subscriber_user(const ds_engine *engine, char **out, ds_err *err);

/* channel.c: the connection is given up, to be dialled anew at once: nothing has failed. */
void ds_channel_leave(ds_engine *engine, ds_channel *channel);
/* The connection, or one of its subscriptions, is of no use. */
void ds_channel_fail(ds_engine *engine, ds_channel *channel, ds_realtime_fault fault);
void ds_channel_refuse(ds_engine *engine, ds_channel *channel, ds_subscription *sub,
                       ds_realtime_fault fault);

/* subscribe.c, channel.c: the next thing to do, if there is any now; when there is one without anything happening (0:
** never); and what happened. */
DS_MUST_USE int ds_channel_post(ds_engine *engine, ds_channel *channel, ds_effect *out,
                                bool *out_is_sent, ds_err *err);
/* After a change of the schema: drop the next connection that has no channel any more. */
bool ds_channel_drop(ds_engine *engine, ds_effect *out);
int64_t ds_channel_until(const ds_channel *channel);
void ds_channel_opened(ds_engine *engine, ds_channel *channel);
DS_MUST_USE int ds_channel_message(ds_engine *engine, ds_channel *channel,
                                   const char *text, size_t length, ds_err *err);
DS_MUST_USE int ds_channel_closed(ds_engine *engine, ds_channel *channel,
                                  ds_websocket_event *event, ds_err *err);
DS_MUST_USE int ds_channel_undialled(ds_engine *engine, ds_channel *channel,
                                     const ds_err *why, ds_err *err);

#endif
