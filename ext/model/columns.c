/*
** From drafts to what is handed out: the columns of each model and their names, then keys,
** relations and fields in terms of them.
*/
#include "model/model_int.h"

#include <string.h>

/* One model while its columns are made. */
typedef struct table {
    ds_build *build;
    ds_draft *draft;
    ds_column *columns;
    int n;
    ds_map names; /* of everything SQL can name in it, to the field, ignoring case */
} table;

/* ---- Columns ------------------------------------------------------------------------------ */

static bool is_column(const ds_draft_field *field) {
    return field->type.kind != DS_KIND_MODEL;
}

/* The belongs-to relation over a single column, or NULL. */
static const ds_link *single_link(const ds_draft_field *field) {
    const ds_link *link = field->link;
    return link && link->kind == DS_BELONGS_TO && link->local.n == 1 ? link : NULL;
}

static int put(table *t, ds_draft_field *field, const char *name) {
    ds_column *column = &t->columns[t->n];
    column->name = name;
    column->wire = field->name;
    column->type = field->type;
    column->role = field->role;
    column->is_read_only = field->is_read_only;
    column->is_generated = field->is_late;
    column->key_position = -1;
    column->index = t->n++;
    if (field->is_demanded) {
        column->type.is_required = true;
    } else if (field->is_lenient && !ds_words_have(t->draft->key, field->name)) {
        column->type.is_required = false;
    }
    field->column = column;
    return ds_default_read(t->build, t->draft, field, &column->default_value);
}

/* What stands in the schema, in its order: a scalar, or a belongs-to field, which gives its
** name and place to the key that was generated for it. */
static int put_declared(table *t, ds_draft_field *field) {
    const ds_link *link = single_link(field);
    const ds_value *none = NULL;
    if (is_column(field)) {
        bool is_added = field->is_late || field->role != DS_COLUMN_DATA;
        return is_added ? SQLITE_OK : put(t, field, field->name);
    }
    int rc = ds_default_read(t->build, t->draft, field, &none);
    if (rc != SQLITE_OK || link == NULL) {
        return rc;
    }
    ds_draft_field *key = ds_draft_field_find(t->draft, link->local.items[0]);
    return key->is_late && key->column == NULL ? put(t, key, field->name) : SQLITE_OK;
}

static int put_all(table *t) {
    int rc = SQLITE_OK;
    for (ds_draft_field *f = t->draft->fields; rc == SQLITE_OK && f; f = f->next) {
        rc = put_declared(t, f);
    }
    for (ds_draft_field *f = t->draft->fields; rc == SQLITE_OK && f; f = f->next) {
        if (f->is_late && f->column == NULL) {
            rc = put(t, f, f->name);
        }
    }
    for (ds_draft_field *f = t->draft->fields; rc == SQLITE_OK && f; f = f->next) {
        if (f->role != DS_COLUMN_DATA) {
            rc = put(t, f, f->name);
        }
    }
    return rc;
}

/* A required relation whose key sits on this side demands the key, too. */
static void demand_keys(const ds_draft *draft) {
    for (const ds_draft_field *f = draft->fields; f; f = f->next) {
        bool demands = f->link != NULL && f->type.is_required;
        for (int i = 0; demands && i < f->link->target_names.n; i++) {
            const char *name = f->link->target_names.items[i];
            ds_draft_field_find(draft, name)->is_demanded = true;
        }
    }
}

/* ---- Names -------------------------------------------------------------------------------- */

static int refuse_twins(const table *t, const ds_draft_field *a,
                        const ds_draft_field *b) {
    const char *model = t->draft->out->name;
    ds_sdl_pos pos = b->pos.line > 0 || b->pos.path ? b->pos : a->pos;
    const char *where = "";
    if (a->pos.line > 0 && b->pos.line > 0) {
        where = ds_arena_printf(t->build->arena, " (line %d, column %d)", a->pos.line,
                                a->pos.column);
    }
    return ds_err_at(
        t->build->err, DS_AT(pos),
        "\"%s.%s\" and \"%s.%s\"%s differ only in case, which SQLite ignores", model,
        b->name, model, a->name, where ? where : "");
}

/* A name of its own: not that of a key which is seen under its relation's name. */
static bool has_name(const ds_draft_field *field) {
    return is_column(field) ? field->column->name == field->name : field->link != NULL;
}

static int claim_names(table *t) {
    ds_map_init(&t->names, t->build->arena, true);
    for (ds_draft_field *f = t->draft->fields; f; f = f->next) {
        const ds_draft_field *other = ds_map_get(&t->names, f->name);
        if (has_name(f) && other != NULL) {
            return refuse_twins(t, other, f);
        }
        if (has_name(f)) {
            ds_map_put(&t->names, f->name, f);
        }
    }
    return ds_build_memory(t->build);
}

static void add_alias(const table *t, ds_column *column, const char *name) {
    const char **aliases = ds_words_new(t->build->arena, column->n_aliases + 1);
    if (aliases != NULL) {
        for (int i = 0; i < column->n_aliases; i++) {
            aliases[i] = column->aliases[i];
        }
        aliases[column->n_aliases++] = name;
        column->aliases = aliases;
    }
}

/* A wire name yields to a column of that name; a relation's field is known to be unique. */
static int add_aliases(table *t) {
    size_t n = t->names.count;
    for (int i = 0; i < t->n; i++) {
        ds_column *column = &t->columns[i];
        if (column->name != column->wire && ds_map_get(&t->names, column->wire) == NULL) {
            ds_map_put(&t->names, column->wire, column);
            add_alias(t, column, column->wire);
            n++;
        }
    }
    for (const ds_draft_field *f = t->draft->fields; f; f = f->next) {
        const ds_link *link = single_link(f);
        ds_column *column =
            link ? ds_draft_field_find(t->draft, link->local.items[0])->column : NULL;
        if (column != NULL && column->name != f->name) {
            add_alias(t, column, f->name);
        }
    }
    return n <= DS_MAX_COLUMNS
               ? ds_build_memory(t->build)
               : ds_err_at(t->build->err, DS_AT(t->draft->pos),
                           "\"%s\" needs more than %d columns with its relations",
                           t->draft->out->name, DS_MAX_COLUMNS);
}

/* For ds_model_column: visible names before others. */
static int map_names(const table *t) {
    ds_map *map = ds_arena_alloc(t->build->arena, sizeof *map);
    if (map == NULL) {
        return ds_err_nomem(t->build->err);
    }
    ds_map_init(map, t->build->arena, false);
    for (int i = 0; i < t->n; i++) {
        ds_map_put(map, t->columns[i].name, &t->columns[i]);
    }
    for (int i = 0; i < t->n; i++) {
        ds_map_put(map, t->columns[i].wire, &t->columns[i]);
        for (int a = 0; a < t->columns[i].n_aliases; a++) {
            ds_map_put(map, t->columns[i].aliases[a], &t->columns[i]);
        }
    }
    t->draft->out->columns_by_name = map;
    return ds_build_memory(t->build);
}

static int fill_columns(ds_build *build, ds_draft *draft) {
    table t = {.build = build, .draft = draft};
    t.columns = ds_arena_alloc(build->arena, (size_t)draft->n_fields * sizeof *t.columns);
    if (t.columns == NULL) {
        return ds_err_nomem(build->err);
    }
    demand_keys(draft);
    int rc = put_all(&t);
    rc = rc ? rc : claim_names(&t);
    rc = rc ? rc : add_aliases(&t);
    rc = rc ? rc : map_names(&t);
    draft->out->columns = t.columns;
    draft->out->n_columns = t.n;
    return rc;
}

/* ---- Keys --------------------------------------------------------------------------------- */

/* The columns of those fields. NULL when memory is out. */
static const ds_column **columns_of(const ds_build *build, const ds_draft *draft,
                                    ds_words fields) {
    const ds_column **columns =
        ds_arena_alloc(build->arena, (size_t)fields.n * sizeof *columns);
    for (int i = 0; columns != NULL && i < fields.n; i++) {
        columns[i] = ds_draft_field_find(draft, fields.items[i])->column;
    }
    return columns;
}

static void fill_primary(ds_build *build, ds_draft *draft) {
    ds_model *model = draft->out;
    bool is_id = draft->key.n == 1 && strcmp(draft->key.items[0], "id") == 0;
    model->key = columns_of(build, draft, draft->key);
    model->n_key = draft->key.n;
    model->key_kind = !draft->has_custom_key ? DS_KEY_MANAGED
                      : is_id                ? DS_KEY_OPTIONALLY_MANAGED
                                             : DS_KEY_CUSTOM;
    for (int i = 0; i < draft->key.n; i++) {
        ds_draft_field_find(draft, draft->key.items[i])->column->key_position = i;
    }
}

static int fill_keys(ds_build *build, ds_draft *draft) {
    ds_model *model = draft->out;
    ds_index *keys = ds_arena_alloc(build->arena, (size_t)draft->n_keys * sizeof *keys);
    if (keys == NULL) {
        return ds_err_nomem(build->err);
    }
    model->keys = keys;
    for (const ds_draft_key *k = draft->keys; k; k = k->next) {
        keys[model->n_keys++] = (ds_index){.name = k->name,
                                           .query_field = k->query_field,
                                           .columns = columns_of(build, draft, k->fields),
                                           .n_columns = k->fields.n};
    }
    fill_primary(build, draft);
    return ds_build_memory(build);
}

/* ---- Relations and fields ------------------------------------------------------------------- */

static void fill_relation(const ds_build *build, ds_link *link, ds_relation *out) {
    *out = (ds_relation){.kind = link->kind,
                         .field = link->field->name,
                         .model = link->draft->out,
                         .target = link->target->out,
                         .local = columns_of(build, link->draft, link->local),
                         .remote = columns_of(build, link->target, link->remote),
                         .n_columns = link->local.n,
                         .associated_with = link->associated_with.items,
                         .n_associated_with = link->associated_with.n,
                         .target_names = link->target_names.items,
                         .n_target_names = link->target_names.n,
                         .generated_key = link->generated_key,
                         .is_required = link->kind == DS_BELONGS_TO &&
                                        link->field->type.is_required};
    link->out = out;
}

static int fill_fields(ds_build *build, ds_draft *draft) {
    ds_model *model = draft->out;
    size_t n = (size_t)draft->n_fields;
    ds_field *fields = ds_arena_alloc(build->arena, n * sizeof *fields);
    ds_relation *relations = ds_arena_alloc(build->arena, n * sizeof *relations);
    ds_map *by_field = ds_arena_alloc(build->arena, sizeof *by_field);
    if (by_field == NULL) {
        return ds_err_nomem(build->err);
    }
    ds_map_init(by_field, build->arena, false);
    model->fields = fields;
    model->relations = relations;
    model->relations_by_field = by_field;
    for (const ds_draft_field *f = draft->fields; f; f = f->next) {
        if (f->link != NULL) {
            ds_relation *relation = &relations[model->n_relations++];
            fill_relation(build, f->link, relation);
            ds_map_put(by_field, f->name, relation);
        }
        if (!f->is_dropped) {
            fields[model->n_fields++] =
                (ds_field){.name = f->name,
                           .type = f->type,
                           .is_read_only = f->is_read_only,
                           .relation = f->link ? f->link->out : NULL,
                           .pos = f->sdl ? f->pos : (ds_sdl_pos){0}};
        }
    }
    return ds_build_memory(build);
}

int ds_columns_fill(ds_build *build) {
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < build->n_models; i++) {
        build->models[i].directive = build->drafts[i].directive;
        build->models[i].plural = ds_name_plural(build->arena, build->models[i].name);
        rc = fill_columns(build, &build->drafts[i]);
        rc = rc ? rc : fill_keys(build, &build->drafts[i]);
    }
    for (int i = 0; rc == SQLITE_OK && i < build->n_models; i++) {
        rc = fill_fields(build, &build->drafts[i]);
    }
    return rc ? rc : ds_build_memory(build);
}
