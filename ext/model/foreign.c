/*
** Foreign keys of a schema that came as JSON. It does not tell which ones the user declared and
** which Amplify added, that is, which are seen under the name of their belongs-to field: their
** names do, and where they stand. And some it shows only as the target of that field.
*/
#include "model/import_int.h"

#include <string.h>

/* ---- Names -------------------------------------------------------------------------------- */

/* Is `name` the one that Amplify gives to the foreign key for part `i` of a key, called `part`?
** Without custom keys on connection fields the first one always ends in Id. */
static bool is_implicit(const ds_association *a, const char *name, const char *part,
                        int i) {
    ds_arena *arena = a->build->arena;
    const char *made = ds_name_camel(arena, a->draft->out->name, a->field->name, part);
    const char *old =
        ds_name_camel(arena, a->draft->out->name, a->field->name, i == 0 ? "id" : part);
    return made != NULL && old != NULL &&
           (strcmp(name, made) == 0 || strcmp(name, old) == 0);
}

/* A sort key called id would give its part the name that the first part has. */
static bool has_twice(ds_words names) {
    bool has = false;
    for (int i = 1; i < names.n; i++) {
        has = has || strcmp(names.items[i], names.items[0]) == 0;
    }
    return has;
}

/* The generator of a project without custom keys on connection fields shows one name where the
** API has one for each field of the key. */
ds_words ds_foreign_names(const ds_association *a, ds_words names,
                          const ds_draft *parent) {
    if (a->build->respects_key || names.n > 1 || parent->key.n == 1) {
        return names;
    }
    ds_words all = ds_link_implicit_names(a->build, a->draft, a->field, parent);
    bool is_first =
        !ds_arena_failed(a->build->arena) && strcmp(names.items[0], all.items[0]) == 0;
    return is_first && !has_twice(all) ? all : names;
}

/* Does the key begin with `first`, and go on with a field that JSON does not show? */
static bool goes_on_hidden(const ds_association *a, const ds_sdl_directive *key,
                           const char *first) {
    const ds_sdl_value *fields = ds_sdl_argument_find(key, "fields");
    const ds_sdl_value *v = fields ? fields->children : NULL;
    return v != NULL && v->text != NULL && strcmp(v->text, first) == 0 &&
           v->next != NULL && v->next->text != NULL &&
           ds_draft_field_find(a->draft, v->next->text) == NULL;
}

/* Such a generator also hides a foreign key that the user declared behind its belongs-to field,
** which tells the first part only. The rest may be told by a key over it. */
int ds_foreign_own_names(const ds_association *a, ds_words *out) {
    const ds_declared *type = ds_map_get(&a->build->types_by_name, a->draft->out->name);
    const ds_sdl_directive *d = type->parts->sdl->directives;
    int n = a->target->key.n, n_seen = 0, rc = SQLITE_OK;
    *out = ds_foreign_names(a, a->targets, a->target);
    if (out->n > 1 || n == 1) {
        return SQLITE_OK;
    }
    /* More keys are refused later. */
    for (; rc == SQLITE_OK && n_seen <= DS_MAX_KEYS && d != NULL; d = d->next) {
        ds_words fields = {NULL, 0};
        bool is_key = strcmp(d->name, "key") == 0;
        n_seen += is_key;
        if (is_key && goes_on_hidden(a, d, a->targets.items[0])) {
            rc = ds_directive_words(a->build, d, "fields", &fields);
            *out = fields.n >= n ? ds_words_first(fields, n) : *out;
        }
    }
    return rc;
}

/* ---- Fields ------------------------------------------------------------------------------- */

/* Part `i` of a foreign key that JSON does not show, because its belongs-to field tells it: Amplify
** added it, or the user declared it, mostly right before that field. */
static int add_hidden(const ds_association *a, ds_draft *holder, const char *name,
                      const ds_draft_field *of, bool is_added, int i) {
    /* Transformer 1 makes it an ID, whatever the key is. */
    bool is_id = is_added && a->build->catalog->transformer_version == 1;
    ds_type type = of && !is_id ? of->type : ds_type_scalar(DS_ID, true);
    type.is_required = ds_words_have(holder->key, name) ||
                       (a->kind != DS_HAS_MANY && a->field->type.is_required);
    int rc = ds_link_add_typed(a->build, holder, name, &type, a->directive->pos);
    if (rc != SQLITE_OK) {
        return rc;
    }
    ds_draft_field *field = ds_draft_field_find(holder, name);
    field->is_dropped = true;
    field->may_be_added = true;
    if (i == 0) {
        ds_link_show_id(holder, (ds_words){&name, 1});
    }
    field->is_late = is_added;
    if (!is_added && holder == a->draft) {
        ds_draft_move(holder, field, a->field);
    }
    return SQLITE_OK;
}

/* A field that is to hold a part of a key, which is `of` unless that is not there yet. If it is
** hidden its type is a guess. The first part that Amplify adds may be an ID whatever the key is,
** and that of transformer 1 a text, too, when a keyField names it. */
static int check_shown(const ds_association *a, const ds_draft *holder,
                       const ds_draft_field *shown, const ds_draft_field *of) {
    const ds_type id = ds_type_scalar(DS_ID, true);
    ds_draft_field *field = NULL;
    bool is_v1 = a->build->catalog->transformer_version == 1;
    int rc = ds_draft_need_scalar(a->build, holder, shown->name, a->directive->pos,
                                  "a foreign key", &field);
    bool fits = of == NULL || of->is_dropped || ds_type_fits(&shown->type, &of->type) ||
                (shown->is_late && ds_type_same(&shown->type, &id)) ||
                (is_v1 && ds_type_fits(&shown->type, &id));
    return rc || fits ? rc
                      : ds_err_at(a->build->err, DS_AT(a->directive->pos),
                                  "the foreign key \"%s.%s\" must be of type %s, not %s",
                                  holder->out->name, shown->name, ds_type_name(&of->type),
                                  ds_type_name(&shown->type));
}

/* Could SQLite not tell a field of that name from one that is there? As a key it has its place
** in the table under the name of its relation only: the user cannot have declared it. */
static bool has_twin(const ds_draft *holder, const char *name) {
    const ds_draft_field *f = holder->fields;
    while (f != NULL && !ds_text_iequal(f->name, name)) {
        f = f->next;
    }
    return f != NULL;
}

/* The field `name` of `holder` is to hold part `i` of the key of `parent`. */
static int need_part(const ds_association *a, ds_draft *holder, const char *name,
                     const ds_draft *parent, int i) {
    const char *part = parent->key.items[i];
    const ds_draft_field id = {.type = ds_type_scalar(DS_ID, true)};
    const ds_draft_field *of = ds_draft_field_find(parent, part);
    if (of == NULL && strcmp(part, "id") == 0) {
        of = &id; /* which key.c will add */
    }
    ds_draft_field *field = ds_draft_field_find(holder, name);
    bool is_added = is_implicit(a, name, part, i);
    if (field == NULL) {
        return add_hidden(a, holder, name, of, is_added || has_twin(holder, name), i);
    }
    field->is_late = field->is_late || (field->may_be_added && is_added);
    return check_shown(a, holder, field, of);
}

int ds_foreign_need(const ds_association *a, ds_draft *holder, ds_words names,
                    const ds_draft *parent) {
    int rc = ds_build_memory(a->build);
    if (rc == SQLITE_OK && names.n != 1 && names.n != parent->key.n) {
        rc = ds_err_at(a->build->err, DS_AT(a->directive->pos),
                       "names %d fields of \"%s\" for the key of \"%s\" (%s): expected 1 "
                       "or all",
                       names.n, holder->out->name, parent->out->name,
                       ds_words_text(a->build->arena, parent->key));
    }
    for (int i = 0; rc == SQLITE_OK && i < names.n; i++) {
        rc = need_part(a, holder, names.items[i], parent, i);
    }
    return rc;
}
