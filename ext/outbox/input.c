/*
** What a step sends: the operation that it comes to, and its input.
*/
#include "outbox/outbox_int.h"

#include <string.h>

static bool is_null(const ds_value *value) {
    return value->type == SQLITE_NULL;
}

/*
** What was made as a create is an update where the server has got to know the record meanwhile; and
** what was to be an update of a record that the server does not know creates it.
*/
static ds_op operation_of(const ds_input *in) {
    const ds_model *model = in->key->model;
    if (in->step->op == DS_OP_CREATE && in->base &&
        !ds_row_is_tombstone(model, in->base)) {
        return DS_OP_UPDATE;
    }
    if (in->step->op == DS_OP_UPDATE && in->base == NULL && in->source != NULL &&
        is_null(ds_row_version(model, in->source)) && is_null(&in->step->version)) {
        return DS_OP_CREATE;
    }
    return in->step->op;
}

/* ---- which columns ------------------------------------------------------------------------------- */

static bool is_owner_field(const ds_model *model, const ds_column *column) {
    for (int i = 0; i < model->n_owners; i++) {
        if (strcmp(model->owners[i].field, column->wire) == 0) {
            return true;
        }
    }
    return false;
}

/* The server fills in an owner that is not given; null would be refused. A create says nothing of
** what is null, as its fields were never given. */
static bool says_nothing(const ds_input *in, const ds_column *column) {
    return is_null(&in->source[column->index]) &&
           (in->op == DS_OP_CREATE || is_owner_field(in->key->model, column));
}

/* Does it bring back a record that the server has deleted? Then it is sent even where nothing differs. */
static bool is_revival(const ds_input *in) {
    return in->op == DS_OP_UPDATE && in->base != NULL &&
           ds_row_is_tombstone(in->key->model, in->base);
}

static int choose(ds_records *records, ds_input *in, ds_err *err) {
    const ds_model *model = in->key->model;
    bool whole = in->step->op != DS_OP_UPDATE || in->op == DS_OP_CREATE;
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < model->n_columns; i++) {
        const ds_column *column = &model->columns[i];
        bool same = false;
        if (!ds_column_is_sent(column) || in->left_out[i] || says_nothing(in, column) ||
            (!whole &&
             !ds_mask_has(ds_records_store(records), model, &in->step->mask, i))) {
            continue;
        }
        if (in->op == DS_OP_UPDATE && in->base != NULL) {
            rc = ds_column_same(column, &in->base[i], &in->source[i], &same);
        }
        in->sent[i] = !same;
    }
    return rc == SQLITE_OK ? rc : ds_err_nomem(err);
}

/* Beyond its first column a named key is one attribute on the server, made of all of them. */
static bool complete_key(const ds_index *key, bool *sent) {
    int n = 0, missing = 0;
    for (int i = 1; i < key->n_columns; i++) {
        n += sent[key->columns[i]->index];
        missing += !sent[key->columns[i]->index] && ds_column_is_sent(key->columns[i]);
    }
    if (key->n_columns <= 2 || n == 0 || missing == 0) {
        return false;
    }
    for (int i = 1; i < key->n_columns; i++) {
        if (ds_column_is_sent(key->columns[i])) {
            sent[key->columns[i]->index] = true;
        }
    }
    return true;
}

static void complete_keys(const ds_model *model, bool *sent) {
    bool more = true;
    while (more) {
        more = false;
        for (int i = 0; i < model->n_keys; i++) {
            more = complete_key(&model->keys[i], sent) || more;
        }
    }
}

static bool is_any(const ds_model *model, const bool *columns) {
    for (int i = 0; i < model->n_columns; i++) {
        if (columns[i]) {
            return true;
        }
    }
    return false;
}

/* ---- printing --------------------------------------------------------------------------------------- */

static void add_name(ds_buf *out, const char *name) {
    ds_buf_add(out, out->data[out->length - 1] == '{' ? "" : ",");
    ds_buf_add_json(out, name, strlen(name));
    ds_buf_add(out, ":");
}

static void add_key(const ds_input *in, ds_buf *out) {
    const ds_key *key = in->key;
    for (int i = 0; i < key->model->n_key; i++) {
        add_name(out, key->model->key[i]->wire);
        ds_codec_add_value(key->model->key[i], &key->values[i], out);
    }
}

/* The newest version that was merged into the row. */
static const ds_value *version_of(const ds_input *in) {
    const ds_model *model = in->key->model;
    if (in->base != NULL && !is_null(ds_row_version(model, in->base))) {
        return ds_row_version(model, in->base);
    }
    if (in->source != NULL && !is_null(ds_row_version(model, in->source))) {
        return ds_row_version(model, in->source);
    }
    return &in->step->version;
}

static void print(const ds_input *in, ds_buf *out) {
    const ds_model *model = in->key->model;
    const ds_value *version = version_of(in);
    ds_buf_add(out, "{");
    if (out->rc != SQLITE_OK) {
        return;
    }
    add_key(in, out);
    for (int i = 0; in->op != DS_OP_DELETE && i < model->n_columns; i++) {
        if (in->sent[i]) {
            add_name(out, model->columns[i].wire);
            ds_codec_add_value(&model->columns[i], &in->source[i], out);
        }
    }
    if (in->op != DS_OP_CREATE && version->type == SQLITE_INTEGER) {
        ds_buf_addf(out, ",\"_version\":%lld", version->integer);
    }
    ds_buf_add(out, "}");
}

int ds_input_build(ds_records *records, ds_input *in, ds_arena *arena, ds_buf *out,
                   ds_err *err) {
    const ds_model *model = in->key->model;
    int rc = SQLITE_OK;
    in->sent = ds_mask_flags(model, arena);
    if (in->sent == NULL) {
        return ds_err_nomem(err);
    }
    in->op = operation_of(in);
    if (in->op == DS_OP_DELETE) {
        bool is_gone =
            in->base ? ds_row_is_tombstone(model, in->base) : is_null(&in->step->version);
        in->is_empty = is_gone;
    } else if (in->source == NULL) {
        in->is_empty = true; /* the row went without a trace */
    } else {
        rc = choose(records, in, err);
        in->is_empty =
            in->op == DS_OP_UPDATE && !is_revival(in) && !is_any(model, in->sent);
        if (rc == SQLITE_OK && in->op == DS_OP_UPDATE && !in->is_empty) {
            complete_keys(model, in->sent);
        }
    }
    if (rc == SQLITE_OK && !in->is_empty) {
        print(in, out);
        rc =
            out->rc ? ds_err_set(err, out->rc, "%s", sqlite3_errstr(out->rc)) : SQLITE_OK;
    }
    return rc;
}
