/*
** The tables and indexes of one model, from the templates of sql/model.sql.
*/
#include "store/store_int.h"

#include <string.h>

const char *ds_store_rid(const ds_model *model) {
    static const char *const names[] = {"rid", "_rid", "rid_", "_rid_"};
    for (size_t i = 0; i < DS_COUNT(names) - 1; i++) {
        bool taken = false;
        for (int c = 0; c < model->n_columns; c++) {
            taken = taken || ds_text_iequal(model->columns[c].name, names[i]);
        }
        if (!taken) {
            return names[i];
        }
    }
    return names[DS_COUNT(names) - 1];
}

void ds_ddl_add_rows_name(ds_buf *out, const ds_model *model) {
    ds_buf_add(out, model->name);
    ds_buf_add(out, "_rows");
}

void ds_ddl_add_base_name(ds_buf *out, const ds_model *model) {
    ds_buf_add(out, model->name);
    ds_buf_add(out, "_base");
}

/* GraphQL names have no quotes to double, which makes the quoted name plain text. */
void ds_store_add_rows(ds_buf *buf, const ds_model *model) {
    ds_buf_add(buf, "main.\"");
    ds_ddl_add_rows_name(buf, model);
    ds_buf_add(buf, "\"");
}

void ds_store_add_base(ds_buf *buf, const ds_model *model) {
    ds_buf_add(buf, "main.\"");
    ds_ddl_add_base_name(buf, model);
    ds_buf_add(buf, "\"");
}

static void add_name(ds_buf *out, const char *row, const char *name) {
    if (row != NULL) {
        ds_buf_add(out, row);
        ds_buf_add(out, ".");
    }
    ds_buf_add_ident(out, name);
}

void ds_ddl_add_list(ds_buf *out, const char *row, const ds_column *const *columns,
                     int n) {
    for (int i = 0; i < n; i++) {
        ds_buf_add(out, i > 0 ? ", " : "");
        add_name(out, row, columns[i]->name);
    }
}

void ds_ddl_add_all(ds_buf *out, const char *row, const ds_model *model) {
    add_name(out, row, ds_store_rid(model));
    ds_buf_add(out, ", ");
    ds_codec_add_columns(model, row, out);
}

/* One part of a composite key as JSON. */
static void add_key_part(ds_buf *buf, const ds_column *column, const char *row) {
    switch (ds_column_affinity(column)) {
    case DS_INTEGER_AFFINITY:
        add_name(buf, row, column->name);
        break;
    case DS_REAL_AFFINITY:
        ds_buf_add(buf, "printf('%!.17g', ");
        add_name(buf, row, column->name);
        ds_buf_add(buf, ")");
        break;
    case DS_TEXT_AFFINITY:
    default:
        ds_buf_add(buf, "'\"' || replace(replace(");
        add_name(buf, row, column->name);
        ds_buf_add(buf, ", '\\', '\\\\'), '\"', '\\\"') || '\"'");
    }
}

/* Not by json_array: SQLite up to 3.40 takes its JSON functions for unsafe in triggers and views
** while trusted_schema is off. */
void ds_store_add_key(ds_buf *buf, const ds_model *model, const char *row) {
    if (model->n_key == 1) {
        add_name(buf, row, model->key[0]->name);
        return;
    }
    for (int i = 0; i < model->n_key; i++) {
        ds_buf_add(buf, i ? " || ',' || " : "('[' || ");
        add_key_part(buf, model->key[i], row);
    }
    ds_buf_add(buf, " || ']')");
}

const char *ds_ddl_affinity(const ds_column *column) {
    switch (ds_column_affinity(column)) {
    case DS_INTEGER_AFFINITY:
        return "INTEGER";
    case DS_REAL_AFFINITY:
        return "REAL";
    case DS_TEXT_AFFINITY:
    default:
        return "TEXT";
    }
}

static void add_column_definitions(ds_buf *out, const ds_model *model) {
    for (int i = 0; i < model->n_columns; i++) {
        const ds_column *column = &model->columns[i];
        ds_buf_add(out, i ? ",\n  " : "");
        ds_buf_add_ident(out, column->name);
        ds_buf_add(out, " ");
        ds_buf_add(out, ds_ddl_affinity(column));
        ds_buf_add(out, column->key_position >= 0 ? " NOT NULL" : "");
    }
}

/* Dots keep it apart from every name that GraphQL allows. */
void ds_store_index_name(ds_buf *buf, const ds_model *model, const ds_index *index) {
    ds_ddl_add_rows_name(buf, model);
    for (int i = 0; i < index->n_columns; i++) {
        ds_buf_add(buf, ".");
        ds_buf_add(buf, index->columns[i]->name);
    }
}

void ds_ddl_index(const ds_model *model, const ds_index *index, ds_buf *out) {
    ds_buf rows, name, columns;
    ds_buf_init(&rows, DS_MAX_SQL_BYTES);
    ds_buf_init(&name, DS_MAX_SQL_BYTES);
    ds_buf_init(&columns, DS_MAX_SQL_BYTES);
    ds_ddl_add_rows_name(&rows, model);
    ds_store_index_name(&name, model, index);
    ds_ddl_add_list(&columns, NULL, index->columns, index->n_columns);
    const ds_slot slots[] = {{"rows", ds_buf_text(&rows)},
                             {"index", ds_buf_text(&name)},
                             {"indexed", ds_buf_text(&columns)}};
    out->rc = out->rc ? out->rc : rows.rc | name.rc | columns.rc;
    ds_template_render(DS_SQL_MODEL_INDEX, slots, DS_COUNT(slots), out);
    ds_buf_done(&rows);
    ds_buf_done(&name);
    ds_buf_done(&columns);
}

void ds_ddl_tables(const ds_model *model, ds_buf *out) {
    ds_buf rows, base, columns, key;
    ds_buf_init(&rows, DS_MAX_SQL_BYTES);
    ds_buf_init(&base, DS_MAX_SQL_BYTES);
    ds_buf_init(&columns, DS_MAX_SQL_BYTES);
    ds_buf_init(&key, DS_MAX_SQL_BYTES);
    ds_ddl_add_rows_name(&rows, model);
    ds_ddl_add_base_name(&base, model);
    add_column_definitions(&columns, model);
    ds_ddl_add_list(&key, NULL, model->key, model->n_key);
    const ds_slot slots[] = {{"rows", ds_buf_text(&rows)},
                             {"base", ds_buf_text(&base)},
                             {"rid", ds_store_rid(model)},
                             {"columns", ds_buf_text(&columns)},
                             {"key_columns", ds_buf_text(&key)}};
    out->rc = out->rc ? out->rc : rows.rc | base.rc | columns.rc | key.rc;
    ds_template_render(DS_SQL_MODEL_TABLE, slots, DS_COUNT(slots), out);
    ds_template_render(DS_SQL_MODEL_BASE, slots, DS_COUNT(slots), out);
    ds_buf_done(&rows);
    ds_buf_done(&base);
    ds_buf_done(&columns);
    ds_buf_done(&key);
}

void ds_store_add_virtual(ds_buf *buf, const ds_model *model, bool own_module) {
    const ds_slot slots[] = {{"name", model->name}, {"module", model->name}};
    ds_template_render(own_module ? DS_SQL_MODEL_VIRTUAL : DS_SQL_MODEL_VIRTUAL_GENERIC,
                       slots, DS_COUNT(slots), buf);
}
