/*
** The join models of @manyToMany among the models of a schema that came as JSON, where they are
** models like others. What tells them from one that a user wrote: foreign keys that are optional
** under relations that are required, and the names that Amplify gives.
*/
#include "model/import_int.h"

#include <string.h>

/* Is the field one side of a join, with `key` over its foreign key? */
static bool is_side(const ds_build *build, const ds_draft *draft,
                    const ds_draft_field *field, const ds_draft_key *key) {
    const ds_link *link = field->link;
    bool is_side = link != NULL && link->kind == DS_BELONGS_TO && field->type.is_required;
    if (!is_side || key == NULL) {
        return false;
    }
    const char *name = ds_name_lower(build->arena, link->target->out->name);
    const char *index = ds_arena_printf(
        build->arena, "by%s", ds_name_capital(build->arena, link->target->out->name));
    is_side = name != NULL && index != NULL && strcmp(field->name, name) == 0 &&
              strcmp(key->name, index) == 0 && ds_words_equal(key->fields, link->local);
    for (int i = 0; is_side && i < link->local.n; i++) {
        const ds_draft_field *f = ds_draft_field_find(draft, link->local.items[i]);
        is_side = f->is_dropped || !f->type.is_required;
    }
    return is_side;
}

/* The two sides, if it is a join model and has nothing else. */
static bool find_sides(const ds_build *build, const ds_draft *draft,
                       const ds_link *sides[2]) {
    int n = 0, n_fields = 1;
    const ds_draft_key *key = draft->keys;
    if (draft->has_custom_key || draft->n_keys != 2) {
        return false;
    }
    for (const ds_draft_field *f = draft->fields; f; f = f->next) {
        if (f->link != NULL && (n == 2 || !is_side(build, draft, f, key))) {
            return false;
        }
        if (f->link != NULL) {
            key = key->next;
            sides[n++] = f->link;
            n_fields += 1 + f->link->local.n;
        }
        n_fields += f->role != DS_COLUMN_DATA;
    }
    return n == 2 && sides[0]->target != sides[1]->target && n_fields == draft->n_fields;
}

int ds_join_mark(ds_build *build) {
    for (int i = 0; i < build->n_models; i++) {
        const ds_draft *draft = &build->drafts[i];
        const ds_link *sides[2] = {NULL, NULL};
        bool is_join = find_sides(build, draft, sides);
        draft->out->is_join = is_join;
        for (int s = 0; is_join && s < 2; s++) {
            for (int k = 0; k < sides[s]->local.n; k++) {
                ds_draft_field_find(draft, sides[s]->local.items[k])->is_late = true;
            }
        }
    }
    return ds_build_memory(build);
}
