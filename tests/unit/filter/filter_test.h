/*
** The model that the tests of filter share: a column of every kind of type.
*/
#ifndef DS_FILTER_TEST_H
#define DS_FILTER_TEST_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "filter/filter_int.h"

static ds_catalog *catalog;

static int group_setup(void **state) {
    static const char sdl[] = "enum Status { ACTIVE INACTIVE }\n"
                              "type Place { city: String }\n"
                              "type Blog @model {\n"
                              "  id: ID!\n"
                              "  posts: [Post] @connection(name: \"BlogPosts\")\n"
                              "  edited: [Post] @connection(keyName: \"byEditor\", "
                              "fields: [\"id\"])\n"
                              "}\n"
                              "type Post @model\n"
                              "  @key(name: \"byEditor\", fields: [\"editorID\"]) {\n"
                              "  id: ID!\n"
                              "  title: String\n"
                              "  rating: Int\n"
                              "  score: Float\n"
                              "  done: Boolean\n"
                              "  at: AWSTimestamp\n"
                              "  day: AWSDate\n"
                              "  status: Status\n"
                              "  tags: [String]\n"
                              "  numbers: [Int]\n"
                              "  flags: [Boolean]\n"
                              "  states: [Status]\n"
                              "  matrix: [[Int]]\n"
                              "  place: Place\n"
                              "  editorID: ID\n"
                              "  editor: Blog @connection(fields: [\"editorID\"])\n"
                              "  blog: Blog @connection(name: \"BlogPosts\")\n"
                              "}\n";
    const ds_model_options options = DS_MODEL_OPTIONS_DEFAULT;
    ds_err err = DS_ERR_INIT;
    (void)state;
    int rc = ds_catalog_build(sdl, sizeof sdl - 1, &options, &catalog, &err);
    assert_string_equal(err.text, "");
    return rc;
}

static int group_teardown(void **state) {
    (void)state;
    ds_catalog_release(catalog);
    return 0;
}

static inline ds_filter *parse(const char *json) {
    ds_filter *filter = NULL;
    ds_err err = DS_ERR_INIT;
    int rc = ds_filter_parse(ds_catalog_model(catalog, "Post"), json, strlen(json),
                             &filter, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, SQLITE_OK);
    return filter;
}

static inline void check_refused(const char *json, const char *message) {
    ds_filter *filter = NULL;
    ds_err err = DS_ERR_INIT;
    int rc = ds_filter_parse(ds_catalog_model(catalog, "Post"), json, strlen(json),
                             &filter, &err);
    assert_string_equal(err.text, message);
    assert_int_equal(rc, SQLITE_ERROR);
    assert_null(filter);
}

#endif
