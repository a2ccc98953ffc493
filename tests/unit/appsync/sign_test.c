/*
** Signatures: the examples that AWS publishes with Signature Version 4.
*/
#include "config.h"

#define EXAMPLE_SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

static const ds_http_signer example = {"us-east-1", "service", "AKIDEXAMPLE",
                                       EXAMPLE_SECRET};

static void check(const ds_http_signer *signer, const ds_sign_request *request,
                  const char *expected) {
    ds_buf out;
    ds_err err = DS_ERR_INIT;
    ds_buf_init(&out, 10000);
    assert_int_equal(ds_sign(signer, request, &out, &err), SQLITE_OK);
    assert_string_equal(ds_buf_text(&out), expected);
    ds_buf_done(&out);
}

#define SCOPE                                                                            \
    "AWS4-HMAC-SHA256 "                                                                  \
    "Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "

/* get-vanilla, post-vanilla and get-utf8 of AWS's test suite. */
static void test_published(void **state) {
    (void)state;
    static const ds_sign_header headers[] = {{"host", "example.amazonaws.com"},
                                             {"x-amz-date", "20150830T123600Z"}};
    ds_sign_request request = {.method = "GET",
                               .path = "/",
                               .headers = headers,
                               .n_headers = 2,
                               .body = "",
                               .date = "20150830T123600Z"};
    check(&example, &request,
          SCOPE "SignedHeaders=host;x-amz-date, Signature="
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    request.method = "POST";
    check(&example, &request,
          SCOPE "SignedHeaders=host;x-amz-date, Signature="
                "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
    request.method = "GET";
    request.path = "/\xE1\x88\xB4";
    check(&example, &request,
          SCOPE "SignedHeaders=host;x-amz-date, Signature="
                "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85");
}

/* Each part counts. */
static void test_parts(void **state) {
    (void)state;
    static const ds_sign_header headers[] = {{"host", "a.test"}};
    ds_buf all[4];
    ds_sign_request request = {.method = "POST",
                               .path = "/graphql",
                               .headers = headers,
                               .n_headers = 1,
                               .body = "{}",
                               .date = "20200229T123000Z"};
    for (int i = 0; i < 4; i++) {
        ds_buf_init(&all[i], 10000);
        request.path = i == 1 ? "/graphql/connect" : "/graphql";
        request.body = i == 2 ? "{ }" : "{}";
        request.date = i == 3 ? "20200229T123001Z" : "20200229T123000Z";
        assert_int_equal(ds_sign(&example, &request, &all[i], NULL), SQLITE_OK);
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(ds_buf_text(&all[i]), ds_buf_text(&all[k]));
        }
    }
    for (int i = 0; i < 4; i++) {
        ds_buf_done(&all[i]);
    }
}

static void test_date(void **state) {
    (void)state;
    char date[DS_SIGN_DATE_SIZE];
    ds_sign_date(INT64_C(1582979400999), date);
    assert_string_equal(date, "20200229T123000Z");
    ds_sign_date(0, date);
    assert_string_equal(date, "19700101T000000Z");
}

static void test_out_of_memory(void **state) {
    (void)state;
    static const ds_sign_header headers[] = {{"host", "a.test"}};
    const ds_sign_request request = {.method = "POST",
                                     .path = "/graphql",
                                     .headers = headers,
                                     .n_headers = 1,
                                     .body = "{}",
                                     .date = "20200229T123000Z"};
    sqlite3_int64 used = sqlite3_memory_used();
    int rc = SQLITE_NOMEM;
    for (int room = 0; rc != SQLITE_OK; room += 16) {
        ds_buf out;
        ds_buf_init(&out, 10000);
        sqlite3_hard_heap_limit64(used + room + 1);
        rc = ds_sign(&example, &request, &out, NULL);
        sqlite3_hard_heap_limit64(0);
        ds_buf_done(&out);
        assert_true(rc == SQLITE_OK || rc == SQLITE_NOMEM);
        assert_int_equal(sqlite3_memory_used(), used);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_date),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
