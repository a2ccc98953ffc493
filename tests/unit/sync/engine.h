/*
** Shared by the tests of the engine: a store in memory, a clock that stands still, and the API's side of
** a transcript. Each step says what the engine must ask for, and what the answer is:
**
**   start("{}");
**   int64_t id = expect("syncPosts", "{\"limit\":1000,…}");
**   give(id, "{\"data\":{…}}");
**   …
**   expect_end();
*/
#ifndef DS_TEST_ENGINE_H
#define DS_TEST_ENGINE_H

#include "sync_test.h"
#include "sync/engine_int.h"

#define ME "me"

static ds_engine *engine;
static ds_engine_options how;
static ds_effect effect;
static int64_t now; /* of the clock */

static const char blog[] = "type Post @model { id: ID! title: String! rating: Int\n"
                           "  comments: [Comment] @connection(name: \"PC\") }\n"
                           "type Comment @model { id: ID! content: String\n"
                           "  post: Post @connection(name: \"PC\") }\n";
static const char note[] = "type Note @model { id: ID! text: String }\n";

/* ---- begin and end ------------------------------------------------------------------------------- */

/* A configuration with an API key, and what `json` says besides. */
static inline ds_config *config_of(const char *json) {
    static const char usual[] =
        "{\"url\":\"https://x.test/graphql\",\"apiKey\":\"k\",\"authMode\":\"apiKey\"}";
    ds_config *empty = NULL, *first = NULL, *config = NULL;
    assert_int_equal(ds_config_new(&empty), SQLITE_OK);
    assert_int_equal(ds_config_merge(empty, usual, strlen(usual), &first, &err),
                     SQLITE_OK);
    assert_int_equal(ds_config_merge(first, json, strlen(json), &config, &err),
                     SQLITE_OK);
    ds_config_release(empty);
    ds_config_release(first);
    return config;
}

static inline void take_lease(const char *owner) {
    bool is_taken = false;
    char holder[DS_MAX_LEASE_OWNER];
    assert_int_equal(ds_lease_take(store, owner, &is_taken, holder, &err), SQLITE_OK);
    assert_true(is_taken);
}

static inline void set_now(int64_t at) {
    now = at;
    ds_env_set_clock(now);
}

/* A new cycle over the store as it is, as `how` says. */
static inline void start(const char *config_json) {
    ds_config *config = config_of(config_json);
    ds_engine_free(engine);
    engine = NULL;
    take_lease(ME);
    assert_int_equal(ds_engine_new(merger, config, &how, &engine, &err), SQLITE_OK);
    ds_config_release(config);
}

static inline int setup_engine(const char *schema) {
    open_store(schema);
    how = (ds_engine_options){.pull = true, .push = true, .attempts = 4, .owner = ME};
    set_now(NOW);
    return 0;
}

static inline int setup_blog(void **state) {
    (void)state;
    return setup_engine(blog);
}

static inline int setup_note(void **state) {
    (void)state;
    return setup_engine(note);
}

/* Notes that wait to be sent, and nothing to be pulled. */
static inline int setup_outbox(void **state) {
    (void)setup_note(state);
    how.pull = false;
    exec("INSERT INTO Note(id, text) VALUES ('a', '1'), ('b', '2'), ('c', '3'), ('d', "
         "'4')");
    return 0;
}

static inline int teardown_engine(void **state) {
    ds_engine_free(engine);
    engine = NULL;
    return teardown_store(state);
}

/* ---- the engine's side ------------------------------------------------------------------------------ */

static inline void next(ds_effect_kind kind) {
    int rc = ds_engine_next(engine, now, &effect, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
    assert_int_equal(effect.kind, kind);
}

/* The root fields of a document, as in "createPost updatePost". */
static inline void add_fields(const char *document, ds_buf *out) {
    const char *line = document;
    while (line != NULL && (line = strchr(line, '\n')) != NULL) {
        line++;
        bool is_root = strncmp(line, "  ", 2) == 0 && line[2] != ' ' && line[2] != '}';
        const char *field = line + 2, *alias = is_root ? strstr(field, ": ") : NULL;
        const char *open = is_root ? strchr(field, '(') : NULL;
        if (open != NULL) {
            field = alias != NULL && alias < open ? alias + 2 : field;
            ds_buf_add(out, out->length ? " " : "");
            ds_buf_add_bytes(out, field, (size_t)(open - field));
        }
    }
}

/* The next effect is a request for these root fields with these variables (NULL: any). Returns its id. */
static inline int64_t expect(const char *fields, const char *variables) {
    ds_json *root = NULL;
    ds_buf found;
    next(DS_EFFECT_POST);
    ds_buf_init(&found, DS_MAX_OUTPUT_BYTES);
    assert_int_equal(strlen(effect.body), effect.length);
    assert_int_equal(ds_json_parse(effect.body, effect.length, &root, &err), SQLITE_OK);
    add_fields(ds_json_string(ds_json_get(root, "query")), &found);
    assert_string_equal(ds_buf_text(&found), fields);
    ds_buf_clear(&found);
    ds_json_print(ds_json_get(root, "variables"), &found);
    if (variables != NULL) {
        assert_string_equal(ds_buf_text(&found), variables);
    }
    ds_buf_done(&found);
    ds_json_free(root);
    return effect.id;
}

/* A request for a page, with what differs from one to the next. */
static inline int64_t expect_page(const char *field, const char *token, int64_t since) {
    char variables[256];
    char quoted[100];
    sqlite3_snprintf(sizeof quoted, quoted, token ? "\"%s\"" : "null", token);
    sqlite3_snprintf(
        sizeof variables, variables,
        "{\"limit\":1000,\"nextToken\":%s,\"lastSync\":%lld,\"filter\":null}", quoted,
        since);
    return expect(field, variables);
}

/* There is nothing to do before an answer comes. */
static inline void expect_wait(void) {
    next(DS_EFFECT_WAIT);
    assert_true(effect.until == 0);
}

/* There is nothing to do for half of `most` to `most` milliseconds; then the clock stands there. */
static inline void expect_pause(int64_t most) {
    next(DS_EFFECT_WAIT);
    assert_true(effect.until >= now + most / 2);
    assert_true(effect.until <= now + most);
    set_now(effect.until);
}

static inline void expect_end(void) {
    next(DS_EFFECT_END);
    assert_int_equal(
        number_of("SELECT count(*) FROM datastore_outbox WHERE state = 'in_flight'"), 0);
}

static inline void check_summary(const char *expected) {
    ds_buf out;
    ds_buf_init(&out, DS_MAX_OUTPUT_BYTES);
    ds_engine_summary(engine, &out);
    assert_string_equal(ds_buf_text(&out), expected);
    ds_buf_done(&out);
}

static inline void check_verdict(int rc, const char *reason) {
    const char *found = NULL;
    assert_int_equal(ds_engine_verdict(engine, &found), rc);
    assert_string_equal(found ? found : "", reason);
}

/* ---- the API's side ----------------------------------------------------------------------------------- */

static inline ds_http_answer *answer_new(int64_t id) {
    ds_http_answer *made = sqlite3_malloc64(sizeof *made);
    if (made != NULL) {
        memset(made, 0, sizeof *made);
        made->id = id;
        made->was_sent = true;
        ds_buf_init(&made->body, DS_MAX_JSON_BYTES);
    }
    return made;
}

static inline void hand_in(ds_http_answer *made) {
    int rc = ds_engine_answer(engine, made, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
}

static inline ds_http_answer *answer_of(int64_t id, int status, const char *body) {
    ds_http_answer *made = answer_new(id);
    if (made != NULL) {
        made->status = status;
        sqlite3_snprintf(sizeof made->content_type, made->content_type,
                         "application/json");
        ds_buf_add(&made->body, body);
    }
    return made;
}

static inline void give_status(int64_t id, int status, const char *body) {
    hand_in(answer_of(id, status, body));
}

static inline void give(int64_t id, const char *body) {
    give_status(id, 200, body);
}

/* There is no answer. */
static inline void give_failure(int64_t id, ds_http_failure failure, bool was_sent) {
    ds_http_answer *made = answer_new(id);
    made->failure = failure;
    made->was_sent = was_sent;
    sqlite3_snprintf(sizeof made->reason, made->reason, "no answer (%d)", (int)failure);
    hand_in(made);
}

/* One page; `next` is NULL for the last. */
static inline char *page_text(const char *field, const char *items, const char *token) {
    return token ? sqlite3_mprintf("{\"data\":{\"%s\":{\"items\":%s,\"nextToken\":\"%s\","
                                   "\"startedAt\":%lld}}}",
                                   field, items, token, now)
                 : sqlite3_mprintf("{\"data\":{\"%s\":{\"items\":%s,\"nextToken\":null,"
                                   "\"startedAt\":%lld}}}",
                                   field, items, now);
}

static inline void give_page(int64_t id, const char *field, const char *items,
                             const char *token) {
    char *text = page_text(field, items, token);
    give(id, text);
    sqlite3_free(text);
}

/* A record of Note as the server sends it. */
#define NOTE(id, text, version)                                                          \
    "{\"id\":\"" id "\",\"text\":\"" text                                                \
    "\",\"createdAt\":\"2020-01-01T00:00:00.000Z\","                                     \
    "\"updatedAt\":\"2020-01-01T00:00:00.000Z\",\"_version\":" #version                  \
    ",\"_lastChangedAt\":1500000000000,\"_deleted\":null}"

#endif
