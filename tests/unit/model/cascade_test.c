/*
** Components of the cascade graph.
*/
#include "catalog.h"

#include <stdlib.h>

/* "A B* C" for models in their order: the first model of each one's component, with a star
** where the component has a cycle. */
static void check(const char *sdl, const char *expected) {
    ds_catalog *catalog = built(&told, sdl);
    ds_buf text;
    ds_buf_init(&text, 10000);
    for (int i = 0; i < catalog->n_models; i++) {
        const ds_model *m = &catalog->models[i];
        ds_buf_addf(&text, "%s%s%s", i ? " " : "", catalog->models[m->component].name,
                    m->is_cyclic ? "*" : "");
    }
    assert_string_equal(ds_buf_text(&text), expected);
    ds_buf_done(&text);
    ds_catalog_release(catalog);
}

static void test_trees(void **state) {
    (void)state;
    check("type A @model { x: Int }", "A");
    check("type A @model { b: [B] @hasMany } type B @model { a: A @belongsTo c: C "
          "@hasOne } "
          "type C @model { x: Int }",
          "A B C");
    /* Two ways to one model are no cycle. */
    check("type A @model { b: [B] @hasMany c: [C] @hasMany } type B @model { d: [D] "
          "@hasMany } "
          "type C @model { d: [D] @hasMany } type D @model { x: Int }",
          "A B C D");
}

static void test_cycles(void **state) {
    (void)state;
    check("type A @model { a: [A] @hasMany }", "A*");
    check(
        "type A @model { up: A @belongsTo down: [A] @hasMany } type B @model { x: Int }",
        "A* B");
    check("type A @model { b: [B] @hasMany } type B @model { c: C @hasOne } "
          "type C @model { a: [A] @hasMany }",
          "A* A* A*");
    /* A model that hangs on a cycle is not on it. */
    check("type L @model { x: Int } type A @model { b: [B] @hasMany l: L @hasOne } "
          "type B @model { c: [C] @hasMany } type C @model { a: [A] @hasMany } "
          "type R @model { a: [A] @hasMany }",
          "L A* A* A* R");
    /* Two cycles that share a model are one component, others are apart. */
    check("type A @model { b: [B] @hasMany } type B @model { c: [C] @hasMany d: [D] "
          "@hasMany } "
          "type C @model { a: [A] @hasMany } type D @model { e: [E] @hasMany } "
          "type E @model { b: [B] @hasMany f: [F] @hasMany } type F @model { g: [G] "
          "@hasMany } "
          "type G @model { h: [H] @hasMany } type H @model { f: [F] @hasMany }",
          "A* A* A* A* A* F* F* F*");
}

/* Belongs-to deletes nothing, a join model stands between the two sides. */
static void test_edges(void **state) {
    (void)state;
    check("type A @model { b: [B] @manyToMany(relationName: \"AB\") } "
          "type B @model { a: [A] @manyToMany(relationName: \"AB\") }",
          "A B AB");
    check("type A @model { bID: ID b: B @belongsTo(fields: \"bID\") } "
          "type B @model { aID: ID a: A @belongsTo(fields: \"aID\") }",
          "A B");
}

/* Every model in one ring, and in one chain: the deepest search. */
static void check_ring(bool is_closed) {
    ds_buf sdl;
    ds_buf_init(&sdl, DS_MAX_SDL_BYTES);
    for (int i = 0; i < DS_MAX_MODELS; i++) {
        if (is_closed || i + 1 < DS_MAX_MODELS) {
            ds_buf_addf(&sdl, "type M%d @model { next: [M%d] @hasMany }\n", i,
                        (i + 1) % DS_MAX_MODELS);
        } else {
            ds_buf_addf(&sdl, "type M%d @model { x: Int }\n", i);
        }
    }
    ds_catalog *catalog = built(&told, ds_buf_text(&sdl));
    for (int i = 0; i < DS_MAX_MODELS; i++) {
        assert_int_equal(catalog->models[i].component, is_closed ? 0 : i);
        assert_int_equal(catalog->models[i].is_cyclic, is_closed);
    }
    ds_catalog_release(catalog);
    ds_buf_done(&sdl);
}

static void test_deepest(void **state) {
    (void)state;
    check_ring(true);
    check_ring(false);
}

/* Against the plain definition: who reaches whom, by Warshall's closure. */
#define N 12

static void check_random(unsigned seed) {
    static bool reach[N][N];
    ds_buf sdl;
    ds_buf_init(&sdl, DS_MAX_SDL_BYTES);
    srand(seed);
    memset(reach, 0, sizeof reach);
    for (int i = 0; i < N; i++) {
        ds_buf_addf(&sdl, "type M%d @model {", i);
        for (int j = 0; j < N; j++) {
            reach[i][j] = rand() % 9 == 0 && !(i != j && reach[j][i]);
            if (reach[i][j]) {
                ds_buf_addf(&sdl, " f%d: [M%d] @hasMany", j, j);
            }
        }
        ds_buf_add(&sdl, " x: Int }\n");
    }
    for (int k = 0; k < N; k++) {
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < N; j++) {
                reach[i][j] = reach[i][j] || (reach[i][k] && reach[k][j]);
            }
        }
    }
    ds_catalog *catalog = built(&told, ds_buf_text(&sdl));
    for (int i = 0; i < N; i++) {
        assert_int_equal(catalog->models[i].is_cyclic, reach[i][i]);
        for (int j = 0; j < N; j++) {
            bool same = i == j || (reach[i][j] && reach[j][i]);
            assert_int_equal(catalog->models[i].component == catalog->models[j].component,
                             same);
        }
    }
    ds_catalog_release(catalog);
    ds_buf_done(&sdl);
}

static void test_random(void **state) {
    (void)state;
    for (unsigned seed = 1; seed <= 300; seed++) {
        check_random(seed);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trees),  cmocka_unit_test(test_cycles),
        cmocka_unit_test(test_edges),  cmocka_unit_test(test_deepest),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
