/*
** The cascade triggers of one model. A relation on no cycle gets a trigger that deletes the
** children; a model on a cycle gets one trigger that finds the whole closure first.
*/
#include "store/store_int.h"

/* Does deleting the relation's model delete its target? */
static bool cascades(const ds_relation *relation) {
    return relation->kind == DS_HAS_MANY || relation->kind == DS_HAS_ONE;
}

static bool is_inside(const ds_relation *relation) {
    return relation->target->component == relation->model->component;
}

/* remote = local for every column pair: child rows of one parent row. */
static void add_match(ds_buf *out, const ds_relation *relation, const char *child,
                      const char *parent) {
    for (int i = 0; i < relation->n_columns; i++) {
        ds_buf_add(out, i ? " AND " : "");
        if (child != NULL) {
            ds_buf_addf(out, "%s.", child);
        }
        ds_buf_add_ident(out, relation->remote[i]->name);
        ds_buf_addf(out, " = %s.", parent);
        ds_buf_add_ident(out, relation->local[i]->name);
    }
}

static void add_tree_trigger(const ds_relation *relation, ds_buf *out) {
    ds_buf rows, child, name, match;
    ds_buf_init(&rows, DS_MAX_SQL_BYTES);
    ds_buf_init(&child, DS_MAX_SQL_BYTES);
    ds_buf_init(&name, DS_MAX_SQL_BYTES);
    ds_buf_init(&match, DS_MAX_SQL_BYTES);
    ds_ddl_add_rows_name(&rows, relation->model);
    ds_ddl_add_rows_name(&child, relation->target);
    ds_buf_addf(&name, "%s.cascade.%s", ds_buf_text(&rows), relation->field);
    add_match(&match, relation, NULL, "OLD");
    const ds_slot slots[] = {{"trigger", ds_buf_text(&name)},
                             {"rows", ds_buf_text(&rows)},
                             {"child_rows", ds_buf_text(&child)},
                             {"child_match", ds_buf_text(&match)}};
    out->rc = out->rc ? out->rc : rows.rc | child.rc | name.rc | match.rc;
    ds_template_render(DS_SQL_TRIGGER_CASCADE, slots, DS_COUNT(slots), out);
    ds_buf_done(&rows);
    ds_buf_done(&child);
    ds_buf_done(&name);
    ds_buf_done(&match);
}

/* What the closure templates ask about one model or one relation of the component. */
typedef struct piece {
    ds_buf rows, base, all_columns, row_values, child_rows, join, indexed, values,
        new_key;
    char component[16], number[24], root_number[24], child_number[24];
} piece;

#define PIECE_BUFS(p)                                                                    \
    {                                                                                    \
        &(p)->rows, &(p)->base, &(p)->all_columns, &(p)->row_values, &(p)->child_rows,   \
            &(p)->join, &(p)->indexed, &(p)->values, &(p)->new_key                       \
    }

static void number_text(char out[24], const ds_store *store, const ds_model *model) {
    sqlite3_snprintf(24, out, "%lld", ds_store_number(store, model));
}

static void piece_init(piece *p, const ds_store *store, const ds_model *root,
                       const ds_model *model, const ds_relation *relation) {
    ds_buf *bufs[] = PIECE_BUFS(p);
    for (size_t i = 0; i < DS_COUNT(bufs); i++) {
        ds_buf_init(bufs[i], DS_MAX_SQL_BYTES);
    }
    ds_ddl_add_rows_name(&p->rows, model);
    ds_ddl_add_base_name(&p->base, model);
    ds_ddl_add_all(&p->all_columns, NULL, model);
    ds_ddl_add_all(&p->row_values, "r", model);
    ds_store_add_key(&p->new_key, model, "r");
    sqlite3_snprintf(sizeof p->component, p->component, "%d", root->component);
    number_text(p->number, store, model);
    number_text(p->root_number, store, root);
    number_text(p->child_number, store, relation ? relation->target : model);
    if (relation != NULL) {
        ds_ddl_add_rows_name(&p->child_rows, relation->target);
        add_match(&p->join, relation, "child", "parent");
        ds_ddl_add_list(&p->indexed, NULL, relation->remote, relation->n_columns);
        ds_ddl_add_list(&p->values, "parent", relation->local, relation->n_columns);
    }
}

static int piece_done(piece *p) {
    ds_buf *bufs[] = PIECE_BUFS(p);
    int rc = SQLITE_OK;
    for (size_t i = 0; i < DS_COUNT(bufs); i++) {
        rc = rc ? rc : bufs[i]->rc;
        ds_buf_done(bufs[i]);
    }
    return rc;
}

/* Render a closure template for one model (relation NULL) or one relation. */
static void add_piece(enum ds_sql id, const ds_store *store, const ds_model *root,
                      const ds_model *model, const ds_relation *relation, ds_buf *out) {
    piece p;
    piece_init(&p, store, root, model, relation);
    bool of_relation = relation != NULL;
    const ds_slot slots[] = {
        {"rows", ds_buf_text(&p.rows)},
        {"base", ds_buf_text(&p.base)},
        {"all_columns", ds_buf_text(&p.all_columns)},
        {"row_values", ds_buf_text(&p.row_values)},
        {"parent_rows", ds_buf_text(&p.rows)},
        {"child_rows", ds_buf_text(&p.child_rows)},
        {"join", ds_buf_text(&p.join)},
        {"indexed", ds_buf_text(&p.indexed)},
        {"values", ds_buf_text(&p.values)},
        {"new_key", ds_buf_text(&p.new_key)},
        {"component", p.component},
        {"model", p.number},
        {"child_number", p.child_number},
        {"parent_number", of_relation ? p.number : p.root_number},
        {"rid", ds_store_rid(model)},
        {"parent", ds_store_rid(of_relation ? model : root)},
        {"child", ds_store_rid(of_relation ? relation->target : model)}};
    ds_template_render(id, slots, DS_COUNT(slots), out);
    int rc = piece_done(&p);
    out->rc = out->rc ? out->rc : rc;
}

/* The five lists of statements inside a closure trigger. */
typedef struct closure {
    ds_buf steps, outside, bases, journal, deletes;
} closure;

static void add_relations(closure *c, const ds_store *store, const ds_model *root,
                          const ds_model *model) {
    for (int r = 0; r < model->n_relations; r++) {
        const ds_relation *relation = &model->relations[r];
        if (!cascades(relation)) {
            continue;
        }
        bool inside = is_inside(relation);
        add_piece(inside ? DS_SQL_CLOSURE_STEP : DS_SQL_CLOSURE_OUTSIDE, store, root,
                  model, relation, inside ? &c->steps : &c->outside);
    }
}

static void closure_init(closure *c, const ds_store *store, const ds_model *root) {
    ds_buf *bufs[] = {&c->steps, &c->outside, &c->bases, &c->journal, &c->deletes};
    for (size_t i = 0; i < DS_COUNT(bufs); i++) {
        ds_buf_init(bufs[i], DS_MAX_SQL_BYTES);
    }
    for (int m = 0; m < root->catalog->n_models; m++) {
        const ds_model *model = &root->catalog->models[m];
        if (model->component != root->component) {
            continue;
        }
        add_relations(c, store, root, model);
        add_piece(DS_SQL_CLOSURE_BASE, store, root, model, NULL, &c->bases);
        ds_buf_add(&c->journal, c->journal.length ? " UNION ALL " : "");
        add_piece(DS_SQL_CLOSURE_JOURNAL, store, root, model, NULL, &c->journal);
        add_piece(DS_SQL_CLOSURE_DELETE, store, root, model, NULL, &c->deletes);
    }
}

static int closure_done(closure *c) {
    ds_buf *bufs[] = {&c->steps, &c->outside, &c->bases, &c->journal, &c->deletes};
    int rc = SQLITE_OK;
    for (size_t i = 0; i < DS_COUNT(bufs); i++) {
        rc = rc ? rc : bufs[i]->rc;
        ds_buf_done(bufs[i]);
    }
    return rc;
}

static void add_closure_trigger(const ds_store *store, const ds_model *model,
                                ds_buf *out) {
    closure c;
    closure_init(&c, store, model);
    ds_buf rows, name, quiet;
    ds_buf_init(&rows, DS_MAX_SQL_BYTES);
    ds_buf_init(&name, DS_MAX_SQL_BYTES);
    ds_buf_init(&quiet, DS_MAX_SQL_BYTES);
    ds_ddl_add_rows_name(&rows, model);
    ds_buf_addf(&name, "%s.cascade", ds_buf_text(&rows));
    ds_ddl_add_quiet(&quiet, model);
    char component[16], number[24];
    sqlite3_snprintf(sizeof component, component, "%d", model->component);
    number_text(number, store, model);
    const ds_slot slots[] = {{"trigger", ds_buf_text(&name)},
                             {"rows", ds_buf_text(&rows)},
                             {"rid", ds_store_rid(model)},
                             {"component", component},
                             {"model", number},
                             {"quiet", ds_buf_text(&quiet)},
                             {"steps", ds_buf_text(&c.steps)},
                             {"outside", ds_buf_text(&c.outside)},
                             {"bases", ds_buf_text(&c.bases)},
                             {"journal", ds_buf_text(&c.journal)},
                             {"deletes", ds_buf_text(&c.deletes)}};
    out->rc = out->rc ? out->rc : rows.rc | name.rc | quiet.rc;
    ds_template_render(DS_SQL_TRIGGER_CLOSURE, slots, DS_COUNT(slots), out);
    int rc = closure_done(&c);
    out->rc = out->rc ? out->rc : rc;
    ds_buf_done(&rows);
    ds_buf_done(&name);
    ds_buf_done(&quiet);
}

void ds_ddl_cascade(const ds_store *store, const ds_model *model, ds_buf *out) {
    if (model->is_cyclic) {
        add_closure_trigger(store, model, out);
        return;
    }
    for (int r = 0; r < model->n_relations; r++) {
        if (cascades(&model->relations[r])) {
            add_tree_trigger(&model->relations[r], out);
        }
    }
}
