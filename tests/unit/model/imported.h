/*
** Shared by the tests of imported schemas: JSON that is written with single quotes.
*/
#ifndef DS_TEST_IMPORTED_H
#define DS_TEST_IMPORTED_H

#include "catalog.h"

#include "model/import_int.h"

/* Nothing that the tests write has either quote inside of a text. */
static inline void add_quoted(ds_buf *out, const char *json) {
    for (const char *p = json; *p; p++) {
        ds_buf_add_bytes(out, *p == '\'' ? "\"" : p, 1);
    }
}

static inline ds_catalog *imported(const ds_model_options *options, const char *json) {
    ds_buf text;
    ds_buf_init(&text, DS_MAX_OUTPUT_BYTES);
    add_quoted(&text, json);
    ds_catalog *catalog = built(options, ds_buf_text(&text));
    assert_true(catalog->is_imported);
    ds_buf_done(&text);
    return catalog;
}

/* The message is with single quotes, too. */
static inline void import_refused(const char *json, const char *message) {
    ds_buf text, expected;
    ds_buf_init(&text, DS_MAX_OUTPUT_BYTES);
    ds_buf_init(&expected, DS_MAX_OUTPUT_BYTES);
    add_quoted(&text, json);
    add_quoted(&expected, message);
    refused(&told, ds_buf_text(&text), ds_buf_text(&expected));
    ds_buf_done(&text);
    ds_buf_done(&expected);
}

/* The document that the JSON becomes, in the schema language and its directives of ours. */
static inline void check_document(const char *json, const char *expected) {
    ds_buf text, printed;
    ds_sdl_document *document = NULL;
    ds_err err = DS_ERR_INIT;
    ds_buf_init(&text, DS_MAX_OUTPUT_BYTES);
    ds_buf_init(&printed, DS_MAX_OUTPUT_BYTES);
    add_quoted(&text, json);
    (void)!ds_import_parse(ds_buf_text(&text), text.length, &document, &err);
    assert_string_equal(err.text, "");
    ds_sdl_print(document, &printed);
    assert_string_equal(ds_buf_text(&printed), expected);
    ds_sdl_free(document);
    ds_buf_done(&text);
    ds_buf_done(&printed);
}

/* A model with an id and more fields. */
#define MODEL(name, fields)                                                              \
    "'" name "':{'fields':{'id':{'type':'ID','isRequired':true}" fields "}}"
#define COMPOSITE(name, fields, attributes)                                              \
    "'" name "':{'fields':{'a':{'type':'ID','isRequired':true},'b':{'type':'Int',"       \
    "'isRequired':true}" fields "},'attributes':[{'type':'key','properties':{'fields':"  \
    "['a','b']}}" attributes "]}"
#define MODELS(models) "{'models':{" models "}}"

/* Fields. The association of a relation has its names as members. */
#define FIELD(name, type)    ",'" name "':{'type':'" type "'}"
#define REQUIRED(name, type) ",'" name "':{'type':'" type "','isRequired':true}"
#define ONE(name, model, kind, names)                                                    \
    ",'" name "':{'type':{'model':'" model "'},'association':{'connectionType':'" kind   \
    "'," names "}}"
#define MANY(name, model, names)                                                         \
    ",'" name "':{'isArray':true,'type':{'model':'" model                                \
    "'},'association':{'connectionType':'HAS_MANY'," names "}}"
#define STAMPS                                                                           \
    ",'createdAt':{'type':'AWSDateTime','isReadOnly':true}"                              \
    ",'updatedAt':{'type':'AWSDateTime','isReadOnly':true}"

#endif
