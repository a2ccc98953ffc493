/*
** The messages of values that are refused. They are made on the stack: a bad value in the row
** of a bulk insert must not cost memory, too.
*/
#include "model/check_int.h"
#include "model/model_int.h"

#include <string.h>

#define SHOWN_BYTES 40  /* of a value; all quotes, it still fits into DS_SHOWN_SIZE */
#define PLACE_SIZE  400 /* longer ones are cut */
#define TYPE_SIZE   300 /* a name and the brackets of DS_MAX_SDL_DEPTH lists */
#define LIST_SIZE   200 /* values of an enum: as many as fit */

/* ---- Parts of messages ---------------------------------------------------------------------- */

/* Append, cut at the size. */
static void add(char *out, size_t size, const char *text) {
    size_t n = strlen(out);
    sqlite3_snprintf((int)(size - n), out + n, "%s", text);
}

static void add_place(const ds_path *place, char *out) {
    char index[32];
    if (place->up != NULL) {
        add_place(place->up, out);
    }
    if (place->name != NULL) {
        add(out, PLACE_SIZE, place->up ? "." : "");
        add(out, PLACE_SIZE, place->name);
    } else {
        sqlite3_snprintf(sizeof index, index, "[%lld]", (long long)place->index);
        add(out, PLACE_SIZE, index);
    }
}

/* [[Int]] at level 0 is [Int] at level 1. */
static void print_type(const ds_type *type, int level, char *out) {
    out[0] = '\0';
    for (int i = level; i < type->list_depth; i++) {
        add(out, TYPE_SIZE, "[");
    }
    add(out, TYPE_SIZE, ds_type_name(type));
    for (int i = level; i < type->list_depth; i++) {
        add(out, TYPE_SIZE, "]");
    }
}

/* By hand: SQLite's %q allocates for a longer text. Hosts expect UTF-8 in a message. */
void ds_shown_text(char *out, const char *text, size_t length) {
    size_t n = length;
    char *p = out;
    if (n > SHOWN_BYTES) {
        n = SHOWN_BYTES;
        while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80) {
            n--; /* do not cut a character */
        }
    }
    if (!ds_text_is_utf8(text, n) || memchr(text, '\0', n) != NULL) {
        sqlite3_snprintf(DS_SHOWN_SIZE, out, "a malformed text");
        return;
    }
    *p++ = '\'';
    for (size_t i = 0; i < n; i++) {
        *p++ = text[i];
        if (text[i] == '\'') {
            *p++ = '\'';
        }
    }
    *p = '\0';
    add(out, DS_SHOWN_SIZE, n < length ? "…'" : "'");
}

void ds_shown_real(char *out, double real) {
    sqlite3_snprintf(DS_SHOWN_SIZE, out, "%!.15g", real);
}

void ds_shown_integer(char *out, int64_t integer) {
    sqlite3_snprintf(DS_SHOWN_SIZE, out, "%lld", (long long)integer);
}

/* ---- Messages --------------------------------------------------------------------------------- */

int ds_refuse_null(const ds_path *place, ds_err *err) {
    char where[PLACE_SIZE] = "";
    add_place(place, where);
    return ds_err_set(err, SQLITE_CONSTRAINT_NOTNULL, "NOT NULL constraint failed: %s",
                      where);
}

int ds_refuse_type(const ds_path *place, const ds_type *type, int level,
                   const char *shown, const char *expects, ds_err *err) {
    char where[PLACE_SIZE] = "";
    char name[TYPE_SIZE];
    add_place(place, where);
    print_type(type, level, name);
    return ds_err_set(err, SQLITE_CONSTRAINT_DATATYPE,
                      "cannot store %s as %s in %s: expected %s", shown, name, where,
                      expects);
}

int ds_refuse_malformed(const ds_path *place, const ds_type *type, const char *text,
                        size_t length, const char *why, ds_err *err) {
    char where[PLACE_SIZE] = "";
    char name[TYPE_SIZE];
    char shown[DS_SHOWN_SIZE];
    add_place(place, where);
    print_type(type, 0, name);
    ds_shown_text(shown, text, length);
    return ds_err_set(err, SQLITE_CONSTRAINT_DATATYPE, "cannot store %s as %s in %s: %s",
                      shown, name, where, why);
}

int ds_refuse_check(const ds_path *place, const char *shown, const char *why,
                    ds_err *err) {
    char where[PLACE_SIZE] = "";
    add_place(place, where);
    return ds_err_set(err, SQLITE_CONSTRAINT_CHECK,
                      "CHECK constraint failed: %s = %s: %s", where, shown, why);
}

int ds_refuse_scalar(const ds_path *place, ds_scalar scalar, const char *text,
                     size_t length, ds_err *err) {
    const ds_scalar_info *info = ds_scalar_get(scalar);
    ds_err why = DS_ERR_INIT;
    char shown[DS_SHOWN_SIZE];
    ds_shown_text(shown, text, length);
    /* JSON knows its bad byte. */
    if (scalar != DS_AWS_JSON || ds_json_check(text, length, &why) == SQLITE_OK) {
        ds_err_set(&why, SQLITE_CONSTRAINT_CHECK, "%s is %s", info->name, info->expects);
    }
    return ds_refuse_check(place, shown, why.text, err);
}

int ds_refuse_enum(const ds_path *place, const ds_enum *enumeration, const char *text,
                   ds_err *err) {
    char shown[DS_SHOWN_SIZE];
    char why[LIST_SIZE + 3 * DS_MAX_NAME_BYTES] = "";
    size_t n = (size_t)enumeration->n_values;
    add(why, sizeof why, enumeration->name);
    for (size_t i = 0; i < n; i++) {
        const char *value = enumeration->values[i];
        if (i > 0 && strlen(why) + strlen(value) > LIST_SIZE) {
            add(why, sizeof why, ", …");
            break;
        }
        add(why, sizeof why, i ? ", " : " is one of ");
        add(why, sizeof why, value);
    }
    const char *nearest = ds_text_nearest(text, enumeration->values, n);
    if (nearest != NULL) {
        add(why, sizeof why, " (did you mean \"");
        add(why, sizeof why, nearest);
        add(why, sizeof why, "\"?)");
    }
    ds_shown_text(shown, text, strlen(text));
    return ds_refuse_check(place, shown, why, err);
}

int ds_refuse_member(const ds_path *place, const ds_embedded *embedded, const char *name,
                     ds_err *err) {
    char where[PLACE_SIZE] = "";
    char shown[DS_SHOWN_SIZE];
    const char *nearest = NULL;
    for (int i = 0; i < embedded->n_fields; i++) {
        const ds_field *field = &embedded->fields[i];
        const char *const two[] = {nearest ? nearest : field->name, field->name};
        if (field->type.kind != DS_KIND_MODEL) {
            nearest = ds_text_nearest(name, two, DS_COUNT(two));
        }
    }
    add_place(place, where);
    ds_shown_text(shown, name, strlen(name));
    return ds_err_set(err, SQLITE_CONSTRAINT_DATATYPE,
                      nearest ? "cannot store the member %s in %s: %s has no such field "
                                "(did you mean \"%s\"?)"
                              : "cannot store the member %s in %s: %s has no such field",
                      shown, where, embedded->name, nearest);
}
