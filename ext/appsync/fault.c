/*
** Errors of AppSync, DynamoDB and IAM, sorted by what is to be done about them.
**
** (Sources: AWS's developer guide of AppSync, "Conflict detection and sync"; the error
** lists of DynamoDB and of IAM; errorMaps.ts of the JavaScript client; answers seen.)
*/
#include "appsync/appsync_int.h"

#include <string.h>

/* An error's type is compared behind its source, as in "DynamoDB:ThrottlingException". */
static const struct {
    const char *type;
    ds_fault fault;
} types[] = {
    {"ConflictUnhandled", DS_FAULT_CONFLICT},
    {"MaxConflicts", DS_FAULT_CONFLICT},
    {"ConditionalCheckFailedException", DS_FAULT_CONDITION},
    {"DeltaSyncWriteError", DS_FAULT_RECORD}, /* the mutation itself succeeded */
    {"Unauthorized", DS_FAULT_UNAUTHORIZED},
    {"UnauthorizedException", DS_FAULT_UNAUTHORIZED},
    {"NotAuthorizedException", DS_FAULT_UNAUTHORIZED},
    {"AccessDenied", DS_FAULT_UNAUTHORIZED},
    {"AccessDeniedException", DS_FAULT_UNAUTHORIZED},
    {"ForbiddenException", DS_FAULT_UNAUTHORIZED},
    {"WAFForbiddenException", DS_FAULT_UNAUTHORIZED},
    {"UnrecognizedClientException", DS_FAULT_UNAUTHORIZED},
    {"InvalidClientTokenId", DS_FAULT_UNAUTHORIZED},
    {"InvalidSignatureException", DS_FAULT_UNAUTHORIZED},
    {"SignatureDoesNotMatch", DS_FAULT_UNAUTHORIZED},
    {"IncompleteSignature", DS_FAULT_UNAUTHORIZED},
    {"IncompleteSignatureException", DS_FAULT_UNAUTHORIZED},
    {"MissingAuthenticationToken", DS_FAULT_UNAUTHORIZED},
    {"MissingAuthenticationTokenException", DS_FAULT_UNAUTHORIZED},
    {"ExpiredToken", DS_FAULT_EXPIRED},
    {"ExpiredTokenException", DS_FAULT_EXPIRED},
    {"RequestExpired", DS_FAULT_EXPIRED},
    {"ThrottledException", DS_FAULT_TRANSIENT},
    {"ThrottlingException", DS_FAULT_TRANSIENT},
    {"Throttling", DS_FAULT_TRANSIENT},
    {"TooManyRequestsException", DS_FAULT_TRANSIENT},
    {"LimitExceededException", DS_FAULT_TRANSIENT},
    {"RequestLimitExceeded", DS_FAULT_TRANSIENT},
    {"ProvisionedThroughputExceededException", DS_FAULT_TRANSIENT},
    {"TransactionConflictException", DS_FAULT_TRANSIENT},
    {"TransactionInProgressException", DS_FAULT_TRANSIENT},
    {"ConflictError", DS_FAULT_TRANSIENT}, /* of the resolver itself */
    {"ExecutionTimeout", DS_FAULT_TRANSIENT},
    {"InternalFailure", DS_FAULT_TRANSIENT},
    {"InternalFailureException", DS_FAULT_TRANSIENT},
    {"InternalServerError", DS_FAULT_TRANSIENT},
    {"ServiceUnavailable", DS_FAULT_TRANSIENT},
    {"ServiceUnavailableException", DS_FAULT_TRANSIENT},
    {"BadRequest", DS_FAULT_INVALID},
    {"MalformedHttpRequestException", DS_FAULT_INVALID},
    {"UnsupportedOperation", DS_FAULT_INVALID},
    {"ValidationError", DS_FAULT_INVALID},
};

/* For errors without a type, or with one that says only which service it comes from: a
** part of the message. The first that fits counts. */
static const struct {
    const char *text;
    ds_fault fault;
} messages[] = {
    {"Cannot return null for non-nullable type", DS_FAULT_RECORD},
    {"Can't resolve value", DS_FAULT_RECORD},
    {"Not Authorized to access", DS_FAULT_UNAUTHORIZED},
    {"You are not authorized", DS_FAULT_UNAUTHORIZED},
    {"The conditional request failed", DS_FAULT_CONDITION},
    {"Conflict resolver rejects mutation", DS_FAULT_CONFLICT},
    {"Validation error of type", DS_FAULT_INVALID},
    {"The variables input contains a field", DS_FAULT_INVALID},
    {"has coerced Null value for NonNull type", DS_FAULT_INVALID},
    {"has an invalid value", DS_FAULT_INVALID},
    {"got invalid value", DS_FAULT_INVALID}, /* graphql-js, in AppSync's simulator */
    {"Unable to parse GraphQL query", DS_FAULT_INVALID},
    {"Rate exceeded", DS_FAULT_TRANSIENT},
    {"Throughput exceeds", DS_FAULT_TRANSIENT},
    {"exceeded the maximum allowed provisioned throughput", DS_FAULT_TRANSIENT},
    {"Execution timed out", DS_FAULT_TRANSIENT},
    {"Status Code: 5", DS_FAULT_TRANSIENT}, /* DynamoDB's, quoted */
};

/* Behind the last : or #, as in "com.amazonaws.…#UnauthorizedException". */
static const char *bare(const char *type) {
    const char *start = type;
    for (const char *p = type; *p; p++) {
        start = *p == ':' || *p == '#' ? p + 1 : start;
    }
    return start;
}

static ds_fault find_type(const char *type) {
    const char *name = bare(type);
    for (size_t i = 0; i < DS_COUNT(types); i++) {
        if (strcmp(types[i].type, name) == 0) {
            return types[i].fault;
        }
    }
    return DS_FAULT_OTHER;
}

static ds_fault find_message(const char *message) {
    for (size_t i = 0; i < DS_COUNT(messages); i++) {
        if (strstr(message, messages[i].text) != NULL) {
            return messages[i].fault;
        }
    }
    return DS_FAULT_OTHER;
}

ds_fault ds_fault_find(const char *type, const char *message) {
    ds_fault fault = type ? find_type(type) : DS_FAULT_OTHER;
    if (fault == DS_FAULT_OTHER && message != NULL) {
        fault = find_message(message);
    }
    /* AppSync has one type for a wrong token and for one that was right an hour ago. */
    if (fault == DS_FAULT_UNAUTHORIZED && message != NULL && strstr(message, "expired")) {
        fault = DS_FAULT_EXPIRED;
    }
    return fault;
}
