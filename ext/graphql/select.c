/*
** Selection sets: which fields of a record the API is asked for.
*/
#include "graphql/graphql.h"

/* An embedded type that is being selected, and the one around it. */
typedef struct level {
    const ds_embedded *type;
    const struct level *outer;
    int depth;
} level;

typedef struct printer {
    ds_buf *out;
    int indent;
    int n_fields;
    int repeats; /* how often a type may stand inside itself */
} printer;

/* ---- Lines --------------------------------------------------------------------------------- */

static void add_line(printer *p, const char *text) {
    ds_buf_addf(p->out, "\n%*s%s", 2 * p->indent, "", text);
    p->n_fields++;
}

static void open_set(printer *p) {
    ds_buf_add(p->out, "{");
    p->indent++;
}

static void close_set(printer *p) {
    p->indent--;
    ds_buf_addf(p->out, "\n%*s}", 2 * p->indent, "");
}

static bool is_over(const printer *p) {
    return p->n_fields > DS_MAX_SELECT_FIELDS || p->out->rc != SQLITE_OK;
}

/* ---- Embedded types ------------------------------------------------------------------------- */

static bool is_leaf(const ds_type *type) {
    return type->kind == DS_KIND_SCALAR || type->kind == DS_KIND_ENUM;
}

static bool ends_here(const printer *p, const level *outer, const ds_embedded *type) {
    int seen = 0;
    for (const level *l = outer; l != NULL; l = l->outer) {
        seen += l->type == type;
    }
    return seen > p->repeats || (outer && outer->depth >= DS_MAX_EMBEDDED_DEPTH);
}

/* A field with a set of its own. A set must not be empty: a field whose type has nothing to
** select (it has no field, or is a cycle that ends here) is left out. */
static void add_embedded(printer *p, const char *name, const ds_embedded *type,
                         const level *outer) {
    const level here = {type, outer, outer ? outer->depth + 1 : 1};
    if (is_over(p) || ends_here(p, outer, type)) {
        return;
    }
    size_t before = p->out->length;
    add_line(p, name);
    ds_buf_add(p->out, " ");
    open_set(p);
    size_t empty = p->out->length;
    for (int i = 0; i < type->n_fields; i++) {
        if (is_leaf(&type->fields[i].type)) {
            add_line(p, type->fields[i].name);
        }
    }
    for (int i = 0; i < type->n_fields; i++) {
        if (type->fields[i].type.kind == DS_KIND_EMBEDDED) {
            add_embedded(p, type->fields[i].name, type->fields[i].type.embedded, &here);
        }
    }
    bool is_empty = p->out->length == empty;
    close_set(p);
    if (is_empty) {
        ds_buf_cut(p->out, before);
    }
}

/* ---- Related records ------------------------------------------------------------------------ */

static bool is_readable(const ds_model *model, const ds_column *column) {
    return !column->is_generated || model->catalog->transformer_version == 2;
}

static bool is_wanted(const ds_relation *relation, ds_graphql_operation operation) {
    bool is_query = operation == DS_GRAPHQL_SYNC || operation == DS_GRAPHQL_GET;
    if (relation->n_target_names == 0) {
        return false; /* the key is on the other side */
    }
    for (int i = 0; i < relation->n_columns; i++) {
        if (!is_readable(relation->model, relation->local[i])) {
            return true;
        }
    }
    return relation->kind == DS_BELONGS_TO && !is_query;
}

static void add_related(printer *p, const ds_relation *relation) {
    const ds_model *target = relation->target;
    add_line(p, relation->field);
    ds_buf_add(p->out, " ");
    open_set(p);
    for (int i = 0; i < target->n_key; i++) {
        add_line(p, target->key[i]->wire);
    }
    add_line(p, "_deleted");
    close_set(p);
}

/* ---- Records -------------------------------------------------------------------------------- */

static void add_record(printer *p, const ds_model *model,
                       ds_graphql_operation operation) {
    static const char *const metadata[] = {"_version", "_lastChangedAt", "_deleted"};
    open_set(p);
    for (int i = 0; i < model->n_columns; i++) {
        const ds_column *column = &model->columns[i];
        if (is_leaf(&column->type) && is_readable(model, column)) {
            add_line(p, column->wire);
        }
    }
    for (int i = 0; i < model->n_owners; i++) {
        if (model->owners[i].is_implicit) {
            add_line(p, model->owners[i].field);
        }
    }
    for (int i = 0; i < model->n_columns; i++) {
        const ds_column *column = &model->columns[i];
        if (column->type.kind == DS_KIND_EMBEDDED) {
            add_embedded(p, column->wire, column->type.embedded, NULL);
        }
    }
    for (size_t i = 0; i < DS_COUNT(metadata); i++) {
        add_line(p, metadata[i]);
    }
    for (int i = 0; i < model->n_relations; i++) {
        if (is_wanted(&model->relations[i], operation)) {
            add_related(p, &model->relations[i]);
        }
    }
    close_set(p);
}

void ds_graphql_select(ds_buf *out, const ds_model *model, ds_graphql_operation operation,
                       int indent) {
    size_t before = out->length;
    for (int repeats = DS_MAX_EMBEDDED_CYCLE; repeats >= 0; repeats--) {
        printer p = {.out = out, .indent = indent, .repeats = repeats};
        add_record(&p, model, operation);
        if (!is_over(&p)) {
            return;
        }
        ds_buf_cut(out, before);
    }
    out->rc = out->rc ? out->rc : SQLITE_TOOBIG;
}
