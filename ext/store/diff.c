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

/* The embedded types that are being compared, from the innermost up: they may hold themselves. */
typedef struct pair {
    const ds_embedded *old;
    const ds_embedded *new_type;
    const struct pair *up;
} pair;

static bool widens(const ds_type *old, const ds_type *new_type, const pair *up);

static const ds_field *find_field(const ds_embedded *type, const char *name) {
    for (int i = 0; i < type->n_fields; i++) {
        if (strcmp(type->fields[i].name, name) == 0) {
            return &type->fields[i];
        }
    }
    return NULL;
}

/* A member that is gone would be an unknown one, a new one must be optional. */
static bool members_widen(const pair *types) {
    const ds_embedded *old = types->old, *new_type = types->new_type;
    for (int i = 0; i < old->n_fields; i++) {
        const ds_field *field = find_field(new_type, old->fields[i].name);
        if (field == NULL || !widens(&old->fields[i].type, &field->type, types)) {
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

/* Below a type that holds itself the same pair comes again. Another partner is not followed:
** "no" only means that the values are looked at. */
static bool embedded_widens(const ds_embedded *old, const ds_embedded *new_type,
                            const pair *up) {
    for (const pair *p = up; p != NULL; p = p->up) {
        if (p->old == old) {
            return p->new_type == new_type;
        }
    }
    const pair here = {old, new_type, up};
    return members_widen(&here);
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

static bool widens(const ds_type *old, const ds_type *new_type, const pair *up) {
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
        return embedded_widens(old->embedded, new_type->embedded, up);
    case DS_KIND_MODEL:
    default:
        return true;
    }
}

/* Whether the column itself may be NULL is asked apart. */
bool ds_diff_widens(const ds_type *old, const ds_type *new_type) {
    ds_type was = *old, is = *new_type;
    if (is.is_list) {
        was.is_list_nullable = is.is_list_nullable = true;
    } else {
        was.is_required = is.is_required = false;
    }
    return widens(&was, &is, NULL);
}

/* ---- models ----------------------------------------------------------------------------------- */

static void add_text(ds_buf *out, const char *text) {
    ds_buf_add(out, text ? text : "-");
    ds_buf_add(out, " ");
}

/* A model on its way into text. seen: the embedded types of its catalog that are there already. */
typedef struct description {
    const ds_model *model;
    bool *seen;
    ds_buf text;
} description;

static void describe_type(description *d, const ds_type *type) {
    ds_buf *out = &d->text;
    ds_buf_addf(out, "%d %d%d%d%d ", (int)type->kind, type->list_depth, type->is_required,
                type->is_list_nullable, type->is_list);
    if (type->kind == DS_KIND_SCALAR) {
        ds_buf_addf(out, "%d ", (int)type->scalar);
    } else if (type->kind == DS_KIND_ENUM) {
        add_text(out, type->enumeration->name);
        for (int i = 0; i < type->enumeration->n_values; i++) {
            add_text(out, type->enumeration->values[i]);
        }
    } else if (type->kind == DS_KIND_EMBEDDED) {
        const ds_embedded *embedded = type->embedded;
        bool *seen = &d->seen[embedded - d->model->catalog->embedded];
        bool is_first = !*seen;
        *seen = true;
        add_text(out, embedded->name);
        for (int i = 0; is_first && i < embedded->n_fields; i++) {
            add_text(out, embedded->fields[i].name);
            describe_type(d, &embedded->fields[i].type);
        }
    }
}

static void describe_columns(description *d) {
    for (int i = 0; i < d->model->n_columns; i++) {
        const ds_column *column = &d->model->columns[i];
        add_text(&d->text, column->name);
        add_text(&d->text, column->wire);
        ds_buf_addf(&d->text, "%d %d %d ", (int)column->role, column->is_read_only,
                    column->key_position);
        describe_type(d, &column->type);
    }
}

static void describe_names(const ds_column *const *columns, int n, ds_buf *out) {
    for (int i = 0; i < n; i++) {
        add_text(out, columns[i]->name);
    }
    ds_buf_add(out, "; ");
}

static void describe_rest(description *d) {
    const ds_model *model = d->model;
    ds_buf *out = &d->text;
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

typedef void (*describer)(description *);

static void describe(const ds_model *model, describer add, description *out) {
    size_t n = (size_t)model->catalog->n_embedded + 1;
    *out = (description){.model = model, .seen = sqlite3_malloc64(n)};
    ds_buf_init(&out->text, DS_MAX_OUTPUT_BYTES);
    if (out->seen == NULL) {
        out->text.rc = SQLITE_NOMEM;
        return;
    }
    memset(out->seen, 0, n);
    add(out);
    sqlite3_free(out->seen);
}

static int compare(const ds_model *a, const ds_model *b, describer add, bool *out) {
    description left, right;
    describe(a, add, &left);
    describe(b, add, &right);
    int rc = left.text.rc ? left.text.rc : right.text.rc;
    *out = strcmp(ds_buf_text(&left.text), ds_buf_text(&right.text)) == 0;
    ds_buf_done(&left.text);
    ds_buf_done(&right.text);
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

/* Every name that SQL has for something in `old`. */
bool ds_diff_is_less(const ds_model *old, const ds_model *new_model) {
    bool less = false;
    for (int i = 0; !less && i < old->n_columns; i++) {
        const ds_column *column = &old->columns[i];
        less = ds_model_column(new_model, column->name) == NULL;
        for (int a = 0; !less && a < column->n_aliases; a++) {
            less = ds_model_column(new_model, column->aliases[a]) == NULL;
        }
    }
    for (int i = 0; !less && i < old->n_relations; i++) {
        const char *field = old->relations[i].field;
        less = ds_model_relation(new_model, field) == NULL &&
               ds_model_column(new_model, field) == NULL;
    }
    return less;
}
