/*
** What a subscription is begun with.
*/
#include "live.h"

/* The first generation's API takes no filter: the expression is held against the records here. */
static int setup_first_generation(void **state) {
    (void)state;
    setup_engine(
        "type Note @model @key(name: \"byText\", fields: [\"text\"]) { id: ID! text: "
        "String! }");
    exec("SELECT datastore_sync_expression('Note', '{\"text\":{\"eq\":\"x\"}}')");
    return 0;
}

static void test_no_filter_in_the_first_generation(void **state) {
    (void)state;
    go_live("{}");
    join(0);
    expect_starts(0, "onCreateNote");
    assert_string_equal(effect.variables, "{}");
}

/* Nothing of one connection can be mistaken for something of the next. */
static void test_numbers_are_never_used_again(void **state) {
    char before[DS_REALTIME_ID_SIZE];
    (void)state;
    go_live("{}");
    join(0);
    next(DS_EFFECT_START);
    sqlite3_snprintf(sizeof before, before, "%s", effect.subscription);
    next(DS_EFFECT_START);
    assert_string_not_equal(effect.subscription, before);
    lost(0);
    give_page(expect("syncNotes", NULL), "syncNotes", "[]", NULL);
    expect_pause(100);
    join(0);
    next(DS_EFFECT_START);
    assert_string_not_equal(effect.subscription, before);
}

/* Operations that the schema has switched off are not subscribed to. */
static int setup_half(void **state) {
    (void)state;
    return setup_engine("type Note @model(subscriptions: {onCreate: [\"onCreateNote\"], "
                        "onUpdate: [], onDelete: []}) "
                        "{ id: ID! text: String }");
}

static void test_only_what_the_api_has(void **state) {
    (void)state;
    go_live("{}");
    join(0);
    expect_starts(0, "onCreateNote");
    acknowledge(0, "onCreateNote");
    give_page(expect("syncNotes", NULL), "syncNotes", "[]", NULL);
    next(DS_EFFECT_WAIT);
    assert_true(effect.until <= now + 60000); /* nobody tells about updates: polled */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_filter_in_the_first_generation,
                                        setup_first_generation, teardown_engine),
        cmocka_unit_test_setup_teardown(test_numbers_are_never_used_again, setup_note,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_only_what_the_api_has, setup_half,
                                        teardown_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
