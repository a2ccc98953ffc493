/*
** What stands behind an operator: is it of the field's type? Texts are not judged further
** (a filter may ask for the beginning of a date), numbers and enum values are.
*/
#include "filter/filter_int.h"

#include <string.h>

#define PATH_BYTES  512
#define FOUND_BYTES 192 /* bytes of 40 characters with quotes, and room to spare */

/* ---- Messages ---------------------------------------------------------------------- */

/* " and[1].rating.gt"; what is too long loses its end. */
static void print_path(const ds_filter_path *at, char *out) {
    if (at->outer != NULL) {
        print_path(at->outer, out);
    }
    size_t length = strlen(out);
    int room = (int)(PATH_BYTES - length);
    if (at->name == NULL) {
        sqlite3_snprintf(room, out + length, "[%d]", at->index);
    } else {
        sqlite3_snprintf(room, out + length, "%c%s", length ? '.' : ' ', at->name);
    }
}

int ds_filter_fail(const ds_filter_parser *parser, const ds_filter_path *at,
                   const char *format, ...) {
    char path[PATH_BYTES] = "";
    char message[DS_ERR_TEXT_MAX];
    if (at != NULL) {
        print_path(at, path);
    }
    va_list arguments;
    va_start(arguments, format);
    sqlite3_vsnprintf(sizeof message, message, format, arguments);
    va_end(arguments);
    return ds_err_set(parser->err, SQLITE_ERROR, "filter%s: %s", path, message);
}

/* "expected …, found …", with a number or the beginning of a string as it was written. */
static int fail_found(const ds_filter_parser *parser, const ds_filter_path *at,
                      const char *expected, const ds_json *value) {
    char found[FOUND_BYTES];
    switch (ds_json_type(value)) {
    case DS_JSON_STRING:
        /* The "!" counts characters, so that none is cut. */
        sqlite3_snprintf(sizeof found, found, "\"%!.40s\"", ds_json_string(value));
        break;
    case DS_JSON_NUMBER:
        sqlite3_snprintf(sizeof found, found, "%.15g", ds_json_number(value));
        break;
    case DS_JSON_NULL:
    case DS_JSON_BOOLEAN:
    case DS_JSON_LIST:
    case DS_JSON_OBJECT:
        sqlite3_snprintf(sizeof found, found, "%s", ds_json_type_name(value));
        break;
    }
    return ds_filter_fail(parser, at, "expected %s, found %s", expected, found);
}

int ds_filter_count(ds_filter_parser *parser) {
    parser->n_conditions++;
    return parser->n_conditions <= DS_MAX_FILTER_TERMS
               ? SQLITE_OK
               : ds_filter_fail(parser, NULL, "more than %d conditions",
                                DS_MAX_FILTER_TERMS);
}

/* ---- One value --------------------------------------------------------------------- */

static int check_enum(const ds_filter_parser *parser, const ds_filter_path *at,
                      const ds_enum *type, const ds_json *value) {
    const char *text = ds_json_string(value);
    if (text == NULL) {
        char expected[DS_MAX_NAME_BYTES + 16];
        sqlite3_snprintf(sizeof expected, expected, "a value of %s", type->name);
        return fail_found(parser, at, expected, value);
    }
    for (int i = 0; i < type->n_values; i++) {
        if (strcmp(type->values[i], text) == 0) {
            return SQLITE_OK;
        }
    }
    const char *nearest = ds_text_nearest(text, type->values, (size_t)type->n_values);
    return nearest ? ds_filter_fail(parser, at,
                                    "\"%!.40s\" is no value of %s (did you mean \"%s\"?)",
                                    text, type->name, nearest)
                   : ds_filter_fail(parser, at, "\"%!.40s\" is no value of %s", text,
                                    type->name);
}

static int check_number(const ds_filter_parser *parser, const ds_filter_path *at,
                        ds_scalar scalar, const ds_json *value) {
    int64_t integer;
    if (scalar == DS_FLOAT) {
        return ds_json_type(value) == DS_JSON_NUMBER
                   ? SQLITE_OK
                   : fail_found(parser, at, "a number", value);
    }
    if (!ds_json_integer(value, &integer)) {
        return fail_found(parser, at, "an integer", value);
    }
    /* GraphQL's Int has 32 bits. The API takes an AWSTimestamp for one in its filters,
    ** but the time will not stop in 2038. */
    return scalar == DS_AWS_TIMESTAMP || (integer >= INT32_MIN && integer <= INT32_MAX)
               ? SQLITE_OK
               : fail_found(parser, at, "an integer of 32 bits", value);
}

/* A value of the type that the condition compares with, of a list an element. */
static int check_value(const ds_filter_parser *parser, const ds_filter_path *at,
                       const ds_filter_node *test, const ds_json *value) {
    const ds_type *type = &test->column->type;
    bool is_length = test->class == DS_FILTER_LENGTH;
    if (ds_json_type(value) == DS_JSON_NULL) {
        return ds_filter_fail(parser, at, "null is only for eq and ne of a field");
    }
    switch (is_length ? DS_FILTER_LENGTH : ds_filter_class_of(type)) {
    case DS_FILTER_TEXT:
        return ds_json_string(value) ? SQLITE_OK
                                     : fail_found(parser, at, "a string", value);
    case DS_FILTER_BOOLEAN:
        return ds_json_type(value) == DS_JSON_BOOLEAN
                   ? SQLITE_OK
                   : fail_found(parser, at, "true or false", value);
    case DS_FILTER_ENUM:
        return check_enum(parser, at, type->enumeration, value);
    case DS_FILTER_NUMBER:
        return check_number(parser, at, type->scalar, value);
    case DS_FILTER_LENGTH:
    case DS_FILTER_LIST:
    case DS_FILTER_CLASS_COUNT:
        break;
    }
    return check_number(parser, at, DS_INT, value);
}

/* ---- Lists of values --------------------------------------------------------------- */

/* All elements of the operand; they count as conditions. */
static int check_elements(ds_filter_parser *parser, const ds_filter_path *at,
                          const ds_filter_node *test, bool may_be_null) {
    int rc = SQLITE_OK;
    ds_filter_path element = {at, NULL, 0};
    const ds_json *value = ds_json_child(test->operand);
    for (; rc == SQLITE_OK && value; value = ds_json_next(value)) {
        rc = ds_filter_count(parser);
        if (rc == SQLITE_OK && !(may_be_null && ds_json_type(value) == DS_JSON_NULL)) {
            rc = check_value(parser, &element, test, value);
        }
        element.index++;
    }
    return rc;
}

static int check_set(ds_filter_parser *parser, const ds_filter_path *at,
                     ds_filter_node *test) {
    if (ds_json_type(test->operand) != DS_JSON_LIST) {
        return fail_found(parser, at, "a list of values", test->operand);
    }
    int rc = check_elements(parser, at, test, false);
    test->n_parameters = rc == SQLITE_OK ? (int)ds_json_count(test->operand) : 0;
    return rc;
}

static bool is_greater(const ds_json *a, const ds_json *b) {
    const char *text = ds_json_string(a);
    return text ? strcmp(text, ds_json_string(b)) > 0
                : ds_json_number(a) > ds_json_number(b);
}

static int check_pair(ds_filter_parser *parser, const ds_filter_path *at,
                      ds_filter_node *test) {
    const ds_json *list = test->operand;
    if (ds_json_type(list) != DS_JSON_LIST || ds_json_count(list) != 2) {
        return ds_filter_fail(parser, at, "expected a list of two values");
    }
    int rc = check_set(parser, at, test);
    if (rc == SQLITE_OK &&
        is_greater(ds_json_child(list), ds_json_next(ds_json_child(list)))) {
        rc = ds_filter_fail(parser, at, "the first value is greater than the second");
    }
    return rc;
}

/* eq and ne. A list column is compared with a list; no single element equals it, which
** needs no parameter to find out. */
static int check_equal(ds_filter_parser *parser, const ds_filter_path *at,
                       ds_filter_node *test) {
    ds_json_kind kind = ds_json_type(test->operand);
    test->n_parameters = 1;
    if (kind == DS_JSON_NULL && test->class != DS_FILTER_LENGTH) {
        return SQLITE_OK;
    }
    if (test->class == DS_FILTER_LIST && kind == DS_JSON_LIST) {
        return check_elements(parser, at, test, true);
    }
    test->n_parameters = test->class == DS_FILTER_LIST ? 0 : 1;
    return check_value(parser, at, test, test->operand);
}

static int check_exists(const ds_filter_parser *parser, const ds_filter_path *at,
                        const ds_filter_node *test) {
    return ds_json_type(test->operand) == DS_JSON_BOOLEAN
               ? SQLITE_OK
               : fail_found(parser, at, "true or false", test->operand);
}

int ds_filter_check_operand(ds_filter_parser *parser, const ds_filter_path *at,
                            ds_filter_node *test) {
    switch (test->op) {
    case DS_FILTER_EQ:
    case DS_FILTER_NE:
        return check_equal(parser, at, test);
    case DS_FILTER_BETWEEN:
        return check_pair(parser, at, test);
    case DS_FILTER_IN:
    case DS_FILTER_NOT_IN:
        return check_set(parser, at, test);
    case DS_FILTER_ATTRIBUTE_EXISTS:
        return check_exists(parser, at, test);
    case DS_FILTER_GT:
    case DS_FILTER_GE:
    case DS_FILTER_LT:
    case DS_FILTER_LE:
    case DS_FILTER_CONTAINS:
    case DS_FILTER_NOT_CONTAINS:
    case DS_FILTER_BEGINS_WITH:
    case DS_FILTER_SIZE:
    case DS_FILTER_OP_COUNT:
        break;
    }
    test->n_parameters = 1;
    return check_value(parser, at, test, test->operand);
}
