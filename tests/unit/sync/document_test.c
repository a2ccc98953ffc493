/*
** Bodies of requests that push.
*/
#include "engine.h"

#define KEYED                                                                            \
    "type Item @model { order: ID! @primaryKey(sortKeyFields: [\"line\"]) line: Int! "   \
    "what: String }"

static int setup_keyed(void **state) {
    (void)state;
    return setup_engine(KEYED);
}

static ds_mutation mutation_of(const char *model, ds_graphql_operation operation,
                               const char *input, const char *condition) {
    return (ds_mutation){.model = model_of(model),
                         .operation = operation,
                         .input = input,
                         .condition = condition};
}

/* The document and the variables as they are sent; the names of the root fields, with spaces. */
static void check_print(ds_item *items, int n, const char *document,
                        const char *variables, const char *names) {
    ds_item *pointers[4];
    const char *found[4];
    ds_json *root = NULL;
    ds_buf out;
    ds_arena *arena = ds_arena_new();
    ds_buf_init(&out, DS_MAX_OUTPUT_BYTES);
    for (int i = 0; i < n; i++) {
        pointers[i] = &items[i];
    }
    assert_int_equal(ds_push_print(pointers, n, arena, &out, found, &err), SQLITE_OK);
    assert_int_equal(ds_json_parse(ds_buf_text(&out), out.length, &root, &err),
                     SQLITE_OK);
    assert_string_equal(ds_json_string(ds_json_get(root, "query")), document);
    ds_buf_clear(&out);
    ds_json_print(ds_json_get(root, "variables"), &out);
    assert_string_equal(ds_buf_text(&out), variables);
    ds_buf_clear(&out);
    for (int i = 0; i < n; i++) {
        ds_buf_addf(&out, "%s%s", i > 0 ? " " : "", found[i]);
    }
    assert_string_equal(ds_buf_text(&out), names);
    ds_json_free(root);
    ds_buf_done(&out);
    ds_arena_free(arena);
}

#define FIELDS                                                                           \
    "{\n    id\n    text\n    createdAt\n    updatedAt\n    _version\n    "              \
    "_lastChangedAt\n"                                                                   \
    "    _deleted\n  }"

/* One is sent as Amplify's own clients do it. */
static void test_one(void **state) {
    (void)state;
    ds_mutation create = mutation_of("Note", DS_GRAPHQL_CREATE, "{\"id\":\"a\"}", NULL);
    ds_item item = {.mutation = &create};
    check_print(&item, 1,
                "mutation operation($input: CreateNoteInput!) {\n  createNote(input: "
                "$input) " FIELDS "\n}",
                "{\"input\":{\"id\":\"a\"}}", "createNote");
    ds_mutation update =
        mutation_of("Note", DS_GRAPHQL_UPDATE, "{\"id\":\"a\",\"text\":\"\\\"\"}",
                    "{\"text\":{\"eq\":\"x\"}}");
    item.mutation = &update;
    check_print(&item, 1,
                "mutation operation($input: UpdateNoteInput!, $condition: "
                "ModelNoteConditionInput) {\n  updateNote(input: $input, condition: "
                "$condition) " FIELDS "\n}",
                "{\"input\":{\"id\":\"a\",\"text\":\"\\\"\"},\"condition\":{\"text\":{"
                "\"eq\":\"x\"}}}",
                "updateNote");
    item.asks = true;
    check_print(&item, 1, "query operation($id: ID!) {\n  getNote(id: $id) " FIELDS "\n}",
                "{\"id\":\"a\"}", "getNote");
}

static void test_several(void **state) {
    (void)state;
    ds_mutation create = mutation_of("Note", DS_GRAPHQL_CREATE, "{\"id\":\"a\"}", NULL);
    ds_mutation delete =
        mutation_of("Note", DS_GRAPHQL_DELETE, "{\"id\":\"b\",\"_version\":2}",
                    "{\"text\":{\"eq\":\"x\"}}");
    ds_item items[2] = {{.mutation = &create}, {.mutation = &delete}};
    check_print(
        items, 2,
        "mutation operation($input_0: CreateNoteInput!, $input_1: DeleteNoteInput!, "
        "$condition_1: ModelNoteConditionInput) {\n  m0: createNote(input: "
        "$input_0) " FIELDS
        "\n  m1: deleteNote(input: $input_1, condition: $condition_1) " FIELDS "\n}",
        "{\"input_0\":{\"id\":\"a\"},\"input_1\":{\"id\":\"b\",\"_version\":2},"
        "\"condition_1\":{\"text\":{\"eq\":\"x\"}}}",
        "m0 m1");
    items[0].asks = items[1].asks = true;
    check_print(
        items, 2,
        "query operation($id_0: ID!, $id_1: ID!) {\n  m0: getNote(id: $id_0) " FIELDS
        "\n  m1: getNote(id: $id_1) " FIELDS "\n}",
        "{\"id_0\":\"a\",\"id_1\":\"b\"}", "m0 m1");
}

/* Texts of keys go as they are, escapes and all; the members of the input stand in any order. */
static void test_keys(void **state) {
    (void)state;
    ds_mutation update =
        mutation_of("Item", DS_GRAPHQL_UPDATE,
                    "{\"what\":\"x\",\"line\":-7,\"order\":\"a\\\"\\u00e9\"}", NULL);
    ds_item item = {.mutation = &update, .asks = true};
    check_print(
        &item, 1,
        "query operation($order: ID!, $line: Int!) {\n  getItem(order: $order, line: "
        "$line) "
        "{\n    order\n    line\n    what\n    createdAt\n    updatedAt\n    _version\n"
        "    _lastChangedAt\n    _deleted\n  }\n}",
        "{\"order\":\"a\\\"\xC3\xA9\",\"line\":-7}", "getItem");
}

static void test_too_large(void **state) {
    (void)state;
    const char *names[1];
    ds_mutation create = mutation_of("Note", DS_GRAPHQL_CREATE, "{\"id\":\"a\"}", NULL);
    ds_item item = {.mutation = &create}, *pointer = &item;
    ds_buf out;
    ds_arena *arena = ds_arena_new();
    ds_buf_init(&out, 20);
    assert_int_equal(ds_push_print(&pointer, 1, arena, &out, names, &err), SQLITE_TOOBIG);
    assert_string_equal(err.text, "a change is too large to be sent");
    ds_buf_done(&out);
    ds_arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one, setup_note, teardown_engine),
        cmocka_unit_test_setup_teardown(test_several, setup_note, teardown_engine),
        cmocka_unit_test_setup_teardown(test_keys, setup_keyed, teardown_engine),
        cmocka_unit_test_setup_teardown(test_too_large, setup_note, teardown_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
