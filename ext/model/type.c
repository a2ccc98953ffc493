/*
** The scalars of AppSync, one row each, and what follows from a column's type.
*/
#include "model/check_int.h"

#include <string.h>

/* A larger integer cannot be told from its neighbours in JSON, whose readers have doubles. */
#define EXACT_INTEGER INT64_C(9007199254740991)

static const ds_scalar_info scalars[DS_SCALAR_COUNT] = {
    [DS_ID] = {"ID", DS_TEXT_AFFINITY, NULL, "a text", 0, 0},
    [DS_STRING] = {"String", DS_TEXT_AFFINITY, NULL, "a text", 0, 0},
    [DS_INT] = {"Int", DS_INTEGER_AFFINITY, NULL,
                "an integer from -2147483648 to 2147483647", INT32_MIN, INT32_MAX},
    [DS_FLOAT] = {"Float", DS_REAL_AFFINITY, NULL, "a number", 0, 0},
    [DS_BOOLEAN] = {"Boolean", DS_INTEGER_AFFINITY, NULL, "0 or 1", 0, 1},
    [DS_AWS_DATE] = {"AWSDate", DS_TEXT_AFFINITY, ds_valid_date,
                     "a date such as 2020-02-29", 0, 0},
    [DS_AWS_TIME] = {"AWSTime", DS_TEXT_AFFINITY, ds_valid_time,
                     "a time such as 12:30:00.000", 0, 0},
    [DS_AWS_DATE_TIME] = {"AWSDateTime", DS_TEXT_AFFINITY, ds_valid_date_time,
                          "a date and time such as 2020-02-29T12:30:00.000Z", 0, 0},
    [DS_AWS_TIMESTAMP] = {"AWSTimestamp", DS_INTEGER_AFFINITY, NULL,
                          "an integer, seconds before or after 1970", -EXACT_INTEGER,
                          EXACT_INTEGER},
    [DS_AWS_EMAIL] = {"AWSEmail", DS_TEXT_AFFINITY, ds_valid_email,
                      "an e-mail address such as ann@example.com", 0, 0},
    [DS_AWS_JSON] = {"AWSJSON", DS_TEXT_AFFINITY, ds_valid_json, "a JSON text", 0, 0},
    [DS_AWS_URL] = {"AWSURL", DS_TEXT_AFFINITY, ds_valid_url,
                    "an absolute URL such as https://example.com/", 0, 0},
    [DS_AWS_PHONE] = {"AWSPhone", DS_TEXT_AFFINITY, ds_valid_phone,
                      "a phone number such as +44 123-456-789", 0, 0},
    [DS_AWS_IP_ADDRESS] = {"AWSIPAddress", DS_TEXT_AFFINITY, ds_valid_ip_address,
                           "an IP address such as 127.0.0.1 or ::1", 0, 0},
};

const ds_scalar_info *ds_scalar_get(ds_scalar scalar) {
    return &scalars[scalar];
}

bool ds_scalar_find(const char *name, ds_scalar *out) {
    for (int i = 0; i < DS_SCALAR_COUNT; i++) {
        if (strcmp(name, scalars[i].name) == 0) {
            *out = (ds_scalar)i;
            return true;
        }
    }
    return false;
}

bool ds_enum_has(const ds_enum *enumeration, const char *value) {
    for (int i = 0; i < enumeration->n_values; i++) {
        if (strcmp(value, enumeration->values[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool ds_column_is_required(const ds_column *column) {
    return column->type.is_list ? !column->type.is_list_nullable
                                : column->type.is_required;
}

ds_affinity ds_column_affinity(const ds_column *column) {
    bool is_scalar = column->type.kind == DS_KIND_SCALAR && !column->type.is_list;
    return is_scalar ? scalars[column->type.scalar].affinity : DS_TEXT_AFFINITY;
}

bool ds_column_is_sent(const ds_column *column) {
    return !column->is_read_only && column->key_position < 0;
}
