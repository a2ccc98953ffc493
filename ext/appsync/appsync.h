/*
** appsync: how AppSync is spoken to, without speaking: configuration, endpoints,
** credentials, the form of requests and what an answer means. Floor 5. Nothing here opens
** a connection; it reads the environment and files only where the configuration says so.
*/
#ifndef DS_APPSYNC_H
#define DS_APPSYNC_H

#include "base/base.h"
#include "net/net.h"

/* ---- config.c: what datastore_configure was told ----------------------------------- */

typedef enum ds_config_key {
    DS_CONFIG_URL,
    DS_CONFIG_REALTIME_URL,
    DS_CONFIG_REGION,
    DS_CONFIG_AUTH_MODE,
    DS_CONFIG_AUTH_MODES,
    DS_CONFIG_API_KEY,
    DS_CONFIG_AUTH_TOKEN,
    DS_CONFIG_ACCESS_KEY_ID,
    DS_CONFIG_SECRET_ACCESS_KEY,
    DS_CONFIG_SESSION_TOKEN,
    DS_CONFIG_CA_FILE,
    DS_CONFIG_PROXY,
    DS_CONFIG_ALLOW_INSECURE,
    DS_CONFIG_CONNECT_TIMEOUT,
    DS_CONFIG_REQUEST_TIMEOUT,
    DS_CONFIG_SYNC_PAGE_SIZE,
    DS_CONFIG_MAX_RECORDS,
    DS_CONFIG_FULL_SYNC_INTERVAL,
    DS_CONFIG_PUSH_BATCH_SIZE,
    DS_CONFIG_CONCURRENCY,
    DS_CONFIG_CONFLICT,
    DS_CONFIG_ID_FORMAT,
    DS_CONFIG_FEED_CHANGES,
    DS_CONFIG_FEED_AGE,
    DS_CONFIG_COUNT
} ds_config_key;

typedef enum ds_auth_mode {
    DS_AUTH_API_KEY,
    DS_AUTH_USER_POOL,
    DS_AUTH_OIDC,
    DS_AUTH_IAM,
    DS_AUTH_LAMBDA,
    DS_AUTH_NONE,
    DS_AUTH_MODE_COUNT
} ds_auth_mode;

/* A configuration never changes once it is made, so that several may hold it, in several
** threads. Secrets are in it and nowhere else. */
typedef struct ds_config ds_config;

/* The configuration in which nothing is set. */
DS_MUST_USE int ds_config_new(ds_config **out);
/* For holders that may be in other threads. NULL is fine for _release. */
void ds_config_retain(ds_config *config);
void ds_config_release(ds_config *config);

/*
** A new configuration: `config` with what the JSON object says on top. null takes a key
** back. Besides our own keys it may be a file of Amplify's: amplify_outputs.json,
** amplifyconfiguration.json, or the object of aws-exports.js; of those the endpoint,
** region, API key and modes are taken and all that is not ours is passed over. Errors,
** "configuration: <key>: …", without any part of a secret: an unknown key, with the
** nearest one; a value that is not of the kind or range; a secret that cannot be read
** from where it is said to be; plain http to another machine without allowInsecure.
*/
DS_MUST_USE int ds_config_merge(const ds_config *config, const char *json, size_t length,
                                ds_config **out, ds_err *err);

/* Append the effective configuration as JSON: with standard values and what follows from
** the URL, secrets as asterisks or as the place where they are. */
void ds_config_print(const ds_config *config, ds_buf *out);

/* The text of a key that holds one, with the standard value; NULL when there is none. Not
** for secrets (ds_secret_read), nor for what follows from the URL (endpoint.c). */
const char *ds_config_text(const ds_config *config, ds_config_key key);
/* The number, or 0 and 1 for false and true; -1 when maxRecordsToSync is not set.
** idFormat is a ds_id_format. */
int64_t ds_config_number(const ds_config *config, ds_config_key key);
/* Do both say the same? A credential in a file or a variable counts by its place. */
bool ds_config_is_same(const ds_config *a, const ds_config *b);
/* Was it given? */
bool ds_config_has(const ds_config *config, ds_config_key key);
/* The modes to try, in order; without authMode and authModes the one whose credential is
** set. Returns how many: 0 when nothing says which. `out` has room for
** DS_AUTH_MODE_COUNT. */
int ds_config_modes(const ds_config *config, ds_auth_mode *out);
/* For ds_http_new; texts are borrowed from the configuration. */
ds_http_options ds_config_http(const ds_config *config);

/* ---- secret.c ---------------------------------------------------------------------- */

/*
** The value of a secret, now: variables and files are read anew each time, so a token
** that was replaced is taken up by the next request. *out is owned (sqlite3_free), NULL
** when the key is not set. Errors: it cannot be read, is empty, too long, or holds what
** no credential has.
*/
DS_MUST_USE int ds_secret_read(const ds_config *config, ds_config_key key, char **out,
                               ds_err *err);

/* Put asterisks, as many as characters, in the place of every secret that a server's words quote, also
** of one that is cut off at their end. `text` may be NULL. What is shorter than eight characters is left alone: it could be any word. */
void ds_secret_mask(const ds_config *config, char *text);

/* ---- claims.c: whose token it is --------------------------------------------------- */

/*
** What authToken, a JSON Web Token (RFC 7519), claims of its user: an object, to be freed with
** ds_json_free. Nothing is verified: that is the server's business, and what is made of it here
** are questions to the server. SQLITE_AUTH when none is set, or what is set is no such token;
** else see ds_secret_read.
*/
DS_MUST_USE int ds_claims_read(const ds_config *config, ds_json **out, ds_err *err);
/* The text of a claim, not empty; NULL without. A name may be several with "::" between: all must
** be there, and the last one counts. An ID token has the user's name in "cognito:username", an
** access token in "username": each stands for the other. */
const char *ds_claims_text(const ds_json *claims, const char *name);
/* Is the group in a claim: a list of texts, such a list as text, or a text? Only SQLITE_NOMEM. */
DS_MUST_USE int ds_claims_have(const ds_json *claims, const char *name, const char *group,
                               bool *out, ds_err *err);

/* ---- endpoint.c -------------------------------------------------------------------- */

/*
** Append the address for subscriptions of a GraphQL endpoint: AppSync's own hosts have
** another host for it, <id>.appsync-realtime-api.<region>.amazonaws.com, custom domains
** another path, /realtime behind the endpoint's. (Source: the clients' appsyncUrl.ts and
** AppSyncRealTimeClientFactory.swift; plain http becomes ws here.) Nothing for what is no
** URL.
*/
void ds_endpoint_realtime(const char *url, ds_buf *out);
/* Append the region that an AppSync host names; nothing for other hosts. */
void ds_endpoint_region(const char *url, ds_buf *out);

/* ---- auth.c ------------------------------------------------------------------------ */

/* apiKey, userPool, oidc, iam, lambda, none. */
const char *ds_auth_mode_name(ds_auth_mode mode);
/* By our name, or by AWS's (API_KEY, AWS_IAM, …). */
bool ds_auth_mode_find(const char *name, ds_auth_mode *out);

/* Are the credentials of the mode configured? */
bool ds_auth_has(const ds_config *config, ds_auth_mode mode);

#define DS_AUTH_HEADERS 4

/*
** What a request carries besides its body. headers: complete lines, `n_headers` of them.
** signer: parameters of the signature, for `is_signed`. owned: what all of them point to.
** Filled by ds_auth_make, freed by ds_auth_done.
*/
typedef struct ds_auth {
    const char *headers[DS_AUTH_HEADERS];
    int n_headers;
    bool is_signed;
    ds_http_signer signer;
    char *owned[4];
    int n_owned;
} ds_auth;

/*
** The headers of a request under `mode`. *out is to be freed with ds_auth_done in any
** case. SQLITE_AUTH with what to set when a credential is missing.
*/
DS_MUST_USE int ds_auth_make(const ds_config *config, ds_auth_mode mode, ds_auth *out,
                             ds_err *err);
void ds_auth_done(ds_auth *auth);

/* ---- envelope.c -------------------------------------------------------------------- */

/* Append the body of a request: {"query":…,"variables":…}. `variables` is a
** JSON object as text. */
void ds_envelope_print(const char *document, const char *variables, ds_buf *out);

/* ---- fault.c, response.c: what an answer means ------------------------------------- */

typedef enum ds_fault {
    DS_FAULT_NONE,
    DS_FAULT_TRANSIENT,    /* the same again, later */
    DS_FAULT_EXPIRED,      /* again, with a new credential */
    DS_FAULT_UNAUTHORIZED, /* not with this credential */
    DS_FAULT_CONFLICT,     /* the server's record is newer */
    DS_FAULT_CONDITION,    /* the condition does not hold; a create: it exists */
    DS_FAULT_RECORD,       /* perhaps carried out, but the record did not come back */
    DS_FAULT_INVALID,      /* not what the API's schema wants */
    DS_FAULT_OTHER
} ds_fault;

/* The fault behind an error's type and message, each of which may be NULL. Never NONE. */
ds_fault ds_fault_find(const char *type, const char *message);

/*
** One of errors[]. Texts and nodes are borrowed from the response, NULL where absent.
** field: the root field (or its alias) that it is about; NULL: the whole document. path:
** all of it. data, info: the server's record of a conflict, and what came with it.
*/
typedef struct ds_response_error {
    ds_fault fault;
    const char *type;
    const char *message;
    const char *field;
    const ds_json *path;
    const ds_json *data;
    const ds_json *info;
} ds_response_error;

/*
** An answer, read.
**
** fault is NONE when AppSync has carried the document out, if only in part: then `data`
** (NULL for null) and `errors` say what became of each field. `n_errors` are kept, of
** `n_all`.
**
** Else no part of the document was looked at, as far as the answer tells, and `reason` is
** one line why: TRANSIENT (no answer, a busy service, or an answer that is not
** AppSync's), EXPIRED, UNAUTHORIZED, INVALID (this document is refused as a whole:
** malformed, or too large), OTHER (the address is wrong). Only INVALID speaks about the
** changes that were sent. is_unclear: there was no verdict, and the server may have acted
** all the same. is_firewall: UNAUTHORIZED, but by something before the API, which may dislike the
** caller, his haste, or a word in what was sent. retry_after: seconds, 0 if the server asked for nothing.
*/
typedef struct ds_response {
    ds_fault fault;
    bool is_unclear;
    bool is_firewall;
    int retry_after;
    const ds_json *data;
    ds_response_error *errors;
    int n_errors;
    int n_all;
    char reason[512];
    ds_json *root;
} ds_response;

/*
** Read an answer. U+0000 and half surrogate pairs, which no text of ours can hold, become
** U+FFFD in the answer's body. *out is to be freed with ds_response_done in any case; it
** needs the answer no longer. The only error is SQLITE_NOMEM.
*/
DS_MUST_USE int ds_response_read(ds_http_answer *answer, ds_response *out, ds_err *err);
void ds_response_done(ds_response *response);

/* ---- realtime.c: what subscriptions say -------------------------------------------- */

/*
** AppSync's realtime protocol, as messages in and out; whoever holds the WebSocket (net)
** keeps the order:
**
**   dial, open, send init       await ACK: within DS_REALTIME_ACK_MS
**   send start, for each        await START_ACK or ERROR: likewise
**   DATA …                      KEEP_ALIVE or DATA within ACK's timeout_ms, or it is dead
**   send stop                   COMPLETE comes, and perhaps DATA before it
**
** Authorization is part of dialling and of each start, and is not asked for again.
*/
#define DS_REALTIME_ACK_MS     15000
#define DS_REALTIME_SILENCE_MS 300000 /* the timeout of an ACK that names none */
#define DS_REALTIME_ID_SIZE    64     /* of a subscription, with NUL */

/* Append the address for subscriptions: realtimeUrl, or what follows from url; nothing
** when neither is set. */
void ds_realtime_url(const ds_config *config, ds_buf *out);

/* Where the authorization of a connection stands. */
typedef enum ds_realtime_form {
    DS_REALTIME_PROTOCOL, /* in a subprotocol, as AppSync has it now */
    DS_REALTIME_QUERY /* in the query, as it was before 2024, and as stand-ins may have it */
} ds_realtime_form;

/* What to open: `request` is for ds_websocket_open and points into the rest, which is not to
** be copied. */
typedef struct ds_realtime_dial {
    ds_websocket_request request;
    const char *protocols[2];
    char *owned[2];
} ds_realtime_dial;

/* SQLITE_AUTH with what to set when a credential or the endpoint is missing. *out is to
** be freed with ds_realtime_dial_done in any case; it holds credentials. */
DS_MUST_USE int ds_realtime_dial_make(const ds_config *config, ds_auth_mode mode,
                                      ds_realtime_form form, ds_realtime_dial *out,
                                      ds_err *err);
void ds_realtime_dial_done(ds_realtime_dial *dial);

/* Append a message to send. id: fewer than DS_REALTIME_ID_SIZE bytes, of letters, digits
** and "-"; unique on its connection. variables: a JSON object as text. Errors: see
** ds_realtime_dial_make. */
void ds_realtime_init_print(ds_buf *out);
DS_MUST_USE int ds_realtime_start_print(const ds_config *config, ds_auth_mode mode,
                                        const char *id, const char *document,
                                        const char *variables, ds_buf *out, ds_err *err);
void ds_realtime_stop_print(const char *id, ds_buf *out);

/* ---- realtime_read.c: what subscriptions are told ---------------------------------- */

typedef enum ds_realtime_kind {
    DS_REALTIME_OTHER, /* nothing that we know */
    DS_REALTIME_ACK,
    DS_REALTIME_KEEP_ALIVE,
    DS_REALTIME_START_ACK,
    DS_REALTIME_DATA,
    DS_REALTIME_COMPLETE,
    DS_REALTIME_ERROR, /* of the subscription `id`, which is over or never began; "": of any */
    DS_REALTIME_REFUSED /* the connection is */
} ds_realtime_kind;

/* What to do about it. */
typedef enum ds_realtime_fault {
    DS_REALTIME_FINE,
    DS_REALTIME_TRANSIENT,    /* the same again, later */
    DS_REALTIME_EXPIRED,      /* again, with a new credential */
    DS_REALTIME_UNAUTHORIZED, /* not with this credential */
    DS_REALTIME_LIMIT,        /* too many subscriptions or connections */
    DS_REALTIME_FILTER,       /* without a filter: the API takes none, or not this one */
    DS_REALTIME_INVALID,      /* the API has no such subscription */
    DS_REALTIME_UNKNOWN
} ds_realtime_fault;

/*
** A message, read. timeout_ms: of ACK. data: of DATA, the object behind payload.data, whose kind is
** 0 when it is not there or null; record: the value of its first member, which is the record.
** Both are borrowed from the text. fault, type, code, message: of ERROR, REFUSED and of
** DATA that came with errors; texts are one line, cut to their size, and "" without.
*/
typedef struct ds_realtime_message {
    ds_realtime_kind kind;
    char id[DS_REALTIME_ID_SIZE];
    int timeout_ms;
    ds_token data;
    ds_token record;
    ds_realtime_fault fault;
    int code;
    char type[128];
    char message[512];
} ds_realtime_message;

/* Read what a WebSocket received. SQLITE_ERROR for what is no message at all; SQLITE_NOMEM. */
DS_MUST_USE int ds_realtime_read(const char *text, size_t length,
                                 ds_realtime_message *out, ds_err *err);

/* What the end of a connection means, from its CLOSED event: a REFUSED message. Only
** SQLITE_NOMEM. */
DS_MUST_USE int ds_realtime_read_end(ds_websocket_event *event, ds_realtime_message *out,
                                     ds_err *err);

/* ---- realtime_fault.c -------------------------------------------------------------- */

/* The fault behind an error's type, message and code, any of which may be NULL or 0. */
ds_realtime_fault ds_realtime_fault_find(const char *type, const char *message, int code);
/* The same of an answer's fault. */
ds_realtime_fault ds_realtime_fault_of(ds_fault fault);

#endif
