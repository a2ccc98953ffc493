/*
** Relations of transformer 2 over `references`: fields of the child, named by both sides.
*/
#include "model/model_int.h"

#include <string.h>

/* The references are fields of `child` and hold the key of `parent`. */
static int check_fields(const ds_reading *r, const ds_draft *child,
                        const ds_draft *parent) {
    const ds_build *build = r->build;
    if (r->references.n != parent->key.n) {
        return ds_err_at(
            build->err, DS_AT(r->directive->pos),
            "@%s of \"%s.%s\": \"references\" must name %d fields for the key of "
            "\"%s\" (%s)",
            r->directive->name, r->draft->out->name, r->field->name, parent->key.n,
            parent->out->name, ds_words_text(build->arena, parent->key));
    }
    int required = 0, rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < r->references.n; i++) {
        ds_draft_field *field = NULL;
        const ds_draft_field *of = ds_draft_field_find(parent, parent->key.items[i]);
        rc = ds_draft_need_scalar(build, child, r->references.items[i], r->directive->pos,
                                  "\"references\"", &field);
        if (rc == SQLITE_OK && !ds_type_fits(&field->type, &of->type)) {
            rc = ds_err_at(
                build->err, DS_AT(r->directive->pos),
                "\"references\": \"%s.%s\" is of type %s, but \"%s.%s\" of type %s",
                child->out->name, field->name, ds_type_name(&field->type),
                parent->out->name, of->name, ds_type_name(&of->type));
        }
        required += rc == SQLITE_OK && field->type.is_required;
    }
    if (rc == SQLITE_OK && required != 0 && required != r->references.n) {
        rc = ds_reading_fail(
            r, "its \"references\" must all be required or all be optional");
    }
    if (rc == SQLITE_OK &&
        (r->field->type.is_required ||
         (r->field->type.is_list && !r->field->type.is_list_nullable))) {
        rc =
            ds_reading_fail(r, "a relation with \"references\" must not be required (!)");
    }
    return rc;
}

/* With references both sides must carry the same list. */
static int check_counterpart(const ds_reading *r) {
    bool is_child = strcmp(r->directive->name, "belongsTo") == 0;
    for (const ds_draft_field *f = r->target->fields; f; f = f->next) {
        const ds_sdl_directive *d =
            is_child ? ds_link_owning(f) : ds_link_named(f, "belongsTo");
        ds_words references;
        if (d == NULL || !ds_link_leads_to(f, r->draft)) {
            continue;
        }
        int rc = ds_directive_words(r->build, d, "references", &references);
        if (rc != SQLITE_OK || ds_words_equal(references, r->references)) {
            return rc;
        }
    }
    return ds_err_at(
        r->build->err, DS_AT(r->directive->pos),
        "@%s of \"%s.%s\": \"%s\" has no %s with the same \"references\" (%s)",
        r->directive->name, r->draft->out->name, r->field->name, r->target->out->name,
        is_child ? "@hasOne or @hasMany" : "@belongsTo",
        ds_words_text(r->build->arena, r->references));
}

int ds_references_check(const ds_reading *r, const ds_draft *child,
                        const ds_draft *parent) {
    int rc = check_fields(r, child, parent);
    return rc ? rc : check_counterpart(r);
}
