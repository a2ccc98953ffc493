/*
** Errors of subscriptions, sorted by what is to be done about them. What they share with
** answers over HTTP is in fault.c.
**
** (Sources: AWS's developer guide of AppSync, "Building a real-time WebSocket client" and
** "Enhanced subscription filtering"; subscription.ts of the JavaScript client;
** AppSyncRealTimeSubscription.swift.)
*/
#include "appsync/appsync_int.h"

#include <string.h>

static const struct {
    const char *type;
    ds_realtime_fault fault;
} types[] = {
    {"MaxSubscriptionsReachedError", DS_REALTIME_LIMIT},
    {"MaxSubscriptionsReachedException", DS_REALTIME_LIMIT},
    {"LimitExceededError", DS_REALTIME_LIMIT},
    {"LimitExceededException", DS_REALTIME_LIMIT},
    {"OperationDisabled", DS_REALTIME_INVALID},
};

/* A part of the message; the first that fits counts. */
static const struct {
    const char *text;
    ds_realtime_fault fault;
} messages[] = {
    {"Unknown field argument filter", DS_REALTIME_FILTER},
    {"Unknown argument \"filter\"", DS_REALTIME_FILTER}, /* graphql-js, in stand-ins */
    {"Filters exceed maximum attributes limit", DS_REALTIME_FILTER},
    {"Filters combination exceed maximum limit", DS_REALTIME_FILTER},
    {"filter uses same fieldName multiple time", DS_REALTIME_FILTER},
    {"The variables input contains a field name 'not'", DS_REALTIME_FILTER},
    {"The variables input contains a field that is not defined for input object type",
     DS_REALTIME_FILTER},
    {"subscriptions reached", DS_REALTIME_LIMIT},
    {"Token has expired", DS_REALTIME_EXPIRED},
    {"Token expired", DS_REALTIME_EXPIRED},
};

ds_realtime_fault ds_realtime_fault_of(ds_fault fault) {
    switch (fault) {
    case DS_FAULT_NONE:
        return DS_REALTIME_FINE;
    case DS_FAULT_TRANSIENT:
        return DS_REALTIME_TRANSIENT;
    case DS_FAULT_EXPIRED:
        return DS_REALTIME_EXPIRED;
    case DS_FAULT_UNAUTHORIZED:
        return DS_REALTIME_UNAUTHORIZED;
    case DS_FAULT_INVALID:
        return DS_REALTIME_INVALID;
    case DS_FAULT_CONFLICT:
    case DS_FAULT_CONDITION:
    case DS_FAULT_RECORD:
    case DS_FAULT_OTHER:
        break;
    }
    return DS_REALTIME_UNKNOWN;
}

/* errorCode is a status of HTTP. */
static ds_realtime_fault of_code(int code) {
    return code == 401 || code == 403 ? DS_REALTIME_UNAUTHORIZED
           : code == 408 || code == 429 || (code >= 500 && code < 600)
               ? DS_REALTIME_TRANSIENT
           : code == 400 ? DS_REALTIME_INVALID
                         : DS_REALTIME_UNKNOWN;
}

ds_realtime_fault ds_realtime_fault_find(const char *type, const char *message,
                                         int code) {
    for (size_t i = 0; message != NULL && i < DS_COUNT(messages); i++) {
        if (strstr(message, messages[i].text) != NULL) {
            return messages[i].fault;
        }
    }
    for (size_t i = 0; type != NULL && i < DS_COUNT(types); i++) {
        if (strcmp(type, types[i].type) == 0) {
            return types[i].fault;
        }
    }
    ds_realtime_fault fault = ds_realtime_fault_of(ds_fault_find(type, message));
    return fault == DS_REALTIME_UNKNOWN ? of_code(code) : fault;
}
