/*
** Verdicts; Amplify's conflict scenarios C1 to C22; and random scripts against a server, which must
** always end in agreement without losing anything.
*/
#include "cloud.h"

#include <stdio.h>

static const char schema[] =
    "type Rec @model { id: ID! a: Int b: Int c: Int"
    " kids: [Kid] @connection(name: \"RK\") }\n"
    "type Kid @model { id: ID! rec: Rec @connection(name: \"RK\") }\n"
    "type Up @model { id: ID! n: Int }\n";

static int setup(void **state) {
    (void)state;
    open_store(schema);
    return 0;
}

/* ---- verdicts ------------------------------------------------------------------------------------- */

#define DEAD "SELECT seq, id, op, error FROM datastore_dead_letter"

static void test_done(void **state) {
    (void)state;
    exec("INSERT INTO Rec(id, a) VALUES ('x', 1)");
    check_take(9, "1 createRec {\"id\":\"x\",\"a\":1}");
    done(1, "{\"id\":\"x\",\"a\":1,\"_version\":1}");
    check_rows("SELECT event, payload FROM datastore_hub WHERE event <> "
               "'outboxMutationEnqueued'",
               "outboxStatus|{\"isEmpty\":false}\n"
               "outboxMutationProcessed|{\"model\":\"Rec\",\"element\":{\"id\":\"x\","
               "\"a\":1,\"b\":null,"
               "\"c\":null,\"createdAt\":null,\"updatedAt\":null,\"_version\":1}}\n"
               "outboxStatus|{\"isEmpty\":true}");
    /* Twice is as good as once, and a number that nobody knows is nothing. */
    done(1, "{\"id\":\"x\",\"a\":1,\"_version\":1}");
    done(99, "{\"id\":\"x\",\"a\":1,\"_version\":1}");
    check_counts("0 0 0 0 0 0");
}

/* A success without a record says nothing; one that cannot be read neither. */
static void test_no_record(void **state) {
    (void)state;
    static const char *const records[] = {NULL,
                                          "null",
                                          "{}",
                                          "{\"id\":\"x\"}",
                                          "5",
                                          "{\"id\":\"other\",\"_version\":1}",
                                          "{\"id\":\"x\",\"a\":\"1\",\"_version\":1}"};
    static const char *const errors[] = {"the answer has no record",
                                         "the answer has no record",
                                         "a Rec came without its key \"id\"",
                                         "a Rec came without _version",
                                         "a Rec came as a number",
                                         "the answer is about another Rec",
                                         "Rec.a is a text that cannot be stored"};
    exec("INSERT INTO Rec(id, a) VALUES ('x', 1)");
    for (size_t i = 0; i < DS_COUNT(records); i++) {
        ds_env_set_clock(NOW + (int64_t)i * 1000000);
        char *text = take_text(9, 1000);
        assert_int_equal(n_taken, 1);
        sqlite3_free(text);
        done(1, records[i]);
        check_rows("SELECT error FROM datastore_outbox", errors[i]);
    }
    ds_env_set_clock(NOW + 10000000);
    check_take(9, "1? createRec {\"id\":\"x\",\"a\":1}");
}

/* What the server has comes along with the refusal, to go back to. */
static void test_refused(void **state) {
    (void)state;
    page("Rec", "[{\"id\":\"x\",\"a\":1,\"b\":1,\"_version\":1}]");
    exec("UPDATE Rec SET a = 2");
    check_take(9, "1 updateRec {\"id\":\"x\",\"a\":2,\"_version\":1}");
    answer(1, DS_VERDICT_REFUSED, "{\"id\":\"x\",\"a\":7,\"b\":7,\"_version\":4}",
           "a must be 7");
    check_rows(DEAD, "1|x|update|a must be 7");
    check_rows("SELECT a, b, _version, _status FROM Rec", "2|7|4|failed");
    check_rows("SELECT a FROM Rec_base", "7");
    check_rows(
        "SELECT event, payload FROM datastore_hub WHERE event = 'outboxMutationFailed'",
        "outboxMutationFailed|{\"model\":\"Rec\",\"operation\":\"update\",\"error\":\"a "
        "must be 7\","
        "\"request\":{\"operation\":\"updateRec\",\"input\":{\"id\":\"x\",\"a\":2,\"_"
        "version\":1}}}");
}

/* What depends on a refused create is held, and what comes behind it. */
static void test_held(void **state) {
    (void)state;
    exec("INSERT INTO Rec(id, a) VALUES ('x', 1), ('y', 1)");
    exec("INSERT INTO Kid(id, rec) VALUES ('k', 'x'), ('l', 'y')");
    check_take(9,
               "1 createRec {\"id\":\"x\",\"a\":1}\n2 createRec {\"id\":\"y\",\"a\":1}");
    exec("UPDATE Rec SET a = 5 WHERE id = 'x'");
    answer(1, DS_VERDICT_REFUSED, NULL, "no");
    check_rows("SELECT seq, state FROM datastore_outbox",
               "2|in_flight\n3|held\n4|pending\n5|held");
    exec("INSERT INTO Kid(id, rec) VALUES ('m', 'x')");
    check_take(9, "");
    check_rows("SELECT seq, state FROM datastore_outbox",
               "2|in_flight\n3|held\n4|pending\n5|held\n6|held");
    /* The server has it after all: everything goes on. */
    page("Rec", "[{\"id\":\"x\",\"a\":1,\"_version\":1}]");
    check_take(9, "3 createKid {\"id\":\"k\",\"kidRecId\":\"x\"}\n"
                  "5 updateRec {\"id\":\"x\",\"a\":5,\"_version\":1}\n"
                  "6 createKid {\"id\":\"m\",\"kidRecId\":\"x\"}");
}

/* A record that does not depend on the refused one any more is let go. */
static void test_held_no_more(void **state) {
    (void)state;
    exec("INSERT INTO Rec(id, a) VALUES ('x', 1)");
    exec("INSERT INTO Kid(id, rec) VALUES ('k', 'x'), ('l', 'x')");
    check_take(9, "1 createRec {\"id\":\"x\",\"a\":1}");
    answer(1, DS_VERDICT_REFUSED, NULL, "no");
    check_rows("SELECT seq, state FROM datastore_outbox", "2|held\n3|held");
    exec("UPDATE Kid SET rec = NULL WHERE id = 'k'");
    exec("DELETE FROM Kid WHERE id = 'l'");
    check_take(9, "2 createKid {\"id\":\"k\"}");
}

/* … and one whose row has moved on, while what is to be sent of it still depends on it. */
static void test_held_by_its_payload(void **state) {
    (void)state;
    page("Rec", "[{\"id\":\"y\",\"_version\":1}]");
    exec("INSERT INTO Rec(id, a) VALUES ('x', 1)");
    exec("INSERT INTO Kid(id, rec) VALUES ('k', 'x')");
    check_take(9, "1 createRec {\"id\":\"x\",\"a\":1}");
    answer(1, DS_VERDICT_REFUSED, NULL, "no");
    exec("SELECT datastore_save('Kid', '{\"id\":\"k\",\"rec\":\"y\"}', "
         "'{\"rec\":{\"eq\":\"x\"}}')");
    check_take(9, "");
    check_rows("SELECT seq, state FROM datastore_outbox", "2|held\n3|pending");
    exec("SELECT datastore_retry()");
    check_take(9, "1 createRec {\"id\":\"x\",\"a\":1}");
    done(1, "{\"id\":\"x\",\"a\":1,\"_version\":1}");
    check_take(9, "2 createKid {\"id\":\"k\",\"kidRecId\":\"x\"}");
}

/* What the server has under the key of a refused create can be deleted. */
static void test_deleted_another(void **state) {
    (void)state;
    exec("INSERT INTO Rec(id, a) VALUES ('x', 1)");
    check_take(9, "1 createRec {\"id\":\"x\",\"a\":1}");
    answer(1, DS_VERDICT_FOUND, "{\"id\":\"x\",\"a\":2,\"_version\":3}", NULL);
    exec("DELETE FROM Rec");
    check_take(9, "2 deleteRec {\"id\":\"x\",\"_version\":3}");
    check_rows(DEAD, "");
}

/* A refused change of a record that has gone meanwhile stays where it can be read. */
static void test_retried_without_a_row(void **state) {
    (void)state;
    page("Rec", "[{\"id\":\"x\",\"a\":1,\"b\":1,\"_version\":1}]");
    exec("UPDATE Rec SET a = 2");
    check_take(9, "1 updateRec {\"id\":\"x\",\"a\":2,\"_version\":1}");
    answer(1, DS_VERDICT_REFUSED, NULL, "no");
    exec("UPDATE Rec SET b = 2");
    set_policy(DS_POLICY_REMOTE, NULL);
    live("Rec", "{\"id\":\"x\",\"_version\":2,\"_deleted\":true}");
    check_rows("SELECT count(*) FROM Rec", "0");
    check_rows("SELECT datastore_retry()", "0");
    check_rows(DEAD, "1|x|update|no");
    check_rows("SELECT datastore_discard()", "1");
    check_rows("SELECT count(*) FROM Rec_base", "0");
}

/* The user takes a refused create back by deleting the row: nothing is left of it. */
static void test_deleted_after_refusal(void **state) {
    (void)state;
    exec("INSERT INTO Rec(id, a) VALUES ('x', 1)");
    check_take(9, "1 createRec {\"id\":\"x\",\"a\":1}");
    exec("DELETE FROM Rec");
    answer(1, DS_VERDICT_REFUSED, NULL, "no");
    check_rows(UNSENT, "0");
    exec("INSERT INTO Rec(id, a) VALUES ('y', 1)");
    check_take(9, "3 createRec {\"id\":\"y\",\"a\":1}");
    answer(3, DS_VERDICT_REFUSED, NULL, "no");
    exec("UPDATE Rec SET a = 2; DELETE FROM Rec");
    check_take(9, "");
    check_rows(UNSENT, "0");
}

/* W15: a create whose answer was lost is found on the server. */
static void test_found(void **state) {
    (void)state;
    exec("INSERT INTO Rec(id, a) VALUES ('x', 1)");
    check_take(9, "1 createRec {\"id\":\"x\",\"a\":1}");
    answer(1, DS_VERDICT_FOUND, "{\"id\":\"x\",\"a\":1,\"b\":null,\"_version\":1}",
           "exists");
    check_rows("SELECT a, _version, _status FROM Rec", "1|1|synced");
}

/* … also where it was changed since. */
static void test_found_changed(void **state) {
    (void)state;
    exec("INSERT INTO Rec(id, a) VALUES ('x', 1)");
    check_take(9, "1 createRec {\"id\":\"x\",\"a\":1}");
    answer(1, DS_VERDICT_UNCLEAR, NULL, NULL);
    ds_env_set_clock(NOW + 1000000);
    check_take(9, "1? createRec {\"id\":\"x\",\"a\":1}");
    answer(1, DS_VERDICT_FOUND, "{\"id\":\"x\",\"a\":1,\"b\":5,\"_version\":3}",
           "exists");
    check_rows("SELECT a, b, _version, _status FROM Rec", "1|5|3|synced");
}

static void test_found_another(void **state) {
    (void)state;
    exec("INSERT INTO Rec(id, a) VALUES ('x', 1)");
    check_take(9, "1 createRec {\"id\":\"x\",\"a\":1}");
    answer(1, DS_VERDICT_FOUND, "{\"id\":\"x\",\"a\":2,\"_version\":1}", NULL);
    check_rows(DEAD, "1|x|create|the server has another record with this key");
    check_rows("SELECT a, _version, _status FROM Rec", "1|1|failed");
    check_rows("SELECT a FROM Rec_base", "2");
}

static void test_found_nothing(void **state) {
    (void)state;
    page("Rec", "[{\"id\":\"x\",\"a\":1,\"_version\":1}]");
    exec("UPDATE Rec SET a = 2");
    check_take(9, "1 updateRec {\"id\":\"x\",\"a\":2,\"_version\":1}");
    answer(1, DS_VERDICT_FOUND, NULL, NULL);
    check_rows(DEAD, "1|x|update|the server has no such record");
}

/* A conditional update was carried out, its answer lost, and its condition does not hold any more. */
static void test_found_condition(void **state) {
    (void)state;
    page("Rec", "[{\"id\":\"x\",\"a\":1,\"_version\":1}]");
    exec("SELECT datastore_save('Rec', '{\"id\":\"x\",\"a\":2}', '{\"a\":{\"eq\":1}}')");
    check_take(9, "1 updateRec {\"id\":\"x\",\"a\":2,\"_version\":1} if "
                  "{\"and\":[{\"a\":{\"eq\":1}}]}");
    answer(1, DS_VERDICT_UNCLEAR, NULL, NULL);
    ds_env_set_clock(NOW + 1000000);
    check_take(9, "1? updateRec {\"id\":\"x\",\"a\":2,\"_version\":1} if "
                  "{\"and\":[{\"a\":{\"eq\":1}}]}");
    answer(1, DS_VERDICT_FOUND, "{\"id\":\"x\",\"a\":2,\"_version\":2}", "condition");
    check_rows("SELECT a, _version, _status FROM Rec", "2|2|synced");
}

static void test_found_deleted(void **state) {
    (void)state;
    page("Rec", "[{\"id\":\"x\",\"a\":1,\"_version\":1}]");
    exec("DELETE FROM Rec");
    check_take(9, "1 deleteRec {\"id\":\"x\",\"_version\":1}");
    answer(1, DS_VERDICT_FOUND, "{\"id\":\"x\",\"a\":1,\"_version\":2,\"_deleted\":true}",
           "condition");
    check_rows(UNSENT, "0");
    check_rows("SELECT count(*) FROM Rec_base", "0");
}

/* The server has forgotten the record, its tombstone, too: what is made anew begins with version 1. */
static void test_deleted_and_forgotten(void **state) {
    (void)state;
    page("Rec", "[{\"id\":\"x\",\"a\":1,\"_version\":4}]");
    exec("DELETE FROM Rec");
    check_take(9, "1 deleteRec {\"id\":\"x\",\"_version\":4}");
    exec("INSERT INTO Rec(id, a) VALUES ('x', 2)");
    answer(1, DS_VERDICT_FOUND, NULL, "condition");
    check_rows(DEAD, "");
    check_rows("SELECT count(*) FROM Rec_base", "0");
    check_take(9, "2 createRec {\"id\":\"x\",\"a\":2}");
    done(2, "{\"id\":\"x\",\"a\":2,\"_version\":1}");
    check_rows("SELECT a, _version, _status FROM Rec", "2|1|synced");
    exec("DELETE FROM Rec");
    check_take(9, "3 deleteRec {\"id\":\"x\",\"_version\":1}");
    answer(3, DS_VERDICT_FOUND, NULL, "condition");
    page("Rec", "[{\"id\":\"x\",\"a\":3,\"_version\":1}]");
    check_rows("SELECT a, _version, _status FROM Rec", "3|1|synced");
}

static void test_conflict_without_record(void **state) {
    (void)state;
    page("Rec", "[{\"id\":\"x\",\"a\":1,\"_version\":1}]");
    exec("UPDATE Rec SET a = 2");
    check_take(9, "1 updateRec {\"id\":\"x\",\"a\":2,\"_version\":1}");
    answer(1, DS_VERDICT_CONFLICT, NULL, NULL);
    check_rows(OUTBOX,
               "1|Rec|x|update|[\"a\"]|pending|1|the record is newer on the server");
}

/* It must not stay on its way for ever. */
static void test_conflict_with_a_tombstone(void **state) {
    (void)state;
    exec("INSERT INTO Rec(id, a) VALUES ('x', 1)");
    check_take(9, "1 createRec {\"id\":\"x\",\"a\":1}");
    answer(1, DS_VERDICT_CONFLICT,
           "{\"id\":\"x\",\"a\":1,\"_version\":5,\"_deleted\":true}", NULL);
    check_rows("SELECT count(*) FROM datastore_outbox", "0");
    check_rows("SELECT seq, op, error FROM datastore_dead_letter",
               "1|create|the record was deleted on the server");
}

/* ---- a client against the server -------------------------------------------------------------------- */

/* Mutations on their way, and events that were not delivered yet. */
typedef struct sent {
    int64_t seq;
    char operation[16];
    char input[256];
    bool is_unclear;
} sent;

typedef struct event {
    int record;
    int version;
} event;

static sent way[MAX_TAKEN];
static int n_way;
static event events[CLOUD_VERSIONS];
static int n_events;
static int n_updates;

static void forget_all(void) {
    n_way = n_events = n_updates = 0;
}

/* Take what may be sent. */
static void send_some(int count) {
    ds_batch batch;
    const ds_take_limits limits = {count, 100000, ds_env_now_ms()};
    begin();
    end(ds_outbox_take(ds_merger_records(merger), &limits, &batch, &err));
    for (int i = 0; i < batch.n; i++) {
        const ds_mutation *m = &batch.items[i];
        sent *s = &way[n_way++];
        s->seq = m->seq;
        s->is_unclear = m->is_unclear;
        sqlite3_snprintf(sizeof s->operation, s->operation, "%s",
                         ds_graphql_field(m->model, m->operation));
        sqlite3_snprintf(sizeof s->input, s->input, "%s", m->input);
        assert_true(strlen(m->input) < sizeof s->input - 1);
    }
    ds_batch_done(&batch);
}

static void publish(int record) {
    events[n_events++] = (event){record, cloud[record].version};
}

static sent remove_sent(int at) {
    sent s = way[at];
    memmove(&way[at], &way[at + 1], (size_t)(--n_way - at) * sizeof *way);
    return s;
}

static void answer_with(const sent *s, ds_verdict verdict, int version) {
    ds_buf json;
    int record = cloud_parse(s->input).record;
    ds_buf_init(&json, 10000);
    if (version > 0) {
        cloud_print(record, version, &json);
    }
    answer(s->seq, verdict, version > 0 ? ds_buf_text(&json) : NULL,
           verdict == DS_VERDICT_DONE ? NULL : "refused");
    ds_buf_done(&json);
}

/* The server carries out a mutation; true when that is published. */
static cloud_result carry_out(const sent *s) {
    cloud_result result = cloud_mutate(s->operation, s->input);
    n_updates += strncmp(s->operation, "update", 6) == 0;
    if (result == CLOUD_OK) {
        publish(cloud_parse(s->input).record);
    }
    return result;
}

/* As the engine does it: a failed condition is looked into where it may be the client's own doing. */
static void deliver_answer(const sent *s, cloud_result result, int version) {
    static const ds_verdict verdicts[] = {DS_VERDICT_DONE, DS_VERDICT_CONFLICT,
                                          DS_VERDICT_FOUND};
    answer_with(s, verdicts[result], version);
}

static void serve(int at) {
    sent s = remove_sent(at);
    cloud_result result = carry_out(&s);
    deliver_answer(&s, result, cloud[cloud_parse(s.input).record].version);
}

static void deliver_event(int at) {
    ds_buf json;
    event e = events[at];
    memmove(&events[at], &events[at + 1], (size_t)(--n_events - at) * sizeof *events);
    ds_buf_init(&json, 10000);
    cloud_print(e.record, e.version, &json);
    live("Rec", ds_buf_text(&json));
    ds_buf_done(&json);
}

static void sync_page(void) {
    ds_buf json;
    ds_buf_init(&json, 100000);
    cloud_page(&json);
    page("Rec", ds_buf_text(&json));
    ds_buf_done(&json);
}

/* Until nothing is on its way any more. */
static void settle_all(void) {
    for (int i = 0; i < 1000; i++) {
        ds_env_set_clock(ds_env_now_ms() + 1000000);
        send_some(4);
        if (n_way == 0 && n_events == 0) {
            return;
        }
        while (n_way > 0) {
            serve(0);
        }
        while (n_events > 0) {
            deliver_event(0);
        }
    }
    fail_msg("it does not come to an end");
}

/* The rows are the server's, and nothing is unsent. */
static void check_agreement(void) {
    ds_buf expected;
    int n = 0;
    ds_buf_init(&expected, 10000);
    for (int i = 0; i < CLOUD_RECORDS; i++) {
        const cloud_state *s = cloud_now(i);
        if (cloud[i].version > 0 && !s->is_deleted) {
            ds_buf_addf(&expected, "%sr%d|%d|%d|%d|%d|synced", n++ ? "\n" : "", i,
                        s->values[0], s->values[1], s->values[2], cloud[i].version);
        }
    }
    check_rows(
        "SELECT id, coalesce(a, 0), coalesce(b, 0), coalesce(c, 0), _version, _status"
        " FROM Rec ORDER BY id",
        ds_buf_text(&expected));
    ds_buf_done(&expected);
    check_rows("SELECT count(*) FROM datastore_outbox", "0");
    check_rows("SELECT count(*) FROM Rec_base", "0");
}

/* ---- Amplify's scenarios ---------------------------------------------------------------------------- */

/*
** a is the title: 10 at first, then 1, 2 and 3 by the local client; b is the blog. Letters of a script:
** u the next local change; t send; x the server carries out and answers; e its events arrive;
** s settle; T, B: the second client changes title to 99 or blog to 77 under the version that the
** digit behind it says.
*/
static void play(const char *script) {
    char sql[64];
    int revision = 0;
    for (const char *p = script; *p; p++) {
        cloud_input in = {.record = 0, .version = p[1] - '0'};
        switch (*p) {
        case 'u':
            sqlite3_snprintf(sizeof sql, sql, "UPDATE Rec SET a = %d", ++revision);
            exec(sql);
            break;
        case 't':
            send_some(4);
            break;
        case 'x':
            serve(0);
            break;
        case 'e':
            while (n_events > 0) {
                deliver_event(0);
            }
            break;
        case 's':
            settle_all();
            break;
        default:
            in.is_given[*p == 'B'] = true;
            in.values[*p == 'B'] = *p == 'B' ? 77 : 99;
            assert_int_equal(cloud_update(&in), CLOUD_OK);
            n_updates++;
            publish(0);
            p++;
        }
    }
}

typedef struct scenario {
    const char *name;
    cloud_strategy strategy;
    const char *script;
    int updates; /* of both clients */
    int version; /* in the end */
    int title;
    int blog;
    int first_blog; /* 0: never set */
} scenario;

/* Where Amplify's client loses a change (C7, C8, C11 to C14, C19 to C21) ours keeps both. */
static const scenario scenarios[] = {
    {"C1", BLIND, "sutuuxs", 2, 3, 3, 0, 0},
    {"C2", BLIND, "sutxutxutxs", 3, 4, 3, 0, 0},
    {"C3", BLIND, "uuus", 0, 1, 3, 0, 0},
    {"C4", BLIND, "uuuts", 0, 1, 3, 0, 0},
    {"C5", BLIND, "susususe", 3, 4, 3, 0, 0},
    {"C6", BLIND, "sutxesutxesutxes", 3, 4, 3, 0, 0},
    {"C7", BLIND, "sutuuT1xes", 3, 4, 3, 0, 0},
    {"C8", BLIND, "sutxT1utxuts", 4, 5, 3, 0, 0},
    {"C9", BLIND, "sususT3eus", 4, 5, 3, 0, 0},
    {"C10", BLIND, "sutxesutxesT3esutxes", 4, 5, 3, 0, 0},
    {"C11", BLIND, "sutuuB1xes", 3, 4, 3, 77, 0},
    {"C12", BLIND, "sutxuuB1txs", 4, 5, 3, 77, 0},
    {"C13", BLIND, "sutxB1utxuts", 4, 5, 3, 77, 0},
    {"C14", BY_VERSION, "sutxB1utxuts", 4, 5, 3, 77, 55},
    {"C15", BLIND, "sususB3eus", 4, 5, 3, 77, 0},
    {"C16", OPTIMISTIC, "suT1tuuxes", 3, 3, 3, 0, 0},
    {"C17", OPTIMISTIC, "sutxuT2tuxs", 4, 4, 3, 0, 0},
    {"C18", OPTIMISTIC, "sususT3eus", 4, 5, 3, 0, 0},
    {"C19", OPTIMISTIC, "suB1tuuxes", 3, 3, 3, 77, 0},
    {"C20", OPTIMISTIC, "sutxuuB2txs", 4, 4, 3, 77, 0},
    {"C21", OPTIMISTIC, "sutxuB2tuxs", 4, 4, 3, 77, 55},
    {"C22", OPTIMISTIC, "sususB3eus", 4, 5, 3, 77, 55},
};

static void test_scenarios(void **state) {
    (void)state;
    for (size_t i = 0; i < DS_COUNT(scenarios); i++) {
        const scenario *s = &scenarios[i];
        char found[64], expected[64], sql[96];
        cloud_clear(s->strategy);
        forget_all();
        exec("DELETE FROM Rec_rows; DELETE FROM datastore_journal; DELETE FROM "
             "datastore_mutations;"
             "DELETE FROM Rec_base; DELETE FROM datastore_tombstones");
        sqlite3_snprintf(sizeof sql, sql,
                         "INSERT INTO Rec(id, a, b) VALUES ('r0', 10, nullif(%d, 0))",
                         s->first_blog);
        exec(sql);
        play(s->script);
        check_agreement();
        sqlite3_snprintf(sizeof found, found, "%s: %d updates, v%d, %d, %d", s->name,
                         n_updates, cloud[0].version, cloud_now(0)->values[0],
                         cloud_now(0)->values[1]);
        sqlite3_snprintf(sizeof expected, expected, "%s: %d updates, v%d, %d, %d",
                         s->name, s->updates, s->version, s->title,
                         s->blog ? s->blog : s->first_blog);
        assert_string_equal(found, expected);
    }
}

/* ---- random scripts ------------------------------------------------------------------------------------ */

static uint64_t seed;

static int chance(int n) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int)((seed >> 33) % (uint64_t)n);
}

/* Every value is written once only, by a client or by the others: so it is known whose it is. */
static int last_value;
static bool is_ours[CLOUD_VERSIONS * 8];
/* Our last value that reached the server, and the last that was written here. */
static int newest[CLOUD_RECORDS][CLOUD_FIELDS];
static int last_word[CLOUD_RECORDS][CLOUD_FIELDS];

static int new_value(bool ours) {
    is_ours[++last_value] = ours;
    return last_value;
}

/* Write `values` (0: not that one) into a record that exists, or a new one. */
static void write_here(int record, const int *values, bool is_new) {
    char sql[200];
    int n = 0;
    char names[64] = "", list[64] = "", sets[128] = "";
    for (int i = 0; i < CLOUD_FIELDS; i++) {
        if (values[i] != 0) {
            snprintf(names + strlen(names), sizeof names - strlen(names), ", %s",
                     cloud_fields[i]);
            snprintf(list + strlen(list), sizeof list - strlen(list), ", %d", values[i]);
            snprintf(sets + strlen(sets), sizeof sets - strlen(sets), "%s%s = %d",
                     n++ ? ", " : "", cloud_fields[i], values[i]);
        }
    }
    if (is_new) {
        snprintf(sql, sizeof sql, "INSERT OR IGNORE INTO Rec(id%s) VALUES ('r%d'%s)",
                 names, record, list);
    } else {
        snprintf(sql, sizeof sql, "UPDATE Rec SET %s WHERE id = 'r%d'", sets, record);
    }
    exec("DELETE FROM temp.before; INSERT INTO temp.before SELECT * FROM Rec_rows");
    exec(sql);
    snprintf(sql, sizeof sql,
             "SELECT EXISTS (SELECT * FROM Rec_rows WHERE id = 'r%d' EXCEPT SELECT * "
             "FROM temp.before)",
             record);
    for (int i = 0; number_of(sql) && i < CLOUD_FIELDS; i++) {
        last_word[record][i] = values[i] ? values[i] : last_word[record][i];
    }
}

static void change_here(void) {
    char sql[64];
    int record = chance(CLOUD_RECORDS);
    int values[CLOUD_FIELDS] = {0};
    int kind = chance(8);
    values[chance(CLOUD_FIELDS)] = new_value(true);
    if (kind == 0) {
        sqlite3_snprintf(sizeof sql, sql, "DELETE FROM Rec WHERE id = 'r%d'", record);
        exec(sql);
        memset(last_word[record], 0, sizeof last_word[record]);
        return;
    }
    if (kind == 3) {
        values[chance(CLOUD_FIELDS)] = new_value(true);
    }
    write_here(record, values, kind < 3);
}

/* Another client, which always knows the newest version. */
static void change_there(void) {
    int record = chance(CLOUD_RECORDS), field = chance(CLOUD_FIELDS);
    char json[96];
    if (cloud[record].version == 0) {
        sqlite3_snprintf(sizeof json, json, "{\"id\":\"r%d\",\"%s\":%d}", record,
                         cloud_fields[field], new_value(false));
        assert_int_equal(cloud_mutate("createRec", json), CLOUD_OK);
    } else if (chance(6) == 0 && !cloud_now(record)->is_deleted) {
        sqlite3_snprintf(sizeof json, json, "{\"id\":\"r%d\",\"_version\":%d}", record,
                         cloud[record].version);
        assert_int_equal(cloud_mutate("deleteRec", json), CLOUD_OK);
    } else {
        sqlite3_snprintf(sizeof json, json, "{\"id\":\"r%d\",\"%s\":%d,\"_version\":%d}",
                         record, cloud_fields[field], new_value(false),
                         cloud[record].version);
        assert_int_equal(cloud_mutate("updateRec", json), CLOUD_OK);
    }
    publish(record);
}

/* What we send is what was written here, and never goes back: a value of another client's that we send
** would undo a third one's change, an older one of ours a newer one. */
static void check_sent(const sent *s) {
    cloud_input in = cloud_parse(s->input);
    for (int i = 0; i < CLOUD_FIELDS; i++) {
        if (in.is_given[i] && in.values[i] != 0) {
            assert_true(is_ours[in.values[i]]);
            assert_true(in.values[i] >= newest[in.record][i]);
        }
    }
}

/* The server carries it out, unless it never gets there; the answer arrives, unless it is lost. */
static void serve_badly(int at) {
    sent s = remove_sent(at);
    int luck = chance(10);
    cloud_input in = cloud_parse(s.input);
    check_sent(&s);
    if (luck < 2) {
        answer(s.seq, luck ? DS_VERDICT_LATER : DS_VERDICT_UNCLEAR, NULL, "bad luck");
        return;
    }
    cloud_result result = carry_out(&s);
    for (int i = 0; result == CLOUD_OK && i < CLOUD_FIELDS; i++) {
        if (in.is_given[i] && cloud_now(in.record)->values[i] == in.values[i]) {
            newest[in.record][i] = in.values[i];
        }
    }
    if (luck < 4) {
        answer(s.seq, DS_VERDICT_UNCLEAR, NULL, "lost answer");
        return;
    }
    deliver_answer(&s, result, cloud[in.record].version);
}

/* The process is killed: what is on its way may still arrive, and nobody hears of it. */
static void kill(void) {
    while (n_way > 0) {
        sent s = remove_sent(0);
        if (chance(2)) {
            (void)carry_out(&s);
        }
    }
    ds_merger_free(merger);
    merger = NULL;
    set_policy(DS_POLICY_MERGE, NULL);
    begin();
    end(ds_outbox_recover(ds_merger_records(merger), &err));
}

/* What is about to be discarded is no last word any more. */
static void forget_failed(void) {
    char sql[96];
    for (int r = 0; r < CLOUD_RECORDS; r++) {
        sqlite3_snprintf(sizeof sql, sql,
                         "SELECT count(*) FROM datastore_dead_letter WHERE id = 'r%d'",
                         r);
        if (number_of(sql) > 0) {
            memset(last_word[r], 0, sizeof last_word[r]);
        }
    }
}

/* The dead letter is tried again or given up, until it is empty. */
static void empty_dead_letter(void) {
    for (int i = 0; number_of("SELECT count(*) FROM datastore_dead_letter") > 0; i++) {
        assert_true(i < 50);
        if (i >= 3) {
            forget_failed();
        }
        exec(i < 3 ? "SELECT datastore_retry()" : "SELECT datastore_discard()");
        settle_all();
    }
}

/* Every last word has reached the server, whoever had another one after it. */
static void check_nothing_lost(void) {
    for (int r = 0; r < CLOUD_RECORDS; r++) {
        for (int f = 0; f < CLOUD_FIELDS; f++) {
            bool is_found = last_word[r][f] == 0;
            for (int v = 1; v <= cloud[r].version && !is_found; v++) {
                is_found = cloud[r].history[v].values[f] == last_word[r][f];
            }
            if (!is_found) {
                print_error("r%d.%s = %d is lost\n", r, cloud_fields[f], last_word[r][f]);
            }
            assert_true(is_found);
        }
    }
}

static void play_at_random(int steps) {
    for (int i = 0; i < steps; i++) {
        ds_env_set_clock(ds_env_now_ms() + chance(100000));
        switch (chance(12)) {
        case 0:
        case 1:
        case 2:
            change_here();
            break;
        case 3:
        case 4:
            change_there();
            break;
        case 5:
        case 6:
            if (n_way < MAX_TAKEN - 8) {
                send_some(1 + chance(4));
            }
            break;
        case 7:
        case 8:
            if (n_way > 0) {
                serve_badly(chance(n_way));
            }
            break;
        case 9:
            if (n_events > 0) {
                deliver_event(chance(n_events)); /* in any order */
            }
            break;
        case 10:
            if (chance(4) == 0) {
                sync_page();
            }
            break;
        default:
            if (chance(20) == 0) {
                kill();
            }
        }
    }
}

static void test_random_scripts(void **state) {
    (void)state;
    const char *rounds = getenv("ROUNDS"); /* for a long night */
    exec("CREATE TEMP TABLE before AS SELECT * FROM Rec_rows");
    for (int round = 0; round < (rounds ? atoi(rounds) : 60); round++) {
        seed = (uint64_t)round + 1;
        cloud_clear((cloud_strategy)(round % 3));
        forget_all();
        last_value = 0;
        memset(newest, 0, sizeof newest);
        memset(last_word, 0, sizeof last_word);
        exec("SELECT datastore_clear('{\"force\":true}')");
        play_at_random(400);
        settle_all();
        sync_page();
        settle_all();
        empty_dead_letter();
        sync_page();
        check_agreement();
        check_nothing_lost();
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown_store)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_done),
        TEST(test_no_record),
        TEST(test_refused),
        TEST(test_held),
        TEST(test_held_no_more),
        TEST(test_held_by_its_payload),
        TEST(test_deleted_another),
        TEST(test_retried_without_a_row),
        TEST(test_deleted_after_refusal),
        TEST(test_found),
        TEST(test_found_changed),
        TEST(test_found_another),
        TEST(test_found_nothing),
        TEST(test_found_condition),
        TEST(test_found_deleted),
        TEST(test_deleted_and_forgotten),
        TEST(test_conflict_without_record),
        TEST(test_conflict_with_a_tombstone),
        TEST(test_scenarios),
        TEST(test_random_scripts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
