/*
** Errors by type and message, as AppSync and what stands behind it word them.
*/
#include "config.h"

static void check(const char *type, const char *message, ds_fault expected) {
    assert_int_equal(ds_fault_find(type, message), expected);
}

static void test_types(void **state) {
    (void)state;
    check("ConflictUnhandled", "Conflict resolver rejects mutation.", DS_FAULT_CONFLICT);
    check("ConditionalCheckFailedException", NULL, DS_FAULT_CONDITION);
    check("DynamoDB:ConditionalCheckFailedException", "The conditional request failed",
          DS_FAULT_CONDITION);
    check("Unauthorized", "Not Authorized to access createPost on type Mutation",
          DS_FAULT_UNAUTHORIZED);
    check("com.amazonaws.deepdish.graphql.auth#UnauthorizedException", NULL,
          DS_FAULT_UNAUTHORIZED);
    check("DynamoDB:ProvisionedThroughputExceededException", "x", DS_FAULT_TRANSIENT);
    check("ThrottledException", "Rate exceeded", DS_FAULT_TRANSIENT);
    check("InternalFailure", "boom", DS_FAULT_TRANSIENT);
    check("ExecutionTimeout", "Execution timed out.", DS_FAULT_TRANSIENT);
    check("ValidationError", "x", DS_FAULT_INVALID);
    check("MalformedHttpRequestException", "Unable to parse GraphQL query.",
          DS_FAULT_INVALID);
    check("DeltaSyncWriteError", "x", DS_FAULT_RECORD);
    check("MappingTemplate", "Value for field '$[operation]' not found.", DS_FAULT_OTHER);
    check("Lambda:Unhandled", "x", DS_FAULT_OTHER);
}

static void test_expired(void **state) {
    (void)state;
    check("UnauthorizedException", "Token has expired.", DS_FAULT_EXPIRED);
    check("ExpiredTokenException", NULL, DS_FAULT_EXPIRED);
    check("UnrecognizedClientException",
          "The security token included in the request is expired", DS_FAULT_EXPIRED);
    check("InvalidSignatureException",
          "Signature expired: 20240101T000000Z is now earlier than", DS_FAULT_EXPIRED);
    check("UnauthorizedException", "You are not authorized to make this call.",
          DS_FAULT_UNAUTHORIZED);
    check("X", "my expired voucher", DS_FAULT_OTHER);
}

static void test_messages(void **state) {
    (void)state;
    check(NULL,
          "Cannot return null for non-nullable type: 'Int' within parent 'Post' "
          "(/syncPosts/items[0]/rating)",
          DS_FAULT_RECORD);
    check(NULL, "Can't resolve value (/posts) : type mismatch error, expected type LIST",
          DS_FAULT_RECORD);
    check(NULL,
          "Validation error of type FieldUndefined: Field 'x' in type 'y' is undefined",
          DS_FAULT_INVALID);
    check(NULL,
          "The variables input contains a field name 'x' that is not defined for input "
          "object "
          "type 'CreatePostInput'",
          DS_FAULT_INVALID);
    check(NULL, "Variable 'input' has coerced Null value for NonNull type 'String!'",
          DS_FAULT_INVALID);
    check(NULL, "Variable 'at' has an invalid value.", DS_FAULT_INVALID);
    check(NULL, "Variable \"$input\" got invalid value null at \"input.title\"",
          DS_FAULT_INVALID);
    check(NULL, "Not Authorized to access listPosts on type Query",
          DS_FAULT_UNAUTHORIZED);
    check("DynamoDB:DynamoDbException",
          "x (Service: DynamoDb, Status Code: 500, Request ID: y)", DS_FAULT_TRANSIENT);
    check("DynamoDB:DynamoDbException",
          "x (Service: DynamoDb, Status Code: 400, Request ID: y)", DS_FAULT_OTHER);
    check(NULL, "boom", DS_FAULT_OTHER);
    check(NULL, NULL, DS_FAULT_OTHER);
    check("", "", DS_FAULT_OTHER);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_expired),
        cmocka_unit_test(test_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
