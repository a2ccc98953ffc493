/*
** A server for the tests of answers: records with three Int fields, versions and tombstones, and
** AppSync's ways with a stale version. What clients may rely on, as the service does it:
**
** - a create of a key that exists, be it as a tombstone, fails its condition;
** - OPTIMISTIC: an update of another version is a conflict, with the record;
** - AUTOMERGE: it is merged and succeeds. What the server has wins: every field of its record (BLIND),
**   or those that were changed since the version that the client knows (BY_VERSION). A deleted record
**   is not merged;
** - a delete of another version is a conflict in every case;
** - an update of a tombstone under its version brings the record back.
*/
#ifndef DS_TEST_CLOUD_H
#define DS_TEST_CLOUD_H

#include "sync_test.h"

#define CLOUD_RECORDS  8
#define CLOUD_FIELDS   3
#define CLOUD_VERSIONS 4096

typedef enum cloud_strategy { OPTIMISTIC, BLIND, BY_VERSION } cloud_strategy;
typedef enum cloud_result { CLOUD_OK, CLOUD_CONFLICT, CLOUD_CONDITION } cloud_result;

/* A value of 0 is null; an absent field is one that was never given. */
typedef struct cloud_state {
    int values[CLOUD_FIELDS];
    bool is_given[CLOUD_FIELDS];
    bool is_deleted;
} cloud_state;

typedef struct cloud_record {
    int version; /* 0: there is none */
    cloud_state history[CLOUD_VERSIONS];
} cloud_record;

static cloud_record cloud[CLOUD_RECORDS];
static cloud_strategy strategy;
static int64_t cloud_clock;

static const char *const cloud_fields[CLOUD_FIELDS] = {"a", "b", "c"};

static inline cloud_state *cloud_now(int record) {
    return &cloud[record].history[cloud[record].version];
}

static inline void cloud_clear(cloud_strategy how) {
    memset(cloud, 0, sizeof cloud);
    strategy = how;
    cloud_clock = 1000;
}

/* r0, r1, … */
static inline int cloud_index(const char *id) {
    return id[1] - '0';
}

/* Append a record as the service sends it, in one of its versions. */
static inline void cloud_print(int record, int version, ds_buf *out) {
    const cloud_state *s = &cloud[record].history[version];
    ds_buf_addf(out, "{\"id\":\"r%d\"", record);
    for (int i = 0; i < CLOUD_FIELDS; i++) {
        if (s->values[i]) {
            ds_buf_addf(out, ",\"%s\":%d", cloud_fields[i], s->values[i]);
        } else {
            ds_buf_addf(out, ",\"%s\":null", cloud_fields[i]);
        }
    }
    ds_buf_addf(out, ",\"_version\":%d,\"_lastChangedAt\":%lld,\"_deleted\":%s}", version,
                1000 + (int64_t)version, s->is_deleted ? "true" : "null");
}

/* Everything, as one page. */
static inline void cloud_page(ds_buf *out) {
    int n = 0;
    ds_buf_add(out, "[");
    for (int i = 0; i < CLOUD_RECORDS; i++) {
        if (cloud[i].version > 0) {
            ds_buf_add(out, n++ ? "," : "");
            cloud_print(i, cloud[i].version, out);
        }
    }
    ds_buf_add(out, "]");
}

/* What a mutation says. */
typedef struct cloud_input {
    int record;
    int version;
    int values[CLOUD_FIELDS];
    bool is_given[CLOUD_FIELDS];
} cloud_input;

static inline cloud_input cloud_parse(const char *json) {
    cloud_input in = {0};
    ds_json *root = NULL;
    int64_t number = 0;
    assert_int_equal(ds_json_parse(json, strlen(json), &root, NULL), SQLITE_OK);
    in.record = cloud_index(ds_json_string(ds_json_get(root, "id")));
    if (ds_json_get(root, "_version")) {
        assert_true(ds_json_integer(ds_json_get(root, "_version"), &number));
        in.version = (int)number;
    }
    for (int i = 0; i < CLOUD_FIELDS; i++) {
        const ds_json *value = ds_json_get(root, cloud_fields[i]);
        in.is_given[i] = value != NULL;
        if (value && ds_json_integer(value, &number)) {
            in.values[i] = (int)number;
        }
    }
    ds_json_free(root);
    return in;
}

static inline void cloud_put(int record, const cloud_state *state) {
    cloud[record].version++;
    assert_true(cloud[record].version < CLOUD_VERSIONS);
    *cloud_now(record) = *state;
}

/* Does the server keep its value of that field, against a client that knows `version`? */
static inline bool cloud_keeps(int record, int version, int field, bool is_stale) {
    const cloud_state *current = cloud_now(record);
    const cloud_state *known = &cloud[record].history[version];
    if (!is_stale) {
        return false;
    }
    return strategy == BLIND
               ? current->is_given[field]
               : version == 0 || current->values[field] != known->values[field];
}

static inline cloud_result cloud_update(const cloud_input *in) {
    cloud_state next = *cloud_now(in->record);
    bool is_stale = in->version != cloud[in->record].version;
    if (cloud[in->record].version == 0) {
        return CLOUD_CONDITION;
    }
    if (is_stale && (strategy == OPTIMISTIC || next.is_deleted)) {
        return CLOUD_CONFLICT;
    }
    for (int i = 0; i < CLOUD_FIELDS; i++) {
        if (in->is_given[i] && !cloud_keeps(in->record, in->version, i, is_stale)) {
            next.values[i] = in->values[i];
            next.is_given[i] = true;
        }
    }
    next.is_deleted = false;
    cloud_put(in->record, &next);
    return CLOUD_OK;
}

static inline cloud_result cloud_mutate(const char *operation, const char *json) {
    cloud_input in = cloud_parse(json);
    cloud_state next = *cloud_now(in.record);
    if (strncmp(operation, "create", 6) == 0) {
        if (cloud[in.record].version > 0) {
            return CLOUD_CONDITION;
        }
        memcpy(next.values, in.values, sizeof next.values);
        memcpy(next.is_given, in.is_given, sizeof next.is_given);
        cloud_put(in.record, &next);
        return CLOUD_OK;
    }
    if (strncmp(operation, "update", 6) == 0) {
        return cloud_update(&in);
    }
    if (in.version != cloud[in.record].version || in.version == 0) {
        return in.version == 0 ? CLOUD_CONDITION : CLOUD_CONFLICT;
    }
    next.is_deleted = true;
    cloud_put(in.record, &next);
    return CLOUD_OK;
}

#endif
