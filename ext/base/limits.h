/*
** Every maximum for what comes from outside, in one place. A test stands at each limit
** and one above it. Sizes are bytes unless the name says otherwise.
*/
#ifndef DS_BASE_LIMITS_H
#define DS_BASE_LIMITS_H

#define DS_MAX_SDL_BYTES      (4 * 1024 * 1024)  /* one schema text */
#define DS_MAX_IMPORT_BYTES   (16 * 1024 * 1024) /* one schema as JSON, which is wordier */
#define DS_MAX_SDL_DEPTH      64                 /* nesting of list types and of values */
#define DS_MAX_SDL_MEMBERS    1000               /* of one object value */
#define DS_MAX_NAME_BYTES     128                /* a type, field or enum value name */
#define DS_MAX_MODELS         500                /* trigger depth of SQLite is 1000 */
#define DS_MAX_FIELDS         1000 /* fields of one type; SQLite's columns: 2000 */
#define DS_MAX_COLUMNS        1990 /* of one model, with hidden names; SQLite's: 2000 */
#define DS_MAX_KEYS           100  /* named keys of one model; DynamoDB's: 25 */
#define DS_MAX_KEY_COLUMNS    16   /* columns of one key or index */
#define DS_MAX_JSON_BYTES     (64 * 1024 * 1024) /* one JSON text */
#define DS_MAX_JSON_DEPTH     200                /* nesting of one JSON text */
#define DS_MAX_EMBEDDED_DEPTH 64                 /* embedded types inside each other */
#define DS_MAX_EMBEDDED_CYCLE 3                  /* one inside itself, when selected */
#define DS_MAX_SELECT_FIELDS  10000              /* fields of one selection set */
#define DS_MAX_FILTER_TERMS   500                /* conditions and values in lists */
#define DS_MAX_FILTER_DEPTH   16            /* groups inside each other in one filter */
#define DS_MAX_SQL_BYTES      (1000 * 1000) /* SQLite's own default for a statement */
#define DS_MAX_OUTPUT_BYTES   (1000 * 1000 * 1000) /* SQLite's default for one value */
#define DS_MAX_PLANS          256                  /* cached query plans of one model */
#define DS_MAX_URL_BYTES      2048                 /* of an endpoint */
#define DS_MAX_HTTP_REQUESTS  64                   /* in flight at once */
#define DS_MAX_SECRET_BYTES   16384                /* one credential; tokens reach 8 KB */
#define DS_MAX_WEBSOCKETS     32                   /* open at once */
#define DS_MAX_MESSAGE_BYTES  (1024 * 1024)        /* received whole; AppSync's: 240 KB */
#define DS_MAX_UNSENT_BYTES   (4 * 1024 * 1024)    /* waiting to be sent on one socket */
#define DS_MAX_UPGRADE_BYTES  65536                /* request for a WebSocket */
#define DS_MAX_HEAD_BYTES     16384                /* head of the answer to it */
#define DS_MAX_REFUSAL_BYTES  4096                 /* kept of a refusal's body */
#define DS_MAX_ERRORS         1000                 /* of one answer that are looked at */
#define DS_MAX_RETRY_AFTER_S  3600                 /* seconds that a server may ask for */
#define DS_MAX_PUSH_BYTES     (400 * 1000) /* variables of one document; AppSync: 1 MB */
#define DS_MAX_SUBSCRIPTIONS  99           /* of one connection; AppSync: 100 */
#define DS_MAX_NEWS           500          /* live records between two transactions */
#define DS_MAX_HUB_EVENTS     1000         /* kept in datastore_hub */
#define DS_MAX_CONFLICTS      10 /* of one mutation in a row, before the dead letter */

#endif
