/*
** Fills the templates of sql/. The quoting stands in the template, next to where the value
** goes, so that no caller can forget it: @"x"@ identifier, @'x'@ literal, @x@ prepared text.
*/
#include "store/store_int.h"

#include <string.h>

static const char *slot_value(const ds_slot *slots, size_t count, const char *name,
                              size_t length) {
    for (size_t i = 0; i < count; i++) {
        if (strlen(slots[i].name) == length && memcmp(slots[i].name, name, length) == 0) {
            return slots[i].value;
        }
    }
    return NULL;
}

static void add_value(ds_buf *out, char quote, const char *value) {
    if (quote == '"') {
        ds_buf_add_ident(out, value);
    } else if (quote == '\'') {
        ds_buf_add_literal(out, value);
    } else {
        ds_buf_add(out, value);
    }
}

void ds_template_render(enum ds_sql id, const ds_slot *slots, size_t count, ds_buf *out) {
    const char *text = ds_sql_text(id);
    for (;;) {
        const char *at = strchr(text, '@');
        if (at == NULL) {
            ds_buf_add(out, text);
            return;
        }
        ds_buf_add_bytes(out, text, (size_t)(at - text));
        char quote = at[1] == '"' || at[1] == '\'' ? at[1] : 0;
        const char *name = at + (quote ? 2 : 1);
        const char *end = strchr(name, quote ? quote : '@');
        const char *value =
            end ? slot_value(slots, count, name, (size_t)(end - name)) : NULL;
        if (value == NULL) {
            out->rc = out->rc ? out->rc : SQLITE_INTERNAL;
            return;
        }
        add_value(out, quote, value);
        text = end + (quote ? 2 : 1);
    }
}

int ds_template_prepare(ds_store *store, enum ds_sql id, const ds_slot *slots,
                        size_t count, sqlite3_stmt **out, ds_err *err) {
    ds_buf sql;
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    ds_template_render(id, slots, count, &sql);
    int rc = sql.rc ? ds_err_set(err, sql.rc, "%s", sqlite3_errstr(sql.rc))
                    : ds_store_prepare(store, ds_buf_text(&sql), 0, out, err);
    ds_buf_done(&sql);
    return rc;
}

int ds_template_exec(ds_store *store, enum ds_sql id, const ds_slot *slots, size_t count,
                     ds_err *err) {
    ds_buf sql;
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    ds_template_render(id, slots, count, &sql);
    int rc = sql.rc ? ds_err_set(err, sql.rc, "%s", sqlite3_errstr(sql.rc))
                    : ds_store_exec(store, ds_buf_text(&sql), err);
    ds_buf_done(&sql);
    return rc;
}
