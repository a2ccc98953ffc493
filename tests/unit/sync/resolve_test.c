/*
** Three rows, field by field.
*/
#include "sync_test.h"

/* a, b, c as digits; d and j to see that values are compared by what they mean. */
static const char schema[] =
    "type T @model { id: ID! a: Int b: Int c: Int d: AWSDateTime j: AWSJSON f: Float }";

#define MAX_COLUMNS 16

static const ds_model *model;
static ds_value rows[4][MAX_COLUMNS];
static bool mine[MAX_COLUMNS], here[MAX_COLUMNS], clash[MAX_COLUMNS];
static ds_dispute dispute;

static int setup(void **state) {
    (void)state;
    open_store(schema);
    model = model_of("T");
    assert_true(model->n_columns + DS_N_META <= MAX_COLUMNS);
    for (int r = 0; r < 4; r++) {
        for (int i = 0; i < MAX_COLUMNS; i++) {
            rows[r][i] = (ds_value){.type = SQLITE_NULL};
        }
    }
    memset(mine, 1, sizeof mine);
    dispute = (ds_dispute){.model = model,
                           .base = rows[0],
                           .local = rows[1],
                           .remote = rows[2],
                           .is_mine = mine,
                           .here = here,
                           .clash = clash};
    return 0;
}

static int index_of(const char *column) {
    return ds_model_column(model, column)->index;
}

/* Digits for a, b and c; - is null. */
static void set_row(ds_value *row, const char *digits) {
    static const char *const names[] = {"a", "b", "c"};
    for (int i = 0; digits[i] != 0; i++) {
        ds_value *value = &row[index_of(names[i])];
        *value = digits[i] == '-'
                     ? (ds_value){.type = SQLITE_NULL}
                     : (ds_value){.type = SQLITE_INTEGER, .integer = digits[i] - '0'};
    }
}

static void set_text(ds_value *row, const char *column, const char *text) {
    row[index_of(column)] =
        (ds_value){.type = SQLITE_TEXT, .text = text, .length = (int)strlen(text)};
}

static void check_row(const ds_value *row, const char *digits) {
    ds_value expected[MAX_COLUMNS];
    memcpy(expected, row, sizeof expected);
    set_row(expected, digits);
    for (int i = 0; i < model->n_columns; i++) {
        bool same = false;
        assert_int_equal(ds_column_same(&model->columns[i], &row[i], &expected[i], &same),
                         SQLITE_OK);
        assert_true(same);
    }
}

/* The merged row, and whether there is a conflict. */
static void merges(const char *base, const char *local, const char *remote,
                   const char *expected, bool is_conflict) {
    set_row(rows[0], base);
    set_row(rows[1], local);
    set_row(rows[2], remote);
    assert_int_equal(ds_resolve_compare(&dispute), SQLITE_OK);
    assert_int_equal(dispute.is_conflict, is_conflict);
    ds_resolve_merge(&dispute, false, rows[3]);
    check_row(rows[3], expected);
}

static void test_merge(void **state) {
    (void)state;
    merges("111", "111", "111", "111", false);
    merges("111", "211", "111", "211", false);
    merges("111", "111", "121", "121", false);
    merges("111", "211", "121", "221", false);
    merges("111", "211", "311", "211", true);
    merges("111", "211", "211", "211", false);
    merges("111", "-11", "111", "-11", false);
    merges("111", "-11", "211", "-11", true);
    merges("111", "211", "-11", "211", true);
    merges("1--", "1--", "123", "123", false);
    merges("---", "12-", "1-3", "123", false);
    merges("---", "1--", "2--", "1--", true);
}

/* Changes that are not on their way are kept, but are nothing to argue about. */
static void test_not_mine(void **state) {
    (void)state;
    mine[index_of("a")] = false;
    merges("111", "211", "311", "211", false);
    assert_true(here[index_of("a")]);
    assert_false(clash[index_of("a")]);
    merges("111", "221", "331", "221", true);
    assert_true(clash[index_of("b")]);
}

static void test_whole(void **state) {
    (void)state;
    set_row(rows[0], "111");
    set_row(rows[1], "211");
    set_row(rows[2], "322");
    rows[2][model->n_columns].type = SQLITE_INTEGER;
    rows[2][model->n_columns].integer = 7;
    set_text(rows[2], "createdAt", "2020-01-01T00:00:00.000Z");
    assert_int_equal(ds_resolve_compare(&dispute), SQLITE_OK);
    ds_resolve_merge(&dispute, true, rows[3]);
    check_row(rows[3], "211");
    /* Metadata and what only the server writes are the server's. */
    assert_int_equal(ds_row_version(model, rows[3])->integer, 7);
    assert_ptr_equal(rows[3][index_of("createdAt")].text,
                     rows[2][index_of("createdAt")].text);
}

/* Another notation of the same value is no change. */
static void test_meaning(void **state) {
    (void)state;
    set_text(rows[0], "d", "2020-01-01T00:00:00Z");
    set_text(rows[1], "d", "2020-01-01T00:00:00.000Z");
    set_text(rows[2], "d", "2020-01-01T01:00:00+01:00");
    set_text(rows[0], "j", "{\"a\":1,\"b\":2}");
    set_text(rows[1], "j", "{ \"b\": 2, \"a\": 1 }");
    set_text(rows[2], "j", "{\"a\":5}");
    rows[0][index_of("f")] = (ds_value){.type = SQLITE_INTEGER, .integer = 2};
    rows[1][index_of("f")] = (ds_value){.type = SQLITE_FLOAT, .real = 2.0};
    assert_int_equal(ds_resolve_compare(&dispute), SQLITE_OK);
    assert_false(dispute.is_conflict);
    assert_false(here[index_of("d")] || here[index_of("j")] || here[index_of("f")]);
    ds_resolve_merge(&dispute, false, rows[3]);
    assert_string_equal(rows[3][index_of("j")].text, "{\"a\":5}");
}

static void test_differences(void **state) {
    (void)state;
    bool out[MAX_COLUMNS];
    set_row(rows[0], "12-");
    set_row(rows[1], "13-");
    set_text(rows[1], "createdAt", "2020-01-01T00:00:00.000Z");
    assert_int_equal(ds_resolve_differences(model, rows[0], rows[1], out), SQLITE_OK);
    for (int i = 0; i < model->n_columns; i++) {
        assert_int_equal(out[i], i == index_of("b"));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown_store)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_merge),   TEST(test_not_mine),    TEST(test_whole),
        TEST(test_meaning), TEST(test_differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
