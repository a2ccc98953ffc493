/*
** The server of cloud.h as the engine meets it: the body of a request in, the body of an answer out. Its one
** model is Rec; pages have two records.
*/
#ifndef DS_TEST_API_H
#define DS_TEST_API_H

#include "cloud.h"
#include "engine.h"

#include <stdio.h>

static const char rec[] = "type Rec @model { id: ID! a: Int b: Int c: Int }";

/* Which aliases of the next document are answered with "slow down", and not carried out: a bit each. */
static unsigned api_throttled;

static inline void api_error(ds_buf *errors, const char *alias, const char *type,
                             const char *data) {
    ds_buf_addf(errors, "%s{\"path\":[\"%s\"],\"errorType\":\"%s\",\"message\":\"no\"",
                errors->length ? "," : "", alias, type);
    if (data != NULL) {
        ds_buf_addf(errors, ",\"data\":%s", data);
    }
    ds_buf_add(errors, "}");
}

static inline void api_record(int record, ds_buf *out) {
    if (cloud[record].version > 0) {
        cloud_print(record, cloud[record].version, out);
    } else {
        ds_buf_add(out, "null");
    }
}

static inline void api_page(const ds_json *variables, ds_buf *out) {
    const char *token = ds_json_string(ds_json_get(variables, "nextToken"));
    int at = token ? atoi(token) : 0, n = 0;
    ds_buf_add(out, "{\"items\":[");
    for (; at < CLOUD_RECORDS && n < 2; at++) {
        if (cloud[at].version > 0) {
            ds_buf_add(out, n++ ? "," : "");
            api_record(at, out);
        }
    }
    ds_buf_add(out, "],\"nextToken\":");
    if (at < CLOUD_RECORDS) {
        ds_buf_addf(out, "\"%d\"", at);
    } else {
        ds_buf_add(out, "null");
    }
    ds_buf_addf(out, ",\"startedAt\":%lld}", now);
}

static inline void api_mutate(const char *field, const char *alias, const char *input,
                              ds_buf *out, ds_buf *errors) {
    ds_buf record;
    ds_buf_init(&record, 10000);
    cloud_result result = cloud_mutate(field, input);
    api_record(cloud_parse(input).record, &record);
    ds_buf_add(out, result == CLOUD_OK ? ds_buf_text(&record) : "null");
    if (result == CLOUD_CONFLICT) {
        bool has_data = cloud_parse(input).version % 2 == 0;
        api_error(errors, alias, "ConflictUnhandled",
                  has_data ? ds_buf_text(&record) : NULL);
    } else if (result == CLOUD_CONDITION) {
        api_error(errors, alias, "DynamoDB:ConditionalCheckFailedException", NULL);
    }
    ds_buf_done(&record);
}

/* One root field, the at-th; `suffix` is that of its variables. */
static inline void api_field(const char *field, const char *alias, const char *suffix,
                             int at, const ds_json *variables, ds_buf *out,
                             ds_buf *errors) {
    char name[32];
    ds_buf input;
    ds_buf_init(&input, 10000);
    ds_buf_addf(out, "%s\"%s\":", at > 0 ? "," : "", alias);
    if (strncmp(field, "sync", 4) == 0) {
        api_page(variables, out);
    } else if (strncmp(field, "get", 3) == 0) {
        sqlite3_snprintf(sizeof name, name, "id%s", suffix);
        api_record(cloud_index(ds_json_string(ds_json_get(variables, name))), out);
    } else if (api_throttled >> at & 1) {
        ds_buf_add(out, "null");
        api_error(errors, alias, "ThrottlingException", NULL);
    } else {
        sqlite3_snprintf(sizeof name, name, "input%s", suffix);
        ds_json_print(ds_json_get(variables, name), &input);
        api_mutate(field, alias, ds_buf_text(&input), out, errors);
    }
    ds_buf_done(&input);
}

/* The root fields of a document, by what add_fields finds. */
static inline void api_fields(const char *fields, const ds_json *variables, ds_buf *out,
                              ds_buf *errors) {
    bool is_alone = strchr(fields, ' ') == NULL;
    char field[64], alias[64], suffix[16] = "";
    int length = 0;
    for (int i = 0; sscanf(fields, " %63s%n", field, &length) == 1; i++) {
        fields += length;
        sqlite3_snprintf(sizeof alias, alias, is_alone ? "%s" : "m%d", field);
        if (!is_alone) {
            sqlite3_snprintf(sizeof alias, alias, "m%d", i);
            sqlite3_snprintf(sizeof suffix, suffix, "_%d", i);
        }
        api_field(field, alias, suffix, i, variables, out, errors);
    }
}

/* Carry a request out. *out is to be freed. */
static inline void api_carry_out(const char *body, char **out) {
    ds_json *root = NULL;
    ds_buf fields, data, errors, all;
    ds_buf_init(&fields, 100000);
    ds_buf_init(&data, 1000000);
    ds_buf_init(&errors, 100000);
    ds_buf_init(&all, 1000000);
    assert_int_equal(ds_json_parse(body, strlen(body), &root, NULL), SQLITE_OK);
    add_fields(ds_json_string(ds_json_get(root, "query")), &fields);
    api_fields(ds_buf_text(&fields), ds_json_get(root, "variables"), &data, &errors);
    ds_buf_addf(&all, "{\"data\":{%s}", ds_buf_text(&data));
    if (errors.length > 0) {
        ds_buf_addf(&all, ",\"errors\":[%s]", ds_buf_text(&errors));
    }
    ds_buf_add(&all, "}");
    assert_int_equal(ds_buf_take(&all, out), SQLITE_OK);
    ds_json_free(root);
    ds_buf_done(&fields);
    ds_buf_done(&data);
    ds_buf_done(&errors);
    api_throttled = 0;
}

/* What is here, and what the server has, record by record. */
static inline void check_agreement(void) {
    ds_buf there;
    ds_buf_init(&there, 100000);
    for (int i = 0; i < CLOUD_RECORDS; i++) {
        const cloud_state *s = cloud_now(i);
        if (cloud[i].version > 0 && !s->is_deleted) {
            ds_buf_addf(&there, "%sr%d|%d|%d|%d|%d", there.length ? "\n" : "", i,
                        s->values[0], s->values[1], s->values[2], cloud[i].version);
        }
    }
    check_rows("SELECT id, ifnull(a, 0), ifnull(b, 0), ifnull(c, 0), _version FROM Rec "
               "ORDER BY id",
               ds_buf_text(&there));
    ds_buf_done(&there);
}

#endif
