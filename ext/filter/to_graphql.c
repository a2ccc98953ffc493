/*
** A filter as the JSON value of a GraphQL variable, as AppSync's filter inputs want it:
** one condition per object, and at the root always a group (Amplify's clients do the
** same).
*/
#include "filter/filter_int.h"

#include <string.h>

static void add_name(const char *name, ds_buf *out) {
    ds_buf_add_json(out, name, strlen(name));
    ds_buf_add(out, ":");
}

/* {"field":{"op":operand}}; without an operand it is null. */
static void add_condition(const ds_filter_node *test, ds_filter_op op,
                          const ds_json *operand, ds_buf *out) {
    bool is_size = test->class == DS_FILTER_LENGTH;
    ds_buf_add(out, "{");
    add_name(test->column->wire, out);
    ds_buf_add(out, is_size ? "{\"size\":{" : "{");
    add_name(ds_filter_op_name(op), out);
    if (operand) {
        ds_json_print(operand, out);
    } else {
        ds_buf_add(out, "null");
    }
    ds_buf_add(out, is_size ? "}}}" : "}}");
}

/*
** `in` and `notIn`, which the inputs lack: any eq, all ne. An empty list says "nothing"
** or "everything", which an empty group would not: the server drops it.
*/
static void add_set(const ds_filter_node *test, ds_buf *out) {
    bool is_in = test->op == DS_FILTER_IN;
    bool is_empty = ds_json_count(test->operand) == 0;
    ds_buf_add(out, is_in != is_empty ? "{\"or\":[" : "{\"and\":[");
    for (const ds_json *value = ds_json_child(test->operand); value;
         value = ds_json_next(value)) {
        add_condition(test, is_in ? DS_FILTER_EQ : DS_FILTER_NE, value, out);
        ds_buf_add(out, ds_json_next(value) ? "," : "");
    }
    if (is_empty) {
        add_condition(test, DS_FILTER_EQ, NULL, out);
        ds_buf_add(out, ",");
        add_condition(test, DS_FILTER_NE, NULL, out);
    }
    ds_buf_add(out, "]}");
}

static void add_test(const ds_filter_node *test, ds_buf *out) {
    bool is_enum = test->column->type.kind == DS_KIND_ENUM;
    if (test->op == DS_FILTER_IN || test->op == DS_FILTER_NOT_IN) {
        add_set(test, out);
    } else if (test->op == DS_FILTER_ATTRIBUTE_EXISTS && is_enum) {
        /* The input of an enum has only eq and ne. */
        add_condition(test, ds_json_boolean(test->operand) ? DS_FILTER_NE : DS_FILTER_EQ,
                      NULL, out);
    } else {
        add_condition(test, test->op, test->operand, out);
    }
}

static void add_node(const ds_filter_node *node, ds_buf *out) {
    if (node->kind == DS_FILTER_TEST) {
        add_test(node, out);
        return;
    }
    if (node->kind == DS_FILTER_NOT) {
        ds_buf_add(out, "{\"not\":");
        add_node(node->child, out);
        ds_buf_add(out, "}");
        return;
    }
    ds_buf_add(out, node->kind == DS_FILTER_AND ? "{\"and\":[" : "{\"or\":[");
    for (const ds_filter_node *child = node->child; child; child = child->next) {
        add_node(child, out);
        ds_buf_add(out, child->next ? "," : "");
    }
    ds_buf_add(out, "]}");
}

void ds_filter_to_graphql(const ds_filter *filter, ds_buf *out) {
    bool is_test = filter->root && filter->root->kind == DS_FILTER_TEST;
    ds_buf_add(out, filter->root == NULL ? "{}" : is_test ? "{\"and\":[" : "");
    if (filter->root) {
        add_node(filter->root, out);
    }
    ds_buf_add(out, is_test ? "]}" : "");
}
