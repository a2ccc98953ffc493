/*
** What a subscription is begun with.
*/
#include "live.h"

#include <stdio.h>
#include <unistd.h>

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

/* ---- owners ---------------------------------------------------------------------------------------- */

#define TOKEN_ANN "e30.eyJ1c2VybmFtZSI6ImFubiJ9.x" /* {"username":"ann"} */
#define TOKEN_BOB "e30.eyJ1c2VybmFtZSI6ImJvYiJ9.x" /* {"username":"bob"} */
#define TOKEN_WHO "e30.eyJzdWIiOiIxIn0.x"          /* {"sub":"1"} */

static int setup_owner(void **state) {
    (void)state;
    return setup_engine("type Note @model @key(name: \"byText\", fields: [\"text\"]) "
                        "@auth(rules: [{allow: owner}]) { id: ID! text: String! }");
}

static void check_health(const char *untold, const char *error) {
    ds_engine_health health;
    ds_engine_health_read(engine, &health);
    assert_string_equal(health.untold ? health.untold : "", untold);
    assert_string_equal(health.error ? health.error : "", error);
}

static void let_a_minute_pass(void) {
    set_now(now + 30000);
    next(DS_EFFECT_WAIT);
    say(0, "{\"type\":\"ka\"}");
    set_now(now + 30000);
}

static void test_owner(void **state) {
    (void)state;
    go_live("{\"authMode\":\"userPool\",\"authToken\":\"" TOKEN_ANN "\"}");
    join(0);
    expect_starts(0, "onCreateNote");
    assert_string_equal(effect.variables, "{\"owner\":\"ann\"}");
    assert_non_null(strstr(effect.body, "($owner: String!)"));
    expect_starts(0, "onUpdateNote onDeleteNote");
    assert_string_equal(effect.variables, "{\"owner\":\"ann\"}");
    acknowledge_all(0, ON_NOTE);
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", "[]", NULL);
    expect_idle(60000);
    check_health("", "");
    let_a_minute_pass();
    next(DS_EFFECT_WAIT); /* nothing is polled */
}

/* Nobody says who we are: nothing is begun, the model is polled, and it is said why. */
static void test_owner_unknown(void **state) {
    (void)state;
    go_live("{\"authMode\":\"userPool\",\"authToken\":\"" TOKEN_WHO "\"}");
    join(0);
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", "[]", NULL);
    expect_idle(60000);
    check_health("Note", "the API wants to know the owner (\"owner\"), and authToken has "
                         "no claim \"cognito:username\" for authMode \"userPool\"");
    let_a_minute_pass();
    expect("syncNotes", NULL);
}

static void test_owner_in_the_next_mode(void **state) {
    (void)state;
    go_live("{\"authModes\":[\"apiKey\",\"userPool\"],\"authToken\":\"" TOKEN_ANN "\"}");
    join(0);
    expect_starts(0, "onCreateNote");
    assert_int_equal(effect.mode, DS_AUTH_USER_POOL);
    assert_string_equal(effect.variables, "{\"owner\":\"ann\"}");
}

/* The owner and the sync expression together. */
static int setup_second_generation(void **state) {
    (void)state;
    setup_engine("type Note @model @auth(rules: [{allow: owner, ownerField: \"by\"}]) "
                 "{ id: ID! text: String @index }");
    exec("SELECT datastore_sync_expression('Note', '{\"text\":{\"eq\":\"x\"}}')");
    return 0;
}

static void test_owner_and_filter(void **state) {
    (void)state;
    go_live("{\"authMode\":\"oidc\",\"authToken\":\"" TOKEN_ANN "\"}");
    join(0);
    expect_starts(0, "onCreateNote");
    assert_string_equal(effect.variables,
                        "{\"filter\":{\"and\":[{\"text\":{\"eq\":\"x\"}}]}}");
    go_live("{\"authMode\":\"userPool\",\"authToken\":\"" TOKEN_ANN "\"}");
    join(0);
    expect_starts(0, "onCreateNote");
    assert_string_equal(
        effect.variables,
        "{\"filter\":{\"and\":[{\"text\":{\"eq\":\"x\"}}]},\"by\":\"ann\"}");
}

/* Of two owners the API tells of one: the other's changes are polled for. */
static int setup_two_owners(void **state) {
    (void)state;
    return setup_engine("type Note @model @key(name: \"byText\", fields: [\"text\"]) "
                        "@auth(rules: [{allow: owner}, {allow: owner, ownerField: "
                        "\"by\"}]) { id: ID! text: String! }");
}

static void test_two_owners(void **state) {
    (void)state;
    go_live("{\"authMode\":\"userPool\",\"authToken\":\"" TOKEN_ANN "\"}");
    subscribe(0, ON_NOTE);
    assert_string_equal(effect.variables, "{\"by\":\"ann\"}");
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", "[]", NULL);
    expect_idle(60000);
    check_health("", "");
    let_a_minute_pass();
    expect("syncNotes", NULL);
}

static void rewrite(const char *path, const char *text) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    fclose(file);
}

/* With Ann's token in a file, whose path is returned, to be freed. */
static char *go_live_with_file(void) {
    char *path = sqlite3_mprintf("build/token-%d", (int)getpid());
    rewrite(path, TOKEN_ANN);
    char *json = sqlite3_mprintf(
        "{\"authMode\":\"userPool\",\"authToken\":{\"file\":\"%s\"}}", path);
    go_live(json);
    sqlite3_free(json);
    return path;
}

/* Everything goes on while the same user renews his token, and begins anew with another's. */
static void test_another_user_in_the_file(void **state) {
    (void)state;
    char *path = go_live_with_file();
    subscribe(0, ON_NOTE);
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", "[]", NULL);
    rewrite(path, TOKEN_ANN "yz");
    set_now(now + 10000);
    next(DS_EFFECT_WAIT);
    remove(path); /* while it is replaced, it may be gone */
    set_now(now + 10000);
    next(DS_EFFECT_WAIT);
    rewrite(path, TOKEN_BOB);
    set_now(now + 9999);
    next(DS_EFFECT_WAIT);
    set_now(now + 1);
    expect_hang_up(0);
    join(0);
    expect_starts(0, "onCreateNote");
    assert_string_equal(effect.variables, "{\"owner\":\"bob\"}");
    remove(path);
    sqlite3_free(path);
}

/* A token that cannot be read now may be readable soon. */
static void test_a_file_that_is_gone(void **state) {
    (void)state;
    char *path = go_live_with_file();
    join(0);
    remove(path);
    give_page(expect_page("syncNotes", NULL, 0), "syncNotes", "[]", NULL);
    next(DS_EFFECT_WAIT);
    rewrite(path, TOKEN_ANN);
    set_now(effect.until);
    next(DS_EFFECT_START);
    assert_string_equal(effect.variables, "{\"owner\":\"ann\"}");
    remove(path);
    sqlite3_free(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_filter_in_the_first_generation,
                                        setup_first_generation, teardown_engine),
        cmocka_unit_test_setup_teardown(test_numbers_are_never_used_again, setup_note,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_only_what_the_api_has, setup_half,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_owner, setup_owner, teardown_engine),
        cmocka_unit_test_setup_teardown(test_owner_unknown, setup_owner, teardown_engine),
        cmocka_unit_test_setup_teardown(test_owner_in_the_next_mode, setup_owner,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_owner_and_filter, setup_second_generation,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_two_owners, setup_two_owners,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_another_user_in_the_file, setup_owner,
                                        teardown_engine),
        cmocka_unit_test_setup_teardown(test_a_file_that_is_gone, setup_owner,
                                        teardown_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
