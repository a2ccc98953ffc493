/*
** @default: the value that the server gives to a field which a client leaves out. It is a
** text in the schema, whatever the type of the field.
*/
#include "model/model_int.h"

#include <string.h>

/* Numbers and booleans are written as in JSON. */
static int fits_json(ds_scalar scalar, const ds_sdl_value *value, bool *out) {
    ds_json *json = NULL;
    int64_t integer = 0;
    *out = false;
    int rc = ds_json_parse(value->text, value->length, &json, NULL);
    if (rc != SQLITE_OK) {
        return rc == SQLITE_NOMEM ? rc : SQLITE_OK;
    }
    if (scalar == DS_BOOLEAN) {
        *out = ds_json_type(json) == DS_JSON_BOOLEAN;
    } else if (scalar == DS_FLOAT) {
        *out = ds_json_type(json) == DS_JSON_NUMBER;
    } else {
        *out = ds_json_integer(json, &integer) &&
               (scalar != DS_INT || (integer >= INT32_MIN && integer <= INT32_MAX));
    }
    ds_json_free(json);
    return SQLITE_OK;
}

static int check_scalar(const ds_build *build, const ds_draft *draft,
                        const ds_draft_field *field, const ds_sdl_value *value) {
    const ds_scalar_info *info = ds_scalar_get(field->type.scalar);
    bool is_text = info->affinity == DS_TEXT_AFFINITY;
    bool fits =
        is_text && (info->valid == NULL || info->valid(value->text, value->length));
    if (!is_text && fits_json(field->type.scalar, value, &fits) != SQLITE_OK) {
        return ds_err_nomem(build->err);
    }
    return fits ? SQLITE_OK
                : ds_err_at(build->err, DS_AT(value->pos),
                            "@default of \"%s.%s\": \"%.40s\" is no %s, expected %s",
                            draft->out->name, field->name, value->text, info->name,
                            info->expects);
}

static int check_enum(const ds_build *build, const ds_draft *draft,
                      const ds_draft_field *field, const ds_sdl_value *value) {
    const ds_enum *e = field->type.enumeration;
    const ds_words values = {e->values, e->n_values};
    if (ds_words_have(values, value->text)) {
        return SQLITE_OK;
    }
    return ds_err_at(build->err, DS_AT(value->pos),
                     "@default of \"%s.%s\": \"%.40s\" is no value of enum \"%s\"%s",
                     draft->out->name, field->name, value->text, e->name,
                     ds_build_hint(build, value->text, e->values, (size_t)e->n_values));
}

int ds_default_read(const ds_build *build, const ds_draft *draft,
                    const ds_draft_field *field, const ds_sdl_value **out) {
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
    int rc = is_enum ? check_enum(build, draft, field, value)
                     : check_scalar(build, draft, field, value);
    *out = rc == SQLITE_OK ? value : NULL;
    return rc;
}
