/*
** What the files of filter share: the tree, and the table of operators.
*/
#ifndef DS_FILTER_INT_H
#define DS_FILTER_INT_H

#include "filter/filter.h"

/* ---- op.c: the operators ----------------------------------------------------------- */

typedef enum ds_filter_op {
    DS_FILTER_EQ,
    DS_FILTER_NE,
    DS_FILTER_GT,
    DS_FILTER_GE,
    DS_FILTER_LT,
    DS_FILTER_LE,
    DS_FILTER_BETWEEN,
    DS_FILTER_IN,
    DS_FILTER_NOT_IN,
    DS_FILTER_CONTAINS,
    DS_FILTER_NOT_CONTAINS,
    DS_FILTER_BEGINS_WITH,
    DS_FILTER_ATTRIBUTE_EXISTS,
    DS_FILTER_SIZE, /* of the parser only: its operators become conditions on the length */
    DS_FILTER_OP_COUNT
} ds_filter_op;

/* What an operator is applied to. */
typedef enum ds_filter_class {
    DS_FILTER_TEXT,
    DS_FILTER_NUMBER,
    DS_FILTER_BOOLEAN,
    DS_FILTER_ENUM,
    DS_FILTER_LIST,
    DS_FILTER_LENGTH, /* the size of a text or list */
    DS_FILTER_CLASS_COUNT
} ds_filter_class;

/* The class of a value of that scalar or enum type; of a list the class of its elements. */
ds_filter_class ds_filter_class_of(const ds_type *type);

const char *ds_filter_op_name(ds_filter_op op);
/* eq of ne, in of notIn, contains of notContains; of the others the operator itself. */
ds_filter_op ds_filter_op_positive(ds_filter_op op);
/* Has a value of that class the operator? */
bool ds_filter_op_fits(ds_filter_op op, ds_filter_class class);
/* By its name; DS_FILTER_OP_COUNT when there is none. */
ds_filter_op ds_filter_op_find(const char *name);

/* ---- parse.c: the tree ------------------------------------------------------------- */

typedef enum ds_filter_kind {
    DS_FILTER_AND,
    DS_FILTER_OR,
    DS_FILTER_NOT,
    DS_FILTER_RELATED, /* a condition on the rows of a relation */
    DS_FILTER_TEST     /* a condition on one column */
} ds_filter_kind;

/* A list group has at least two children, none of them a group of its own kind. */
typedef struct ds_filter_node {
    ds_filter_kind kind;
    struct ds_filter_node *next;  /* in the same group */
    struct ds_filter_node *child; /* groups: the first one */
    int height;                   /* list groups inside each other, this one included */

    /* DS_FILTER_TEST */
    const ds_column *column;
    ds_filter_class class
        ; /* DS_FILTER_LENGTH: it is the column's size that is compared */
    ds_filter_op op;
    const ds_json *operand; /* checked; in filter->json */
    int parameter;          /* its first SQL parameter, counted from 0 */
    int n_parameters;

    /* DS_FILTER_RELATED; the next one of the filter, and its place among them */
    const ds_relation *relation;
    ds_filter *related;
    struct ds_filter_node *next_related;
    int related_index;
} ds_filter_node;

struct ds_filter {
    ds_arena *arena;            /* owns the nodes */
    ds_json *json;              /* owns the operands */
    const ds_filter_node *root; /* NULL matches every row */
    int n_parameters;
    ds_filter_node *related; /* nodes of that kind, the last one first */
    int n_related;
};

/* ---- operand.c: what stands behind an operator ------------------------------------- */

/* Where the parser is, from the inside out; lives on the stack. `name` is a member's
** name, or NULL for the element `index` of a list. */
typedef struct ds_filter_path {
    const struct ds_filter_path *outer; /* NULL at the root */
    const char *name;
    int index;
} ds_filter_path;

typedef struct ds_filter_parser {
    const ds_model *model;
    ds_filter *filter;
    ds_err *err;
    int n_conditions; /* conditions, negations and values in lists so far */
    bool allows_related;
} ds_filter_parser;

/* SQLITE_ERROR with "filter <path>: " before the message; `at` NULL is the whole filter. */
int ds_filter_fail(const ds_filter_parser *parser, const ds_filter_path *at,
                   const char *format, ...);

/* Another condition, negation or value in a list: SQLITE_ERROR beyond
** DS_MAX_FILTER_TERMS. */
DS_MUST_USE int ds_filter_count(ds_filter_parser *parser);

/* Check the operand of `test`, whose other members are set: the right type and shape, an
** Int in range, a value of the enum, bounds in order. Sets test->n_parameters. */
DS_MUST_USE int ds_filter_check_operand(ds_filter_parser *parser,
                                        const ds_filter_path *at, ds_filter_node *test);

#endif
