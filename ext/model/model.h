/*
** model: the immutable catalog. Floor 2: tree in, catalog out; it knows GraphQL's and
** Amplify's meaning and no tables. Names, kinds and keys follow what Amplify's API makes of
** the same schema (where its code generator differs, the API is right).
**
** A catalog owns everything in it and never changes after it was built; it is reference
** counted because virtual tables outlive a schema change.
*/
#ifndef DS_MODEL_H
#define DS_MODEL_H

#include "base/base.h"
#include "sdl/sdl.h"

typedef struct ds_catalog ds_catalog;
typedef struct ds_model ds_model;
typedef struct ds_column ds_column;
typedef struct ds_relation ds_relation;
typedef struct ds_enum ds_enum;
typedef struct ds_embedded ds_embedded;
struct ds_map; /* private: names to things */

/* ---- scalars: one table, type.c ------------------------------------------------------- */

typedef enum ds_scalar {
    DS_ID,
    DS_STRING,
    DS_INT,
    DS_FLOAT,
    DS_BOOLEAN,
    DS_AWS_DATE,
    DS_AWS_TIME,
    DS_AWS_DATE_TIME,
    DS_AWS_TIMESTAMP,
    DS_AWS_EMAIL,
    DS_AWS_JSON,
    DS_AWS_URL,
    DS_AWS_PHONE,
    DS_AWS_IP_ADDRESS,
    DS_SCALAR_COUNT
} ds_scalar;

typedef enum ds_affinity {
    DS_TEXT_AFFINITY,
    DS_INTEGER_AFFINITY,
    DS_REAL_AFFINITY
} ds_affinity;

/* One row per scalar. `valid` judges a text (NULL: any text); numbers are judged by kind. */
typedef struct ds_scalar_info {
    const char *name;     /* AWSDate */
    ds_affinity affinity; /* of its SQL column */
    bool (*valid)(const char *text, size_t length);
    const char *expects; /* for messages: "a date such as 2020-02-29" */
    int64_t least;       /* with INTEGER affinity */
    int64_t most;
} ds_scalar_info;

const ds_scalar_info *ds_scalar_get(ds_scalar scalar);
/* By GraphQL name; false when it is no known scalar. */
bool ds_scalar_find(const char *name, ds_scalar *out);

/* ---- types ----------------------------------------------------------------------------- */

typedef enum ds_type_kind {
    DS_KIND_SCALAR,
    DS_KIND_ENUM,
    DS_KIND_EMBEDDED, /* an object type without @model ("nonModel") */
    DS_KIND_MODEL     /* only fields, never columns */
} ds_type_kind;

/* The type of a field or column. For lists `is_required` speaks of the elements and
** `is_list_nullable` of the list (as the generator's isRequired and isArrayNullable). */
typedef struct ds_type {
    ds_type_kind kind;
    ds_scalar scalar;            /* DS_KIND_SCALAR */
    const ds_enum *enumeration;  /* DS_KIND_ENUM */
    const ds_embedded *embedded; /* DS_KIND_EMBEDDED */
    const ds_model *model;       /* DS_KIND_MODEL */
    bool is_list;
    bool is_required;
    bool is_list_nullable;
    int list_depth; /* 0: no list, 1: a list, more: lists of lists, whose inner lists may be
                       null; kept as JSON */
} ds_type;

/* The GraphQL name of the innermost type. */
const char *ds_type_name(const ds_type *type);

struct ds_enum {
    const char *name;
    const char *const *values;
    int n_values;
};

/* A field as the generator shows it: of a model or of an embedded type. */
typedef struct ds_field {
    const char *name;
    ds_type type;
    bool is_read_only;
    const ds_relation *relation; /* NULL when it is none */
    ds_sdl_pos pos;              /* line 0 when it was added */
} ds_field;

struct ds_embedded {
    const char *name;
    const ds_field *fields;
    int n_fields;
};

/* A value ready to bind. Text is borrowed. */
typedef struct ds_value {
    int type; /* SQLITE_NULL, SQLITE_INTEGER, SQLITE_FLOAT or SQLITE_TEXT */
    int64_t integer;
    double real;
    const char *text;
    int length;
} ds_value;

/* ---- columns --------------------------------------------------------------------------- */

typedef enum ds_column_role {
    DS_COLUMN_DATA,
    DS_COLUMN_CREATED_AT, /* read-only, filled locally at insert */
    DS_COLUMN_UPDATED_AT  /* read-only, filled locally at every write */
} ds_column_role;

/*
** One stored value of a model. `name` is the visible and the stored name; `wire` is the name
** in the API, which differs for a generated foreign key (`post` / `commentPostId`).
** `aliases` are hidden names for the same value: the wire name, or the belongs-to fields
** over a declared key. Order: key field `id` first if there is one, then as in the SDL (a
** belongs-to with a generated key stands at its field), then added foreign keys, then
** timestamps that the user did not declare.
*/
struct ds_column {
    const char *name;
    const char *wire;
    const char *const *aliases;
    int n_aliases;
    ds_type type; /* never DS_KIND_MODEL */
    ds_column_role role;
    bool is_read_only;
    int key_position;  /* 0 = first column of the primary key, -1 = not in the key */
    int index;         /* in model->columns */
    bool is_generated; /* a foreign key that the schema does not declare */
    const ds_value *default_value; /* @default: what an insert without a value gets */
};

/* Is a value demanded on local insert? (A list by is_list_nullable, else is_required.) */
bool ds_column_is_required(const ds_column *column);
/* May a local write change it? Such changes are sent. */
bool ds_column_is_sent(const ds_column *column);
/* The affinity of its SQL column: TEXT for lists, enums and embedded types. */
ds_affinity ds_column_affinity(const ds_column *column);

/* ---- relations ------------------------------------------------------------------------- */

typedef enum ds_relation_kind { DS_HAS_ONE, DS_HAS_MANY, DS_BELONGS_TO } ds_relation_kind;

/*
** One relation field. `local[i]` of the model equals `remote[i]` of the target. For
** belongs-to and for has-one whose key sits on the owner, `local` is the foreign key;
** for has-many, and has-one whose key sits on the child, `remote` is.
** `associated_with` and `target_names` are what the generator prints.
*/
struct ds_relation {
    ds_relation_kind kind;
    const char *field;
    const ds_model *model;
    const ds_model *target;
    const ds_column *const *local;
    const ds_column *const *remote;
    int n_columns;
    const char *const *associated_with;
    int n_associated_with;
    const char *const *target_names;
    int n_target_names;
    const char
        *generated_key; /* of a has-many that has no key of the user's on the target:
                                  the name of the key that the generator adds there over
                                  associated_with (gsi-Post.comments), else NULL */
    bool
        is_required; /* a belongs-to that a client must give, also where the API is lenient */
};

typedef struct ds_index {
    const char *name; /* of the named key, NULL for one made for a foreign key */
    const char *query_field;
    const ds_column *const *columns;
    int n_columns;
} ds_index;

typedef enum ds_key_kind {
    DS_KEY_MANAGED,            /* no custom key: the client makes the id */
    DS_KEY_OPTIONALLY_MANAGED, /* custom key on id alone: given or made */
    DS_KEY_CUSTOM              /* the user gives all key fields */
} ds_key_kind;

/* Names of the API's operations; NULL where the schema switched one off. */
typedef struct ds_operations {
    const char *sync;
    const char *get;
    const char *create;
    const char *update;
    const char *delete_;
    const char *on_create;
    const char *on_update;
    const char *on_delete;
} ds_operations;

/*
** A field that holds the owner of a record, by @auth(rules: [{allow: owner, ownerField: …}]).
** An implicit one is added to the type by the API: it is no column, but a mutation must select
** it, or the subscriptions of that owner do not fire.
*/
typedef struct ds_owner {
    const char *field;
    bool is_implicit;
    bool is_list;
    bool is_argument; /* of the model's subscriptions, of type String … */
    bool is_required; /* … or String!, with transformer 1 only */
} ds_owner;

typedef enum ds_allow { DS_ALLOW_OWNER, DS_ALLOW_GROUPS, DS_ALLOW_PRIVATE } ds_allow;

/*
** A rule by which the type lets those who come with a token read, and so subscribe. claim: of the
** token, which holds the name of the owner, or the groups; NULL with `private`. owner: of an owner
** rule. groups: of a group rule; none when the record names them. is_oidc: the token is that of an
** OpenID Connect provider, not of the user pool.
*/
typedef struct ds_auth_rule {
    ds_allow allow;
    bool is_oidc;
    const char *claim;
    const ds_owner *owner;
    const char *const *groups;
    int n_groups;
} ds_auth_rule;

struct ds_model {
    const char *name;
    const char *plural;
    const ds_catalog *catalog;
    int index; /* in catalog->models */
    ds_sdl_pos pos;
    bool is_join;                      /* made by @manyToMany */
    const ds_sdl_directive *directive; /* @model as written, NULL for a join model */
    const ds_sdl_directive *auth;      /* @auth of the type as written, or NULL */

    const ds_field *fields;
    int n_fields;
    const ds_column *columns;
    int n_columns;
    const ds_column *const *key; /* primary key, in key order */
    int n_key;
    ds_key_kind key_kind;
    const ds_index *keys; /* named keys, as declared */
    int n_keys;
    const ds_index
        *indexes; /* SQL indexes to make: named keys, foreign keys and columns that
                                relations look up, none a prefix of another or of the key */
    int n_indexes;
    const ds_relation *relations; /* in field order */
    int n_relations;
    ds_operations operations;
    const ds_owner *owners; /* in the order of the rules, each field once */
    int n_owners;
    const ds_auth_rule *auth_rules; /* in the order of the schema */
    int n_auth_rules;

    /* Cascade graph over has-one and has-many edges. Models with the same component reach
    ** each other; is_cyclic is true when the component has a cycle (a self-relation too). */
    int component; /* the index of its first model */
    bool is_cyclic;

    const struct ds_map *columns_by_name; /* of ds_model_column and ds_model_relation */
    const struct ds_map *relations_by_field;
};

typedef struct ds_model_options {
    int transformer_version;  /* 1, 2, or 0: told from the directives */
    bool respect_primary_key; /* v2: custom keys on connection fields (default true) */
} ds_model_options;

#define DS_MODEL_OPTIONS_DEFAULT                                                         \
    { 0, true }

struct ds_catalog {
    ds_arena *arena; /* owns everything below */
    int references;
    ds_sdl_document *document; /* owned; defaults and directives point into it */
    ds_model_options options;
    int transformer_version; /* as told or found: 1 or 2 */
    bool is_imported;        /* from JSON: the document has directives of ours */
    const ds_model *models;  /* in SDL order, join models after */
    int n_models;
    const ds_enum *enums;
    int n_enums;
    const ds_embedded *embedded;
    int n_embedded;
    const struct ds_map *models_by_name; /* of ds_catalog_model */
};

/*
** Build the catalog of a schema: in the schema language, or as JSON (see ds_import_is_json).
** Every rejection is SQLITE_ERROR with line and column, or path, what
** was expected, and the nearest name where one was misspelt. Also refused, because SQLite's
** names ignore case: models, or fields of one model, that differ only in case; model names
** that begin with sqlite_ or datastore_, or equal another model's <Model>_rows or
** <Model>_base; fields named like the metadata (_version, _lastChangedAt, _deleted, _status).
** The result has one reference.
*/
DS_MUST_USE int ds_catalog_build(const char *schema, size_t length,
                                 const ds_model_options *options, ds_catalog **out,
                                 ds_err *err);
void ds_catalog_retain(ds_catalog *catalog);
/* Give back one reference; NULL is fine. */
void ds_catalog_release(ds_catalog *catalog);

/* Is the schema JSON? It is when it begins with a brace, which no schema language text does: then
** it must hold a model introspection of Amplify's, as model-introspection.json,
** amplify_outputs.json (in "data") and datastore_introspect() have it. The transformer version is
** then told from how relations are written. */
bool ds_import_is_json(const char *schema, size_t length);
/* What of a JSON schema is to be kept: *out (owned by the caller, sqlite3_free) is the
** introspection inside of it, or NULL when it is one as a whole. amplify_outputs.json has an API
** key beside it. Errors: malformed JSON, no introspection in it. */
DS_MUST_USE int ds_import_extract(const char *schema, size_t length, char **out,
                                  ds_err *err);

/* The model, field, column, … of that exact name; NULL when there is none. */
const ds_model *ds_catalog_model(const ds_catalog *catalog, const char *name);
/* By visible name, wire name or alias. */
const ds_column *ds_model_column(const ds_model *model, const char *name);
const ds_relation *ds_model_relation(const ds_model *model, const char *field);

/* Append the catalog in the shape of Amplify's generated schema.js (models, enums,
** nonModels, fields, associations, attributes): JSON text. */
void ds_catalog_introspect(const ds_catalog *catalog, ds_buf *out);

typedef enum ds_diagram { DS_DIAGRAM_MERMAID, DS_DIAGRAM_DOT } ds_diagram;

/* Append the catalog as an entity-relationship diagram, without a line end at its end: models
** with the names, types and keys (PK, FK) of their columns, and an edge per foreign key with
** its cardinalities. */
void ds_catalog_diagram(const ds_catalog *catalog, ds_diagram format, ds_buf *out);

/* ---- names.c ---------------------------------------------------------------------------- */

/* First letter upper / lower, the rest unchanged; into `arena`. */
char *ds_name_capital(ds_arena *arena, const char *name);
char *ds_name_lower(ds_arena *arena, const char *name);
/* low(a) + Cap(b) + Cap(c): the only name builder for foreign keys. Empty parts skipped. */
char *ds_name_camel(ds_arena *arena, const char *a, const char *b, const char *c);
/* The plural that Amplify uses in operation names (rules of npm's pluralize 8.0.0). */
char *ds_name_plural(ds_arena *arena, const char *name);

/* ---- check.c: is a local value one that the API takes? --------------------------------- */

/*
** Check `value` for `column` and convert it as the column's affinity would (the text '5' is
** the Int 5; the integer 5 is the String '5'). Lists and embedded types are JSON text, judged
** deeply; a JSON null there is NULL. NULL is checked against required, except for read-only
** columns.
** The text in *out is borrowed from `value`.
** Errors name model, field (or path: Post.meta.tags[2]) and the value, shortened:
** SQLITE_CONSTRAINT_NOTNULL  "NOT NULL constraint failed: Post.title";
** SQLITE_CONSTRAINT_DATATYPE a value of the wrong type, not UTF-8, with a NUL character, an Int
**                            out of range, malformed JSON, an unknown member;
** SQLITE_CONSTRAINT_CHECK    an enum value outside the list, an invalid AWS scalar, an empty
**                            key.
*/
DS_MUST_USE int ds_check_value(const ds_model *model, const ds_column *column,
                               sqlite3_value *value, ds_value *out, ds_err *err);

/* ---- same.c ------------------------------------------------------------------------------ */

/*
** Do two stored values of the column mean the same to the API, in whatever notation? 1 and 1.0;
** moments in other zones or with other zeros; JSON with other white space or order of members;
** embedded types where one leaves out a member that is null in the other.
** Error: SQLITE_NOMEM.
*/
DS_MUST_USE int ds_column_same(const ds_column *column, const ds_value *a,
                               const ds_value *b, bool *out);

#endif
