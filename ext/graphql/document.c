/*
** Operations: their variables, arguments and whole documents.
*/
#include "graphql/graphql.h"

static const struct shape {
    const char *name;
    const char *kind;
} shapes[DS_GRAPHQL_OPERATION_COUNT] = {
    [DS_GRAPHQL_SYNC] = {"sync", "query"},
    [DS_GRAPHQL_GET] = {"get", "query"},
    [DS_GRAPHQL_CREATE] = {"create", "mutation"},
    [DS_GRAPHQL_UPDATE] = {"update", "mutation"},
    [DS_GRAPHQL_DELETE] = {"delete", "mutation"},
    [DS_GRAPHQL_ON_CREATE] = {"onCreate", "subscription"},
    [DS_GRAPHQL_ON_UPDATE] = {"onUpdate", "subscription"},
    [DS_GRAPHQL_ON_DELETE] = {"onDelete", "subscription"},
};

const char *ds_graphql_name(ds_graphql_operation operation) {
    return shapes[operation].name;
}

const char *ds_graphql_field(const ds_model *model, ds_graphql_operation operation) {
    const ds_operations *o = &model->operations;
    const char *const fields[DS_GRAPHQL_OPERATION_COUNT] = {
        [DS_GRAPHQL_SYNC] = o->sync,           [DS_GRAPHQL_GET] = o->get,
        [DS_GRAPHQL_CREATE] = o->create,       [DS_GRAPHQL_UPDATE] = o->update,
        [DS_GRAPHQL_DELETE] = o->delete_,      [DS_GRAPHQL_ON_CREATE] = o->on_create,
        [DS_GRAPHQL_ON_UPDATE] = o->on_update, [DS_GRAPHQL_ON_DELETE] = o->on_delete,
    };
    return fields[operation];
}

/* ---- Arguments ------------------------------------------------------------------------------ */

/* A list of arguments: as variables with their types, or as they are passed on. */
typedef struct list {
    ds_buf *out;
    const ds_model *model;
    const char *suffix;
    bool is_declaration;
    int n;
} list;

/* One argument, of type `before``type``after`. */
static void add(list *l, const char *name, const char *before, const char *type,
                const char *after) {
    ds_buf_add(l->out, l->n++ ? ", " : "");
    if (l->is_declaration) {
        ds_buf_addf(l->out, "$%s%s: %s%s%s", name, l->suffix, before, type, after);
    } else {
        ds_buf_addf(l->out, "%s: $%s%s", name, name, l->suffix);
    }
}

/* The model's name as it stands in its input types: capital, except that transformer 1 leaves
** it alone in those of filters and conditions. The first letter goes to `before`. */
static void add_input(list *l, const char *name, const char *before, bool is_capital,
                      const char *after) {
    const char *model = l->model->name;
    bool is_lower = model[0] >= 'a' && model[0] <= 'z';
    char start[sizeof "ModelSubscription" + 1];
    char first = (char)(is_capital && is_lower ? model[0] - 'a' + 'A' : model[0]);
    sqlite3_snprintf((int)sizeof start, start, "%s%c", before, first);
    add(l, name, start, model + 1, after);
}

static void add_filter(list *l, const char *name, const char *after) {
    add_input(l, name, "Model", l->model->catalog->transformer_version == 2, after);
}

/* The API takes a key of its own making as ID, whatever type the schema gives it. */
static void add_key(list *l) {
    for (int i = 0; i < l->model->n_key; i++) {
        const ds_column *column = l->model->key[i];
        bool is_managed = l->model->key_kind == DS_KEY_MANAGED;
        add(l, column->wire, "", is_managed ? "ID" : ds_type_name(&column->type), "!");
    }
}

static void add_subscription(list *l) {
    if (l->model->catalog->transformer_version == 2) {
        add_input(l, "filter", "ModelSubscription", true, "FilterInput");
    }
    for (int i = 0; i < l->model->n_owners; i++) {
        const ds_owner *owner = &l->model->owners[i];
        if (owner->is_argument) {
            add(l, owner->field, "", "String", owner->is_required ? "!" : "");
        }
    }
}

static void add_list(list *l, ds_graphql_operation operation) {
    switch (operation) {
    case DS_GRAPHQL_SYNC:
        add(l, "limit", "", "Int", "");
        add(l, "nextToken", "", "String", "");
        add(l, "lastSync", "", "AWSTimestamp", "");
        add_filter(l, "filter", "FilterInput");
        break;
    case DS_GRAPHQL_GET:
        add_key(l);
        break;
    case DS_GRAPHQL_CREATE:
        add_input(l, "input", "Create", true, "Input!");
        break;
    case DS_GRAPHQL_UPDATE:
        add_input(l, "input", "Update", true, "Input!");
        add_filter(l, "condition", "ConditionInput");
        break;
    case DS_GRAPHQL_DELETE:
        add_input(l, "input", "Delete", true, "Input!");
        add_filter(l, "condition", "ConditionInput");
        break;
    case DS_GRAPHQL_ON_CREATE:
    case DS_GRAPHQL_ON_UPDATE:
    case DS_GRAPHQL_ON_DELETE:
    case DS_GRAPHQL_OPERATION_COUNT:
    default:
        add_subscription(l);
        break;
    }
}

void ds_graphql_declare(ds_buf *out, const ds_model *model,
                        ds_graphql_operation operation, const char *suffix) {
    list l = {out, model, suffix, true, 0};
    add_list(&l, operation);
}

void ds_graphql_pass(ds_buf *out, const ds_model *model, ds_graphql_operation operation,
                     const char *suffix) {
    list l = {out, model, suffix, false, 0};
    add_list(&l, operation);
}

/* ---- Documents ------------------------------------------------------------------------------ */

/* Arguments in parentheses, which must not be empty. */
static void add_arguments(ds_buf *out, const ds_model *model,
                          ds_graphql_operation operation, bool is_declaration) {
    list l = {out, model, "", is_declaration, 0};
    size_t before = out->length;
    ds_buf_add(out, "(");
    add_list(&l, operation);
    ds_buf_add(out, ")");
    if (l.n == 0) {
        ds_buf_cut(out, before);
    }
}

void ds_graphql_document(ds_buf *out, const ds_model *model,
                         ds_graphql_operation operation) {
    ds_buf_addf(out, "%s operation", shapes[operation].kind);
    add_arguments(out, model, operation, true);
    ds_buf_addf(out, " {\n  %s", ds_graphql_field(model, operation));
    add_arguments(out, model, operation, false);
    ds_buf_add(out, " ");
    if (operation == DS_GRAPHQL_SYNC) {
        ds_buf_add(out, "{\n    items ");
        ds_graphql_select(out, model, operation, 2);
        ds_buf_add(out, "\n    nextToken\n    startedAt\n  }");
    } else {
        ds_graphql_select(out, model, operation, 1);
    }
    ds_buf_add(out, "\n}");
}
