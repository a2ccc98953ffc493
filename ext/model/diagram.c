/*
** The catalog as an entity-relationship diagram, for Mermaid or for Graphviz: models with their
** columns, and one edge per foreign key, whether one or both of its ends are fields.
*/
#include "model/model_int.h"

#include <string.h>

/* ---- Edges ---------------------------------------------------------------------------------- */

/* A foreign key: columns `key` of `child` hold the key of `parent`. */
typedef struct edge {
    const ds_model *parent;
    const ds_model *child;
    const ds_column *const *key;
    int n_key;
    const char *label;
    bool is_one;       /* at most one child per parent */
    bool has_two_ends; /* a field of either side is over it */
    bool has_twin;     /* the parent has a has-one with a key of its own to the child */
} edge;

static bool holds_key(const ds_relation *relation) {
    return relation->kind == DS_BELONGS_TO || relation->n_target_names > 0;
}

/* As one relation sees it. */
static edge edge_of(const ds_relation *r) {
    bool is_child = holds_key(r);
    return (edge){.parent = is_child ? r->target : r->model,
                  .child = is_child ? r->model : r->target,
                  .key = is_child ? r->local : r->remote,
                  .n_key = r->n_columns,
                  .label = r->field,
                  .is_one = r->kind == DS_HAS_ONE};
}

static bool is_same(const edge *a, const edge *b) {
    return a->parent == b->parent && a->child == b->child && a->n_key == b->n_key &&
           memcmp(a->key, b->key, (size_t)a->n_key * sizeof *a->key) == 0;
}

/* Take from another relation what only its end knows; the field of the parent is the label. */
static void add_end(edge *e, const ds_relation *own, const ds_relation *other) {
    edge end = edge_of(other);
    if (is_same(e, &end)) {
        e->is_one = e->is_one || end.is_one;
        e->has_two_ends = e->has_two_ends || holds_key(own) != holds_key(other);
        e->label = holds_key(own) && !holds_key(other) ? end.label : e->label;
    } else if (own->kind == DS_BELONGS_TO && other->kind == DS_HAS_ONE) {
        e->has_twin =
            e->has_twin || (other->model == e->parent && other->target == e->child);
    }
}

/* The edge of a relation; false when an earlier relation has it already. */
static bool make_edge(const ds_relation *relation, edge *out) {
    *out = edge_of(relation);
    const ds_model *ends[] = {out->parent, out->child};
    for (size_t m = 0; m < DS_COUNT(ends); m++) {
        for (int i = 0; i < ends[m]->n_relations; i++) {
            const ds_relation *other = &ends[m]->relations[i];
            edge end = edge_of(other);
            bool is_earlier = other->model == relation->model
                                  ? other < relation
                                  : other->model->index < relation->model->index;
            if (is_earlier && is_same(out, &end)) {
                return false;
            }
            add_end(out, relation, other);
        }
    }
    /* Of one-to-one each side may hold the key of the other: two edges with one end each. */
    out->is_one = out->is_one || (out->has_twin && !out->has_two_ends);
    return true;
}

static bool is_required(const edge *e) {
    for (int i = 0; i < e->n_key; i++) {
        if (!ds_column_is_required(e->key[i])) {
            return false;
        }
    }
    return true;
}

/* ---- Columns -------------------------------------------------------------------------------- */

static bool is_foreign_key(const ds_model *model, const ds_column *column) {
    for (int m = 0; m < model->catalog->n_models; m++) {
        const ds_model *of = &model->catalog->models[m];
        for (int i = 0; i < of->n_relations; i++) {
            edge e = edge_of(&of->relations[i]);
            for (int k = 0; k < e.n_key; k++) {
                if (e.key[k] == column) {
                    return true;
                }
            }
        }
    }
    return false;
}

static const char *key_mark(const ds_model *model, const ds_column *column) {
    bool is_primary = column->key_position >= 0;
    bool is_foreign = is_foreign_key(model, column);
    return is_primary && is_foreign ? "PK, FK"
           : is_primary             ? "PK"
           : is_foreign             ? "FK"
                                    : "";
}

static void add_type(ds_buf *out, const ds_type *type) {
    ds_buf_add(out, ds_type_name(type));
    for (int i = 0; i < type->list_depth; i++) {
        ds_buf_add(out, "[]");
    }
}

/* ---- Mermaid -------------------------------------------------------------------------------- */

/* Its grammar knows these in any case. */
static bool is_mermaid_word(const char *name) {
    return ds_text_iequal(name, "PK") || ds_text_iequal(name, "FK") ||
           ds_text_iequal(name, "UK");
}

/* Names of entities are quoted, as `one`, `to`, `class`, … mean something. Those of attributes
** cannot be; a comment tells the true one where it had to be changed. */
static void mermaid_model(ds_buf *out, const ds_model *model) {
    ds_buf_addf(out, "\n  \"%s\" {", model->name);
    for (int i = 0; i < model->n_columns; i++) {
        const ds_column *column = &model->columns[i];
        const char *mark = key_mark(model, column);
        bool is_word = is_mermaid_word(column->name);
        ds_buf_add(out, "\n    ");
        ds_buf_add(out, is_mermaid_word(ds_type_name(&column->type)) ? "_" : "");
        add_type(out, &column->type);
        ds_buf_addf(out, " %s%s%s%s", column->name, is_word ? "_" : "", *mark ? " " : "",
                    mark);
        if (is_word) {
            ds_buf_addf(out, " \"%s\"", column->name);
        }
    }
    ds_buf_add(out, "\n  }");
}

static void mermaid_edge(ds_buf *out, const edge *e) {
    ds_buf_addf(out, "\n  \"%s\" %s--%s \"%s\" : \"%s\"", e->parent->name,
                is_required(e) ? "||" : "|o", e->is_one ? "o|" : "o{", e->child->name,
                e->label);
}

/* ---- Graphviz ------------------------------------------------------------------------------- */

/* Names are GraphQL's: nothing in them needs escaping inside the label's HTML. */
static void dot_model(ds_buf *out, const ds_model *model) {
    ds_buf_addf(
        out,
        "\n  \"%s\" [label=<<table border=\"0\" cellborder=\"1\" cellspacing=\"0\">"
        "\n    <tr><td colspan=\"3\"><b>%s</b></td></tr>",
        model->name, model->name);
    for (int i = 0; i < model->n_columns; i++) {
        const ds_column *column = &model->columns[i];
        ds_buf_addf(out, "\n    <tr><td align=\"left\">%s</td><td align=\"left\">",
                    column->name);
        add_type(out, &column->type);
        ds_buf_addf(out, "</td><td>%s</td></tr>", key_mark(model, column));
    }
    ds_buf_add(out, "\n  </table>>]");
}

static void dot_edge(ds_buf *out, const edge *e) {
    ds_buf_addf(out, "\n  \"%s\" -> \"%s\" [label=\"%s\" arrowtail=%s arrowhead=%s]",
                e->parent->name, e->child->name, e->label,
                is_required(e) ? "teetee" : "teeodot",
                e->is_one ? "teeodot" : "crowodot");
}

/* ---- Both ----------------------------------------------------------------------------------- */

static const struct printer {
    const char *head;
    void (*model)(ds_buf *out, const ds_model *model);
    void (*edge)(ds_buf *out, const edge *e);
    const char *tail;
} printers[] = {
    [DS_DIAGRAM_MERMAID] = {"erDiagram", mermaid_model, mermaid_edge, ""},
    [DS_DIAGRAM_DOT] = {"digraph datastore {\n  rankdir=LR\n  node [shape=plain]\n"
                        "  edge [dir=both]",
                        dot_model, dot_edge, "\n}"},
};

void ds_catalog_diagram(const ds_catalog *catalog, ds_diagram format, ds_buf *out) {
    const struct printer *p = &printers[format];
    ds_buf_add(out, p->head);
    for (int i = 0; i < catalog->n_models; i++) {
        p->model(out, &catalog->models[i]);
    }
    for (int i = 0; i < catalog->n_models; i++) {
        for (int r = 0; r < catalog->models[i].n_relations; r++) {
            edge e;
            if (make_edge(&catalog->models[i].relations[r], &e)) {
                p->edge(out, &e);
            }
        }
    }
    ds_buf_add(out, p->tail);
}
