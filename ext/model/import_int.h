/*
** What the files share that read a schema from JSON: import.c and import_attribute.c.
*/
#ifndef DS_IMPORT_INT_H
#define DS_IMPORT_INT_H

#include "model/model_int.h"

/* Directives of ours, which stand for what JSON says about a field. The schema language has no
** such ones: there they are refused. */
#define DS_ASSOCIATION     "association" /* (kind:, associatedWith:, targetNames:) */
#define DS_READ_ONLY       "readOnly"

#define DS_IMPORT_SECTIONS 3 /* models, nonModels, enums */

/* The state of one import. */
typedef struct ds_import {
    ds_arena *arena; /* of the document that is being made */
    ds_err *err;
    ds_map names[DS_IMPORT_SECTIONS]; /* the types that stand in each section */
} ds_import;

/* Read the introspection in `text` as the document that it stands for. Owned by the caller.
** Errors: SQLITE_ERROR with the path to what is wrong; malformed JSON; more than
** DS_MAX_IMPORT_BYTES. */
DS_MUST_USE int ds_import_parse(const char *text, size_t length, ds_sdl_document **out,
                                ds_err *err);

/* SQLITE_OK, or SQLITE_NOMEM with its text once an allocation failed. */
DS_MUST_USE int ds_import_memory(const ds_import *im);
/* The place of member `name` of what is at `path` ("": the root); `path` itself when memory is
** out. */
ds_where ds_import_at(const ds_import *im, const char *path, const char *name);
/* A copy of a name that GraphQL's grammar allows, of at most DS_MAX_NAME_BYTES; anything else is
** an error at `path`. */
DS_MUST_USE int ds_import_name(const ds_import *im, const char *path, const char *name,
                               const char **out);
/* Member `name` of an object at `path`; NULL when it is absent or null. Another kind of value
** than `kind` is an error. */
DS_MUST_USE int ds_import_member(const ds_import *im, const ds_json *object,
                                 const char *path, const char *name, ds_json_kind kind,
                                 const ds_json **out);
/* The same for a boolean; `fallback` when it is absent or null. */
DS_MUST_USE int ds_import_flag(const ds_import *im, const ds_json *object,
                               const char *path, const char *name, bool fallback,
                               bool *out);

/* "an object", "true or false": for messages. */
const char *ds_import_kind(ds_json_kind kind);

/* ---- import_type.c ------------------------------------------------------------------------- */

/* All types of an introspection. */
DS_MUST_USE int ds_import_types(ds_import *im, const ds_json *root,
                                ds_sdl_definition **out);

/* ---- import_attribute.c ------------------------------------------------------------------- */

/* The directives of a model: @model, which is always there, and @key and @auth as its
** "attributes" and its "primaryKeyInfo" have them. Attributes of other types say nothing to a
** client. */
DS_MUST_USE int ds_import_attributes(const ds_import *im, const ds_json *model,
                                     const char *path, ds_sdl_directive **out);
/* The directives of a model's field: DS_ASSOCIATION and DS_READ_ONLY. */
DS_MUST_USE int ds_import_association(const ds_import *im, const ds_json *field,
                                      const char *path, ds_sdl_directive **out);
/* The transformer version that an imported document looks like. Where an end of a relation is one
** name and no list of names, it is 1, or 2 without custom keys on connection fields: that API
** takes whatever is asked of the older one, but not the other way round. */
int ds_import_version(const ds_sdl_document *document);
/* Is `field` a timestamp that the model's "timestamps" switch off? The generator shows it as a
** read-only field nevertheless. A field of the user's of that name is not read-only. */
bool ds_import_is_no_timestamp(const ds_json *model, const ds_json *field);

/* ---- foreign.c ------------------------------------------------------------------------------ */

/* One association while it is being read: `field` of `draft`, which leads to `target`. */
typedef struct ds_association {
    ds_build *build;
    const ds_sdl_directive *directive;
    ds_draft *draft;
    ds_draft_field *field;
    ds_draft *target;
    ds_relation_kind kind;
    ds_words associated;
    ds_words targets;
} ds_association;

/* The names of the fields of a foreign key that holds the key of `parent`, of which `names` are
** told. The generator of a project without custom keys on connection fields tells one name where
** the API has one for each field of the key. */
ds_words ds_foreign_names(const ds_association *a, ds_words names,
                          const ds_draft *parent);
/* The same for the targets of `a`. */
DS_MUST_USE int ds_foreign_own_names(const ds_association *a, ds_words *out);
/* Fields `names` of `holder` for the key of `parent`: one, or as many as that has. Those that JSON
** does not show are added. */
DS_MUST_USE int ds_foreign_need(const ds_association *a, ds_draft *holder, ds_words names,
                                const ds_draft *parent);

/* ---- association.c, join.c ------------------------------------------------------------------ */

/* Keys and relations of every model of an imported schema. */
DS_MUST_USE int ds_association_read(ds_build *build);
/* Is the key of that name one which the generator adds to `draft` for a has-many of another
** model? Then it is noted there. */
bool ds_association_makes_key(const ds_build *build, const ds_draft *draft,
                              const char *name);
/* Find the join models. */
DS_MUST_USE int ds_join_mark(ds_build *build);

#endif
