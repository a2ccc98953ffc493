/*
** The order of models.
*/
#include "engine.h"

static void check_order(const char *schema, const char *expected) {
    ds_buf out;
    int order[16];
    ds_buf_init(&out, 1000);
    open_store(schema);
    assert_int_equal(ds_engine_order(store->catalog, order, &err), SQLITE_OK);
    for (int i = 0; i < store->catalog->n_models; i++) {
        ds_buf_addf(&out, "%s%s", i > 0 ? " " : "",
                    store->catalog->models[order[i]].name);
    }
    assert_string_equal(ds_buf_text(&out), expected);
    ds_buf_done(&out);
    close_store();
}

static void test_parents_first(void **state) {
    (void)state;
    check_order("type C @model { id: ID! b: B @connection(name: \"BC\") }"
                "type B @model { id: ID! a: A @connection(name: \"AB\")"
                " cs: [C] @connection(name: \"BC\") }"
                "type A @model { id: ID! bs: [B] @connection(name: \"AB\") }",
                "A B C");
}

static void test_unrelated(void **state) {
    (void)state;
    check_order("type B @model { id: ID! } type A @model { id: ID! }", "B A");
}

static void test_itself(void **state) {
    (void)state;
    check_order("type N @model { id: ID! up: N @connection(name: \"T\")"
                " down: [N] @connection(name: \"T\") } type M @model { id: ID! }",
                "N M");
}

/* One has to be the first: that of the schema. */
static void test_cycle(void **state) {
    (void)state;
    check_order("type L @model { id: ID! a: A @connection }"
                "type A @model { id: ID! b: B @connection }"
                "type B @model { id: ID! a: A @connection }",
                "L A B");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parents_first),
        cmocka_unit_test(test_unrelated),
        cmocka_unit_test(test_itself),
        cmocka_unit_test(test_cycle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
