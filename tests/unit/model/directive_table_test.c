/*
** The table of directives, and that schema/prelude.graphql says the same.
*/
#include "catalog.h"

static int set_up(void **state) {
    *state = ds_arena_new();
    return *state == NULL;
}

static int tear_down(void **state) {
    ds_arena_free(*state);
    return 0;
}

static void test_find(void **state) {
    (void)state;
    const ds_directive_rule *key = ds_directive_rule_find("key");
    assert_int_equal(key->version, 1);
    assert_true(key->is_repeatable);
    assert_int_equal(key->places, DS_ON_OBJECT);
    const ds_directive_rule *index = ds_directive_rule_find("index");
    assert_int_equal(index->version, 2);
    assert_int_equal(index->places, DS_ON_FIELD);
    assert_int_equal(ds_directive_rule_find("model")->version, 0);
    assert_false(ds_directive_rule_find("model")->is_repeatable);
    assert_null(ds_directive_rule_find("Model"));
    assert_null(ds_directive_rule_find(""));
}

static void test_takes(void **state) {
    (void)state;
    const ds_directive_rule *key = ds_directive_rule_find("key");
    assert_true(ds_directive_rule_takes(key, "name", NULL));
    assert_true(ds_directive_rule_takes(key, "fields", "[String!]!"));
    assert_true(ds_directive_rule_takes(key, "queryField", "String"));
    assert_false(ds_directive_rule_takes(key, "fields", "[String!]"));
    assert_false(ds_directive_rule_takes(key, "fields", "[String!]! queryField"));
    assert_false(ds_directive_rule_takes(key, "field", NULL));
    assert_false(ds_directive_rule_takes(key, "fields:", NULL));
    assert_false(ds_directive_rule_takes(key, "", NULL));
    /* No list of arguments: anything goes. */
    assert_true(ds_directive_rule_takes(ds_directive_rule_find("http"), "x", "Y"));
}

static void test_arguments(void **state) {
    ds_build build = {.arena = *state};
    ds_words words =
        ds_directive_rule_arguments(&build, ds_directive_rule_find("connection"));
    assert_string_equal(ds_words_text(*state, words),
                        "name, keyField, sortField, keyName, limit, fields");
    words = ds_directive_rule_arguments(&build, ds_directive_rule_find("validate"));
    assert_int_equal(words.n, 0);
}

static void test_hint(void **state) {
    ds_build build = {.arena = *state};
    assert_string_equal(ds_directive_hint(&build, "hasmany"),
                        " (did you mean @hasMany?)");
    assert_string_equal(ds_directive_hint(&build, "connecton"),
                        " (did you mean @connection?)");
    assert_string_equal(ds_directive_hint(&build, "sparkling"), "");
}

/* Editors read the prelude; it must be what we take. That of the arguments that we check is
** seen to when the prelude is built as a schema. */
static void test_prelude(void **state) {
    ds_build build = {.arena = *state};
    ds_buf text;
    read_file("schema/prelude.graphql", &text);
    ds_catalog *catalog = built(&told, ds_buf_text(&text));
    int n = 0;
    for (const ds_sdl_definition *d = catalog->document->definitions; d; d = d->next) {
        const ds_directive_rule *rule = NULL;
        if (d->kind == DS_SDL_DIRECTIVE_DEFINITION) {
            rule = ds_directive_rule_find(d->name);
        }
        int inputs = 0;
        for (const ds_sdl_input *i = d->inputs; rule && i; i = i->next) {
            inputs++;
        }
        if (rule != NULL) {
            int known = ds_directive_rule_arguments(&build, rule).n;
            assert_int_equal(inputs, rule->arguments ? known : inputs);
            assert_int_equal(d->is_repeatable, rule->is_repeatable);
            n++;
        }
    }
    assert_true(n > 15);
    ds_catalog_release(catalog);
    ds_buf_done(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_takes),
        cmocka_unit_test_setup_teardown(test_arguments, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hint, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_prelude, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
