/*
** The table of operators.
*/
#include "filter_test.h"

static void test_names(void **state) {
    (void)state;
    for (ds_filter_op op = 0; op < DS_FILTER_OP_COUNT; op++) {
        assert_int_equal(ds_filter_op_find(ds_filter_op_name(op)), op);
    }
    assert_int_equal(ds_filter_op_find("EQ"), DS_FILTER_OP_COUNT);
    assert_int_equal(ds_filter_op_find(""), DS_FILTER_OP_COUNT);
    assert_int_equal(ds_filter_op_find("attributeType"), DS_FILTER_OP_COUNT);
}

static void test_fits(void **state) {
    (void)state;
    static const char *const expected[DS_FILTER_CLASS_COUNT] = {
        [DS_FILTER_TEXT] = (" eq ne gt ge lt le between in notIn contains notContains "
                            "beginsWith attributeExists size"),
        [DS_FILTER_NUMBER] = " eq ne gt ge lt le between in notIn attributeExists",
        [DS_FILTER_BOOLEAN] = " eq ne in notIn attributeExists",
        [DS_FILTER_ENUM] = " eq ne in notIn attributeExists",
        [DS_FILTER_LIST] = " eq ne contains notContains attributeExists size",
        [DS_FILTER_LENGTH] = " eq ne gt ge lt le between",
    };
    for (ds_filter_class class = 0; class < DS_FILTER_CLASS_COUNT; class ++) {
        ds_buf buf;
        ds_buf_init(&buf, 1000);
        for (ds_filter_op op = 0; op < DS_FILTER_OP_COUNT; op++) {
            if (ds_filter_op_fits(op, class)) {
                ds_buf_addf(&buf, " %s", ds_filter_op_name(op));
            }
        }
        assert_string_equal(ds_buf_text(&buf), expected[class]);
        ds_buf_done(&buf);
    }
}

static void test_positive(void **state) {
    (void)state;
    for (ds_filter_op op = 0; op < DS_FILTER_OP_COUNT; op++) {
        ds_filter_op expected = op == DS_FILTER_NE             ? DS_FILTER_EQ
                                : op == DS_FILTER_NOT_IN       ? DS_FILTER_IN
                                : op == DS_FILTER_NOT_CONTAINS ? DS_FILTER_CONTAINS
                                                               : op;
        assert_int_equal(ds_filter_op_positive(op), expected);
    }
}

static void test_class_of(void **state) {
    (void)state;
    static const struct {
        const char *column;
        ds_filter_class class;
    } cases[] = {
        {"id", DS_FILTER_TEXT},        {"title", DS_FILTER_TEXT},
        {"rating", DS_FILTER_NUMBER},  {"score", DS_FILTER_NUMBER},
        {"done", DS_FILTER_BOOLEAN},   {"at", DS_FILTER_NUMBER},
        {"day", DS_FILTER_TEXT},       {"status", DS_FILTER_ENUM},
        {"tags", DS_FILTER_TEXT},      {"numbers", DS_FILTER_NUMBER},
        {"flags", DS_FILTER_BOOLEAN},  {"states", DS_FILTER_ENUM},
        {"createdAt", DS_FILTER_TEXT},
    };
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        const ds_model *model = ds_catalog_model(catalog, "Post");
        const ds_column *column = ds_model_column(model, cases[i].column);
        assert_non_null(column);
        assert_int_equal(ds_filter_class_of(&column->type), cases[i].class);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_fits),
        cmocka_unit_test(test_positive),
        cmocka_unit_test(test_class_of),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
