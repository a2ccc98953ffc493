/*
** base: memory, text, errors, JSON and the environment. Floor 0: it knows no tables and
** no GraphQL. The only place that includes SQLite's header.
**
** Conventions of the whole project, said once:
** - a function that can fail returns a SQLite result code, its outputs come last and are
**   untouched or NULL on failure;
** - `const T *` returned is borrowed, `T **out` is owned by the caller;
** - all memory is SQLite's, so the out-of-memory sweep reaches every allocation;
** - ds_buf is sticky: append freely, look at `rc` once at the end.
*/
#ifndef DS_BASE_H
#define DS_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sqlite3ext.h"
#ifndef DS_ENTRY_POINT
SQLITE_EXTENSION_INIT3
#endif

#include "base/limits.h"

#define DS_MUST_USE     __attribute__((warn_unused_result))
#define DS_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- err.c: one message, filled once at the lowest place that knows --------------- */

#define DS_ERR_TEXT_MAX 1024

/*
** Lives on the caller's stack, zero-initialised with DS_ERR_INIT. `text` is one line,
** lower case, no full stop, without the prefix "datastore: ", which is added where the
** error is handed to SQL. `line` and `column` count from 1 and are 0 when there is no
** place.
*/
typedef struct ds_err {
    int code;
    int line;
    int column;
    char text[DS_ERR_TEXT_MAX];
} ds_err;

#define DS_ERR_INIT                                                                      \
    {                                                                                    \
        0, 0, 0, {                                                                       \
            0                                                                            \
        }                                                                                \
    }

/*
** Fill *err (may be NULL) with a formatted message (sqlite3_mprintf's formats; %Q and %w
** quote) and return `code`. The first error is kept: a second call changes nothing and
** returns the code of the first. An over-long text is cut at a character boundary.
*/
int ds_err_set(ds_err *err, int code, const char *format, ...);

/* A place of the schema: line and column of a text, counted from 1, or the path to a member of
** JSON, borrowed. All zero: no place. */
typedef struct ds_where {
    int line;
    int column;
    const char *path;
} ds_where;

/* The same for an error at a place of the schema: SQLITE_ERROR, and the text begins with
** "schema line L, column C: " or "introspection <path>: ". */
int ds_err_at(ds_err *err, ds_where where, const char *format, ...);

int ds_err_put_nomem(ds_err *err);

/* SQLITE_NOMEM with the text "out of memory", or the code of the first error. Inline so that the
** compiler knows: what follows a check of the result has its memory. */
static inline int ds_err_nomem(ds_err *err) {
    int rc = ds_err_put_nomem(err);
    return rc == SQLITE_OK ? SQLITE_NOMEM : rc;
}

/* Copy SQLite's own message of the last failed call on `db`; returns `rc`, made an extended
** code where SQLite knows one. */
int ds_err_db(ds_err *err, sqlite3 *db, int rc);

/* ---- arena.c: many small objects that die together -------------------------------- */

typedef struct ds_arena ds_arena;

/* A new empty arena, or NULL when memory is out. */
ds_arena *ds_arena_new(void);

/* Free everything the arena ever handed out. NULL is fine. */
void ds_arena_free(ds_arena *arena);

/* `size` zeroed bytes, aligned for any object; NULL when memory is out. After one failure
** every later call fails too, so a builder may check once with ds_arena_failed(). */
void *ds_arena_alloc(ds_arena *arena, size_t size);

/* A NUL-terminated copy of `length` bytes of `text`. */
char *ds_arena_text(ds_arena *arena, const char *text, size_t length);

/* sqlite3_mprintf into the arena. */
char *ds_arena_printf(ds_arena *arena, const char *format, ...);

/* True once an allocation of this arena failed. */
bool ds_arena_failed(const ds_arena *arena);

/* ---- buf.c: growing text with a maximum and a sticky error ------------------------ */

typedef struct ds_buf {
    char *data;    /* NUL-terminated once anything was added; NULL while empty */
    size_t length; /* bytes without the NUL */
    size_t capacity;
    size_t maximum; /* more than this is SQLITE_TOOBIG */
    int rc; /* SQLITE_OK, SQLITE_NOMEM or SQLITE_TOOBIG: then appends do nothing */
} ds_buf;

void ds_buf_init(ds_buf *buf, size_t maximum);
void ds_buf_done(ds_buf *buf);
/* Empty it, keeping memory and maximum; the error is cleared. */
void ds_buf_clear(ds_buf *buf);
/* Take back what was appended behind the first `length` bytes; the error stays. */
void ds_buf_cut(ds_buf *buf, size_t length);

void ds_buf_add(ds_buf *buf, const char *text);
void ds_buf_add_bytes(ds_buf *buf, const char *text, size_t length);
/* sqlite3_mprintf's formats. */
void ds_buf_addf(ds_buf *buf, const char *format, ...);
/* A quoted SQL identifier: "name", quotes inside doubled. */
void ds_buf_add_ident(ds_buf *buf, const char *name);
/* A quoted SQL string literal: 'text'. */
void ds_buf_add_literal(ds_buf *buf, const char *text);
/* A quoted JSON string; bytes that are not UTF-8 become U+FFFD. */
void ds_buf_add_json(ds_buf *buf, const char *text, size_t length);

/* The text, "" when empty; borrowed until the next change. */
const char *ds_buf_text(const ds_buf *buf);

/* Hand the text over: *out is to be freed with sqlite3_free; the buffer is empty after.
** Returns buf->rc (SQLITE_NOMEM when even an empty text cannot be made). */
DS_MUST_USE int ds_buf_take(ds_buf *buf, char **out);

/* ---- text.c ----------------------------------------------------------------------- */

/* Is it well-formed UTF-8 (no surrogates, no overlong forms)? NUL bytes are fine. */
bool ds_text_is_utf8(const char *text, size_t length);

/* ASCII case-insensitive equality, as SQLite compares identifiers. */
bool ds_text_iequal(const char *a, const char *b);

/*
** Edit distance with transpositions, at most `limit` + 1 (then it stops counting);
** letters that differ only in case cost nothing extra beyond a tie-break of the caller.
*/
int ds_text_distance(const char *a, const char *b, int limit);

/*
** The candidate nearest to `name` for a "did you mean": NULL when none is near enough
** (more than a third of its letters wrong). Ties go to the first.
*/
const char *ds_text_nearest(const char *name, const char *const *candidates,
                            size_t count);

/* ---- json.c: the only user of cJSON ----------------------------------------------- */

/* A node of a parsed JSON text. The root is owned and freed with ds_json_free; every
** other node is borrowed from it. Object members keep their order; names are
** case-sensitive. */
typedef struct cJSON ds_json;

typedef enum ds_json_kind {
    DS_JSON_NULL,
    DS_JSON_BOOLEAN,
    DS_JSON_NUMBER,
    DS_JSON_STRING,
    DS_JSON_LIST,
    DS_JSON_OBJECT
} ds_json_kind;

/*
** Parse exactly one JSON text (RFC 8259, white space around it allowed).
** Errors: SQLITE_ERROR "malformed JSON at byte N", deeper than DS_MAX_JSON_DEPTH, longer
** than DS_MAX_JSON_BYTES, not UTF-8, a member named twice, a number beyond the range of a
** double, or U+0000 in a string (which the parser's C strings cannot hold: it would cut
** the value short).
*/
DS_MUST_USE int ds_json_parse(const char *text, size_t length, ds_json **out,
                              ds_err *err);
void ds_json_free(ds_json *root);

/*
** The part of ds_json_parse that needs no memory: is it one JSON text by RFC 8259, within the
** limits and without U+0000? Same messages; a member named twice and a number beyond a double
** pass. cJSON itself is lenient (control characters in strings, 01, 1.), so this stands before
** it. Bytes in messages are counted from 1.
*/
DS_MUST_USE int ds_json_check(const char *text, size_t length, ds_err *err);

ds_json_kind ds_json_type(const ds_json *node);
/* "null", "boolean", "number", "string", "list", "object": for messages. */
const char *ds_json_type_name(const ds_json *node);
/* Member of an object by exact name; NULL when absent or not an object. */
const ds_json *ds_json_get(const ds_json *object, const char *name);
/* First member or element, then the next one: NULL at the end. */
const ds_json *ds_json_child(const ds_json *node);
const ds_json *ds_json_next(const ds_json *node);
/* Name of an object's member, NULL for others. */
const char *ds_json_name(const ds_json *node);
size_t ds_json_count(const ds_json *node);
/* The string's text; NULL when it is not a string. */
const char *ds_json_string(const ds_json *node);
bool ds_json_boolean(const ds_json *node);
double ds_json_number(const ds_json *node);
/* True when the number is an integer that a double holds exactly (2^53 - 1 is the
** largest: cJSON has only doubles); *out is set then. */
bool ds_json_integer(const ds_json *node, int64_t *out);
/* Append the node's compact text. Doubles are printed so that they read back equal. */
void ds_json_print(const ds_json *node, ds_buf *out);

/* ---- digest.c: by libcrypto ------------------------------------------------------- */

#define DS_SHA1_SIZE   20
#define DS_SHA256_SIZE 32

/* The digest of `n` bytes; HMAC is that of SHA-256. SQLITE_ERROR when libcrypto cannot: it has no
** memory, or the system's policy forbids it. */
DS_MUST_USE int ds_digest_sha1(const void *bytes, size_t n,
                               unsigned char out[DS_SHA1_SIZE], ds_err *err);
DS_MUST_USE int ds_digest_sha256(const void *bytes, size_t n,
                                 unsigned char out[DS_SHA256_SIZE], ds_err *err);
DS_MUST_USE int ds_digest_hmac(const void *key, int key_n, const void *bytes, size_t n,
                               unsigned char out[DS_SHA256_SIZE], ds_err *err);

/* Append bytes as hexadecimal digits, lower case. */
void ds_buf_add_hex(ds_buf *buf, const void *bytes, size_t n);
/* Append bytes in base 64 (RFC 4648); is_url: with the alphabet for URLs, and no padding. */
void ds_buf_add_base64(ds_buf *buf, const void *bytes, size_t n, bool is_url);
/* Append the bytes that a text in base 64 stands for, in either alphabet, with or without padding. False, and
** nothing appended, for what is none. */
bool ds_buf_add_unbase64(ds_buf *buf, const char *text, size_t n);

/* ---- scan.c: JSON without a tree -------------------------------------------------- */

/*
** A place in a text of JSON, which is borrowed. Make it with ds_scan_begin; the functions move
** it on. When the structure is malformed (or nested deeper than DS_MAX_JSON_DEPTH),
** `is_broken` is set for good and the functions answer as at the end of everything:
**
**   ds_scan s = ds_scan_begin(text, length);
**   if (ds_scan_open(&s, '{')) {
**       while (ds_scan_next(&s, '}') && ds_scan_name(&s, &name) && ds_scan_value(&s, &value)) …
**   }
**   if (!ds_scan_end(&s)) … malformed
**
** Instead of taking a value, open it.
*/
typedef struct ds_scan {
    const char *at;
    const char *end;
    bool is_broken;
    bool is_fresh; /* just behind an opening bracket */
} ds_scan;

enum { DS_TOKEN_ESCAPES = 1, DS_TOKEN_WIDE = 2, DS_TOKEN_CONTROL = 4 };

/*
** One value, borrowed from the text. kind: '"', '0' for a number, 't', 'f', 'n', '[' or '{'.
** The text of a string is what is between its quotes, with DS_TOKEN_… in `inside`; that of a
** list or object is whole, and what is in it has not been judged but for its brackets.
*/
typedef struct ds_token {
    const char *text;
    size_t length;
    unsigned inside;
    char kind;
} ds_token;

ds_scan ds_scan_begin(const char *text, size_t length);
/* Enter a list or object: true when the next value is one; otherwise nothing moves. */
bool ds_scan_open(ds_scan *scan, char bracket);
/* Is there another element or member? Otherwise the closing bracket is left behind. */
bool ds_scan_next(ds_scan *scan, char closing);
/* The name of a member, and its colon. */
bool ds_scan_name(ds_scan *scan, ds_token *out);
/* The next value as a whole. */
bool ds_scan_value(ds_scan *scan, ds_token *out);
/* Was all of it well-formed, and nothing but white space is left? */
bool ds_scan_end(ds_scan *scan);

/* Is it that string (a name), without escapes? */
bool ds_token_is(const ds_token *token, const char *text);
/* The value of a number without fraction and exponent, in the range of int64_t; of any number in
** the range of a double, whatever the locale. False for others. */
bool ds_token_integer(const ds_token *token, int64_t *out);
bool ds_token_real(const ds_token *token, double *out);
/* The text of a string: UTF-8 without U+0000 and bare control characters; false for others. It is
** borrowed from the token or, where there are escapes, written to *room, which then moves on: a
** text that was scanned needs no more room than it has bytes. */
bool ds_token_text(const ds_token *token, char **room, const char **out,
                   size_t *out_length);

/* ---- env.c: clock and randomness, replaceable in tests ---------------------------- */

/* Milliseconds since 1970, UTC. */
int64_t ds_env_now_ms(void);
/* Fill `n` random bytes (SQLite's generator, seeded by the operating system). */
void ds_env_random(void *bytes, int n);
/* Tests only: a fixed clock (0 ends it). */
void ds_env_set_clock(int64_t fixed_ms);

#define DS_UUID_SIZE     37 /* with NUL */
#define DS_ULID_SIZE     27
#define DS_DATETIME_SIZE 25

typedef enum ds_id_format { DS_ID_UUID7, DS_ID_UUID4, DS_ID_ULID } ds_id_format;

/* A fresh id, lower-case, NUL-terminated. UUIDv7 (RFC 9562) and ULID begin with the time,
** so keys made later sort later. `out` holds DS_UUID_SIZE bytes. */
void ds_env_id(ds_id_format format, char *out);

/* Is it a UUID or a ULID, in either case: an id that no two makers come to by chance? */
bool ds_env_is_id(const char *text, int length);

/* AWSDateTime, UTC, milliseconds, DS_DATETIME_SIZE bytes: 2020-02-29T12:30:00.000Z */
void ds_env_datetime(int64_t ms, char *out);

/* ---- process.c: who else works with a file ---------------------------------------- */

#define DS_MACHINE_SIZE 96

/* A process. machine: tells one machine (and container) from another; started: when the process
** began, in ticks, so that a number that was given again is known; 0 where that is not told. */
typedef struct ds_process {
    int64_t pid;
    int64_t started;
    char machine[DS_MACHINE_SIZE];
} ds_process;

typedef enum ds_life { DS_LIFE_UNKNOWN, DS_LIFE_DEAD, DS_LIFE_ALIVE } ds_life;

void ds_process_self(ds_process *out);
/* Does it live, as far as `self` can tell? Of another machine's it is not known. */
ds_life ds_process_life(const ds_process *process, const ds_process *self);

#endif
