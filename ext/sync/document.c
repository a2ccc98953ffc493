/*
** The body of a request that pushes: the root fields of several mutations in one document, or the
** queries for their records.
*/
#include "sync/engine_int.h"

#include <string.h>

static ds_graphql_operation operation_of(const ds_item *item) {
    return item->asks ? DS_GRAPHQL_GET : item->mutation->operation;
}

/* What goes behind a variable's name: nothing when the document has one root field. */
static const char *suffix_of(int i, int n, ds_arena *arena) {
    return n == 1 ? "" : ds_arena_printf(arena, "_%d", i);
}

/*
** mutation operation($input_0: CreatePostInput!, …) {
**   m0: createPost(input: $input_0) { … }
**   …
*/
static void add_document(ds_item *const *items, int n, ds_arena *arena, ds_buf *out) {
    if (n == 1) {
        ds_graphql_document(out, items[0]->mutation->model, operation_of(items[0]));
        return;
    }
    ds_buf_add(out, items[0]->asks ? "query operation(" : "mutation operation(");
    for (int i = 0; i < n; i++) {
        ds_buf_add(out, i > 0 ? ", " : "");
        ds_graphql_declare(out, items[i]->mutation->model, operation_of(items[i]),
                           suffix_of(i, n, arena));
    }
    ds_buf_add(out, ") {");
    for (int i = 0; i < n; i++) {
        const ds_model *model = items[i]->mutation->model;
        ds_graphql_operation operation = operation_of(items[i]);
        ds_buf_addf(out, "\n  m%d: %s(", i, ds_graphql_field(model, operation));
        ds_graphql_pass(out, model, operation, suffix_of(i, n, arena));
        ds_buf_add(out, ") ");
        ds_graphql_select(out, model, operation, 1);
    }
    ds_buf_add(out, "\n}");
}

/* ---- variables ----------------------------------------------------------------------------------- */

static void add_name(ds_buf *out, const char *name, const char *suffix) {
    ds_buf_addf(out, "%s\"%s%s\":", out->length > 1 ? "," : "", name, suffix);
}

static bool find_input(const ds_item *item, const char *field, ds_token *out) {
    const char *input = item->mutation->input;
    ds_scan scan = ds_scan_begin(input, strlen(input));
    ds_token name;
    if (ds_scan_open(&scan, '{')) {
        while (ds_scan_next(&scan, '}') && ds_scan_name(&scan, &name) &&
               ds_scan_value(&scan, out)) {
            if (ds_token_is(&name, field)) {
                return true;
            }
        }
    }
    return false;
}

/* The key, as it stands in the input of the mutation. */
static void add_key(const ds_item *item, const char *suffix, ds_buf *out) {
    const ds_model *model = item->mutation->model;
    for (int i = 0; i < model->n_key; i++) {
        ds_token value;
        if (find_input(item, model->key[i]->wire, &value)) {
            bool is_text = value.kind == '"';
            add_name(out, model->key[i]->wire, suffix);
            ds_buf_add(out, is_text ? "\"" : "");
            ds_buf_add_bytes(out, value.text, value.length);
            ds_buf_add(out, is_text ? "\"" : "");
        }
    }
}

static void add_variables(ds_item *const *items, int n, ds_arena *arena, ds_buf *out) {
    ds_buf_add(out, "{");
    for (int i = 0; i < n; i++) {
        const char *suffix = suffix_of(i, n, arena);
        if (items[i]->asks) {
            add_key(items[i], suffix, out);
            continue;
        }
        add_name(out, "input", suffix);
        ds_buf_add(out, items[i]->mutation->input);
        if (items[i]->mutation->condition != NULL) {
            add_name(out, "condition", suffix);
            ds_buf_add(out, items[i]->mutation->condition);
        }
    }
    ds_buf_add(out, "}");
}

/* ---- both ------------------------------------------------------------------------------------------ */

static void add_names(ds_item *const *items, int n, ds_arena *arena, const char **names) {
    for (int i = 0; i < n; i++) {
        names[i] =
            n == 1 ? ds_graphql_field(items[i]->mutation->model, operation_of(items[i]))
                   : ds_arena_printf(arena, "m%d", i);
    }
}

int ds_push_print(ds_item *const *items, int n, ds_arena *arena, ds_buf *out,
                  const char **names, ds_err *err) {
    ds_buf document, variables;
    ds_buf_init(&document, DS_MAX_OUTPUT_BYTES);
    ds_buf_init(&variables, DS_MAX_OUTPUT_BYTES);
    add_document(items, n, arena, &document);
    add_variables(items, n, arena, &variables);
    add_names(items, n, arena, names);
    int rc = document.rc ? document.rc : variables.rc;
    if (rc == SQLITE_OK) {
        ds_envelope_print(ds_buf_text(&document), ds_buf_text(&variables), out);
        rc = out->rc;
    }
    ds_buf_done(&document);
    ds_buf_done(&variables);
    if (rc == SQLITE_NOMEM || ds_arena_failed(arena)) {
        return ds_err_nomem(err);
    }
    return rc ? ds_err_set(err, rc, "a change is too large to be sent") : SQLITE_OK;
}
