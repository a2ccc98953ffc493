/*
** What the files of model share while a catalog is being built. A draft is mutable; the
** catalog that is handed out has only const views of what was built here. Everything lives
** in the catalog's arena.
**
** The order of work (build.c): declare.c collects the types, draft.c their fields, key.c the
** keys, many.c the join models, relation_v1.c or relation_v2.c the relations, columns.c and
** index.c what is stored, operation.c the API's names, auth.c the owners of records, cascade.c
** the cascade graph. Of a schema that is JSON import.c makes the document; association.c has its
** keys and relations.
*/
#ifndef DS_MODEL_INT_H
#define DS_MODEL_INT_H

#include "model/model.h"

/* The place argument of ds_err_at. */
#define DS_AT(pos) (pos)

/* ---- map.c: names to things -------------------------------------------------------------- */

typedef struct ds_map_slot {
    const char *name; /* NULL: free */
    void *value;
} ds_map_slot;

typedef struct ds_map {
    ds_arena *arena;
    ds_map_slot *slots;
    size_t capacity; /* a power of two, 0 while empty */
    size_t count;
    bool ignores_case; /* ASCII only, as SQLite's identifiers */
} ds_map;

void ds_map_init(ds_map *map, ds_arena *arena, bool ignores_case);
/* What `name` stands for, or NULL. */
void *ds_map_get(const ds_map *map, const char *name);
/* Add a name that is not there yet; a second one of that name is never found. The name is
** borrowed. Out of memory shows in the arena. */
void ds_map_put(ds_map *map, const char *name, void *value);

/* ---- words ------------------------------------------------------------------------------- */

/* A list of names, for instance the fields of a key. */
typedef struct ds_words {
    const char *const *items;
    int n;
} ds_words;

/* `n` names, all NULL, to be filled by the caller; NULL when memory is out. */
const char **ds_words_new(ds_arena *arena, int n);
/* At most the first n. */
ds_words ds_words_first(ds_words words, int n);
ds_words ds_words_one(ds_arena *arena, const char *word);
/* The names separated by ", ", for messages. */
const char *ds_words_text(ds_arena *arena, ds_words words);
bool ds_words_equal(ds_words a, ds_words b);
bool ds_words_have(ds_words words, const char *word);
/* Is it a name by GraphQL's grammar? */
bool ds_word_is_name(const char *text);

/* ---- drafts ------------------------------------------------------------------------------- */

typedef struct ds_draft ds_draft;
typedef struct ds_link ds_link;

/* A field on its way to ds_field, ds_column or both. */
typedef struct ds_draft_field {
    const char *name;
    ds_type type;
    const ds_sdl_field *sdl; /* NULL when it was added */
    ds_sdl_pos pos;
    bool is_dropped;  /* not a field of the generator's; a scalar is still a column */
    bool is_demanded; /* the foreign key of a required relation: its column is required */
    bool is_read_only;
    bool is_lenient; /* a timestamp of the user: required, but the server fills it */
    bool is_late; /* a foreign key that was added: its column comes after the declared */
    bool may_be_added; /* imported: it stands where the generator puts what it adds */
    ds_column_role role;
    ds_link *link;     /* NULL when it is no relation */
    ds_column *column; /* set by columns.c */
    struct ds_draft_field *next;
} ds_draft_field;

/* A key as declared: the primary key when `name` is NULL. */
typedef struct ds_draft_key {
    const char *name;
    const char *query_field;
    ds_words fields;
    ds_sdl_pos pos;
    struct ds_draft_key *next;
} ds_draft_key;

/* A relation on its way to ds_relation; columns are still names of the API. */
struct ds_link {
    ds_relation_kind kind;
    ds_draft_field *field;
    ds_draft *draft;
    ds_draft *target;
    ds_words local;
    ds_words remote;
    ds_words associated_with;
    ds_words target_names;
    const char *generated_key; /* see ds_relation */
    ds_relation *out;          /* set by columns.c */
};

/* A model. Fields are linked in the generator's order: `id` first, then as in the SDL. */
struct ds_draft {
    ds_model *out;
    ds_sdl_pos pos;
    const ds_sdl_directive *directive; /* @model, NULL for a join model */
    ds_draft_field *fields;
    ds_draft_field **fields_end;
    ds_map by_name; /* of fields */
    int n_fields;
    ds_draft_key *keys; /* named keys, as declared */
    ds_draft_key **keys_end;
    int n_keys;
    ds_words key; /* fields of the primary key */
    bool has_custom_key;
    bool
        is_unserved; /* @model stands on an extension: transformer 1 overlooks it, and the
                         API has no operations */
};

/* A type of the schema: its definition and what extends it. */
typedef struct ds_part {
    const ds_sdl_definition *sdl;
    struct ds_part *next;
} ds_part;

typedef struct ds_declared {
    const char *name;
    ds_sdl_kind kind;
    ds_part *parts;
    ds_part **parts_end;
    bool is_defined; /* not only extended */
    bool is_root;    /* Query, Mutation, Subscription, or as named by schema {} */
    const ds_sdl_directive *model; /* its @model */
    bool is_unserved;              /* see ds_draft */
    ds_draft *draft;               /* of a model */
    ds_embedded *embedded;
    ds_enum *enumeration;
    struct ds_declared *next;
} ds_declared;

/* The state of one build. */
typedef struct ds_build {
    ds_catalog *catalog;
    ds_arena *arena;
    ds_err *err;
    bool respects_key;  /* v2 with custom keys on connection fields; false in v1 */
    ds_declared *types; /* in SDL order */
    ds_declared **types_end;
    ds_map types_by_name;
    ds_map models_by_name; /* to ds_model, ignoring case, with their tables' names */
    ds_draft *drafts;      /* drafts[i].out == &catalog->models[i] */
    ds_model *models;
    int n_models;
    int capacity; /* of drafts and models, join models included */
} ds_build;

/* SQLITE_OK, or SQLITE_NOMEM with its text once an allocation failed. */
DS_MUST_USE int ds_build_memory(const ds_build *build);
/* " (did you mean "x"?)" for the nearest candidate, or "". */
const char *ds_build_hint(const ds_build *build, const char *name,
                          const char *const *candidates, size_t count);

/* ---- directive.c ---------------------------------------------------------------------------- */

/* Where a directive may stand: a set of bits. */
enum ds_place {
    DS_ON_OBJECT = 1,
    DS_ON_FIELD = 2,
    DS_ON_ENUM = 4,
    DS_ON_ENUM_VALUE = 8,
    DS_ON_OTHER = 16
};

/* Tell the transformer version from the directives, or check it against them. */
DS_MUST_USE int ds_directive_version(ds_build *build, int *version);
/* Every directive of the document: known, in its place, not twice, known arguments. */
DS_MUST_USE int ds_directive_check_all(ds_build *build);

/* A text argument: *out is NULL when it is absent; null is an error. */
DS_MUST_USE int ds_directive_text(const ds_build *build,
                                  const ds_sdl_directive *directive, const char *argument,
                                  const char **out);
/* A list of texts; a single text is a list of one. *out is {NULL, 0} when the argument is
** absent; null and an empty list are errors. */
DS_MUST_USE int ds_directive_words(const ds_build *build,
                                   const ds_sdl_directive *directive,
                                   const char *argument, ds_words *out);
bool ds_directive_has(const ds_sdl_directive *directive, const char *argument);
/* Is the value of an argument of @model an object with known members only? */
DS_MUST_USE int ds_directive_check_members(const ds_build *build, const char *argument,
                                           const ds_sdl_value *value, ds_words known);
/* A member of an object value by name, or NULL. */
const ds_sdl_value *ds_directive_member(const ds_sdl_value *object, const char *name);

/* ---- directive_table.c ---------------------------------------------------------------------- */

typedef struct ds_directive_rule {
    const char *name;
    int version;     /* 1 or 2 when only that transformer has it, else 0 */
    unsigned places; /* DS_ON_* */
    bool is_repeatable;
    const char *arguments; /* "name:Type name:Type …", NULL: anything goes */
} ds_directive_rule;

/* The rule of a directive, or NULL when it is not one of Amplify's. */
const ds_directive_rule *ds_directive_rule_find(const char *name);
/* The nearest known directive's name as a hint for messages. */
const char *ds_directive_hint(const ds_build *build, const char *name);
/* Has the rule an argument `name`, with that type unless `type` is NULL? */
bool ds_directive_rule_takes(const ds_directive_rule *rule, const char *name,
                             const char *type);
/* Its argument names, for messages. */
ds_words ds_directive_rule_arguments(const ds_build *build,
                                     const ds_directive_rule *rule);

/* ---- declare.c ------------------------------------------------------------------------------ */

/* Collect the types of the document with their extensions, and allocate the drafts, embedded
** types and enums; whole-schema checks on names. */
DS_MUST_USE int ds_declare_types(ds_build *build);
/* The type of that name, or an error at `pos` with the nearest name. */
DS_MUST_USE int ds_declare_find(const ds_build *build, const char *name, ds_sdl_pos pos,
                                ds_declared **out);
/* Make the names of a model (its own and its tables') unavailable to later ones. */
DS_MUST_USE int ds_declare_model_name(ds_build *build, ds_model *model, ds_sdl_pos pos);

/* ---- draft.c -------------------------------------------------------------------------------- */

/* Fill the enums, the embedded types and the fields of every model (id first, timestamps
** last). */
DS_MUST_USE int ds_draft_types(ds_build *build);

/* A new model at the end of the catalog, without fields. The caller sees to the capacity. */
ds_draft *ds_draft_add(ds_build *build, const char *name, ds_sdl_pos pos);
/* Append a field. NULL when memory is out. */
ds_draft_field *ds_draft_add_field(ds_build *build, ds_draft *draft, const char *name,
                                   ds_type type);
/* Put a field of the draft right before another one of its fields. */
void ds_draft_move(ds_draft *draft, ds_draft_field *field, const ds_draft_field *before);
ds_draft_field *ds_draft_field_find(const ds_draft *draft, const char *name);
/* Can the model or type of that name have a field `name`? `pos` is of what asks for it. */
DS_MUST_USE int ds_draft_check_name(const ds_build *build, const char *type,
                                    const char *name, ds_sdl_pos pos);
/* The field as the schema declares it, or an error at `pos` that says what it was wanted for
** ("@key") with the nearest name. What Amplify adds (id, timestamps, foreign keys) cannot be
** named in a directive; an imported schema tells only read-only fields apart. */
DS_MUST_USE int ds_draft_need_field(const ds_build *build, const ds_draft *draft,
                                    const char *name, ds_sdl_pos pos, const char *what,
                                    ds_draft_field **out);
/* As above, and it is a scalar or enum and no list. */
DS_MUST_USE int ds_draft_need_scalar(const ds_build *build, const ds_draft *draft,
                                     const char *name, ds_sdl_pos pos, const char *what,
                                     ds_draft_field **out);
/* The draft of a field's model. */
ds_draft *ds_draft_of(const ds_build *build, const ds_model *model);
/* Do both have the same scalar or enum? */
bool ds_type_same(const ds_type *a, const ds_type *b);
/* Can one hold the values of the other? ID and String can. */
bool ds_type_fits(const ds_type *a, const ds_type *b);
/* A nullable or required scalar, no list. */
ds_type ds_type_scalar(ds_scalar scalar, bool is_required);

/* ---- timestamp.c ----------------------------------------------------------------------------- */

/* Add createdAt and updatedAt, under the names that @model gives them, where the user did not
** declare them. */
DS_MUST_USE int ds_timestamp_add(ds_build *build, ds_draft *draft);

/* ---- key.c ---------------------------------------------------------------------------------- */

/* The primary and named keys of every model, and an id where none is declared. */
DS_MUST_USE int ds_key_read(ds_build *build);
/* Has no key a name that Amplify gives to the index of a has-many relation? Relations must have
** been read. */
DS_MUST_USE int ds_key_check_names(const ds_build *build);
/* The named key, or NULL. */
const ds_draft_key *ds_key_find(const ds_draft *draft, const char *name);
/* The names of all named keys, for messages. */
ds_words ds_key_names(const ds_build *build, const ds_draft *draft);
/* Add a named key. NULL when memory is out. */
ds_draft_key *ds_key_add(ds_build *build, ds_draft *draft, const char *name,
                         ds_words fields, ds_sdl_pos pos);
/* The default name of an @index: low(plural(Model))By<Fields>. */
const char *ds_key_default_name(ds_build *build, const ds_draft *draft, ds_words fields);

/* ---- relation.c: what both versions share ---------------------------------------------------- */

/* Make the field a relation. NULL when memory is out. */
ds_link *ds_link_new(ds_build *build, ds_draft *draft, ds_draft_field *field,
                     ds_draft *target, ds_relation_kind kind);
/* Foreign key fields `names` on `draft` for the key fields `key` of `parent`: a declared field
** of that name is used as it is, else one is added. */
DS_MUST_USE int ds_link_add_key(ds_build *build, ds_draft *draft, ds_words names,
                                const ds_draft *parent, ds_words key, bool is_required,
                                ds_sdl_pos pos);
/* The same for one field of a given type. */
DS_MUST_USE int ds_link_add_typed(ds_build *build, ds_draft *draft, const char *name,
                                  const ds_type *type, ds_sdl_pos pos);
/* The first of added key fields is an ID where the key itself is a String: Amplify says so in
** join models, and without custom keys on connection fields. Both hold the same values. */
void ds_link_show_id(const ds_draft *draft, ds_words names);
/* Do the types of `fields` (of `draft`) fit those of `key` (of `parent`)? One field, or all of
** the key. `pos` is of the directive, called `what` ("@hasMany"). */
DS_MUST_USE int ds_link_check_key(const ds_build *build, const ds_draft *draft,
                                  ds_words fields, const ds_draft *parent, ds_words key,
                                  ds_sdl_pos pos, const char *what);
/* The generated foreign key of `draft.field` that holds the key of `parent`. Without custom keys
** on connection fields its first name always ends in Id. */
ds_words ds_link_implicit_names(const ds_build *build, const ds_draft *draft,
                                const ds_draft_field *field, const ds_draft *parent);
/* The relation directive of a field, or NULL. */
const ds_sdl_directive *ds_link_directive(const ds_draft_field *field);
/* The directive of that name, or NULL; also for fields that were added. */
const ds_sdl_directive *ds_link_named(const ds_draft_field *field, const char *name);
/* The @hasMany of a list or the @hasOne of a single object, or NULL. */
const ds_sdl_directive *ds_link_owning(const ds_draft_field *field);
/* Is the type of the field that model? */
bool ds_link_leads_to(const ds_draft_field *field, const ds_draft *draft);
/* Every relation directive of the schema stands on a field of a model and leads to a model;
** every key directive stands in a model. */
DS_MUST_USE int ds_link_check_ends(const ds_build *build);
/* Fields that have a model as type and no relation directive are not the client's: Amplify
** drops them. */
void ds_link_drop_plain(ds_build *build);

/* ---- relation_v1.c, relation_v2.c, references.c, many.c ------------------------------------- */

/* One directive of transformer 2 while it is being read: `field` of `draft`, which leads to
** `target`. */
typedef struct ds_reading {
    ds_build *build;
    const ds_sdl_directive *directive;
    ds_draft *draft;
    ds_draft_field *field;
    ds_draft *target;
    ds_words fields;
    ds_words references;
    const char *index_name;
} ds_reading;

/* The error `why`, at the directive, naming directive and field. */
int ds_reading_fail(const ds_reading *r, const char *why);
/* The `references` of r: fields of `child` that hold the key of `parent`, and the same ones on
** the other side. */
DS_MUST_USE int ds_references_check(const ds_reading *r, const ds_draft *child,
                                    const ds_draft *parent);

DS_MUST_USE int ds_relation_v1(ds_build *build);
DS_MUST_USE int ds_relation_v2(ds_build *build);
/* How many join models there can be at most. */
int ds_many_count(const ds_build *build);
/* The join models of @manyToMany, and their relations. */
DS_MUST_USE int ds_many_read(ds_build *build);

/* ---- default.c, columns.c, index.c, operation.c, cascade.c ------------------------------------------------- */

/* The value of the field's @default, checked, as its column stores it; NULL when it has none. */
DS_MUST_USE int ds_default_read(const ds_build *build, const ds_draft *draft,
                                const ds_draft_field *field, const ds_value **out);
/* Fields and columns of every model, their relations between columns, key and named keys. */
DS_MUST_USE int ds_columns_fill(ds_build *build);
/* The SQL indexes. */
DS_MUST_USE int ds_index_fill(ds_build *build);
/* Names of the API's operations. */
DS_MUST_USE int ds_operation_fill(ds_build *build);
/* What @auth means for a client. */
DS_MUST_USE int ds_auth_fill(ds_build *build);
/* Components of the cascade graph. */
DS_MUST_USE int ds_cascade_fill(ds_build *build);

/* ---- md5.c ----------------------------------------------------------------------------------- */

#define DS_MD5_HEX_SIZE 33 /* with NUL */

/* RFC 1321, in lower-case hexadecimal. For names only, never for safety. */
void ds_md5_hex(const char *text, size_t length, char out[DS_MD5_HEX_SIZE]);

#endif
