/*
** @default: the value that the server gives to a field which a client leaves out. It is a
** text in the schema, whatever the type of the field.
*/
#include "model/model_int.h"

#include <string.h>

/* Numbers and booleans are written as in JSON. */
static int read_json(ds_scalar scalar, const ds_sdl_value *value, ds_value *out,
                     bool *fits) {
    ds_json *json = NULL;
    *fits = false;
    int rc = ds_json_parse(value->text, value->length, &json, NULL);
    if (rc != SQLITE_OK) {
        return rc == SQLITE_NOMEM ? rc : SQLITE_OK;
    }
    out->type = SQLITE_INTEGER;
    if (scalar == DS_BOOLEAN) {
        *fits = ds_json_type(json) == DS_JSON_BOOLEAN;
        out->integer = ds_json_boolean(json);
    } else if (scalar == DS_FLOAT) {
        *fits = ds_json_type(json) == DS_JSON_NUMBER;
        out->type = SQLITE_FLOAT;
        out->real = ds_json_number(json);
    } else {
        *fits = ds_json_integer(json, &out->integer) &&
                (scalar != DS_INT ||
                 (out->integer >= INT32_MIN && out->integer <= INT32_MAX));
    }
    ds_json_free(json);
    return SQLITE_OK;
}

static int check_scalar(const ds_build *build, const ds_draft *draft,
                        const ds_draft_field *field, const ds_sdl_value *value,
                        ds_value *out) {
    const ds_scalar_info *info = ds_scalar_get(field->type.scalar);
    bool is_text = info->affinity == DS_TEXT_AFFINITY;
    bool fits = is_text && strlen(value->text) == value->length &&
                (info->valid == NULL || info->valid(value->text, value->length));
    if (!is_text && read_json(field->type.scalar, value, out, &fits) != SQLITE_OK) {
        return ds_err_nomem(build->err);
    }
    const char *expects =
        field->type.scalar == DS_BOOLEAN ? "true or false" : info->expects;
    return fits ? SQLITE_OK
                : ds_err_at(build->err, DS_AT(value->pos),
                            "@default of \"%s.%s\": \"%.40s\" is no %s, expected %s",
                            draft->out->name, field->name, value->text, info->name,
                            expects);
}

static int check_enum(const ds_build *build, const ds_draft *draft,
                      const ds_draft_field *field, const ds_sdl_value *value) {
    const ds_enum *e = field->type.enumeration;
    const ds_words values = {e->values, e->n_values};
    if (strlen(value->text) == value->length && ds_words_have(values, value->text)) {
        return SQLITE_OK;
    }
    return ds_err_at(build->err, DS_AT(value->pos),
                     "@default of \"%s.%s\": \"%.40s\" is no value of enum \"%s\"%s",
                     draft->out->name, field->name, value->text, e->name,
                     ds_build_hint(build, value->text, e->values, (size_t)e->n_values));
}

int ds_default_read(const ds_build *build, const ds_draft *draft,
                    const ds_draft_field *field, const ds_value **out) {
    const ds_sdl_directive *directive =
        field->sdl ? ds_sdl_directive_find(field->sdl->directives, "default") : NULL;
    *out = NULL;
    if (directive == NULL) {
        return SQLITE_OK;
    }
    const ds_sdl_value *value = ds_sdl_argument_find(directive, "value");
    bool is_enum = field->type.kind == DS_KIND_ENUM;
    if (field->type.is_list || (!is_enum && field->type.kind != DS_KIND_SCALAR)) {
        return ds_err_at(build->err, DS_AT(directive->pos),
                         "@default: \"%s.%s\" must be a scalar or enum and no list",
                         draft->out->name, field->name);
    }
    if (value == NULL || value->kind != DS_SDL_STRING) {
        return ds_err_at(
            build->err, DS_AT(value ? value->pos : directive->pos),
            "@default of \"%s.%s\" needs a text, as in @default(value: \"…\")",
            draft->out->name, field->name);
    }
    ds_value *made = ds_arena_alloc(build->arena, sizeof *made);
    if (made == NULL) {
        return ds_err_nomem(build->err);
    }
    *made = (ds_value){
        .type = SQLITE_TEXT, .text = value->text, .length = (int)value->length};
    int rc = is_enum ? check_enum(build, draft, field, value)
                     : check_scalar(build, draft, field, value, made);
    *out = rc == SQLITE_OK ? made : NULL;
    return rc;
}
