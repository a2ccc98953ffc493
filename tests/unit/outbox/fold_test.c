/*
** Which changes of a record are one.
*/
#include "../sync/sync_test.h"

#include "outbox/outbox_int.h"

static ds_arena *arena;

static int setup(void **state) {
    (void)state;
    open_store("type T @model { id: ID! a: Int b: Int c: Int }");
    arena = ds_arena_new();
    return arena == NULL;
}

static int teardown(void **state) {
    ds_arena_free(arena);
    return teardown_store(state);
}

static ds_step step(ds_op op, const char *columns) {
    const ds_model *model = model_of("T");
    bool *flags = ds_mask_flags(model, arena);
    for (const char *p = columns; *p; p++) {
        char name[] = {*p, 0};
        flags[ds_model_column(model, name)->index] = true;
    }
    return (ds_step){.op = op, .mask = ds_mask_of(store, model, flags, arena)};
}

/* The names of the columns of a step. */
static const char *columns_of(const ds_step *s) {
    const ds_model *model = model_of("T");
    char text[8] = "";
    for (int i = 0; i < model->n_columns; i++) {
        if (ds_mask_has(store, model, &s->mask, i)) {
            strcat(text, model->columns[i].name);
        }
    }
    return ds_arena_text(arena, text, strlen(text));
}

static void folds(ds_op first_op, ds_op second_op, ds_fold expected, ds_op op,
                  const char *columns) {
    ds_step first = step(first_op, first_op == DS_OP_UPDATE ? "a" : "");
    ds_step second = step(second_op, second_op == DS_OP_UPDATE ? "b" : "");
    assert_int_equal(ds_fold_steps(store, model_of("T"), &first, &second, arena),
                     expected);
    assert_int_equal(first.op, op);
    assert_string_equal(columns_of(&first), columns);
}

static void test_table(void **state) {
    (void)state;
    folds(DS_OP_CREATE, DS_OP_CREATE, DS_FOLD_INTO, DS_OP_CREATE, "");
    folds(DS_OP_CREATE, DS_OP_UPDATE, DS_FOLD_INTO, DS_OP_CREATE, "");
    folds(DS_OP_CREATE, DS_OP_DELETE, DS_FOLD_DROP_BOTH, DS_OP_CREATE, "");
    folds(DS_OP_UPDATE, DS_OP_CREATE, DS_FOLD_INTO, DS_OP_UPDATE, "abc");
    folds(DS_OP_UPDATE, DS_OP_UPDATE, DS_FOLD_INTO, DS_OP_UPDATE, "ab");
    folds(DS_OP_UPDATE, DS_OP_DELETE, DS_FOLD_DROP_FIRST, DS_OP_UPDATE, "a");
    folds(DS_OP_DELETE, DS_OP_CREATE, DS_FOLD_INTO, DS_OP_UPDATE, "abc");
    folds(DS_OP_DELETE, DS_OP_UPDATE, DS_FOLD_APART, DS_OP_DELETE, "");
    folds(DS_OP_DELETE, DS_OP_DELETE, DS_FOLD_DROP_FIRST, DS_OP_DELETE, "");
}

static ds_fold fold(ds_step *first, const ds_step *second) {
    return ds_fold_steps(store, model_of("T"), first, second, arena);
}

static void test_what_stands_apart(void **state) {
    (void)state;
    const ds_step update = step(DS_OP_UPDATE, "b");
    ds_step conditioned = update, sent = update, kept = update, first;
    conditioned.condition = "{}";
    sent.request = "{}";
    kept.payload = "{}";
    first = step(DS_OP_UPDATE, "a");
    assert_int_equal(fold(&first, &conditioned), DS_FOLD_APART);
    assert_int_equal(fold(&conditioned, &update), DS_FOLD_APART);
    assert_int_equal(fold(&sent, &update), DS_FOLD_APART);
    assert_int_equal(fold(&first, &sent), DS_FOLD_APART);
    assert_int_equal(fold(&kept, &update), DS_FOLD_APART);
    /* The row that is kept goes along. */
    assert_int_equal(fold(&first, &kept), DS_FOLD_INTO);
    assert_string_equal(first.payload, "{}");
    sent.state = DS_STEP_IN_FLIGHT;
    assert_int_equal(fold(&sent, &update), DS_FOLD_APART);
}

static void test_dead_letter(void **state) {
    (void)state;
    const ds_step update = step(DS_OP_UPDATE, "b");
    ds_step deletion = step(DS_OP_DELETE, "");
    ds_step failed = step(DS_OP_UPDATE, "a");
    failed.state = DS_STEP_FAILED;
    failed.request = "{}";
    assert_int_equal(fold(&failed, &update), DS_FOLD_APART);
    assert_int_equal(fold(&failed, &deletion), DS_FOLD_DROP_FIRST);
    failed.op = DS_OP_CREATE;
    assert_int_equal(fold(&failed, &update), DS_FOLD_APART);
    assert_int_equal(fold(&failed, &deletion), DS_FOLD_DROP_BOTH);
    deletion.condition = "{}";
    assert_int_equal(fold(&failed, &deletion), DS_FOLD_APART);
    ds_step held = step(DS_OP_CREATE, "");
    held.state = DS_STEP_HELD;
    assert_int_equal(fold(&held, &update), DS_FOLD_INTO);
    assert_int_equal(held.state, DS_STEP_PENDING);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_table, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_stands_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(test_dead_letter, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
