/*
** Shared by the tests of model: catalogs from texts, refusals, and catalogs as texts, which
** are easier to compare and to read than assertions field by field.
*/
#ifndef DS_TEST_CATALOG_H
#define DS_TEST_CATALOG_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/model_int.h"

static const ds_model_options told = DS_MODEL_OPTIONS_DEFAULT; /* by the directives */
static const ds_model_options v1 = {1, true};
static const ds_model_options v2 = {2, true};
static const ds_model_options v2_nocpk = {2, false};

/* A catalog that must build; to be released. */
static inline ds_catalog *built(const ds_model_options *options, const char *sdl) {
    ds_catalog *catalog = NULL;
    ds_err err = DS_ERR_INIT;
    int rc = ds_catalog_build(sdl, strlen(sdl), options, &catalog, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
    assert_non_null(catalog);
    return catalog;
}

/* The options that no test minds. */
static inline void refused(const ds_model_options *options, const char *sdl,
                           const char *message) {
    ds_catalog *catalog = NULL;
    ds_err err = DS_ERR_INIT;
    int rc = ds_catalog_build(sdl, strlen(sdl), options, &catalog, &err);
    assert_string_equal(err.text, message);
    assert_int_equal(rc, SQLITE_ERROR);
    assert_null(catalog);
}

/* ---- As text ------------------------------------------------------------------------------ */

/* The type as it stands in a schema; of nested lists the inner ones are nullable. */
static inline void add_type(ds_buf *out, const ds_type *type) {
    for (int i = 0; i < type->list_depth; i++) {
        ds_buf_add(out, "[");
    }
    ds_buf_addf(out, "%s%s", ds_type_name(type), type->is_required ? "!" : "");
    for (int i = 0; i < type->list_depth; i++) {
        ds_buf_add(out, "]");
    }
    ds_buf_add(out, type->is_list && !type->is_list_nullable ? "!" : "");
}

/* id ID! key 0, title [String!], post ID also commentPostId, … */
static inline void add_columns(ds_buf *out, const ds_model *model) {
    for (int i = 0; i < model->n_columns; i++) {
        const ds_column *c = &model->columns[i];
        ds_buf_addf(out, "%s%s ", i ? ", " : "", c->name);
        add_type(out, &c->type);
        for (int a = 0; a < c->n_aliases; a++) {
            ds_buf_addf(out, "%s%s", a ? " " : " also ", c->aliases[a]);
        }
        if (c->key_position >= 0) {
            ds_buf_addf(out, " key %d", c->key_position);
        }
        if (c->is_read_only) {
            ds_buf_add(out, " read-only");
        }
        if (c->default_value != NULL) {
            ds_buf_addf(out, " default %s", c->default_value->text);
        }
        assert_int_equal(c->index, i);
        assert_ptr_equal(ds_model_column(model, c->name), c);
        assert_ptr_equal(ds_model_column(model, c->wire), c);
    }
}

static inline void add_joined(ds_buf *out, const ds_column *const *columns, int n) {
    for (int i = 0; i < n; i++) {
        ds_buf_addf(out, "%s%s", i ? " " : "", columns[i]->name);
    }
}

static inline void add_words(ds_buf *out, const char *what, const char *const *words,
                             int n) {
    for (int i = 0; i < n; i++) {
        ds_buf_addf(out, "%s%s", i ? " " : what, words[i]);
    }
}

/* comments has many Comment (id = post) */
static inline void add_relation(ds_buf *out, const ds_relation *r) {
    static const char *const kinds[] = {"has one", "has many", "belongs to"};
    ds_buf_addf(out, "%s %s %s (", r->field, kinds[r->kind], r->target->name);
    add_joined(out, r->local, r->n_columns);
    ds_buf_add(out, " = ");
    add_joined(out, r->remote, r->n_columns);
    ds_buf_add(out, r->is_required ? "), required" : ")");
}

static inline void add_relations(ds_buf *out, const ds_model *model) {
    for (int i = 0; i < model->n_relations; i++) {
        ds_buf_add(out, i ? ", " : "");
        add_relation(out, &model->relations[i]);
        assert_ptr_equal(ds_model_relation(model, model->relations[i].field),
                         &model->relations[i]);
    }
}

static inline void add_indexes(ds_buf *out, const ds_index *indexes, int n) {
    for (int i = 0; i < n; i++) {
        ds_buf_addf(out, "%s%s%s", i ? ", " : "", indexes[i].name ? indexes[i].name : "",
                    indexes[i].name ? ": " : "");
        add_joined(out, indexes[i].columns, indexes[i].n_columns);
    }
}

/* In the order of ds_operations; - for none. */
static inline void add_operations(ds_buf *out, const ds_operations *o) {
    const char *names[] = {o->sync,    o->get,       o->create,    o->update,
                           o->delete_, o->on_create, o->on_update, o->on_delete};
    for (size_t i = 0; i < DS_COUNT(names); i++) {
        ds_buf_addf(out, "%s%s", i ? " " : "", names[i] ? names[i] : "-");
    }
}

/* ---- Assertions ----------------------------------------------------------------------------- */

typedef void (*describer)(ds_buf *out, const ds_model *model);

static inline void check_text(const ds_catalog *catalog, const char *name,
                              describer describe, const char *expected) {
    const ds_model *model = ds_catalog_model(catalog, name);
    assert_non_null(model);
    ds_buf text;
    ds_buf_init(&text, DS_MAX_OUTPUT_BYTES);
    describe(&text, model);
    assert_int_equal(text.rc, SQLITE_OK);
    assert_string_equal(ds_buf_text(&text), expected);
    ds_buf_done(&text);
}

static inline void check_columns(const ds_catalog *catalog, const char *model,
                                 const char *expected) {
    check_text(catalog, model, add_columns, expected);
}

static inline void check_relations(const ds_catalog *catalog, const char *model,
                                   const char *expected) {
    check_text(catalog, model, add_relations, expected);
}

static inline void describe_indexes(ds_buf *out, const ds_model *model) {
    add_indexes(out, model->indexes, model->n_indexes);
}

static inline void check_indexes(const ds_catalog *catalog, const char *model,
                                 const char *expected) {
    check_text(catalog, model, describe_indexes, expected);
}

static inline void describe_keys(ds_buf *out, const ds_model *model) {
    add_joined(out, model->key, model->n_key);
    ds_buf_add(out, model->n_keys ? "; " : "");
    add_indexes(out, model->keys, model->n_keys);
}

/* The primary key; named keys. */
static inline void check_keys(const ds_catalog *catalog, const char *model,
                              const char *expected) {
    check_text(catalog, model, describe_keys, expected);
}

static inline void describe_operations(ds_buf *out, const ds_model *model) {
    add_operations(out, &model->operations);
}

static inline void check_operations(const ds_catalog *catalog, const char *model,
                                    const char *expected) {
    check_text(catalog, model, describe_operations, expected);
}

/* ---- Files ---------------------------------------------------------------------------------- */

#include <stdio.h>

static inline void read_file(const char *path, ds_buf *out) {
    char block[4096];
    size_t size;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    ds_buf_init(out, DS_MAX_SDL_BYTES);
    while ((size = fread(block, 1, sizeof block, file)) > 0) {
        ds_buf_add_bytes(out, block, size);
    }
    fclose(file);
    assert_int_equal(out->rc, SQLITE_OK);
}

static inline void write_file(const char *path, const ds_buf *text) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(ds_buf_text(text), 1, text->length, file), text->length);
    assert_int_equal(fclose(file), 0);
}

#endif
