/*
** A filter as a SQL condition, and the values of its parameters.
**
** Every condition is 0 or 1, never NULL, so a negation is exact; it is moved down to the
** conditions, where `NOT` costs SQLite's parser nothing. An equality is printed as `IS`,
** which an index serves like `=`. Only built-in functions of SQLite 3.38 are used, and
** none that could raise an error on what another program has stored.
*/
#include "filter/filter_int.h"

typedef struct printer {
    const char *row;
    int first;
    int first_related;
    ds_buf *out;
} printer;

/*
** @ is the column or its size, # and $ are the first and the second parameter.
** beginsWith: the last term is the meaning, the two before it let an index serve it. No
** UTF-8 text has a byte 0xFF; in a database in UTF-16, where this is no upper bound, the
** comparison is with a blob, which is greater than any text. A list equals another of the
** same length whose elements are the same, whatever the white space and the escapes of
** the JSON.
*/
static const char *const patterns[DS_FILTER_OP_COUNT] = {
    [DS_FILTER_GT] = "(@ IS NOT NULL AND @ > #)",
    [DS_FILTER_GE] = "(@ IS NOT NULL AND @ >= #)",
    [DS_FILTER_LT] = "(@ IS NOT NULL AND @ < #)",
    [DS_FILTER_LE] = "(@ IS NOT NULL AND @ <= #)",
    [DS_FILTER_BETWEEN] = "(@ IS NOT NULL AND @ BETWEEN # AND $)",
    [DS_FILTER_CONTAINS] = "(@ IS NOT NULL AND instr(@, #) > 0)",
    [DS_FILTER_BEGINS_WITH] =
        "(@ IS NOT NULL AND @ >= #"
        " AND @ < iif(length(CAST('a' AS BLOB)) = 1, # || x'ff', x'')"
        " AND substr(@, 1, length(#)) = #)",
    [DS_FILTER_ATTRIBUTE_EXISTS] = "(@ IS NOT NULL)",
};

/* A text that is no JSON, or no list, has no elements and no size. Of a CASE only the
** branch that is taken can fail. */
#define IF_LIST(then, otherwise)                                                         \
    "CASE WHEN NOT json_valid(@) THEN " otherwise                                        \
    " WHEN json_type(@) = 'array' THEN " then " ELSE " otherwise " END"
static const char list_contains[] =
    IF_LIST("EXISTS (SELECT 1 FROM json_each(@) WHERE json_each.value IS #)", "0");
static const char list_equals[] =
    IF_LIST("json_array_length(@) = json_array_length(#)"
            " AND NOT EXISTS (SELECT 1 FROM json_each(#)"
            " WHERE json_extract(@, json_each.fullkey) IS NOT json_each.value)",
            "0");
static const char list_size[] = IF_LIST("json_array_length(@)", "NULL");

/* ---- One condition ----------------------------------------------------------------- */

static void add_column(const printer *p, const ds_filter_node *test) {
    ds_buf_add_ident(p->out, p->row);
    ds_buf_add(p->out, ".");
    ds_buf_add_ident(p->out, test->column->name);
}

static void add_parameter(const printer *p, const ds_filter_node *test, int i) {
    ds_buf_addf(p->out, "?%d", p->first + test->parameter + i);
}

/* `left`: see left_of. */
static void add_pattern(const printer *p, const ds_filter_node *test, const char *left,
                        const char *pattern) {
    for (const char *c = pattern; *c; c++) {
        if (*c == '@' && left != NULL) {
            add_pattern(p, test, NULL, left);
        } else if (*c == '@') {
            add_column(p, test);
        } else if (*c == '#' || *c == '$') {
            add_parameter(p, test, *c == '$');
        } else {
            ds_buf_add_bytes(p->out, c, 1);
        }
    }
}

static void add_in(const printer *p, const ds_filter_node *test) {
    add_pattern(p, test, NULL, "(@ IS NOT NULL AND @ IN (");
    for (int i = 0; i < test->n_parameters; i++) {
        ds_buf_add(p->out, i ? ", " : "");
        add_parameter(p, test, i);
    }
    ds_buf_add(p->out, "))");
}

/* What @ stands for in the pattern; NULL for the column itself. */
static const char *left_of(const ds_filter_node *test) {
    if (test->class != DS_FILTER_LENGTH) {
        return NULL;
    }
    return test->column->type.is_list ? list_size : "length(@)";
}

static void add_equal(const printer *p, const ds_filter_node *test, bool negated) {
    ds_json_kind operand = ds_json_type(test->operand);
    if (test->class != DS_FILTER_LIST || operand == DS_JSON_NULL) {
        add_pattern(p, test, left_of(test), negated ? "(@ IS NOT #)" : "(@ IS #)");
        return;
    }
    ds_buf_add(p->out, negated ? "NOT " : "");
    add_pattern(p, test, NULL, operand == DS_JSON_LIST ? list_equals : "0");
}

static void add_test(const printer *p, const ds_filter_node *test, bool negated) {
    ds_filter_op op = ds_filter_op_positive(test->op);
    if (op != test->op ||
        (op == DS_FILTER_ATTRIBUTE_EXISTS && !ds_json_boolean(test->operand))) {
        negated = !negated;
    }
    if (op == DS_FILTER_EQ) {
        add_equal(p, test, negated);
        return;
    }
    ds_buf_add(p->out, negated ? "NOT " : "");
    if (op == DS_FILTER_IN) {
        add_in(p, test);
    } else if (op == DS_FILTER_CONTAINS && test->class == DS_FILTER_LIST) {
        add_pattern(p, test, NULL, list_contains);
    } else {
        add_pattern(p, test, left_of(test), patterns[op]);
    }
}

/* ---- The tree ---------------------------------------------------------------------- */

static void add_node(const printer *p, const ds_filter_node *node, bool negated) {
    if (node->kind == DS_FILTER_TEST) {
        add_test(p, node, negated);
        return;
    }
    if (node->kind == DS_FILTER_NOT) {
        add_node(p, node->child, !negated);
        return;
    }
    if (node->kind == DS_FILTER_RELATED) {
        ds_buf_addf(p->out, negated ? "(?%d = 0)" : "(?%d <> 0)",
                    p->first_related + node->related_index);
        return;
    }
    const char *between = (node->kind == DS_FILTER_AND) != negated ? " AND " : " OR ";
    ds_buf_add(p->out, "(");
    for (const ds_filter_node *child = node->child; child; child = child->next) {
        ds_buf_add(p->out, child == node->child ? "" : between);
        add_node(p, child, negated);
    }
    ds_buf_add(p->out, ")");
}

void ds_filter_to_sql(const ds_filter *filter, const char *row, int first, ds_buf *out) {
    const printer p = {row, first, first + filter->n_parameters, out};
    if (filter->root == NULL) {
        ds_buf_add(out, "1");
    } else {
        add_node(&p, filter->root, false);
    }
}

int ds_filter_parameters(const ds_filter *filter) {
    return filter->n_parameters;
}

/* ---- Values ------------------------------------------------------------------------ */

static int bind_list(sqlite3_stmt *statement, int at, const ds_json *list) {
    char *text = NULL;
    ds_buf buf;
    ds_buf_init(&buf, DS_MAX_JSON_BYTES);
    ds_json_print(list, &buf);
    int length = (int)buf.length;
    int rc = ds_buf_take(&buf, &text);
    return rc == SQLITE_OK ? sqlite3_bind_text(statement, at, text, length, sqlite3_free)
                           : rc;
}

/* As the column stores it. A Float may be bound as an integer: numbers compare by value. */
static int bind_value(sqlite3_stmt *statement, int at, const ds_json *value) {
    int64_t integer;
    switch (ds_json_type(value)) {
    case DS_JSON_STRING:
        return sqlite3_bind_text(statement, at, ds_json_string(value), -1, SQLITE_STATIC);
    case DS_JSON_NUMBER:
        return ds_json_integer(value, &integer)
                   ? sqlite3_bind_int64(statement, at, integer)
                   : sqlite3_bind_double(statement, at, ds_json_number(value));
    case DS_JSON_BOOLEAN:
        return sqlite3_bind_int(statement, at, ds_json_boolean(value));
    case DS_JSON_LIST:
        return bind_list(statement, at, value);
    case DS_JSON_NULL:
    case DS_JSON_OBJECT:
        break;
    }
    return sqlite3_bind_null(statement, at);
}

static int bind_test(sqlite3_stmt *statement, int first, const ds_filter_node *test) {
    bool is_set = test->op == DS_FILTER_BETWEEN || test->op == DS_FILTER_IN ||
                  test->op == DS_FILTER_NOT_IN;
    const ds_json *value = is_set ? ds_json_child(test->operand) : test->operand;
    int rc = SQLITE_OK;
    for (int i = 0; i < test->n_parameters && rc == SQLITE_OK; i++) {
        rc = bind_value(statement, first + test->parameter + i, value);
        value = ds_json_next(value);
    }
    return rc;
}

static int bind_nodes(sqlite3_stmt *statement, int first, const ds_filter_node *node) {
    int rc = SQLITE_OK;
    for (; node && rc == SQLITE_OK; node = node->next) {
        rc = node->kind == DS_FILTER_RELATED ? SQLITE_OK
             : node->kind == DS_FILTER_TEST  ? bind_test(statement, first, node)
                                             : bind_nodes(statement, first, node->child);
    }
    return rc;
}

int ds_filter_bind(const ds_filter *filter, sqlite3_stmt *statement, int first) {
    return bind_nodes(statement, first, filter->root);
}
