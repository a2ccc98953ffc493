/*
** Answers, in the forms that AppSync has.
*/
#include "config.h"

static void read_body(int status, const char *type, const char *body, size_t length,
                      ds_response *out) {
    ds_err err = DS_ERR_INIT;
    ds_http_answer answer = {.status = status, .was_sent = true};
    sqlite3_snprintf(sizeof answer.content_type, answer.content_type, "%s", type);
    ds_buf_init(&answer.body, DS_MAX_JSON_BYTES);
    ds_buf_add_bytes(&answer.body, body, length);
    assert_int_equal(ds_response_read(&answer, out, &err), SQLITE_OK);
    assert_string_equal(err.text, "");
    ds_buf_done(&answer.body);
}

static ds_response read_answer(int status, const char *body) {
    ds_response response;
    read_body(status, "application/json;charset=UTF-8", body, strlen(body), &response);
    return response;
}

/* ---- carried out ------------------------------------------------------------------- */

static void test_data(void **state) {
    (void)state;
    int64_t started = 0;
    ds_response r =
        read_answer(200, "{\"data\":{\"syncPosts\":{\"items\":[],\"nextToken\":null,"
                         "\"startedAt\":1795334265721}}}");
    assert_int_equal(r.fault, DS_FAULT_NONE);
    assert_false(r.is_unclear);
    assert_string_equal(r.reason, "");
    assert_int_equal(r.n_errors, 0);
    const ds_json *page = ds_json_get(r.data, "syncPosts");
    assert_true(ds_json_integer(ds_json_get(page, "startedAt"), &started));
    assert_int_equal(started, 1795334265721);
    ds_response_done(&r);
}

static void test_conflict(void **state) {
    (void)state;
    ds_response r = read_answer(
        200,
        "{\"data\":{\"updatePost\":null},\"errors\":[{\"message\":\"Conflict resolver "
        "rejects mutation.\",\"errorType\":\"ConflictUnhandled\",\"data\":{\"id\":\"6a\","
        "\"title\":\"by another\",\"_version\":2,\"_lastChangedAt\":1795334266835,"
        "\"_deleted\":null},\"errorInfo\":null,\"path\":[\"updatePost\"],\"locations\":[{"
        "\"line\":2,\"column\":3,\"sourceName\":\"GraphQL request\"}]}]}");
    assert_int_equal(r.fault, DS_FAULT_NONE);
    assert_int_equal(r.n_errors, 1);
    const ds_response_error *error = &r.errors[0];
    assert_int_equal(error->fault, DS_FAULT_CONFLICT);
    assert_string_equal(error->field, "updatePost");
    assert_string_equal(error->type, "ConflictUnhandled");
    assert_string_equal(error->message, "Conflict resolver rejects mutation.");
    assert_string_equal(ds_json_string(ds_json_get(error->data, "title")), "by another");
    assert_null(error->info);
    assert_int_equal(ds_json_count(error->path), 1);
    assert_int_equal(ds_json_type(ds_json_get(r.data, "updatePost")), DS_JSON_NULL);
    ds_response_done(&r);
}

/* Aliased fields of one document, judged one by one. */
static void test_part_of_a_batch(void **state) {
    (void)state;
    ds_response r = read_answer(
        200,
        "{\"data\":{\"m0\":{\"id\":\"a\"},\"m1\":null,\"m2\":null},\"errors\":["
        "{\"path\":[\"m1\"],\"data\":null,\"errorType\":\"Unauthorized\",\"errorInfo\":"
        "{\"code\":7},\"message\":\"Not Authorized to access createPost on type "
        "Mutation\"},"
        "{\"path\":[\"m2\",\"title\"],\"message\":\"Cannot return null for non-nullable "
        "type: 'String'\"}]}");
    assert_int_equal(r.fault, DS_FAULT_NONE);
    assert_int_equal(r.n_errors, 2);
    assert_int_equal(r.errors[0].fault, DS_FAULT_UNAUTHORIZED);
    assert_string_equal(r.errors[0].field, "m1");
    assert_null(r.errors[0].data);
    assert_non_null(r.errors[0].info);
    assert_int_equal(r.errors[1].fault, DS_FAULT_RECORD);
    assert_string_equal(r.errors[1].field, "m2");
    assert_int_equal(ds_json_count(r.errors[1].path), 2);
    assert_non_null(ds_json_get(r.data, "m0"));
    ds_response_done(&r);
}

/* A document that does not fit the schema: no data, and errors of no field. */
static void test_whole_document(void **state) {
    (void)state;
    ds_response r = read_answer(
        200,
        "{\"data\":null,\"errors\":[{\"path\":null,\"locations\":[{\"line\":1,\"column\":"
        "9}],"
        "\"message\":\"Validation error of type UnknownArgument: Unknown field argument "
        "filter @ 'onCreatePost'\"}]}");
    assert_int_equal(r.fault, DS_FAULT_NONE);
    assert_null(r.data);
    assert_int_equal(r.errors[0].fault, DS_FAULT_INVALID);
    assert_null(r.errors[0].field);
    assert_null(r.errors[0].path);
    ds_response_done(&r);
}

/* Errors of other shapes than those we know are errors all the same. */
static void test_odd_errors(void **state) {
    (void)state;
    ds_response r = read_answer(
        200,
        "{\"data\":{\"a\":1},\"errors\":[null,7,{},\"x\",{\"path\":{},\"message\":5},"
        "{\"path\":[],\"errorType\":[]},{\"path\":[3]}]}");
    assert_int_equal(r.fault, DS_FAULT_NONE);
    assert_int_equal(r.n_errors, 7);
    for (int i = 0; i < r.n_errors; i++) {
        assert_int_equal(r.errors[i].fault, DS_FAULT_OTHER);
        assert_null(r.errors[i].field);
        assert_null(r.errors[i].type);
        assert_null(r.errors[i].message);
    }
    ds_response_done(&r);
    r = read_answer(200, "{\"data\":{\"a\":1},\"errors\":{\"x\":1}}");
    assert_int_equal(r.fault, DS_FAULT_NONE);
    assert_int_equal(r.n_errors, 0);
    ds_response_done(&r);
}

static void test_many_errors(void **state) {
    (void)state;
    for (int n = DS_MAX_ERRORS; n <= DS_MAX_ERRORS + 1; n++) {
        ds_buf body;
        ds_response r;
        ds_buf_init(&body, DS_MAX_JSON_BYTES);
        ds_buf_add(&body, "{\"errors\":[{}");
        for (int i = 1; i < n; i++) {
            ds_buf_add(&body, ",{}");
        }
        ds_buf_add(&body, "]}");
        read_body(200, "", ds_buf_text(&body), body.length, &r);
        assert_int_equal(r.n_errors, DS_MAX_ERRORS);
        assert_int_equal(r.n_all, n);
        ds_response_done(&r);
        ds_buf_done(&body);
    }
}

/* Another client's NUL must not hold up the page. */
static void test_mends(void **state) {
    (void)state;
    ds_response r = read_answer(
        200, "{\"data\":{\"a\":\"x\\u0000y\",\"b\":\"\\ud800\",\"c\":\"\\ud83d\\ude00"
             "\"}}");
    assert_int_equal(r.fault, DS_FAULT_NONE);
    assert_string_equal(ds_json_string(ds_json_get(r.data, "a")), "x\xEF\xBF\xBDy");
    assert_string_equal(ds_json_string(ds_json_get(r.data, "b")), "\xEF\xBF\xBD");
    assert_string_equal(ds_json_string(ds_json_get(r.data, "c")), "\xF0\x9F\x98\x80");
    ds_response_done(&r);
}

/* ---- not carried out --------------------------------------------------------------- */

static void check_fault(int status, const char *body, ds_fault fault,
                        const char *reason) {
    ds_response r = read_answer(status, body);
    assert_string_equal(r.reason, reason);
    assert_int_equal(r.fault, fault);
    assert_int_equal(r.is_unclear, fault == DS_FAULT_TRANSIENT);
    assert_null(r.data);
    ds_response_done(&r);
}

static void test_unauthorized(void **state) {
    (void)state;
    check_fault(
        401,
        "{\"errors\":[{\"errorType\":\"UnauthorizedException\",\"message\":\"You are not "
        "authorized to make this call.\"}]}",
        DS_FAULT_UNAUTHORIZED,
        "HTTP 401 UnauthorizedException: You are not authorized to make this call.");
    check_fault(
        401,
        "{\"errors\":[{\"errorType\":\"UnauthorizedException\",\"message\":\"Token has "
        "expired.\"}]}",
        DS_FAULT_EXPIRED, "HTTP 401 UnauthorizedException: Token has expired.");
    check_fault(
        403, "{\"message\":\"The security token included in the request is invalid.\"}",
        DS_FAULT_UNAUTHORIZED,
        "HTTP 403: The security token included in the request is invalid.");
    check_fault(
        403,
        "{\"__type\":\"com.amazon.coral.service#ExpiredTokenException\",\"Message\":"
        "\"The "
        "security token included in the request is expired\"}",
        DS_FAULT_EXPIRED,
        "HTTP 403 com.amazon.coral.service#ExpiredTokenException: The security token "
        "included in the request is expired");
    check_fault(401, "", DS_FAULT_UNAUTHORIZED, "HTTP 401");
    check_fault(403, "<html>forbidden</html>", DS_FAULT_UNAUTHORIZED, "HTTP 403");
    check_fault(400, "{\"__type\":\"IncompleteSignatureException\"}",
                DS_FAULT_UNAUTHORIZED, "HTTP 400 IncompleteSignatureException");
}

/* A firewall's refusal may be about the request, not about who sends it. */
static void test_firewall(void **state) {
    static const struct {
        int status;
        const char *body;
        bool is_firewall;
    } cases[] = {
        {403, "<html>forbidden</html>", true},
        {403, "", true},
        {403,
         "{\"errors\":[{\"errorType\":\"WAFForbiddenException\",\"message\":\"403\"}]}",
         true},
        {403, "{\"message\":\"The security token included in the request is invalid.\"}",
         false},
        {403, "{\"errors\":[{\"errorType\":\"UnauthorizedException\"}]}", false},
        {401, "", false},
        {200, "{\"data\":{}}", false},
    };
    (void)state;
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        ds_response r = read_answer(cases[i].status, cases[i].body);
        assert_int_equal(r.is_firewall, cases[i].is_firewall);
        ds_response_done(&r);
    }
}

/* What AWS says of a wrong signature quotes the request, token included. */
static void test_quotes_no_secret(void **state) {
    (void)state;
    check_fault(
        403,
        "{\"errors\":[{\"errorType\":\"InvalidSignatureException\",\"message\":\"The "
        "request signature we calculated does not match the signature you provided."
        "\\n\\nThe Canonical String for this request should have been\\n'POST\\n"
        "x-amz-security-token:geheim'\"}]}",
        DS_FAULT_UNAUTHORIZED,
        "HTTP 403 InvalidSignatureException: The request signature we calculated does "
        "not match the signature you provided.");
}

static void test_transient(void **state) {
    (void)state;
    check_fault(500,
                "{\"errors\":[{\"errorType\":\"InternalFailure\",\"message\":\"Internal "
                "Failure\"}]}",
                DS_FAULT_TRANSIENT, "HTTP 500 InternalFailure: Internal Failure");
    check_fault(503, "{\"message\":\"Service Unavailable\"}", DS_FAULT_TRANSIENT,
                "HTTP 503: Service Unavailable");
    check_fault(429,
                "{\"errors\":[{\"errorType\":\"ThrottledException\",\"message\":\"Rate "
                "exceeded\"}]}",
                DS_FAULT_TRANSIENT, "HTTP 429 ThrottledException: Rate exceeded");
    check_fault(408, "", DS_FAULT_TRANSIENT, "HTTP 408");
    check_fault(302, "", DS_FAULT_TRANSIENT, "HTTP 302");
    check_fault(400, "{\"errors\":[{\"errorType\":\"ThrottlingException\"}]}",
                DS_FAULT_TRANSIENT, "HTTP 400 ThrottlingException");
}

static void test_refused_document(void **state) {
    (void)state;
    check_fault(
        400,
        "{\"errors\":[{\"errorType\":\"MalformedHttpRequestException\",\"message\":"
        "\"Unable to parse GraphQL query.\"}]}",
        DS_FAULT_INVALID,
        "HTTP 400 MalformedHttpRequestException: Unable to parse GraphQL query.");
    check_fault(413, "", DS_FAULT_INVALID, "HTTP 413");
}

static void test_wrong_address(void **state) {
    (void)state;
    check_fault(404,
                "{\"errors\":[{\"errorType\":\"NotFound\",\"message\":\"not found\"}]}",
                DS_FAULT_OTHER, "HTTP 404 NotFound: not found");
    check_fault(400, "bad request", DS_FAULT_OTHER, "HTTP 400");
    check_fault(405, "", DS_FAULT_OTHER, "HTTP 405");
}

/* Whatever answers with 200 in a hotel. */
static void test_not_appsync(void **state) {
    (void)state;
    static const char *const bodies[] = {"",         "<html>captive portal</html>",
                                         "[]",       "{}",
                                         "null",     "{\"data\":{\"",
                                         "\"data\"", "{\"errors\":[]}"};
    for (size_t i = 0; i < DS_COUNT(bodies); i++) {
        ds_response r;
        read_body(200, "text/html", bodies[i], strlen(bodies[i]), &r);
        assert_int_equal(r.fault, DS_FAULT_TRANSIENT);
        assert_true(r.is_unclear);
        assert_string_equal(r.reason,
                            "the answer is not AppSync's (HTTP 200, text/html)");
        ds_response_done(&r);
    }
    check_fault(200, "{\"errorMessage\":\"x\"}", DS_FAULT_TRANSIENT,
                "the answer is not AppSync's (HTTP 200, application/json;charset=UTF-8)");
}

static void test_long_words(void **state) {
    (void)state;
    ds_buf body, expected;
    ds_buf_init(&body, 10000);
    ds_buf_init(&expected, 10000);
    ds_buf_add(&body, "{\"errors\":[{\"errorType\":\"");
    ds_buf_add(&expected, "HTTP 400 ");
    for (int i = 0; i < 300; i++) {
        ds_buf_add(&body, "T");
        ds_buf_add(&expected, i < 100 ? "T" : "");
    }
    ds_buf_add(&body, "\",\"message\":\"x");
    ds_buf_add(&expected, ": x");
    for (int i = 0; i < 300; i++) {
        ds_buf_add(&body, "\xE2\x82\xAC");
        ds_buf_add(&expected, i < 66 ? "\xE2\x82\xAC" : "");
    }
    ds_buf_add(&body, "\"}]}");
    check_fault(400, ds_buf_text(&body), DS_FAULT_INVALID, ds_buf_text(&expected));
    ds_buf_done(&body);
    ds_buf_done(&expected);
}

/* ---- no answer --------------------------------------------------------------------- */

static void test_no_answer(void **state) {
    (void)state;
    ds_response r;
    ds_err err = DS_ERR_INIT;
    ds_http_answer answer = {.failure = DS_HTTP_TIMEOUT, .reason = "no answer"};
    for (int sent = 0; sent <= 1; sent++) {
        answer.was_sent = sent;
        assert_int_equal(ds_response_read(&answer, &r, &err), SQLITE_OK);
        assert_int_equal(r.fault, DS_FAULT_TRANSIENT);
        assert_int_equal(r.is_unclear, sent);
        assert_string_equal(r.reason, "no answer");
        ds_response_done(&r);
    }
}

static void test_retry_after(void **state) {
    (void)state;
    ds_response r;
    ds_err err = DS_ERR_INIT;
    ds_http_answer answer = {.status = 429, .retry_after = 7};
    assert_int_equal(ds_response_read(&answer, &r, &err), SQLITE_OK);
    assert_int_equal(r.retry_after, 7);
    ds_response_done(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_data),
        cmocka_unit_test(test_conflict),
        cmocka_unit_test(test_part_of_a_batch),
        cmocka_unit_test(test_whole_document),
        cmocka_unit_test(test_odd_errors),
        cmocka_unit_test(test_many_errors),
        cmocka_unit_test(test_mends),
        cmocka_unit_test(test_unauthorized),
        cmocka_unit_test(test_firewall),
        cmocka_unit_test(test_quotes_no_secret),
        cmocka_unit_test(test_transient),
        cmocka_unit_test(test_refused_document),
        cmocka_unit_test(test_wrong_address),
        cmocka_unit_test(test_not_appsync),
        cmocka_unit_test(test_long_words),
        cmocka_unit_test(test_no_answer),
        cmocka_unit_test(test_retry_after),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
