/*
** Filters as SQL: what is printed, that indexes serve it, and, for random filters and rows,
** that SQLite's answer is the one of an evaluator that knows no SQL.
*/
#include "filter_test.h"

#include <stdlib.h>

static sqlite3 *db;

static void execute(const char *sql) {
    char *message = NULL;
    sqlite3_exec(db, sql, NULL, NULL, &message);
    assert_string_equal(message ? message : "", "");
}

/* A table as the store makes it, in UTF-8 or UTF-16. */
static void open_table(const char *encoding) {
    static const char *const types[] = {"TEXT", "INTEGER", "REAL"};
    const ds_model *model = ds_catalog_model(catalog, "Post");
    ds_buf sql;
    ds_buf_init(&sql, 100000);
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    ds_buf_addf(&sql,
                "PRAGMA encoding = '%s'; CREATE TABLE Post_rows(rid INTEGER PRIMARY KEY",
                encoding);
    for (int i = 0; i < model->n_columns; i++) {
        ds_buf_addf(&sql, ", \"%s\" %s", model->columns[i].name,
                    types[ds_column_affinity(&model->columns[i])]);
    }
    ds_buf_add(&sql, ", UNIQUE (id)); CREATE INDEX blog ON Post_rows(blog);"
                     "CREATE INDEX rating ON Post_rows(rating);"
                     "CREATE INDEX title ON Post_rows(title);");
    execute(ds_buf_text(&sql));
    ds_buf_done(&sql);
}

static int setup(void **state) {
    (void)state;
    open_table("UTF-8");
    return 0;
}

static int teardown(void **state) {
    (void)state;
    return sqlite3_close(db);
}

/* `before` and `after` around the condition; its parameters are bound. */
static sqlite3_stmt *prepare(const ds_filter *filter, const char *before,
                             const char *after) {
    sqlite3_stmt *statement = NULL;
    ds_buf sql;
    ds_buf_init(&sql, DS_MAX_SQL_BYTES);
    ds_buf_add(&sql, before);
    ds_filter_to_sql(filter, "r", 1, &sql);
    ds_buf_add(&sql, after);
    assert_int_equal(sql.rc, SQLITE_OK);
    int rc = sqlite3_prepare_v2(db, ds_buf_text(&sql), -1, &statement, NULL);
    assert_string_equal(sqlite3_errmsg(db), "not an error");
    assert_int_equal(rc, SQLITE_OK);
    assert_int_equal(sqlite3_bind_parameter_count(statement),
                     ds_filter_parameters(filter));
    assert_int_equal(ds_filter_bind(filter, statement, 1), SQLITE_OK);
    ds_buf_done(&sql);
    return statement;
}

/* ---- What is printed -------------------------------------------------------------------- */

static void check_sql(const char *json, const char *expected) {
    ds_filter *filter = parse(json);
    ds_buf buf;
    ds_buf_init(&buf, 10000);
    ds_filter_to_sql(filter, "r", 7, &buf);
    assert_string_equal(ds_buf_text(&buf), expected);
    ds_buf_done(&buf);
    ds_filter_free(filter);
}

static void test_prints(void **state) {
    (void)state;
    check_sql("{}", "1");
    check_sql("{\"postBlogId\":{\"eq\":\"b\"}}", "(\"r\".\"blog\" IS ?7)");
    check_sql("{\"rating\":{\"ne\":null}}", "(\"r\".\"rating\" IS NOT ?7)");
    check_sql("{\"rating\":{\"gt\":1,\"in\":[1,2]},\"done\":{\"eq\":true}}",
              "((\"r\".\"rating\" IS NOT NULL AND \"r\".\"rating\" > ?7) AND "
              "(\"r\".\"rating\" IS NOT NULL AND \"r\".\"rating\" IN (?8, ?9)) AND "
              "(\"r\".\"done\" IS ?10))");
    check_sql("{\"rating\":{\"between\":[1,2]}}",
              "(\"r\".\"rating\" IS NOT NULL AND \"r\".\"rating\" BETWEEN ?7 AND ?8)");
    check_sql("{\"title\":{\"size\":{\"lt\":3}}}",
              "(length(\"r\".\"title\") IS NOT NULL AND "
              "length(\"r\".\"title\") < ?7)");
    check_sql("{\"title\":{\"attributeExists\":false}}",
              "NOT (\"r\".\"title\" IS NOT NULL)");
    check_sql("{\"tags\":{\"ne\":\"a\"}}", "NOT 0");
}

/* Negations are moved to the conditions. */
static void test_prints_negations(void **state) {
    (void)state;
    check_sql("{\"not\":{\"or\":[{\"rating\":{\"eq\":1}},{\"not\":{\"rating\":{\"lt\":2},"
              "\"done\":{\"ne\":true}}}]}}",
              "((\"r\".\"rating\" IS NOT ?7) AND ((\"r\".\"rating\" IS NOT NULL AND "
              "\"r\".\"rating\" < ?8) AND (\"r\".\"done\" IS NOT ?9)))");
    check_sql("{\"not\":{\"rating\":{\"notIn\":[]}}}",
              "(\"r\".\"rating\" IS NOT NULL AND \"r\".\"rating\" IN ())");
    check_sql("{\"not\":{\"title\":{\"contains\":\"a\"}}}",
              "NOT (\"r\".\"title\" IS NOT NULL AND instr(\"r\".\"title\", ?7) > 0)");
    check_sql("{\"not\":{\"title\":{\"attributeExists\":false}}}",
              "(\"r\".\"title\" IS NOT NULL)");
}

static void test_quotes_the_row(void **state) {
    (void)state;
    ds_filter *filter = parse("{\"rating\":{\"eq\":1}}");
    ds_buf buf;
    ds_buf_init(&buf, 1000);
    ds_filter_to_sql(filter, "a\"b", 1, &buf);
    assert_string_equal(ds_buf_text(&buf), "(\"a\"\"b\".\"rating\" IS ?1)");
    ds_buf_done(&buf);
    ds_filter_free(filter);
}

/* ---- Indexes ------------------------------------------------------------------------------ */

static void check_plan(const char *json, const char *expected) {
    ds_filter *filter = parse(json);
    ds_buf plan;
    ds_buf_init(&plan, 10000);
    sqlite3_stmt *statement =
        prepare(filter, "EXPLAIN QUERY PLAN SELECT * FROM Post_rows AS r WHERE ", "");
    while (sqlite3_step(statement) == SQLITE_ROW) {
        ds_buf_addf(&plan, "%s%s", plan.length ? "; " : "",
                    (const char *)sqlite3_column_text(statement, 3));
    }
    sqlite3_finalize(statement);
    assert_string_equal(ds_buf_text(&plan), expected);
    ds_buf_done(&plan);
    ds_filter_free(filter);
}

static void test_uses_indexes(void **state) {
    (void)state;
    check_plan("{\"id\":{\"eq\":\"1\"}}",
               "SEARCH r USING INDEX sqlite_autoindex_Post_rows_1 (id=?)");
    check_plan("{\"blog\":{\"eq\":\"1\"}}", "SEARCH r USING INDEX blog (blog=?)");
    check_plan("{\"blog\":{\"eq\":\"1\"},\"done\":{\"ne\":true}}",
               "SEARCH r USING INDEX blog (blog=?)");
    check_plan("{\"blog\":{\"in\":[\"1\",\"2\"]}}", "SEARCH r USING INDEX blog (blog=?)");
    check_plan("{\"rating\":{\"gt\":1}}", "SEARCH r USING INDEX rating (rating>?)");
    check_plan("{\"rating\":{\"between\":[1,2]}}",
               "SEARCH r USING INDEX rating (rating>? AND rating<?)");
    check_plan("{\"title\":{\"beginsWith\":\"a\"}}",
               "SEARCH r USING INDEX title (title>? AND title<?)");
    check_plan("{\"not\":{\"blog\":{\"ne\":\"1\"}}}",
               "SEARCH r USING INDEX blog (blog=?)");
    check_plan("{\"or\":[{\"blog\":{\"eq\":\"1\"}},{\"id\":{\"eq\":\"2\"}}]}",
               "MULTI-INDEX OR; INDEX 1; SEARCH r USING INDEX blog (blog=?); INDEX 2; "
               "SEARCH r USING INDEX sqlite_autoindex_Post_rows_1 (id=?)");
    check_plan("{\"title\":{\"contains\":\"a\"}}", "SCAN r");
}

/* ---- NULL ---------------------------------------------------------------------------- */

static void check_count(const char *json, int expected) {
    ds_filter *filter = parse(json);
    sqlite3_stmt *statement =
        prepare(filter, "SELECT count(*) FROM Post_rows AS r WHERE ", "");
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(statement, 0), expected);
    sqlite3_finalize(statement);
    ds_filter_free(filter);
}

/* The rows and answers of Amplify's own tests of null (Predicate.test.ts), except that the
** ordering operators exclude it, as the server does. */
static void test_null(void **state) {
    (void)state;
    execute(
        "INSERT INTO Post_rows(rid, title, rating) VALUES (1, NULL, NULL),"
        "(2, 'defined 01', 1), (3, NULL, NULL), (4, 'defined 02', 2), (5, NULL, NULL)");
    check_count("{\"title\":{\"eq\":\"defined 01\"}}", 1);
    check_count("{\"title\":{\"ne\":\"defined 01\"}}", 4);
    check_count("{\"title\":{\"eq\":null}}", 3);
    check_count("{\"title\":{\"ne\":null}}", 2);
    check_count("{\"title\":{\"attributeExists\":true}}", 2);
    check_count("{\"title\":{\"contains\":\"defined\"}}", 2);
    check_count("{\"title\":{\"notContains\":\"defined\"}}", 3);
    check_count("{\"title\":{\"beginsWith\":\"defined\"}}", 2);
    check_count("{\"title\":{\"in\":[\"defined 01\"]}}", 1);
    check_count("{\"title\":{\"notIn\":[\"defined 01\"]}}", 4);
    check_count("{\"title\":{\"in\":[]}}", 0);
    check_count("{\"title\":{\"notIn\":[]}}", 5);
    check_count("{\"title\":{\"size\":{\"ne\":1}}}", 5);
    check_count("{\"rating\":{\"gt\":1}}", 1);
    check_count("{\"rating\":{\"ge\":1}}", 2);
    check_count("{\"rating\":{\"lt\":2}}", 1);
    check_count("{\"rating\":{\"le\":2}}", 2);
    check_count("{\"rating\":{\"between\":[1,2]}}", 2);
    check_count("{\"not\":{\"rating\":{\"ge\":2}}}", 4);
    check_count("{}", 5);
}

/* ---- Limits --------------------------------------------------------------------------------- */

/* A condition for which SQLite's parser needs much room. */
#define WIDE "{\"tags\":{\"ne\":[\"a\"]}}"

static void test_deepest_filter(void **state) {
    (void)state;
    ds_buf json;
    ds_buf_init(&json, 100000);
    for (int i = 0; i < DS_MAX_FILTER_DEPTH; i++) {
        ds_buf_addf(&json, "{\"not\":{\"%s\":[" WIDE ",", i % 2 ? "and" : "or");
    }
    ds_buf_add(&json, "{\"not\":" WIDE "}");
    for (int i = 0; i < DS_MAX_FILTER_DEPTH; i++) {
        ds_buf_add(&json, "]}}");
    }
    ds_filter *filter = parse(ds_buf_text(&json));
    assert_int_equal(filter->root->height, DS_MAX_FILTER_DEPTH);
    sqlite3_stmt *statement =
        prepare(filter,
                "SELECT 1 FROM Post_rows AS b WHERE EXISTS (SELECT 1 FROM Post_rows "
                "AS r WHERE b.id = r.id AND (b.rid = r.rid AND ",
                "))");
    sqlite3_finalize(statement);
    ds_filter_free(filter);
    ds_buf_done(&json);
}

static void test_widest_filter(void **state) {
    (void)state;
    ds_buf json;
    ds_buf_init(&json, 100000);
    ds_buf_add(&json, "{\"or\":[");
    for (int i = 0; i < DS_MAX_FILTER_TERMS; i++) {
        ds_buf_addf(&json, "%s{\"tags\":{\"size\":{\"gt\":%d}}}", i ? "," : "", i);
    }
    ds_buf_add(&json, "]}");
    ds_filter *filter = parse(ds_buf_text(&json));
    sqlite3_finalize(prepare(filter, "SELECT 1 FROM Post_rows AS r WHERE ", ""));
    ds_filter_free(filter);
    ds_buf_done(&json);
}

static void test_memory_is_out(void **state) {
    (void)state;
    ds_filter *filter = parse("{\"tags\":{\"eq\":[\"a\",\"b\"]}}");
    sqlite3_stmt *statement = prepare(filter, "SELECT 1 FROM Post_rows AS r WHERE ", "");
    sqlite3_int64 limit = sqlite3_hard_heap_limit64(sqlite3_memory_used());
    int rc = ds_filter_bind(filter, statement, 1);
    sqlite3_hard_heap_limit64(limit);
    assert_int_equal(rc, SQLITE_NOMEM);
    sqlite3_finalize(statement);
    ds_filter_free(filter);
}

/* ---- An evaluator of its own ------------------------------------------------------------------ */

/* A stored value: SQLITE_NULL, SQLITE_INTEGER, SQLITE_FLOAT or SQLITE_TEXT. */
typedef struct cell {
    int type;
    double number;
    const char *text;
} cell;

#define NONE                                                                             \
    { SQLITE_NULL, 0, NULL }
#define INTEGER(n)                                                                       \
    { SQLITE_INTEGER, n, NULL }
#define REAL(n)                                                                          \
    { SQLITE_FLOAT, n, NULL }
#define TEXT(t)                                                                          \
    { SQLITE_TEXT, 0, t }

/* A column of the random rows: what may be stored in it, and, as JSON, what it may be
** compared with (of a list: elements, then whole lists). */
typedef struct field {
    const char *name;
    const char *operators;
    cell cells[24];
    const char *operands[16];
    const char *lists[8];
} field;

#define ORDERED "gt ge lt le between"
#define STRANGE TEXT(""), TEXT("["), TEXT("[1,]"), TEXT("5"), TEXT("null"), TEXT("\"a\"")

static const field fields[] = {
    {.name = "title",
     .operators =
         "eq ne in notIn attributeExists size contains notContains beginsWith " ORDERED,
     .cells = {NONE, TEXT(""), TEXT("a"), TEXT("ab"), TEXT("abc"), TEXT("b"), TEXT("A"),
               TEXT("a%"), TEXT("_"), TEXT("a_c"), TEXT("\xC3\xA9"),
               TEXT("\xC3\xA9t\xC3\xA9"), TEXT("a\xC3\xA9"), TEXT("\xF0\x9F\x98\x80"),
               TEXT("a\xF4\x8F\xBF\xBF"), TEXT("a\xF4\x8F\xBF\xBFz"),
               TEXT("\xEF\xBF\xBF"), TEXT("\xEF\xBF\xBFz")},
     .operands = {"\"\"", "\"a\"", "\"ab\"", "\"%\"", "\"_\"", "\"b\"", "\"\\u00e9\"",
                  "\"a\xF4\x8F\xBF\xBF\"", "\"\\uD83D\\uDE00\"", "\"\xEF\xBF\xBF\"",
                  "\"A\""}},
    {.name = "rating",
     .operators = "eq ne in notIn attributeExists " ORDERED,
     .cells = {NONE, INTEGER(0), INTEGER(-1), INTEGER(1), INTEGER(2), INTEGER(2147483647),
               INTEGER(-2147483648.0)},
     .operands = {"0", "-1", "1", "2", "2.0", "2147483647", "-2147483648"}},
    {.name = "score",
     .operators = "eq ne in notIn attributeExists " ORDERED,
     .cells = {NONE, REAL(0), REAL(-1.5), REAL(0.1), REAL(2), REAL(1e300)},
     .operands = {"0", "-1.5", "0.1", "2", "1e300", "0.30000000000000004"}},
    {.name = "done",
     .operators = "eq ne in notIn attributeExists",
     .cells = {NONE, INTEGER(0), INTEGER(1)},
     .operands = {"true", "false"}},
    {.name = "at",
     .operators = "eq ne in notIn attributeExists " ORDERED,
     .cells = {NONE, INTEGER(0), INTEGER(1700000000), INTEGER(4102444800.0)},
     .operands = {"0", "1700000000", "4102444800"}},
    {.name = "status",
     .operators = "eq ne in notIn attributeExists",
     .cells = {NONE, TEXT("ACTIVE"), TEXT("INACTIVE"), TEXT("UNKNOWN")},
     .operands = {"\"ACTIVE\"", "\"INACTIVE\""}},
    {.name = "tags",
     .operators = "eq ne attributeExists size contains notContains",
     .cells = {NONE, TEXT("[]"), TEXT("[\"a\"]"), TEXT(" [ \"a\" , \"b\" ] "),
               TEXT("[\"b\",\"a\"]"), TEXT("[\"\\u0061\"]"), TEXT("[\"a\",null]"),
               TEXT("[null]"), TEXT("[1]"), TEXT("{\"a\":\"a\"}"), TEXT("{}"), STRANGE},
     .operands = {"\"a\"", "\"b\"", "\"\"", "\"[]\"", "\"1\"", "\"null\""},
     .lists = {"[]", "[\"a\"]", "[\"a\",\"b\"]", "[\"a\",null]", "[null]", "[\"1\"]"}},
    {.name = "numbers",
     .operators = "eq ne attributeExists size contains notContains",
     .cells = {NONE, TEXT("[]"), TEXT("[1]"), TEXT("[1.0, 2]"), TEXT("[2,1]"),
               TEXT("[1,null]"), TEXT("[\"1\"]"), TEXT("{\"1\":1}"), STRANGE},
     .operands = {"1", "2", "1.0", "-7"},
     .lists = {"[]", "[1]", "[1,2]", "[1,null]"}},
    {.name = "flags",
     .operators = "eq ne attributeExists size contains notContains",
     .cells = {NONE, TEXT("[]"), TEXT("[true]"), TEXT("[true,false]"),
               TEXT("[false,null]"), STRANGE},
     .operands = {"true", "false"},
     .lists = {"[]", "[true]", "[true,false]"}},
    {.name = "states",
     .operators = "eq ne attributeExists size contains notContains",
     .cells = {NONE, TEXT("[\"ACTIVE\"]"), TEXT("[\"INACTIVE\", \"ACTIVE\"]"), TEXT("[]"),
               STRANGE},
     .operands = {"\"ACTIVE\"", "\"INACTIVE\""},
     .lists = {"[\"ACTIVE\"]", "[]"}},
};

#define N_FIELDS DS_COUNT(fields)
#define N_ROWS   80

typedef struct row {
    const cell *cells[N_FIELDS];
} row;

static row rows[N_ROWS];
static unsigned covered[N_FIELDS]; /* operators that the random filters had, as bits */

static bool json_equal(const ds_json *a, const ds_json *b) {
    if (ds_json_type(a) != ds_json_type(b)) {
        return false;
    }
    switch (ds_json_type(a)) {
    case DS_JSON_STRING:
        return strcmp(ds_json_string(a), ds_json_string(b)) == 0;
    case DS_JSON_NUMBER:
        return !(ds_json_number(a) < ds_json_number(b)) &&
               !(ds_json_number(a) > ds_json_number(b));
    case DS_JSON_BOOLEAN:
        return ds_json_boolean(a) == ds_json_boolean(b);
    case DS_JSON_NULL:
        return true;
    case DS_JSON_LIST:
    case DS_JSON_OBJECT:
        break;
    }
    if (ds_json_count(a) != ds_json_count(b)) {
        return false;
    }
    a = ds_json_child(a);
    for (b = ds_json_child(b); b && json_equal(a, b); b = ds_json_next(b)) {
        a = ds_json_next(a);
    }
    return b == NULL;
}

static bool has_element(const ds_json *list, const ds_json *value) {
    const ds_json *element = ds_json_child(list);
    while (element && !json_equal(element, value)) {
        element = ds_json_next(element);
    }
    return element != NULL;
}

/* Below, at or above the operand: -1, 0, 1. */
static int compare(const cell *value, const ds_json *operand) {
    double number = ds_json_type(operand) == DS_JSON_BOOLEAN ? ds_json_boolean(operand)
                                                             : ds_json_number(operand);
    return value->type == SQLITE_TEXT
               ? strcmp(value->text, ds_json_string(operand))
               : (value->number > number) - (value->number < number);
}

static bool is_in(const cell *value, const ds_json *list) {
    const ds_json *element = ds_json_child(list);
    while (element && compare(value, element) != 0) {
        element = ds_json_next(element);
    }
    return element != NULL;
}

/* The operators without a negation, of a value that is there and no list. */
static bool test_single(const char *op, const cell *value, const ds_json *operand) {
    const char *text = ds_json_string(operand);
    const ds_json *first = ds_json_child(operand);
    switch (ds_filter_op_find(op)) {
    case DS_FILTER_EQ:
        return ds_json_type(operand) != DS_JSON_NULL && compare(value, operand) == 0;
    case DS_FILTER_GT:
        return compare(value, operand) > 0;
    case DS_FILTER_GE:
        return compare(value, operand) >= 0;
    case DS_FILTER_LT:
        return compare(value, operand) < 0;
    case DS_FILTER_LE:
        return compare(value, operand) <= 0;
    case DS_FILTER_BETWEEN:
        return compare(value, first) >= 0 && compare(value, ds_json_next(first)) <= 0;
    case DS_FILTER_IN:
        return is_in(value, operand);
    case DS_FILTER_CONTAINS:
        return strstr(value->text, text) != NULL;
    case DS_FILTER_BEGINS_WITH:
        return strncmp(value->text, text, strlen(text)) == 0;
    case DS_FILTER_NE:
    case DS_FILTER_NOT_IN:
    case DS_FILTER_NOT_CONTAINS:
    case DS_FILTER_ATTRIBUTE_EXISTS:
    case DS_FILTER_SIZE:
    case DS_FILTER_OP_COUNT:
        break;
    }
    fail_msg("operator %s", op);
    return false;
}

/* The list in a cell; NULL when there is none. */
static ds_json *read_list(const cell *value) {
    ds_json *list = NULL;
    if (value->type == SQLITE_TEXT &&
        ds_json_parse(value->text, strlen(value->text), &list, NULL) == SQLITE_OK &&
        ds_json_type(list) != DS_JSON_LIST) {
        ds_json_free(list);
        list = NULL;
    }
    return list;
}

/* Code points of a text or elements of a list, as a cell. */
static cell size_of(const cell *value, bool is_list) {
    cell size = NONE;
    ds_json *list = is_list ? read_list(value) : NULL;
    if (list) {
        size = (cell)INTEGER((double)ds_json_count(list));
    } else if (!is_list && value->type == SQLITE_TEXT) {
        size.type = SQLITE_INTEGER;
        for (const char *c = value->text; *c; c++) {
            size.number += (*c & 0xC0) != 0x80;
        }
    }
    ds_json_free(list);
    return size;
}

static bool test_list(const char *op, const cell *value, const ds_json *operand) {
    ds_json *list = read_list(value);
    bool result = list && (strcmp(op, "eq") == 0 ? json_equal(list, operand)
                                                 : has_element(list, operand));
    ds_json_free(list);
    return result;
}

static bool test_cell(const char *op, const cell *value, const ds_json *operand,
                      bool is_list);

/* All operators of an object. */
static bool test_all(const cell *value, const ds_json *operators, bool is_list) {
    const ds_json *op = ds_json_child(operators);
    while (op && test_cell(ds_json_name(op), value, op, is_list)) {
        op = ds_json_next(op);
    }
    return op == NULL;
}

static bool test_cell(const char *op, const cell *value, const ds_json *operand,
                      bool is_list) {
    bool is_null = value->type == SQLITE_NULL;
    if (strcmp(op, "ne") == 0) {
        return !test_cell("eq", value, operand, is_list);
    }
    if (strcmp(op, "notIn") == 0) {
        return !test_cell("in", value, operand, is_list);
    }
    if (strcmp(op, "notContains") == 0) {
        return !test_cell("contains", value, operand, is_list);
    }
    if (strcmp(op, "attributeExists") == 0) {
        return is_null != ds_json_boolean(operand);
    }
    if (strcmp(op, "size") == 0) {
        const cell size = size_of(value, is_list);
        return test_all(&size, operand, false);
    }
    if (is_null) {
        return strcmp(op, "eq") == 0 && ds_json_type(operand) == DS_JSON_NULL;
    }
    return is_list ? test_list(op, value, operand) : test_single(op, value, operand);
}

static bool evaluate(const ds_json *filter, const row *r);

static bool evaluate_member(const ds_json *member, const row *r) {
    const char *name = ds_json_name(member);
    if (strcmp(name, "not") == 0) {
        return !evaluate(member, r);
    }
    if (strcmp(name, "and") == 0 || strcmp(name, "or") == 0) {
        bool is_or = name[0] == 'o';
        const ds_json *child = ds_json_child(member);
        while (child && evaluate(child, r) != is_or) {
            child = ds_json_next(child);
        }
        return is_or ? child != NULL || ds_json_count(member) == 0 : child == NULL;
    }
    size_t i = 0;
    while (strcmp(fields[i].name, name) != 0) {
        i++;
    }
    return test_all(r->cells[i], member, fields[i].lists[0] != NULL);
}

static bool evaluate(const ds_json *filter, const row *r) {
    const ds_json *member = ds_json_child(filter);
    while (member && evaluate_member(member, r)) {
        member = ds_json_next(member);
    }
    return member == NULL;
}

/* ---- Random filters --------------------------------------------------------------------------- */

static uint64_t seed;

static size_t below(size_t limit) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (size_t)(seed % limit);
}

static const char *pick(const char *const *texts, size_t room) {
    size_t n = 0;
    while (n < room && texts[n]) {
        n++;
    }
    return texts[below(n)];
}

static const char *pick_operand(const field *f) {
    return pick(f->operands, DS_COUNT(f->operands));
}

static void add_between(const field *f, ds_buf *out) {
    const char *a = pick_operand(f);
    const char *b = pick_operand(f);
    ds_json *first = NULL, *second = NULL;
    assert_int_equal(ds_json_parse(a, strlen(a), &first, NULL), SQLITE_OK);
    assert_int_equal(ds_json_parse(b, strlen(b), &second, NULL), SQLITE_OK);
    bool swap = ds_json_string(first)
                    ? strcmp(ds_json_string(first), ds_json_string(second)) > 0
                    : ds_json_number(first) > ds_json_number(second);
    ds_buf_addf(out, "[%s,%s]", swap ? b : a, swap ? a : b);
    ds_json_free(first);
    ds_json_free(second);
}

static void add_set(const field *f, ds_buf *out) {
    size_t n = below(4);
    ds_buf_add(out, "[");
    for (size_t i = 0; i < n; i++) {
        ds_buf_addf(out, "%s%s", i ? "," : "", pick_operand(f));
    }
    ds_buf_add(out, "]");
}

static void add_size(ds_buf *out) {
    static const char *const sizes[] = {"eq", "ne", "gt", "ge", "lt", "le"};
    ds_buf_addf(out, "{\"%s\":%d", sizes[below(6)], (int)below(4));
    ds_buf_add(out, below(4) ? "}" : ",\"between\":[0,2]}");
}

/* Null, a whole list, or one value. */
static void add_equal(const field *f, ds_buf *out) {
    size_t n = below(4);
    ds_buf_add(out, n == 0                 ? "null"
                    : n > 1 && f->lists[0] ? pick(f->lists, DS_COUNT(f->lists))
                                           : pick_operand(f));
}

static void add_operand(const field *f, ds_filter_op op, ds_buf *out) {
    switch (ds_filter_op_positive(op)) {
    case DS_FILTER_EQ:
        add_equal(f, out);
        break;
    case DS_FILTER_BETWEEN:
        add_between(f, out);
        break;
    case DS_FILTER_IN:
        add_set(f, out);
        break;
    case DS_FILTER_SIZE:
        add_size(out);
        break;
    case DS_FILTER_ATTRIBUTE_EXISTS:
        ds_buf_add(out, below(2) ? "true" : "false");
        break;
    case DS_FILTER_NE:
    case DS_FILTER_GT:
    case DS_FILTER_GE:
    case DS_FILTER_LT:
    case DS_FILTER_LE:
    case DS_FILTER_NOT_IN:
    case DS_FILTER_CONTAINS:
    case DS_FILTER_NOT_CONTAINS:
    case DS_FILTER_BEGINS_WITH:
    case DS_FILTER_OP_COUNT:
        ds_buf_add(out, pick_operand(f));
    }
}

static void add_field(const field *f, bool ordered, ds_buf *out) {
    ds_filter_op op;
    const char *found;
    size_t length;
    do {
        op = (ds_filter_op)below(DS_FILTER_OP_COUNT);
        length = strlen(ds_filter_op_name(op));
        found = strstr(f->operators, ds_filter_op_name(op));
        while (found && ((found > f->operators && found[-1] != ' ') ||
                         (found[length] != ' ' && found[length] != 0))) {
            found = strstr(found + 1, ds_filter_op_name(op));
        }
    } while (!found || (!ordered && strstr(ORDERED, ds_filter_op_name(op))));
    covered[f - fields] |= 1u << op;
    ds_buf_addf(out, "\"%s\":{\"%s\":", f->name, ds_filter_op_name(op));
    add_operand(f, op, out);
    ds_buf_add(out, "}");
}

static void add_filter(int depth, bool ordered, ds_buf *out) {
    static const char *const groups[] = {"and", "or"};
    size_t kind = depth > 0 ? below(8) : 0;
    ds_buf_add(out, "{");
    if (kind < 4) {
        size_t first = below(N_FIELDS);
        add_field(&fields[first], ordered, out);
        if (kind == 3) {
            ds_buf_add(out, ",");
            add_field(&fields[(first + 1 + below(N_FIELDS - 1)) % N_FIELDS], ordered,
                      out);
        }
    } else if (kind == 4) {
        ds_buf_add(out, "\"not\":");
        add_filter(depth - 1, ordered, out);
    } else {
        ds_buf_addf(out, "\"%s\":[", groups[kind % 2]);
        bool is_or = kind % 2 != 0; /* an empty one is refused */
        size_t n = is_or ? 1 + below(3) : below(4);
        for (size_t i = 0; i < n; i++) {
            ds_buf_add(out, i ? "," : "");
            add_filter(depth - 1, ordered, out);
        }
        ds_buf_add(out, "]");
    }
    ds_buf_add(out, "}");
}

static void bind_cell(sqlite3_stmt *statement, int at, const cell *value) {
    int rc = value->type == SQLITE_TEXT
                 ? sqlite3_bind_text(statement, at, value->text, -1, SQLITE_STATIC)
             : value->type == SQLITE_INTEGER
                 ? sqlite3_bind_int64(statement, at, (sqlite3_int64)value->number)
             : value->type == SQLITE_FLOAT
                 ? sqlite3_bind_double(statement, at, value->number)
                 : sqlite3_bind_null(statement, at);
    assert_int_equal(rc, SQLITE_OK);
}

static void fill_rows(void) {
    sqlite3_stmt *statement = NULL;
    ds_buf sql;
    ds_buf_init(&sql, 10000);
    ds_buf_add(&sql, "INSERT INTO Post_rows(rid");
    for (size_t i = 0; i < N_FIELDS; i++) {
        ds_buf_addf(&sql, ", \"%s\"", fields[i].name);
    }
    ds_buf_add(&sql, ") VALUES (?1");
    for (size_t i = 0; i < N_FIELDS; i++) {
        ds_buf_addf(&sql, ", ?%d", (int)i + 2);
    }
    ds_buf_add(&sql, ")");
    assert_int_equal(sqlite3_prepare_v2(db, ds_buf_text(&sql), -1, &statement, NULL),
                     SQLITE_OK);
    for (int r = 0; r < N_ROWS; r++) {
        sqlite3_bind_int(statement, 1, r);
        for (size_t i = 0; i < N_FIELDS; i++) {
            size_t n = 0;
            while (n < DS_COUNT(fields[i].cells) && fields[i].cells[n].type != 0) {
                n++;
            }
            rows[r].cells[i] = &fields[i].cells[below(n)];
            bind_cell(statement, (int)i + 2, rows[r].cells[i]);
        }
        assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    ds_buf_done(&sql);
}

/* The condition as a value is 0 or 1, and as WHERE, with indexes, it finds the same rows. */
static void check_rows(const ds_filter *filter, const char *json) {
    sqlite3_stmt *value = prepare(filter, "SELECT ", " FROM Post_rows AS r ORDER BY rid");
    sqlite3_stmt *found =
        prepare(filter, "SELECT rid FROM Post_rows AS r WHERE ", " ORDER BY rid");
    int next = sqlite3_step(found);
    for (int r = 0; r < N_ROWS; r++) {
        bool expected = evaluate(filter->json, &rows[r]);
        bool is_next = next == SQLITE_ROW && sqlite3_column_int(found, 0) == r;
        if (sqlite3_step(value) != SQLITE_ROW ||
            sqlite3_column_type(value, 0) != SQLITE_INTEGER ||
            sqlite3_column_int(value, 0) != expected || is_next != expected) {
            fail_msg("%s\nrow %d: expected %d\n%s", json, r, expected,
                     sqlite3_expanded_sql(value));
        }
        next = is_next ? sqlite3_step(found) : next;
    }
    assert_int_equal(next, SQLITE_DONE);
    assert_int_equal(sqlite3_step(value), SQLITE_DONE);
    sqlite3_finalize(found);
    sqlite3_finalize(value);
}

static void run_random(int n_filters, bool ordered) {
    const char *given = getenv("SEED");
    seed = given ? strtoull(given, NULL, 10) : 0x9e3779b97f4a7c15u;
    print_message("SEED=%llu\n", (unsigned long long)seed);
    fill_rows();
    int n_refused = 0;
    ds_buf json;
    ds_buf_init(&json, 100000);
    for (int i = 0; i < n_filters; i++) {
        ds_filter *filter = NULL;
        ds_err err = DS_ERR_INIT;
        ds_buf_clear(&json);
        add_filter(4, ordered, &json);
        if (ds_filter_parse(ds_catalog_model(catalog, "Post"), json.data, json.length,
                            &filter, &err) == SQLITE_OK) {
            check_rows(filter, ds_buf_text(&json));
        } else {
            assert_non_null(strstr(err.text, "there is no condition to negate"));
            n_refused++;
        }
        ds_filter_free(filter);
    }
    assert_in_range(n_refused, 1, n_filters / 10);
    ds_buf_done(&json);
}

static void test_random(void **state) {
    (void)state;
    run_random(4000, true);
    for (size_t i = 0; i < N_FIELDS; i++) {
        int n_operators = 1, n_covered = 0;
        for (const char *c = fields[i].operators; *c; c++) {
            n_operators += *c == ' ';
        }
        for (ds_filter_op op = 0; op < DS_FILTER_OP_COUNT; op++) {
            n_covered += (covered[i] >> op) % 2 != 0;
        }
        assert_int_equal(n_covered, n_operators);
    }
}

/* In UTF-16 SQLite orders texts otherwise, all else is the same. */
static int setup_utf16(void **state) {
    (void)state;
    open_table("UTF-16le");
    return 0;
}

static void test_random_utf16(void **state) {
    (void)state;
    run_random(1000, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prints),
        cmocka_unit_test(test_prints_negations),
        cmocka_unit_test(test_quotes_the_row),
        cmocka_unit_test_setup_teardown(test_uses_indexes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_null, setup, teardown),
        cmocka_unit_test_setup_teardown(test_deepest_filter, setup, teardown),
        cmocka_unit_test_setup_teardown(test_widest_filter, setup, teardown),
        cmocka_unit_test_setup_teardown(test_memory_is_out, setup, teardown),
        cmocka_unit_test_setup_teardown(test_random, setup, teardown),
        cmocka_unit_test_setup_teardown(test_random_utf16, setup_utf16, teardown),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
