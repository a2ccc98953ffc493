/*
** Random values and conditions. Most are of the plain forms that a table can answer by an
** index; the others are there to be left alone by it.
*/
#include "gen.h"

const column_info *pick_column(gen *g, const source **from) {
    bool inner = g->n_sources > g->scope && (g->is_local || !chance(g, 12));
    int first = inner ? g->scope : 0;
    *from = &g->sources[first + (int)below(g, (uint32_t)(g->n_sources - first))];
    int n = (*from)->n_columns;
    /* Wide tables have their interesting columns at both ends. */
    int i = n > 10 && chance(g, 60) ? (int)below(g, 4) * (n - 1) / 3
                                    : (int)below(g, (uint32_t)n);
    return &(*from)->columns[i];
}

void emit_column(gen *g, const source *from, const column_info *c) {
    const char *hidden = c->alias && chance(g, 15) ? c->alias : c->name;
    text_add(&g->out->model, "%s.%s", from->alias, hidden);
    text_add(&g->out->native, "%s.%s", from->alias, c->name);
}

const column_info *any_column(gen *g) {
    const source *from;
    const column_info *c = pick_column(g, &from);
    emit_column(g, from, c);
    return c;
}

static void emit_literal(gen *g, const char *literal) {
    if (g->step->n_parameters < MAX_PARAMETERS && chance(g, 30)) {
        g->step->parameters[g->step->n_parameters++] = literal;
        emit(g, "?%d", g->step->n_parameters);
    } else {
        emit(g, "%s", literal);
    }
}

void literal_for(gen *g, const column_info *c) {
    uint32_t kind = below(g, 100);
    const char *const *pool = kind < 70   ? c->pool
                              : kind < 80 ? odd_pool
                              : kind < 90 ? text_pool
                                          : number_pool;
    emit_literal(g, one_of(g, pool));
}

/* ---- values --------------------------------------------------------------------------------- */

static void column_value(gen *g) {
    (void)any_column(g);
}

static void literal_value(gen *g) {
    const source *from;
    literal_for(g, pick_column(g, &from));
}

static void arithmetic(gen *g) {
    static const char *const operators[] = {"+", "-", "*", "/", "%", "&", "|", NULL};
    emit(g, "(");
    value(g);
    emit(g, " %s ", one_of(g, operators));
    value(g);
    emit(g, ")");
}

static void concatenation(gen *g) {
    emit(g, "(");
    value(g);
    emit(g, " || ");
    value(g);
    emit(g, ")");
}

static void function(gen *g) {
    static const char *const functions[] = {"length", "upper", "lower", "typeof",  "abs",
                                            "hex",    "quote", "trim",  "unicode", NULL};
    emit(g, "%s(", one_of(g, functions));
    value(g);
    emit(g, ")");
}

static void function_of_two(gen *g) {
    static const char *const functions[] = {"coalesce", "nullif", "max", "min",
                                            "instr",    "substr", NULL};
    emit(g, "%s(", one_of(g, functions));
    value(g);
    emit(g, ", ");
    value(g);
    emit(g, ")");
}

static void case_value(gen *g) {
    emit(g, "CASE WHEN ");
    condition(g);
    emit(g, " THEN ");
    value(g);
    emit(g, " ELSE ");
    value(g);
    emit(g, " END");
}

static void cast(gen *g) {
    static const char *const types[] = {"TEXT", "INTEGER", "REAL", NULL};
    emit(g, "CAST(");
    value(g);
    emit(g, " AS %s)", one_of(g, types));
}

static void condition_value(gen *g) {
    emit(g, "(");
    condition(g);
    emit(g, ")");
}

void value(gen *g) {
    static const production productions[] = {
        {60, true, column_value},    {10, true, literal_value},
        {5, false, arithmetic},      {3, false, concatenation},
        {5, false, function},        {4, false, function_of_two},
        {2, false, case_value},      {3, false, cast},
        {2, false, condition_value}, {3, false, subquery_of_one}};
    CHOOSE(g, productions);
}

/* ---- conditions -------------------------------------------------------------------------------- */

static const char *const comparisons[] = {"=",  "=",  "=",  "=",      "<",
                                          "<=", ">",  ">=", "<>",     "IS",
                                          "==", "!=", "=",  "IS NOT", NULL};

static void collation(gen *g) {
    static const char *const collations[] = {"NOCASE", "BINARY", "RTRIM", NULL};
    if (chance(g, 8)) {
        emit(g, " COLLATE %s", one_of(g, collations));
    }
}

static void compare_literal(gen *g) {
    const source *from;
    const column_info *c = pick_column(g, &from);
    bool swapped = chance(g, 12);
    emit(g, "%s", chance(g, 4) ? "+" : "");
    if (swapped) {
        literal_for(g, c);
    } else {
        emit_column(g, from, c);
    }
    collation(g);
    emit(g, " %s ", one_of(g, comparisons));
    if (swapped) {
        emit_column(g, from, c);
    } else {
        literal_for(g, c);
    }
    collation(g);
}

static void compare_columns(gen *g) {
    (void)any_column(g);
    collation(g);
    emit(g, " %s ", one_of(g, comparisons));
    (void)any_column(g);
    collation(g);
}

static void compare_values(gen *g) {
    value(g);
    emit(g, " %s ", one_of(g, comparisons));
    value(g);
    collation(g);
}

static void between(gen *g) {
    const column_info *c = any_column(g);
    emit(g, chance(g, 20) ? " NOT BETWEEN " : " BETWEEN ");
    literal_for(g, c);
    emit(g, " AND ");
    if (chance(g, 80)) {
        literal_for(g, c);
    } else {
        (void)any_column(g);
    }
}

static void in_list(gen *g) {
    const column_info *c = any_column(g);
    collation(g);
    emit(g, chance(g, 20) ? " NOT IN (" : " IN (");
    for (uint32_t n = below(g, 5), i = 0; i < n; i++) {
        emit(g, i ? ", " : "");
        if (chance(g, 90)) {
            literal_for(g, c);
        } else {
            value(g);
        }
    }
    emit(g, ")");
}

/* Of a text no numbers are looked for: differences.c says why. */
static void in_subquery(gen *g) {
    const column_info *c = any_column(g);
    bool is_number = c->type != 't' && c->type != 'x';
    emit(g, chance(g, 20) ? " NOT IN " : " IN ");
    subquery_of_many(g, is_number ? LOOK_PLAIN : LOOK_TEXT);
}

static void pattern(gen *g) {
    static const char *const likes[] = {
        "'a%'", "'A%'", "'%b%'", "'5%'", "'i_'",         "'a\\_%'",     "'abc'", "'%'",
        "''",   "NULL", "'0%'",  "5",    "'h\303\251%'", "'\303\211%'", NULL};
    static const char *const globs[] = {
        "'a*'", "'A*'", "'*b*'", "'5*'", "'i?'",         "'[a-c]*'", "'abc'",
        "'*'",  "''",   "NULL",  "5",    "'h\303\251*'", NULL};
    (void)any_column(g);
    if (chance(g, 40)) {
        emit(g, chance(g, 15) ? " NOT GLOB " : " GLOB ");
        emit_literal(g, one_of(g, globs));
        return;
    }
    emit(g, chance(g, 15) ? " NOT LIKE " : " LIKE ");
    if (chance(g, 10)) {
        (void)any_column(g);
        emit(g, " || '%%'");
        return;
    }
    emit_literal(g, one_of(g, likes));
    emit(g, chance(g, 15) ? " ESCAPE '\\'" : "");
}

static void is_null(gen *g) {
    static const char *const tests[] = {" IS NULL", " IS NOT NULL", " ISNULL", " NOTNULL",
                                        NULL};
    (void)any_column(g);
    emit(g, "%s", one_of(g, tests));
}

static void junction(gen *g) {
    emit(g, "(");
    condition(g);
    emit(g, chance(g, 55) ? " OR " : " AND ");
    condition(g);
    emit(g, ")");
}

static void negation(gen *g) {
    emit(g, "NOT (");
    condition(g);
    emit(g, ")");
}

static void exists(gen *g) {
    emit(g, chance(g, 30) ? "NOT EXISTS " : "EXISTS ");
    subquery_of_exists(g);
}

static void row_value(gen *g) {
    static const char *const operators[] = {"=", "<", ">=", "IS", "<>", NULL};
    emit(g, "(");
    const column_info *first = any_column(g);
    emit(g, ", ");
    const column_info *second = any_column(g);
    emit(g, ") %s (", one_of(g, operators));
    literal_for(g, first);
    emit(g, ", ");
    literal_for(g, second);
    emit(g, ")");
}

static void bare_value(gen *g) {
    value(g);
}

void condition(gen *g) {
    static const production productions[] = {
        {46, true, compare_literal}, {16, true, compare_columns},
        {6, false, compare_values},  {6, true, between},
        {8, true, in_list},          {4, false, in_subquery},
        {7, true, pattern},          {5, true, is_null},
        {14, false, junction},       {3, false, negation},
        {5, false, exists},          {3, true, row_value},
        {1, false, bare_value}};
    CHOOSE(g, productions);
}
