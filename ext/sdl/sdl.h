/*
** sdl: GraphQL schema definition language, text to tree and back. Floor 1. It knows the
** grammar (June 2018 edition plus what graphql-js 15 reads) and no meaning: what a
** directive or type is for is the business of model/.
**
** Every node lives in the document's arena and every list is linked by `next`, in source
** order. Strings are NUL-terminated. Lines and columns count from 1; a column counts
** characters (code points), not bytes; LF, CRLF and a lone CR each end a line.
*/
#ifndef DS_SDL_H
#define DS_SDL_H

#include "base/base.h"

typedef ds_where ds_sdl_pos;

typedef enum ds_sdl_value_kind {
    DS_SDL_INT,     /* text: the digits as written */
    DS_SDL_FLOAT,   /* text: as written */
    DS_SDL_STRING,  /* text: decoded */
    DS_SDL_BOOLEAN, /* text: true or false */
    DS_SDL_NULL,
    DS_SDL_ENUM,  /* text: the name */
    DS_SDL_LIST,  /* children */
    DS_SDL_OBJECT /* children, each with a name */
} ds_sdl_value_kind;

typedef struct ds_sdl_value {
    ds_sdl_value_kind kind;
    bool is_block;    /* a block string: print it as one */
    const char *name; /* of an object's member, else NULL */
    const char *text;
    size_t length; /* of text, which may hold NUL bytes */
    struct ds_sdl_value *children;
    struct ds_sdl_value *next;
    ds_sdl_pos pos;
} ds_sdl_value;

/* `name` for a named type, or `of` for a list. */
typedef struct ds_sdl_type {
    const char *name;
    struct ds_sdl_type *of;
    bool is_required; /* `!` */
    ds_sdl_pos pos;
} ds_sdl_type;

typedef struct ds_sdl_name {
    const char *text;
    struct ds_sdl_name *next;
    ds_sdl_pos pos;
} ds_sdl_name;

typedef struct ds_sdl_argument {
    const char *name;
    ds_sdl_value *value;
    struct ds_sdl_argument *next;
    ds_sdl_pos pos;
} ds_sdl_argument;

typedef struct ds_sdl_directive {
    const char *name; /* without the @ */
    ds_sdl_argument *arguments;
    struct ds_sdl_directive *next;
    ds_sdl_pos pos;
} ds_sdl_directive;

/* A field of an input type, or an argument of a field or directive definition. */
typedef struct ds_sdl_input {
    const char *description; /* NULL when none */
    const char *name;
    ds_sdl_type *type;
    ds_sdl_value *default_value; /* NULL when none */
    ds_sdl_directive *directives;
    struct ds_sdl_input *next;
    ds_sdl_pos pos;
} ds_sdl_input;

typedef struct ds_sdl_field {
    const char *description;
    const char *name;
    ds_sdl_input *arguments;
    ds_sdl_type *type;
    ds_sdl_directive *directives;
    struct ds_sdl_field *next;
    ds_sdl_pos pos;
} ds_sdl_field;

typedef struct ds_sdl_enum_value {
    const char *description;
    const char *name;
    ds_sdl_directive *directives;
    struct ds_sdl_enum_value *next;
    ds_sdl_pos pos;
} ds_sdl_enum_value;

/* `query: Q` of a schema definition. */
typedef struct ds_sdl_operation {
    const char *operation; /* query, mutation or subscription */
    const char *type;
    struct ds_sdl_operation *next;
    ds_sdl_pos pos;
} ds_sdl_operation;

typedef enum ds_sdl_kind {
    DS_SDL_OBJECT_TYPE,
    DS_SDL_INTERFACE_TYPE,
    DS_SDL_ENUM_TYPE,
    DS_SDL_INPUT_TYPE,
    DS_SDL_UNION_TYPE,
    DS_SDL_SCALAR_TYPE,
    DS_SDL_DIRECTIVE_DEFINITION,
    DS_SDL_SCHEMA_DEFINITION
} ds_sdl_kind;

typedef struct ds_sdl_definition {
    ds_sdl_kind kind;
    bool is_extension;
    const char *description;
    const char *name; /* NULL for schema */
    ds_sdl_directive *directives;
    ds_sdl_name *interfaces;      /* object, interface */
    ds_sdl_field *fields;         /* object, interface; NULL without a block */
    ds_sdl_enum_value *values;    /* enum */
    ds_sdl_input *inputs;         /* input type's fields, directive's arguments */
    ds_sdl_name *members;         /* union's types, directive's locations */
    ds_sdl_operation *operations; /* schema */
    bool is_repeatable;           /* directive */
    struct ds_sdl_definition *next;
    ds_sdl_pos pos; /* of the name, or of the keyword `schema` */
} ds_sdl_definition;

typedef struct ds_sdl_document {
    ds_arena *arena; /* owns every node */
    ds_sdl_definition *definitions;
} ds_sdl_document;

/*
** Parse a whole schema. Errors are SQLITE_ERROR with line, column, what was expected and
** what was found, and the nearest keyword where one was misspelt; too long or too deep
** texts (DS_MAX_SDL_*) are refused; NUL bytes and bytes that are not UTF-8 too. An
** operation (`query { … }`) and a document without a definition are errors.
*/
DS_MUST_USE int ds_sdl_parse(const char *text, size_t length, ds_sdl_document **out,
                             ds_err *err);
void ds_sdl_free(ds_sdl_document *document);

/* Append the document in canonical form: two spaces, one definition per paragraph.
** Parsing that text gives an equal tree, and printing it again gives the same text. */
void ds_sdl_print(const ds_sdl_document *document, ds_buf *out);

/* Small readers, used all over model/. NULL when absent. */
const ds_sdl_directive *ds_sdl_directive_find(const ds_sdl_directive *list,
                                              const char *name);
const ds_sdl_value *ds_sdl_argument_find(const ds_sdl_directive *directive,
                                         const char *name);

#endif
