/*
** Entries of the feed: the texts that the triggers wrote, as rows.
*/
#include "feed/feed_int.h"

#include <string.h>

/* Columns of DS_SQL_FEED_READ. */
enum { SEQ, MODEL, KEY, OP, ORIGIN, AT, NEW, OLD, CONDITION };

static const char meta_letters[] = "vtd"; /* _version, _lastChangedAt, _deleted */

/* ---- one list n=value ---------------------------------------------------------------------------- */

/* Where column `number` is in a row; -1: nowhere. They come in order, so it is most often *next. */
static int find_column(const ds_model *model, const int *numbers, int number, int *next) {
    for (int i = 0; i < model->n_columns; i++) {
        int at = (*next + i) % model->n_columns;
        if (numbers[at] == number) {
            *next = at + 1;
            return at;
        }
    }
    return -1;
}

/* The name before the = sign: a number or a letter of the metadata. */
static bool parse_name(const ds_model *model, const int *numbers, char **at, int *next,
                       int *out) {
    const char *letter = **at ? strchr(meta_letters, **at) : NULL;
    int number = 0, digits = 0;
    if (letter != NULL) {
        *out = model->n_columns + (int)(letter - meta_letters);
        (*at)++;
    } else {
        for (; **at >= '0' && **at <= '9' && digits < 9; (*at)++, digits++) {
            number = number * 10 + (**at - '0');
        }
        *out = digits ? find_column(model, numbers, number, next) : -1;
    }
    return (letter != NULL || digits > 0) && *(*at)++ == '=';
}

/* 'text', with its quotes doubled: undone in place. */
static bool parse_quoted(char **at, ds_value *out) {
    char *from = *at + 1, *to = from;
    bool is_closed = false;
    out->text = from;
    while (*from != '\0' && !is_closed) {
        if (*from == '\'' && *++from != '\'') {
            is_closed = true;
        } else {
            *to++ = *from++;
        }
    }
    out->type = SQLITE_TEXT;
    out->length = (int)(to - out->text);
    *at = from;
    if (is_closed) {
        *to = '\0';
    }
    return is_closed;
}

static bool parse_number(const char *text, size_t length, ds_value *out) {
    ds_scan s = ds_scan_begin(text, length);
    ds_token token;
    if (!ds_scan_value(&s, &token) || !ds_scan_end(&s)) {
        return false;
    }
    if (ds_token_integer(&token, &out->integer)) {
        out->type = SQLITE_INTEGER;
        return true;
    }
    out->type = SQLITE_FLOAT;
    return ds_token_real(&token, &out->real);
}

/* A number that stood in a column of numbers was quoted like a text. */
static void restore_type(const ds_model *model, int at, ds_value *value) {
    ds_value number = {.type = SQLITE_NULL};
    bool is_text = at >= 0 && at < model->n_columns &&
                   ds_column_affinity(&model->columns[at]) == DS_TEXT_AFFINITY;
    if (value->type == SQLITE_TEXT && !is_text &&
        parse_number(value->text, (size_t)value->length, &number)) {
        *value = number;
    }
    bool is_real = at >= 0 && at < model->n_columns &&
                   ds_column_affinity(&model->columns[at]) == DS_REAL_AFFINITY;
    if (is_real && value->type == SQLITE_INTEGER) {
        *value = (ds_value){.type = SQLITE_FLOAT, .real = (double)value->integer};
    }
}

static bool parse_value(char **at, ds_value *out) {
    *out = (ds_value){.type = SQLITE_NULL};
    if (**at == '\'') {
        return parse_quoted(at, out);
    }
    size_t length = strcspn(*at, ",");
    bool is_null = length == 4 && memcmp(*at, "NULL", 4) == 0;
    bool is_right = is_null || parse_number(*at, length, out);
    if (!is_right) {
        *out =
            (ds_value){.type = SQLITE_NULL}; /* a blob, or infinity: JSON has neither */
    }
    *at += length;
    return true;
}

bool ds_entry_parse(const ds_model *model, const int *numbers, char *text, ds_value *row,
                    bool *given) {
    int next = 0;
    for (char *at = text; *at != '\0';) {
        int column = -1;
        ds_value value;
        if (!parse_name(model, numbers, &at, &next, &column) ||
            !parse_value(&at, &value)) {
            return false;
        }
        if (*at != '\0' && *at++ != ',') {
            return false;
        }
        if (column >= 0) {
            restore_type(model, column, &value);
            row[column] = value;
            if (given != NULL) {
                given[column] = true;
            }
        }
    }
    return true;
}

/* ---- one entry -------------------------------------------------------------------------------------- */

static const ds_model *find_model(const ds_store *store, sqlite3_stmt *statement) {
    int64_t number = sqlite3_column_int64(statement, MODEL);
    for (int i = 0; store->catalog != NULL && i < store->catalog->n_models; i++) {
        if (store->numbers[i].model == number) {
            return &store->catalog->models[i];
        }
    }
    return NULL;
}

static ds_value *new_row(const ds_model *model, ds_arena *arena) {
    size_t n = (size_t)model->n_columns + DS_N_META;
    ds_value *row = ds_arena_alloc(arena, n * sizeof *row);
    for (size_t i = 0; row != NULL && i < n; i++) {
        row[i].type = SQLITE_NULL;
    }
    return row;
}

/* Put a column of the entry over `row`; nothing when it is NULL. */
static void put(const ds_store *store, const ds_model *model, sqlite3_stmt *statement,
                int column, ds_arena *arena, ds_value *row, bool *given) {
    ds_value value = ds_value_column(statement, column);
    ds_value copy = ds_value_copy(arena, &value);
    if (copy.type == SQLITE_TEXT && copy.text != NULL && row != NULL) {
        /* The copy is the arena's: it may be written to. */
        char *text = (char *)(uintptr_t)copy.text;
        (void)ds_entry_parse(model, store->numbers[model->index].columns, text, row,
                             given);
    }
}

static void read_rows(const ds_store *store, sqlite3_stmt *statement, ds_arena *arena,
                      ds_entry *out) {
    const ds_model *model = out->model;
    size_t n = (size_t)model->n_columns + DS_N_META;
    if (out->op != DS_ENTRY_DELETE) {
        out->after = new_row(model, arena);
        put(store, model, statement, NEW, arena, out->after, NULL);
    }
    if (out->op != DS_ENTRY_INSERT) {
        out->before = new_row(model, arena);
    }
    if (out->op == DS_ENTRY_UPDATE && out->after && out->before) {
        memcpy(out->before, out->after, n * sizeof *out->before);
        out->is_changed = ds_arena_alloc(arena, n * sizeof *out->is_changed);
    }
    if (out->before != NULL) {
        put(store, model, statement, OLD, arena, out->before, out->is_changed);
    }
}

int ds_entry_read(const ds_store *store, sqlite3_stmt *statement, ds_arena *arena,
                  ds_entry *out, ds_err *err) {
    ds_value key = ds_value_column(statement, KEY);
    ds_value condition = ds_value_column(statement, CONDITION);
    *out = (ds_entry){.seq = sqlite3_column_int64(statement, SEQ),
                      .model = find_model(store, statement),
                      .op = sqlite3_column_int(statement, OP),
                      .is_remote = sqlite3_column_int(statement, ORIGIN) != 0,
                      .at = sqlite3_column_int64(statement, AT),
                      .key = ds_value_copy(arena, &key),
                      .condition = ds_value_copy(arena, &condition)};
    if (out->model != NULL && out->op >= DS_ENTRY_INSERT && out->op <= DS_ENTRY_DELETE) {
        read_rows(store, statement, arena, out);
    }
    return ds_arena_failed(arena) ? ds_err_nomem(err) : SQLITE_OK;
}

int ds_entry_compare(const ds_value *a, const ds_value *b) {
    if (a->type != b->type) {
        return a->type - b->type;
    }
    if (a->type == SQLITE_INTEGER) {
        return (a->integer > b->integer) - (a->integer < b->integer);
    }
    if (a->type == SQLITE_FLOAT) {
        return (a->real > b->real) - (a->real < b->real);
    }
    if (a->type != SQLITE_TEXT) {
        return 0;
    }
    int shorter = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->text, b->text, (size_t)shorter);
    return order ? order : a->length - b->length;
}

bool ds_entry_same(const ds_value *a, const ds_value *b) {
    return a->type != SQLITE_NULL && ds_entry_compare(a, b) == 0;
}
