/*
** Filter JSON to a tree, checked against the model. Groups that hold nothing are gone
** afterwards (they match every row), groups of one are their only member, and a group in
** one of its own kind is joined with it.
*/
#include "filter/filter_int.h"

#include <string.h>

static int parse_object(ds_filter_parser *parser, const ds_json *json,
                        const ds_filter_path *at, ds_filter_node **out);

/* ---- Groups ------------------------------------------------------------------------ */

/* The members of a group while it is read; a NULL member matches every row. */
typedef struct group {
    ds_filter_kind kind;
    ds_filter_node *first;
    ds_filter_node **end;
    bool is_always; /* an or with such a member */
} group;

static void group_start(group *g, ds_filter_kind kind) {
    *g = (group){.kind = kind};
    g->end = &g->first;
}

static void group_add(group *g, ds_filter_node *member) {
    if (member == NULL) {
        g->is_always = g->is_always || g->kind == DS_FILTER_OR;
        return;
    }
    *g->end = member->kind == g->kind ? member->child : member;
    while (*g->end != NULL) {
        g->end = &(*g->end)->next;
    }
}

static ds_filter_node *new_node(const ds_filter_parser *parser, ds_filter_kind kind) {
    ds_filter_node *node = ds_arena_alloc(parser->filter->arena, sizeof *node);
    if (node != NULL) {
        node->kind = kind;
    }
    return node;
}

/* The group as a node: NULL when it matches every row. SQLite's parser has room for about
** twenty groups inside each other, whence the maximum. */
static int group_end(const ds_filter_parser *parser, const group *g,
                     const ds_filter_path *at, ds_filter_node **out) {
    if (g->is_always || g->first == NULL || g->first->next == NULL) {
        *out = g->is_always ? NULL : g->first;
        return SQLITE_OK;
    }
    ds_filter_node *node = new_node(parser, g->kind);
    if (node == NULL) {
        return ds_err_nomem(parser->err);
    }
    node->child = g->first;
    for (const ds_filter_node *child = node->child; child; child = child->next) {
        node->height = child->height > node->height ? child->height : node->height;
    }
    node->height++;
    if (node->height > DS_MAX_FILTER_DEPTH) {
        return ds_filter_fail(parser, at, "groups are nested deeper than %d",
                              DS_MAX_FILTER_DEPTH);
    }
    *out = node;
    return SQLITE_OK;
}

/* The list behind `and` or `or`. */
static int parse_list(ds_filter_parser *parser, const ds_json *json,
                      const ds_filter_path *at, ds_filter_kind kind,
                      ds_filter_node **out) {
    if (ds_json_type(json) != DS_JSON_LIST) {
        return ds_filter_fail(parser, at, "expected a list of filters, found %s",
                              ds_json_type_name(json));
    }
    /* Nothing to logic, everything to Amplify's clients: too much to guess for a delete. */
    if (kind == DS_FILTER_OR && ds_json_count(json) == 0) {
        return ds_filter_fail(parser, at, "expected at least one filter");
    }
    group g;
    group_start(&g, kind);
    ds_filter_path element = {at, NULL, 0};
    for (const ds_json *child = ds_json_child(json); child;
         child = ds_json_next(child), element.index++) {
        ds_filter_node *node = NULL;
        int rc = parse_object(parser, child, &element, &node);
        if (rc != SQLITE_OK) {
            return rc;
        }
        group_add(&g, node);
    }
    return group_end(parser, &g, at, out);
}

/* What matches every row has no negation that the API could be told. */
static int parse_not(ds_filter_parser *parser, const ds_json *json,
                     const ds_filter_path *at, ds_filter_node **out) {
    ds_filter_node *child = NULL;
    int rc = parse_object(parser, json, at, &child);
    if (rc == SQLITE_OK && child == NULL) {
        rc = ds_filter_fail(parser, at, "there is no condition to negate");
    }
    rc = rc ? rc : ds_filter_count(parser);
    if (rc != SQLITE_OK) {
        return rc;
    }
    ds_filter_node *node = new_node(parser, DS_FILTER_NOT);
    if (node == NULL) {
        return ds_err_nomem(parser->err);
    }
    node->child = child;
    node->height = child->height;
    *out = node;
    return SQLITE_OK;
}

/* ---- Fields ------------------------------------------------------------------------ */

static int parse_test(ds_filter_parser *parser, const ds_json *json,
                      const ds_filter_path *at, const ds_filter_node *test, group *g) {
    int rc = ds_filter_count(parser);
    if (rc != SQLITE_OK) {
        return rc;
    }
    ds_filter_node *node = new_node(parser, DS_FILTER_TEST);
    if (node == NULL) {
        return ds_err_nomem(parser->err);
    }
    *node = *test;
    node->operand = json;
    group_add(g, node);
    return ds_filter_check_operand(parser, at, node);
}

/* With the nearest operator that the field has, or all of them. */
static int fail_operator(const ds_filter_parser *parser, const ds_filter_path *at,
                         const ds_filter_node *test, const char *name) {
    const char *names[DS_FILTER_OP_COUNT];
    size_t n = 0;
    char known[200] = "";
    for (ds_filter_op op = 0; op < DS_FILTER_OP_COUNT; op++) {
        if (ds_filter_op_fits(op, test->class)) {
            names[n++] = ds_filter_op_name(op);
            size_t length = strlen(known);
            sqlite3_snprintf((int)(sizeof known - length), known + length, "%s%s",
                             length ? ", " : "", ds_filter_op_name(op));
        }
    }
    const char *nearest = ds_text_nearest(name, names, n);
    return nearest
               ? ds_filter_fail(parser, at,
                                "unknown operator \"%s\" (did you mean \"%s\"?)", name,
                                nearest)
               : ds_filter_fail(parser, at, "operator \"%s\" is none of %s", name, known);
}

/* The object behind a field, or behind its `size`: conditions, all of which must hold. */
static int parse_tests(ds_filter_parser *parser, const ds_json *json,
                       const ds_filter_path *at, const ds_filter_node *field, group *g) {
    if (ds_json_type(json) != DS_JSON_OBJECT || ds_json_count(json) == 0) {
        return ds_filter_fail(
            parser, at, "expected an object with an operator, such as {\"eq\": ...}");
    }
    int rc = SQLITE_OK;
    for (const ds_json *member = ds_json_child(json); member && rc == SQLITE_OK;
         member = ds_json_next(member)) {
        const ds_filter_path inner = {at, ds_json_name(member), 0};
        ds_filter_node test = *field;
        test.op = ds_filter_op_find(inner.name);
        if (test.op == DS_FILTER_OP_COUNT || !ds_filter_op_fits(test.op, test.class)) {
            rc = fail_operator(parser, at, field, inner.name);
        } else if (test.op == DS_FILTER_SIZE) {
            test.class = DS_FILTER_LENGTH;
            rc = parse_tests(parser, member, &inner, &test, g);
        } else {
            rc = parse_test(parser, member, &inner, &test, g);
        }
    }
    return rc;
}

/* A name that no column has. */
static int fail_field(const ds_filter_parser *parser, const ds_filter_path *at,
                      const char *name) {
    const ds_model *model = parser->model;
    if (ds_model_relation(model, name) != NULL) {
        return ds_filter_fail(parser, at,
                              "\"%s\" is a relation, which a filter cannot test", name);
    }
    size_t n = 0;
    const char **names = ds_arena_alloc(parser->filter->arena,
                                        ((size_t)model->n_columns + 3) * sizeof *names);
    if (names == NULL) {
        return ds_err_nomem(parser->err);
    }
    for (int i = 0; i < model->n_columns; i++) {
        names[n++] = model->columns[i].name;
    }
    names[n++] = "and";
    names[n++] = "or";
    names[n++] = "not";
    const char *nearest = ds_text_nearest(name, names, n);
    return nearest ? ds_filter_fail(parser, at,
                                    "unknown field \"%s\" of %s (did you mean \"%s\"?)",
                                    name, model->name, nearest)
                   : ds_filter_fail(parser, at, "unknown field \"%s\" of %s", name,
                                    model->name);
}

/* A belongs-to may have a column of its own name: {"post":{"eq":…}} is about the key in it, and
** {"post":{"rating":…}} about the related row. */
static bool tests_relation(const ds_column *column, const ds_json *json) {
    ds_filter_class class = ds_filter_class_of(&column->type);
    const ds_json *member = ds_json_child(json);
    if (ds_json_type(json) != DS_JSON_OBJECT || member == NULL) {
        return false;
    }
    ds_filter_op op = ds_filter_op_find(ds_json_name(member));
    return op == DS_FILTER_OP_COUNT || !ds_filter_op_fits(op, class);
}

/* The filter of the related rows, read from the text that its part of the JSON makes. */
static int parse_related(ds_filter_parser *parser, const ds_relation *relation,
                         const ds_json *json, const ds_filter_path *at, group *g) {
    int rc = ds_filter_count(parser);
    if (rc != SQLITE_OK) {
        return rc;
    }
    ds_filter_node *node = new_node(parser, DS_FILTER_RELATED);
    if (node == NULL) {
        return ds_err_nomem(parser->err);
    }
    node->relation = relation;
    node->next_related = parser->filter->related;
    node->related_index = parser->filter->n_related++;
    parser->filter->related = node;
    group_add(g, node);
    ds_err why = DS_ERR_INIT;
    ds_buf text;
    ds_buf_init(&text, DS_MAX_JSON_BYTES);
    ds_json_print(json, &text);
    rc = text.rc ? ds_err_nomem(&why)
                 : ds_filter_parse(relation->target, ds_buf_text(&text), text.length,
                                   &node->related, &why);
    ds_buf_done(&text);
    return rc == SQLITE_OK      ? rc
           : rc == SQLITE_NOMEM ? ds_err_nomem(parser->err)
                                : ds_filter_fail(parser, at, "%s", why.text);
}

static int parse_field(ds_filter_parser *parser, const ds_json *json,
                       const ds_filter_path *outer, const ds_filter_path *at, group *g) {
    const ds_column *column = ds_model_column(parser->model, at->name);
    const ds_relation *relation = ds_model_relation(parser->model, at->name);
    if (relation != NULL && parser->allows_related &&
        (column == NULL || tests_relation(column, json))) {
        return parse_related(parser, relation, json, at, g);
    }
    if (column == NULL) {
        return fail_field(parser, outer, at->name);
    }
    const ds_type *type = &column->type;
    if (type->kind == DS_KIND_EMBEDDED || type->list_depth > 1) {
        return ds_filter_fail(parser, at, "a filter cannot test %s",
                              type->kind == DS_KIND_EMBEDDED ? "an embedded type"
                                                             : "a list of lists");
    }
    const ds_filter_node field = {
        .kind = DS_FILTER_TEST,
        .column = column,
        .class = type->is_list ? DS_FILTER_LIST : ds_filter_class_of(type),
    };
    return parse_tests(parser, json, at, &field, g);
}

/* ---- The whole --------------------------------------------------------------------- */

static int parse_member(ds_filter_parser *parser, const ds_json *member,
                        const ds_filter_path *outer, group *g) {
    const ds_filter_path at = {outer, ds_json_name(member), 0};
    ds_filter_node *node = NULL;
    int rc;
    if (strcmp(at.name, "and") == 0) {
        rc = parse_list(parser, member, &at, DS_FILTER_AND, &node);
    } else if (strcmp(at.name, "or") == 0) {
        rc = parse_list(parser, member, &at, DS_FILTER_OR, &node);
    } else if (strcmp(at.name, "not") == 0) {
        rc = parse_not(parser, member, &at, &node);
    } else {
        return parse_field(parser, member, outer, &at, g);
    }
    if (rc == SQLITE_OK) {
        group_add(g, node);
    }
    return rc;
}

static int parse_object(ds_filter_parser *parser, const ds_json *json,
                        const ds_filter_path *at, ds_filter_node **out) {
    if (ds_json_type(json) != DS_JSON_OBJECT) {
        return ds_filter_fail(parser, at, "expected an object, found %s",
                              ds_json_type_name(json));
    }
    group g;
    group_start(&g, DS_FILTER_AND);
    for (const ds_json *member = ds_json_child(json); member;
         member = ds_json_next(member)) {
        int rc = parse_member(parser, member, at, &g);
        if (rc != SQLITE_OK) {
            return rc;
        }
    }
    return group_end(parser, &g, at, out);
}

/* Parameters are numbered when it is known which conditions remain. */
static void number(ds_filter *filter, ds_filter_node *node) {
    for (; node; node = node->next) {
        node->parameter = filter->n_parameters;
        filter->n_parameters += node->n_parameters;
        number(filter, node->child);
    }
}

static int parse_text(ds_filter *filter, const char *json, size_t length, ds_err *err) {
    ds_err inner = DS_ERR_INIT;
    int rc = ds_json_parse(json, length, &filter->json, &inner);
    return rc == SQLITE_ERROR ? ds_err_set(err, rc, "filter: %s", inner.text)
           : rc != SQLITE_OK  ? ds_err_nomem(err)
                              : SQLITE_OK;
}

static int parse(const ds_model *model, const char *json, size_t length,
                 bool allows_related, ds_filter **out, ds_err *err) {
    ds_filter_node *root = NULL;
    *out = NULL;
    ds_filter *filter = sqlite3_malloc64(sizeof *filter);
    if (filter == NULL) {
        return ds_err_nomem(err);
    }
    *filter = (ds_filter){.arena = ds_arena_new()};
    ds_filter_parser parser = {
        .model = model, .filter = filter, .err = err, .allows_related = allows_related};
    int rc = filter->arena ? parse_text(filter, json, length, err) : ds_err_nomem(err);
    if (rc == SQLITE_OK) {
        rc = parse_object(&parser, filter->json, NULL, &root);
    }
    if (rc == SQLITE_OK) {
        number(filter, root);
        filter->root = root;
        *out = filter;
    } else {
        ds_filter_free(filter);
    }
    return rc;
}

int ds_filter_parse(const ds_model *model, const char *json, size_t length,
                    ds_filter **out, ds_err *err) {
    return parse(model, json, length, false, out, err);
}

int ds_filter_parse_related(const ds_model *model, const char *json, size_t length,
                            ds_filter **out, ds_err *err) {
    return parse(model, json, length, true, out, err);
}

void ds_filter_free(ds_filter *filter) {
    if (filter != NULL) {
        for (ds_filter_node *n = filter->related; n != NULL; n = n->next_related) {
            ds_filter_free(n->related);
        }
        ds_arena_free(filter->arena);
        ds_json_free(filter->json);
        sqlite3_free(filter);
    }
}
