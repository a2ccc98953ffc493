/*
** The two fields in which the server keeps when a record was made and changed.
*/
#include "model/model_int.h"

#include <string.h>

/* The argument `timestamps` of @model, NULL when there is none or it is null. */
static int read_argument(const ds_build *build, const ds_draft *draft, bool *is_off,
                         const ds_sdl_value **out) {
    static const char *const members[] = {"createdAt", "updatedAt"};
    const ds_words known = {members, DS_COUNT(members)};
    *out = draft->directive ? ds_sdl_argument_find(draft->directive, "timestamps") : NULL;
    *is_off = *out != NULL && (*out)->kind == DS_SDL_NULL;
    if (*out == NULL || *is_off) {
        *out = NULL;
        return SQLITE_OK;
    }
    return ds_directive_check_members(build, "timestamps", *out, known);
}

/* The name that `all` gives to the timestamp; NULL when it is switched off. */
static int read_name(const ds_build *build, const ds_draft *draft,
                     const ds_sdl_value *all, const char *which, const char **out) {
    const ds_sdl_value *one = all ? ds_directive_member(all, which) : NULL;
    *out = which;
    if (one == NULL) {
        return SQLITE_OK;
    }
    bool is_text = one->kind == DS_SDL_STRING && strlen(one->text) == one->length;
    *out = is_text ? one->text : NULL;
    if (is_text) {
        return ds_draft_check_name(build, draft->out->name, one->text, one->pos);
    }
    return one->kind == DS_SDL_NULL
               ? SQLITE_OK
               : ds_err_at(build->err, DS_AT(one->pos),
                           "\"%s\" of @model's timestamps must be a field's name or null",
                           which);
}

static int add(ds_build *build, ds_draft *draft, const ds_sdl_value *all,
               const char *which, ds_column_role role) {
    const char *name = NULL;
    int rc = read_name(build, draft, all, which, &name);
    if (rc != SQLITE_OK || name == NULL) {
        return rc;
    }
    ds_draft_field *field = ds_draft_field_find(draft, name);
    bool is_date_time = field != NULL && field->type.kind == DS_KIND_SCALAR &&
                        field->type.scalar == DS_AWS_DATE_TIME;
    if (build->catalog->is_imported && field == NULL) {
        return SQLITE_OK; /* JSON shows all that the API has */
    }
    bool is_shown = is_date_time && field->is_read_only && !field->type.is_list;
    if (field != NULL && !is_shown) {
        /* The user's own: the server fills it when none is given, if it has the right type. */
        field->is_lenient = is_date_time;
        return SQLITE_OK;
    }
    if (field == NULL) {
        field = ds_draft_add_field(build, draft, name,
                                   ds_type_scalar(DS_AWS_DATE_TIME, false));
    }
    if (field == NULL) {
        return ds_err_nomem(build->err);
    }
    field->is_read_only = true;
    field->role = role;
    return SQLITE_OK;
}

int ds_timestamp_add(ds_build *build, ds_draft *draft) {
    const ds_sdl_value *all = NULL;
    bool is_off = false;
    int rc = read_argument(build, draft, &is_off, &all);
    if (rc != SQLITE_OK || is_off) {
        return rc;
    }
    rc = add(build, draft, all, "createdAt", DS_COLUMN_CREATED_AT);
    return rc ? rc : add(build, draft, all, "updatedAt", DS_COLUMN_UPDATED_AT);
}
