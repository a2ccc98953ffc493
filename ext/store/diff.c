/*
** Two catalogs compared: what has another shape, and which types hold more than before.
*/
#include "store/store_int.h"

#include <string.h>

/* ---- types ------------------------------------------------------------------------------------ */

static bool enum_widens(const ds_enum *old, const ds_enum *new_enum) {
    for (int i = 0; i < old->n_values; i++) {
        bool found = false;
        for (int j = 0; !found && j < new_enum->n_values; j++) {
            found = strcmp(old->values[i], new_enum->values[j]) == 0;
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static bool widens(const ds_type *old, const ds_type *new_type, int depth);

static const ds_field *find_field(const ds_embedded *type, const char *name) {
    for (int i = 0; i < type->n_fields; i++) {
        if (strcmp(type->fields[i].name, name) == 0) {
            return &type->fields[i];
        }
    }
    return NULL;
}

/* A member that is gone would be an unknown one, a new one must be optional. */
static bool embedded_widens(const ds_embedded *old, const ds_embedded *new_type,
                            int depth) {
    for (int i = 0; i < old->n_fields; i++) {
        const ds_field *field = find_field(new_type, old->fields[i].name);
        if (field == NULL || !widens(&old->fields[i].type, &field->type, depth)) {
            return false;
        }
    }
    for (int i = 0; i < new_type->n_fields; i++) {
        const ds_type *type = &new_type->fields[i].type;
        bool demanded = type->is_list ? !type->is_list_nullable : type->is_required;
        if (demanded && find_field(old, new_type->fields[i].name) == NULL) {
            return false;
        }
    }
    return true;
}

/* Is every value of the old type a text that any String or ID may be? */
static bool is_text_to_text(const ds_type *old, const ds_type *new_type) {
    bool to_text = new_type->kind == DS_KIND_SCALAR &&
                   (new_type->scalar == DS_STRING || new_type->scalar == DS_ID);
    bool from_text = old->kind == DS_KIND_ENUM ||
                     (old->kind == DS_KIND_SCALAR &&
                      ds_scalar_get(old->scalar)->affinity == DS_TEXT_AFFINITY);
    return to_text && from_text;
}

/* An embedded type may hold itself: what is deeper than any value has been compared above. */
static bool widens(const ds_type *old, const ds_type *new_type, int depth) {
    bool stricter = (new_type->is_required && !old->is_required) ||
                    (old->is_list_nullable && !new_type->is_list_nullable);
    if (old->list_depth != new_type->list_depth || stricter) {
        return false;
    }
    if (is_text_to_text(old, new_type)) {
        return true;
    }
    if (old->kind != new_type->kind) {
        return false;
    }
    switch (old->kind) {
    case DS_KIND_SCALAR:
        return old->scalar == new_type->scalar;
    case DS_KIND_ENUM:
        return enum_widens(old->enumeration, new_type->enumeration);
    case DS_KIND_EMBEDDED:
        return depth == 0 ||
               embedded_widens(old->embedded, new_type->embedded, depth - 1);
    case DS_KIND_MODEL:
    default:
        return true;
    }
}

#define COMPARED_DEPTH 8

/* Whether the column itself may be NULL is asked apart. */
bool ds_diff_widens(const ds_type *old, const ds_type *new_type) {
    ds_type was = *old, is = *new_type;
    if (is.is_list) {
        was.is_list_nullable = is.is_list_nullable = true;
    } else {
        was.is_required = is.is_required = false;
    }
    return widens(&was, &is, COMPARED_DEPTH);
}

/* ---- models ----------------------------------------------------------------------------------- */

static void add_text(ds_buf *out, const char *text) {
    ds_buf_add(out, text ? text : "-");
    ds_buf_add(out, " ");
}

static void describe_type(const ds_type *type, int depth, ds_buf *out) {
    ds_buf_addf(out, "%d %d%d%d%d ", (int)type->kind, type->list_depth, type->is_required,
                type->is_list_nullable, type->is_list);
    if (type->kind == DS_KIND_SCALAR) {
        ds_buf_addf(out, "%d ", (int)type->scalar);
    } else if (type->kind == DS_KIND_ENUM) {
        for (int i = 0; i < type->enumeration->n_values; i++) {
            add_text(out, type->enumeration->values[i]);
        }
    } else if (type->kind == DS_KIND_EMBEDDED) {
        add_text(out, type->embedded->name);
        for (int i = 0; depth > 0 && i < type->embedded->n_fields; i++) {
            add_text(out, type->embedded->fields[i].name);
            describe_type(&type->embedded->fields[i].type, depth - 1, out);
        }
    }
}

static void describe_columns(const ds_model *model, ds_buf *out) {
    for (int i = 0; i < model->n_columns; i++) {
        const ds_column *column = &model->columns[i];
        add_text(out, column->name);
        add_text(out, column->wire);
        ds_buf_addf(out, "%d %d %d ", (int)column->role, column->is_read_only,
                    column->key_position);
        describe_type(&column->type, COMPARED_DEPTH, out);
    }
}

static void describe_names(const ds_column *const *columns, int n, ds_buf *out) {
    for (int i = 0; i < n; i++) {
        add_text(out, columns[i]->name);
    }
    ds_buf_add(out, "; ");
}

static void describe_rest(const ds_model *model, ds_buf *out) {
    const ds_operations *o = &model->operations;
    const char *const names[] = {o->sync,    o->get,       o->create,    o->update,
                                 o->delete_, o->on_create, o->on_update, o->on_delete};
    for (size_t i = 0; i < DS_COUNT(names); i++) {
        add_text(out, names[i]);
    }
    for (int i = 0; i < model->n_columns; i++) {
        for (int a = 0; a < model->columns[i].n_aliases; a++) {
            add_text(out, model->columns[i].aliases[a]);
        }
        ds_buf_add(out, "; ");
    }
    for (int i = 0; i < model->n_keys; i++) {
        add_text(out, model->keys[i].name);
        describe_names(model->keys[i].columns, model->keys[i].n_columns, out);
    }
    for (int i = 0; i < model->n_indexes; i++) {
        describe_names(model->indexes[i].columns, model->indexes[i].n_columns, out);
    }
    for (int i = 0; i < model->n_relations; i++) {
        const ds_relation *r = &model->relations[i];
        ds_buf_addf(out, "%d ", (int)r->kind);
        add_text(out, r->field);
        add_text(out, r->target->name);
        describe_names(r->local, r->n_columns, out);
        describe_names(r->remote, r->n_columns, out);
    }
}

typedef void (*describer)(const ds_model *, ds_buf *);

static int compare(const ds_model *a, const ds_model *b, describer describe, bool *out) {
    ds_buf left, right;
    ds_buf_init(&left, DS_MAX_OUTPUT_BYTES);
    ds_buf_init(&right, DS_MAX_OUTPUT_BYTES);
    describe(a, &left);
    describe(b, &right);
    int rc = left.rc ? left.rc : right.rc;
    *out = strcmp(ds_buf_text(&left), ds_buf_text(&right)) == 0;
    ds_buf_done(&left);
    ds_buf_done(&right);
    return rc;
}

int ds_diff_models(const ds_model *old, const ds_model *new_model, bool *same_columns,
                   bool *same_all, ds_err *err) {
    int rc = compare(old, new_model, describe_columns, same_columns);
    rc = rc ? rc : compare(old, new_model, describe_rest, same_all);
    *same_all = *same_all && *same_columns;
    return rc ? ds_err_nomem(err) : SQLITE_OK;
}

bool ds_diff_same_key(const ds_model *old, const ds_model *new_model) {
    bool same = old->n_key == new_model->n_key;
    for (int i = 0; same && i < old->n_key; i++) {
        const ds_column *a = old->key[i], *b = new_model->key[i];
        same = strcmp(a->name, b->name) == 0 && ds_diff_widens(&a->type, &b->type);
    }
    return same;
}
