/*
** Reads records as the server sends them, in one pass from JSON to values that are ready to bind.
** Members come in the order of the selection set, record after record, so the next name is mostly
** the one that came next the last time.
*/
#include "sync/sync_int.h"

#include <string.h>

#define MAX_UNKNOWN 64 /* names that are remembered although they mean nothing */

typedef enum target { OF_COLUMN, OF_META, OF_RELATION, OF_NOTHING } target;

typedef struct member {
    const char *name;
    size_t length;
    target target;
    int index;
} member;

/* members: what names have come, in their order; next: the one that is expected. row, given: the
** record being read; nested, is_nested: foreign keys from related records. room: of `size` bytes,
** for texts with escapes. */
struct ds_intake {
    const ds_model *model;
    ds_arena *arena;
    member *members;
    int n_members;
    int max_members;
    int next;
    ds_value *row;
    bool *given;
    ds_value *nested;
    bool *is_nested;
    char *room;
    char *free;
    size_t size;
};

static const char *const metadata[DS_N_META] = {"_version", "_lastChangedAt", "_deleted"};

ds_intake *ds_intake_new(const ds_model *model) {
    ds_intake *in = sqlite3_malloc64(sizeof *in);
    if (in == NULL) {
        return NULL;
    }
    size_t n = (size_t)model->n_columns;
    *in = (ds_intake){.model = model, .arena = ds_arena_new()};
    in->max_members =
        model->n_columns + model->n_relations + (int)DS_N_META + MAX_UNKNOWN;
    if (in->arena != NULL) {
        in->members =
            ds_arena_alloc(in->arena, (size_t)in->max_members * sizeof *in->members);
        in->row = ds_arena_alloc(in->arena, (n + DS_N_META) * sizeof *in->row);
        in->given = ds_arena_alloc(in->arena, (n + DS_N_META) * sizeof *in->given);
        in->nested = ds_arena_alloc(in->arena, n * sizeof *in->nested);
        in->is_nested = ds_arena_alloc(in->arena, n * sizeof *in->is_nested);
    }
    if (in->arena == NULL || ds_arena_failed(in->arena)) {
        ds_intake_free(in);
        return NULL;
    }
    return in;
}

void ds_intake_free(ds_intake *in) {
    if (in != NULL) {
        ds_arena_free(in->arena);
        sqlite3_free(in->room);
        sqlite3_free(in);
    }
}

/* ---- names ------------------------------------------------------------------------------------ */

static bool is_named(const ds_token *name, const char *text) {
    return ds_token_is(name, text);
}

/* A belongs-to field may have the name of a column: on the wire it is the related record. */
static member resolve(const ds_intake *in, const ds_token *name) {
    const ds_model *model = in->model;
    for (int i = 0; i < model->n_columns; i++) {
        const char *wire = model->columns[i].wire;
        if (is_named(name, wire)) {
            return (member){wire, name->length, OF_COLUMN, i};
        }
    }
    for (int i = 0; i < DS_N_META; i++) {
        if (is_named(name, metadata[i])) {
            return (member){metadata[i], name->length, OF_META, i};
        }
    }
    for (int i = 0; i < model->n_relations; i++) {
        if (is_named(name, model->relations[i].field)) {
            return (member){model->relations[i].field, name->length, OF_RELATION, i};
        }
    }
    return (member){"", 0, OF_NOTHING, 0};
}

static bool is_member(const member *m, const ds_token *name) {
    return m->length == name->length && memcmp(m->name, name->text, m->length) == 0;
}

static member find(ds_intake *in, const ds_token *name) {
    for (int i = 0; i < in->n_members; i++) {
        int at =
            in->next + i < in->n_members ? in->next + i : in->next + i - in->n_members;
        if (is_member(&in->members[at], name)) {
            in->next = at + 1 < in->n_members ? at + 1 : 0;
            return in->members[at];
        }
    }
    member found = resolve(in, name);
    if (in->n_members < in->max_members && name->inside == 0) {
        member *m = &in->members[in->n_members];
        *m = found;
        if (found.target == OF_NOTHING) {
            m->name = ds_arena_text(in->arena, name->text, name->length);
            m->length = name->length;
        }
        in->n_members += m->name != NULL;
        in->next = 0;
    }
    return found;
}

/* ---- values ------------------------------------------------------------------------------------ */

static const char *kind_of(const ds_token *value) {
    switch (value->kind) {
    case '"':
        return "a text";
    case '[':
        return "a list";
    case '{':
        return "an object";
    case 't':
    case 'f':
        return "a Boolean";
    case 'n':
        return "null";
    default:
        return "a number";
    }
}

static int refuse(const ds_intake *in, const char *name, const ds_token *value,
                  ds_err *why) {
    return ds_err_set(why, SQLITE_ERROR, "%s.%s is %s that cannot be stored",
                      in->model->name, name, kind_of(value));
}

static int take_column(ds_intake *in, int i, const ds_token *value, ds_err *why) {
    const ds_column *column = &in->model->columns[i];
    in->given[i] = true;
    if (ds_codec_take(column, value, &in->free, &in->row[i])) {
        return SQLITE_OK;
    }
    in->row[i].type = SQLITE_NULL;
    return refuse(in, column->wire, value, why);
}

static int take_meta(ds_intake *in, int i, const ds_token *value, ds_err *why) {
    int at = in->model->n_columns + i;
    ds_value *out = &in->row[at];
    in->given[at] = value->kind != 'n';
    *out = (ds_value){.type = SQLITE_NULL};
    if (value->kind == 'n') {
        return SQLITE_OK;
    }
    out->type = SQLITE_INTEGER;
    if (i == 2) { /* _deleted */
        out->integer = value->kind == 't';
        return value->kind == 't' || value->kind == 'f'
                   ? SQLITE_OK
                   : refuse(in, metadata[i], value, why);
    }
    return ds_token_integer(value, &out->integer) ? SQLITE_OK
                                                  : refuse(in, metadata[i], value, why);
}

/* Does the foreign key stand on this side? */
static bool is_own(const ds_relation *relation) {
    return relation->kind == DS_BELONGS_TO ||
           (relation->kind == DS_HAS_ONE && relation->local[0]->key_position < 0);
}

static int take_nested(ds_intake *in, const ds_relation *relation, const ds_token *name,
                       const ds_token *value, ds_err *why) {
    for (int i = 0; i < relation->n_columns; i++) {
        int at = relation->local[i]->index;
        if (ds_token_is(name, relation->remote[i]->wire)) {
            in->is_nested[at] = true;
            return ds_codec_take(relation->remote[i], value, &in->free, &in->nested[at])
                       ? SQLITE_OK
                       : refuse(in, relation->field, value, why);
        }
    }
    return SQLITE_OK;
}

/* The key of the related record, or null. */
static int take_relation(ds_intake *in, const ds_relation *relation,
                         const ds_token *value, ds_err *why) {
    int rc = SQLITE_OK;
    ds_token name, member_value;
    if (!is_own(relation)) {
        return SQLITE_OK;
    }
    if (value->kind != '{' && value->kind != 'n') {
        return refuse(in, relation->field, value, why);
    }
    for (int i = 0; i < relation->n_columns; i++) {
        int at = relation->local[i]->index;
        in->is_nested[at] = in->is_nested[at] || value->kind == 'n';
    }
    ds_scan s = ds_scan_begin(value->text, value->length);
    if (ds_scan_open(&s, '{')) {
        while (rc == SQLITE_OK && ds_scan_next(&s, '}') && ds_scan_name(&s, &name) &&
               ds_scan_value(&s, &member_value)) {
            rc = take_nested(in, relation, &name, &member_value, why);
        }
    }
    return rc == SQLITE_OK && s.is_broken ? refuse(in, relation->field, value, why) : rc;
}

/* ---- records -------------------------------------------------------------------------------------- */

static int make_room(ds_intake *in, size_t size, ds_err *why) {
    if (size > in->size) {
        char *room = sqlite3_realloc64(in->room, size * 2);
        if (room == NULL) {
            return ds_err_nomem(why);
        }
        in->room = room;
        in->size = size * 2;
    }
    in->free = in->room;
    return SQLITE_OK;
}

static void clear(ds_intake *in) {
    int n = in->model->n_columns;
    memset(in->given, 0, (size_t)(n + DS_N_META) * sizeof *in->given);
    memset(in->is_nested, 0, (size_t)n * sizeof *in->is_nested);
    for (int i = 0; i < n + DS_N_META; i++) {
        in->row[i].type = SQLITE_NULL;
    }
    for (int i = 0; i < n; i++) {
        in->nested[i].type = SQLITE_NULL;
    }
    in->next = 0;
}

/* A foreign key that has no value of its own is that of the related record. */
static void take_over_nested(ds_intake *in) {
    for (int i = 0; i < in->model->n_columns; i++) {
        if (in->is_nested[i] && in->row[i].type == SQLITE_NULL) {
            in->row[i] = in->nested[i];
        }
    }
}

/* The first part of the key that is not there; NULL: it is complete. */
static const ds_column *missing_key(const ds_intake *in) {
    for (int i = 0; i < in->model->n_key; i++) {
        const ds_column *column = in->model->key[i];
        const ds_value *part = &in->row[column->index];
        if (part->type == SQLITE_NULL ||
            (part->type == SQLITE_TEXT && part->length == 0)) {
            return column;
        }
    }
    return NULL;
}

static int finish(ds_intake *in, ds_err *why) {
    const ds_model *model = in->model;
    const ds_column *missing = missing_key(in);
    if (missing != NULL) {
        return ds_err_set(why, SQLITE_ERROR, "a %s came without its key \"%s\"",
                          model->name, missing->wire);
    }
    return in->given[model->n_columns]
               ? SQLITE_OK
               : ds_err_set(why, SQLITE_ERROR, "a %s came without _version", model->name);
}

static int take_member(ds_intake *in, const ds_token *name, const ds_token *value,
                       ds_err *why) {
    member m = find(in, name);
    switch (m.target) {
    case OF_COLUMN:
        return take_column(in, m.index, value, why);
    case OF_META:
        return take_meta(in, m.index, value, why);
    case OF_RELATION:
        return take_relation(in, &in->model->relations[m.index], value, why);
    case OF_NOTHING:
    default:
        return SQLITE_OK;
    }
}

/* All members are looked at, also behind a bad one: the key may be there. The first error counts. */
static int take_members(ds_intake *in, ds_scan *s, ds_err *why) {
    ds_token name, value;
    ds_err ignored = DS_ERR_INIT;
    int rc = SQLITE_OK;
    while (rc != SQLITE_NOMEM && ds_scan_next(s, '}') && ds_scan_name(s, &name) &&
           ds_scan_value(s, &value)) {
        int taken = take_member(in, &name, &value, rc == SQLITE_OK ? why : &ignored);
        rc = rc == SQLITE_OK || taken == SQLITE_NOMEM ? taken : rc;
    }
    if (rc == SQLITE_OK && s->is_broken) {
        rc = ds_err_set(why, SQLITE_ERROR, "a %s came malformed", in->model->name);
    }
    return rc;
}

int ds_intake_read(ds_intake *in, const ds_token *record, ds_value **out, bool *out_named,
                   ds_err *why) {
    ds_scan s = ds_scan_begin(record->text, record->length);
    clear(in);
    int rc = make_room(in, record->length + 1, why);
    if (rc == SQLITE_OK && !ds_scan_open(&s, '{')) {
        rc = ds_err_set(why, SQLITE_ERROR, "a %s came as %s", in->model->name,
                        kind_of(record));
    }
    rc = rc ? rc : take_members(in, &s, why);
    take_over_nested(in);
    rc = rc ? rc : finish(in, why);
    *out = in->row;
    *out_named = !s.is_broken && missing_key(in) == NULL;
    return ds_arena_failed(in->arena) ? ds_err_nomem(why) : rc;
}
