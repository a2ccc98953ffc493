/*
** Values on their way into a row.
*/
#include "table/table_int.h"

#include <string.h>

bool ds_bit_get(const uint64_t *bits, int i) {
    return (bits[i / 64] >> (i % 64) & 1) != 0;
}

void ds_bit_set(uint64_t *bits, int i) {
    bits[i / 64] |= (uint64_t)1 << (i % 64);
}

ds_value ds_value_text(const char *text, size_t length) {
    return (ds_value){SQLITE_TEXT, 0, 0, text, (int)length};
}

static bool is_same_text(sqlite3_value *a, sqlite3_value *b) {
    const char *x = (const char *)sqlite3_value_text(a);
    const char *y = (const char *)sqlite3_value_text(b);
    int n = sqlite3_value_bytes(a);
    return x && y && n == sqlite3_value_bytes(b) && memcmp(x, y, (size_t)n) == 0;
}

bool ds_value_is_same(sqlite3_value *a, sqlite3_value *b) {
    int type = sqlite3_value_type(a);
    if (type == SQLITE_NULL || sqlite3_value_type(b) == SQLITE_NULL) {
        return type == sqlite3_value_type(b);
    }
    bool numbers = type == SQLITE_INTEGER || type == SQLITE_FLOAT;
    if (numbers && sqlite3_value_type(b) == type) {
        return type == SQLITE_INTEGER
                   ? sqlite3_value_int64(a) == sqlite3_value_int64(b)
                   : sqlite3_value_double(a) == sqlite3_value_double(b);
    }
    return is_same_text(a, b);
}

int ds_alias_conflict(const ds_table *table, const ds_vcolumn *alias, ds_err *err) {
    const char *model = table->model->name;
    return ds_err_set(err, SQLITE_CONSTRAINT,
                      "%s.%s and %s.%s name the same column but are given different "
                      "values",
                      model, table->model->columns[alias->index].name, model,
                      alias->name);
}
