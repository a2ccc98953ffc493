/*
** Local values: what the API would refuse is refused here, before it is stored and queued, and
** what is taken gets the type of its column. This runs for every column of every row that is
** written: nothing is allocated for a good value, unless it is a list or an embedded type.
*/
#include "model/check_int.h"

#include <float.h>
#include <string.h>

/* Beyond them a double is not one integer but several. */
#define EXACT_INTEGER 9007199254740991.0

/* One value on its way through the check. */
typedef struct attempt {
    ds_path model;
    ds_path place;
    const ds_column *column;
    sqlite3_value *value;
    ds_err *err;
} attempt;

/* ---- Numbers -------------------------------------------------------------------------------- */

/* A number out of range, or what is no number. */
static int refuse_number(const attempt *a, const ds_scalar_info *info) {
    char shown[DS_SHOWN_SIZE];
    const char *text;
    switch (sqlite3_value_type(a->value)) {
    case SQLITE_INTEGER:
        ds_shown_integer(shown, sqlite3_value_int64(a->value));
        break;
    case SQLITE_FLOAT:
        ds_shown_real(shown, sqlite3_value_double(a->value));
        break;
    default:
        text = (const char *)sqlite3_value_text(a->value);
        if (text == NULL) {
            return ds_err_nomem(a->err);
        }
        ds_shown_text(shown, text, (size_t)sqlite3_value_bytes(a->value));
    }
    return ds_refuse_type(&a->place, &a->column->type, 0, shown, info->expects, a->err);
}

/* As SQLite's INTEGER affinity: '5' and 5.0 are 5, and 5.5 stays what it is. */
static bool to_integer(sqlite3_value *value, int64_t *out) {
    double real;
    switch (sqlite3_value_numeric_type(value)) {
    case SQLITE_INTEGER:
        *out = sqlite3_value_int64(value);
        return true;
    case SQLITE_FLOAT:
        real = sqlite3_value_double(value);
        if (real > EXACT_INTEGER || real < -EXACT_INTEGER) {
            return false;
        }
        *out = (int64_t)real;
        return (double)*out == real;
    default:
        return false;
    }
}

static int check_integer(const attempt *a, const ds_scalar_info *info, ds_value *out) {
    int64_t integer;
    if (!to_integer(a->value, &integer) || integer < info->least ||
        integer > info->most) {
        return refuse_number(a, info);
    }
    out->type = SQLITE_INTEGER;
    out->integer = integer;
    return SQLITE_OK;
}

static int check_real(const attempt *a, const ds_scalar_info *info, ds_value *out) {
    int type = sqlite3_value_numeric_type(a->value);
    double real = sqlite3_value_double(a->value);
    bool is_number = type == SQLITE_INTEGER || type == SQLITE_FLOAT;
    if (!is_number || real > DBL_MAX || real < -DBL_MAX) {
        return refuse_number(a, info);
    }
    out->type = SQLITE_FLOAT;
    out->real = real;
    return SQLITE_OK;
}

/* ---- Texts ---------------------------------------------------------------------------------- */

/* JSON, the wire and SQLite's own functions could not carry the others whole. */
static int check_text(const attempt *a, ds_value *out) {
    const char *text = (const char *)sqlite3_value_text(a->value);
    int length = sqlite3_value_bytes(a->value);
    if (text == NULL) {
        return ds_err_nomem(a->err);
    }
    if (!ds_text_is_utf8(text, (size_t)length)) {
        return ds_refuse_type(&a->place, &a->column->type, 0, "a text",
                              "text that is UTF-8", a->err);
    }
    if (memchr(text, 0, (size_t)length) != NULL) {
        return ds_refuse_type(&a->place, &a->column->type, 0, "a text",
                              "text without a NUL character", a->err);
    }
    out->type = SQLITE_TEXT;
    out->text = text;
    out->length = length;
    return SQLITE_OK;
}

static int check_text_scalar(const attempt *a, const ds_scalar_info *info,
                             ds_value *out) {
    int rc = check_text(a, out);
    if (rc == SQLITE_OK && info->valid != NULL &&
        !info->valid(out->text, (size_t)out->length)) {
        rc = ds_refuse_scalar(&a->place, a->column->type.scalar, out->text,
                              (size_t)out->length, a->err);
    } else if (rc == SQLITE_OK && out->length == 0 && a->column->key_position >= 0) {
        rc = ds_refuse_check(&a->place, "''", "a key cannot be empty", a->err);
    }
    return rc;
}

static int check_enum(const attempt *a, ds_value *out) {
    const ds_enum *enumeration = a->column->type.enumeration;
    int rc = check_text(a, out);
    if (rc == SQLITE_OK && !ds_enum_has(enumeration, out->text)) {
        rc = ds_refuse_enum(&a->place, enumeration, out->text, a->err);
    }
    return rc;
}

static int check_json(const attempt *a, ds_value *out) {
    bool is_null = false;
    int rc = check_text(a, out);
    if (rc == SQLITE_OK) {
        rc = ds_check_json(&a->place, &a->column->type, out->text, (size_t)out->length,
                           &is_null, a->err);
    }
    if (is_null) {
        *out = (ds_value){.type = SQLITE_NULL};
    }
    return rc;
}

/* ---- All ------------------------------------------------------------------------------------ */

static int check_scalar(const attempt *a, ds_value *out) {
    const ds_scalar_info *info = ds_scalar_get(a->column->type.scalar);
    switch (info->affinity) {
    case DS_INTEGER_AFFINITY:
        return check_integer(a, info, out);
    case DS_REAL_AFFINITY:
        return check_real(a, info, out);
    case DS_TEXT_AFFINITY:
    default:
        return check_text_scalar(a, info, out);
    }
}

int ds_check_value(const ds_model *model, const ds_column *column, sqlite3_value *value,
                   ds_value *out, ds_err *err) {
    attempt a = {.model = {NULL, model->name, 0},
                 .place = {&a.model, column->name, 0},
                 .column = column,
                 .value = value,
                 .err = err};
    const ds_type *type = &column->type;
    *out = (ds_value){.type = SQLITE_NULL};
    switch (sqlite3_value_type(value)) {
    case SQLITE_NULL:
        return ds_column_is_required(column) && !column->is_read_only
                   ? ds_refuse_null(&a.place, err)
                   : SQLITE_OK;
    case SQLITE_BLOB:
        return ds_refuse_type(&a.place, type, 0, "a blob", "no blob", err);
    default:
        return type->is_list || type->kind == DS_KIND_EMBEDDED ? check_json(&a, out)
               : type->kind == DS_KIND_ENUM                    ? check_enum(&a, out)
                                                               : check_scalar(&a, out);
    }
}
