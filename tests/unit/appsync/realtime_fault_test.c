/*
** Errors of subscriptions: what is to be done.
*/
#include "config.h"

static void check(const char *type, const char *message, int code,
                  ds_realtime_fault expected) {
    assert_int_equal(ds_realtime_fault_find(type, message, code), expected);
}

static void test_types(void **state) {
    (void)state;
    check("UnauthorizedException", NULL, 0, DS_REALTIME_UNAUTHORIZED);
    check("Unauthorized", "Not Authorized to access onCreatePost on type Subscription", 0,
          DS_REALTIME_UNAUTHORIZED);
    check("UnauthorizedException", "Token has expired.", 401, DS_REALTIME_EXPIRED);
    check("MaxSubscriptionsReachedError", NULL, 0, DS_REALTIME_LIMIT);
    check("LimitExceededError", "Rate exceeded", 0, DS_REALTIME_LIMIT);
    check("OperationDisabled", NULL, 0, DS_REALTIME_INVALID);
    check("ValidationError", NULL, 0, DS_REALTIME_INVALID);
    check("InternalFailure", "x", 0, DS_REALTIME_TRANSIENT);
    check("ServiceUnavailableException", NULL, 0, DS_REALTIME_TRANSIENT);
    check("ConflictUnhandled", NULL, 0, DS_REALTIME_UNKNOWN);
    check("Whatever", "x", 0, DS_REALTIME_UNKNOWN);
    check(NULL, NULL, 0, DS_REALTIME_UNKNOWN);
}

static void test_filters(void **state) {
    (void)state;
    check(NULL,
          "Validation error of type UnknownArgument: Unknown field argument filter @ "
          "'onCreatePost'",
          0, DS_REALTIME_FILTER);
    check(NULL, "Unknown argument \"filter\" on field \"Subscription.onCreatePost\".", 0,
          DS_REALTIME_FILTER);
    check("BadRequestException", "Filters combination exceed maximum limit 10.", 0,
          DS_REALTIME_FILTER);
    check(NULL, "The variables input contains a field name 'not'", 0, DS_REALTIME_FILTER);
    check(NULL, "Validation error of type FieldUndefined: Field 'onCreatePost'", 0,
          DS_REALTIME_INVALID);
}

static void test_messages(void **state) {
    (void)state;
    check(NULL, "Max number of 100 subscriptions reached", 0, DS_REALTIME_LIMIT);
    check(NULL, "Token expired", 0, DS_REALTIME_EXPIRED);
}

static void test_codes(void **state) {
    (void)state;
    check(NULL, NULL, 401, DS_REALTIME_UNAUTHORIZED);
    check("Strange", NULL, 403, DS_REALTIME_UNAUTHORIZED);
    check(NULL, NULL, 400, DS_REALTIME_INVALID);
    check(NULL, NULL, 429, DS_REALTIME_TRANSIENT);
    check(NULL, NULL, 503, DS_REALTIME_TRANSIENT);
    check("UnauthorizedException", NULL, 500, DS_REALTIME_UNAUTHORIZED);
    check(NULL, NULL, 200, DS_REALTIME_UNKNOWN);
}

static void test_of_answers(void **state) {
    (void)state;
    assert_int_equal(ds_realtime_fault_of(DS_FAULT_NONE), DS_REALTIME_FINE);
    assert_int_equal(ds_realtime_fault_of(DS_FAULT_EXPIRED), DS_REALTIME_EXPIRED);
    assert_int_equal(ds_realtime_fault_of(DS_FAULT_OTHER), DS_REALTIME_UNKNOWN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),      cmocka_unit_test(test_filters),
        cmocka_unit_test(test_messages),   cmocka_unit_test(test_codes),
        cmocka_unit_test(test_of_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
