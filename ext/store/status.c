/*
** The SQL expression behind the hidden column _status.
*/
#include "store/store_int.h"

void ds_store_add_status(ds_buf *buf, const ds_store *store, const ds_model *model) {
    char number[24];
    ds_buf base, key, join;
    sqlite3_snprintf(sizeof number, number, "%lld", ds_store_number(store, model));
    ds_buf_init(&base, DS_MAX_SQL_BYTES);
    ds_buf_init(&key, DS_MAX_SQL_BYTES);
    ds_buf_init(&join, DS_MAX_SQL_BYTES);
    ds_ddl_add_base_name(&base, model);
    ds_store_add_key(&key, model, "r");
    for (int i = 0; i < model->n_key; i++) {
        ds_buf_add(&join, i ? " AND b." : "b.");
        ds_buf_add_ident(&join, model->key[i]->name);
        ds_buf_add(&join, " = r.");
        ds_buf_add_ident(&join, model->key[i]->name);
    }
    const ds_slot slots[] = {{"model", number},
                             {"base", ds_buf_text(&base)},
                             {"new_key", ds_buf_text(&key)},
                             {"join", ds_buf_text(&join)}};
    buf->rc = buf->rc ? buf->rc : base.rc | key.rc | join.rc;
    ds_template_render(DS_SQL_ROW_STATUS, slots, DS_COUNT(slots), buf);
    ds_buf_done(&base);
    ds_buf_done(&key);
    ds_buf_done(&join);
}
