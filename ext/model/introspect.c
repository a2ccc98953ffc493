/*
** The catalog as JSON, in the shape of the schema.js that Amplify's code generator writes.
*/
#include "model/model_int.h"

#include <string.h>

static void add_text(ds_buf *out, const char *text) {
    ds_buf_add_json(out, text, strlen(text));
}

/* "name": with a comma before all but the first of an object. */
static void add_member(ds_buf *out, bool is_first, const char *name) {
    ds_buf_add(out, is_first ? "" : ",");
    add_text(out, name);
    ds_buf_add(out, ":");
}

static void add_names(ds_buf *out, const char *const *names, int n) {
    ds_buf_add(out, "[");
    for (int i = 0; i < n; i++) {
        ds_buf_add(out, i ? "," : "");
        add_text(out, names[i]);
    }
    ds_buf_add(out, "]");
}

/* ---- Fields --------------------------------------------------------------------------------- */

static void add_type(ds_buf *out, const ds_type *type) {
    static const char *const kinds[] = {NULL, "enum", "nonModel", "model"};
    if (type->kind == DS_KIND_SCALAR) {
        add_text(out, ds_type_name(type));
        return;
    }
    ds_buf_addf(out, "{\"%s\":", kinds[type->kind]);
    add_text(out, ds_type_name(type));
    ds_buf_add(out, "}");
}

/* Names of fields: a list with custom keys on connection fields, else the one name. */
static void add_ends(ds_buf *out, bool is_list, const char *one, const char *many,
                     const char *const *names, int n) {
    if (n == 0) {
        return;
    }
    add_member(out, false, is_list ? many : one);
    if (is_list) {
        add_names(out, names, n);
    } else {
        add_text(out, names[0]);
    }
}

static void add_association(ds_buf *out, const ds_relation *relation) {
    static const char *const kinds[] = {"HAS_ONE", "HAS_MANY", "BELONGS_TO"};
    const ds_catalog *catalog = relation->model->catalog;
    bool is_list =
        catalog->transformer_version == 2 && catalog->options.respect_primary_key;
    ds_buf_addf(out, ",\"association\":{\"connectionType\":\"%s\"",
                kinds[relation->kind]);
    add_ends(out, is_list, "associatedWith", "associatedWith", relation->associated_with,
             relation->n_associated_with);
    add_ends(out, is_list, "targetName", "targetNames", relation->target_names,
             relation->n_target_names);
    ds_buf_add(out, "}");
}

static const char *boolean(bool value) {
    return value ? "true" : "false";
}

static void add_field(ds_buf *out, const ds_field *field) {
    const ds_type *type = &field->type;
    ds_buf_add(out, "{\"name\":");
    add_text(out, field->name);
    ds_buf_addf(out, ",\"isArray\":%s,\"type\":", boolean(type->is_list));
    add_type(out, type);
    ds_buf_addf(out, ",\"isRequired\":%s,\"attributes\":[]", boolean(type->is_required));
    if (type->is_list) {
        ds_buf_addf(out, ",\"isArrayNullable\":%s", boolean(type->is_list_nullable));
    }
    if (field->is_read_only) {
        ds_buf_add(out, ",\"isReadOnly\":true");
    }
    if (field->relation != NULL) {
        add_association(out, field->relation);
    }
    ds_buf_add(out, "}");
}

static void add_fields(ds_buf *out, const ds_field *fields, int n) {
    ds_buf_add(out, "{");
    for (int i = 0; i < n; i++) {
        add_member(out, i == 0, fields[i].name);
        add_field(out, &fields[i]);
    }
    ds_buf_add(out, "}");
}

/* ---- Attributes ----------------------------------------------------------------------------- */

/* As deep as the parser allows: DS_MAX_SDL_DEPTH. */
static void add_value(ds_buf *out, const ds_sdl_value *value) {
    bool is_object = value->kind == DS_SDL_OBJECT;
    switch (value->kind) {
    case DS_SDL_STRING:
    case DS_SDL_ENUM:
        ds_buf_add_json(out, value->text, value->length);
        break;
    case DS_SDL_NULL:
        ds_buf_add(out, "null");
        break;
    case DS_SDL_LIST:
    case DS_SDL_OBJECT:
        ds_buf_add(out, is_object ? "{" : "[");
        for (const ds_sdl_value *v = value->children; v; v = v->next) {
            if (is_object) {
                add_member(out, v == value->children, v->name);
            } else {
                ds_buf_add(out, v == value->children ? "" : ",");
            }
            add_value(out, v);
        }
        ds_buf_add(out, is_object ? "}" : "]");
        break;
    case DS_SDL_INT:
    case DS_SDL_FLOAT:
    case DS_SDL_BOOLEAN:
    default:
        ds_buf_add(out, value->text);
        break;
    }
}

/* A directive as it is written; NULL as if it had no arguments. */
static void add_directive(ds_buf *out, const char *name,
                          const ds_sdl_directive *directive) {
    const ds_sdl_argument *a = directive ? directive->arguments : NULL;
    ds_buf_addf(out, "{\"type\":\"%s\",\"properties\":{", name);
    for (bool is_first = true; a != NULL; a = a->next, is_first = false) {
        add_member(out, is_first, a->name);
        add_value(out, a->value);
    }
    ds_buf_add(out, "}}");
}

/* Without a name it is the primary key. The list of its fields is to follow. */
static void begin_key(ds_buf *out, const char *name, const char *query_field) {
    ds_buf_add(out, ",{\"type\":\"key\",\"properties\":{");
    if (name != NULL) {
        add_member(out, true, "name");
        add_text(out, name);
    }
    if (query_field != NULL) {
        add_member(out, false, "queryField");
        add_text(out, query_field);
    }
    add_member(out, name == NULL, "fields");
}

/* A key of the schema; its fields by their names in the API. */
static void add_key(ds_buf *out, const ds_index *key) {
    begin_key(out, key->name, key->query_field);
    for (int i = 0; i < key->n_columns; i++) {
        ds_buf_add(out, i ? "," : "[");
        add_text(out, key->columns[i]->wire);
    }
    ds_buf_add(out, "]}}");
}

/* Keys that the generator adds to `model` for has-many relations of others. */
static void add_generated_keys(ds_buf *out, const ds_model *model) {
    for (int m = 0; m < model->catalog->n_models; m++) {
        const ds_model *other = &model->catalog->models[m];
        for (int i = 0; i < other->n_relations; i++) {
            const ds_relation *r = &other->relations[i];
            if (r->generated_key != NULL && r->target == model) {
                begin_key(out, r->generated_key, NULL);
                add_names(out, r->associated_with, r->n_associated_with);
                ds_buf_add(out, "}}");
            }
        }
    }
}

static void add_attributes(ds_buf *out, const ds_model *model) {
    ds_buf_add(out, "[");
    add_directive(out, "model", model->directive);
    if (model->key_kind != DS_KEY_MANAGED) {
        add_key(out, &(ds_index){.columns = model->key, .n_columns = model->n_key});
    }
    for (int i = 0; i < model->n_keys; i++) {
        add_key(out, &model->keys[i]);
    }
    add_generated_keys(out, model);
    if (model->auth != NULL) {
        ds_buf_add(out, ",");
        add_directive(out, "auth", model->auth);
    }
    ds_buf_add(out, "]");
}

/* ---- The whole ------------------------------------------------------------------------------ */

static void add_model(ds_buf *out, const ds_model *model) {
    ds_buf_add(out, "{\"name\":");
    add_text(out, model->name);
    ds_buf_add(out, ",\"fields\":");
    add_fields(out, model->fields, model->n_fields);
    ds_buf_add(out, ",\"syncable\":true,\"pluralName\":");
    add_text(out, model->plural);
    ds_buf_add(out, ",\"attributes\":");
    add_attributes(out, model);
    ds_buf_add(out, "}");
}

void ds_catalog_introspect(const ds_catalog *catalog, ds_buf *out) {
    ds_buf_add(out, "{\"models\":{");
    for (int i = 0; i < catalog->n_models; i++) {
        add_member(out, i == 0, catalog->models[i].name);
        add_model(out, &catalog->models[i]);
    }
    ds_buf_add(out, "},\"enums\":{");
    for (int i = 0; i < catalog->n_enums; i++) {
        add_member(out, i == 0, catalog->enums[i].name);
        ds_buf_add(out, "{\"name\":");
        add_text(out, catalog->enums[i].name);
        ds_buf_add(out, ",\"values\":");
        add_names(out, catalog->enums[i].values, catalog->enums[i].n_values);
        ds_buf_add(out, "}");
    }
    ds_buf_add(out, "},\"nonModels\":{");
    for (int i = 0; i < catalog->n_embedded; i++) {
        const ds_embedded *embedded = &catalog->embedded[i];
        add_member(out, i == 0, embedded->name);
        ds_buf_add(out, "{\"name\":");
        add_text(out, embedded->name);
        ds_buf_add(out, ",\"fields\":");
        add_fields(out, embedded->fields, embedded->n_fields);
        ds_buf_add(out, "}");
    }
    ds_buf_add(out, "}}");
}
