/* temporary */
#include "model/model_int.h"
int ds_check_value(const ds_model *model, const ds_column *column, sqlite3_value *value, ds_value *out, ds_err *err) {
    *out = (ds_value){.type = sqlite3_value_type(value)};
    switch (out->type) {
    case SQLITE_NULL:
        if (ds_column_is_required(column) && !column->is_read_only) return ds_err_set(err, SQLITE_CONSTRAINT_NOTNULL, "NOT NULL constraint failed: %s.%s", model->name, column->name);
        break;
    case SQLITE_INTEGER: out->integer = sqlite3_value_int64(value); break;
    case SQLITE_FLOAT: out->real = sqlite3_value_double(value); break;
    default: out->type = SQLITE_TEXT; out->text = (const char *)sqlite3_value_text(value); out->length = sqlite3_value_bytes(value);
    }
    return SQLITE_OK;
}
