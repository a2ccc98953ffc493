/*
** JSON trees: cJSON behind a strict check of its input. It parses and reads; texts are
** written by ds_buf, so that no other file needs cJSON.
*/
#include "base/base_int.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#define FEW_MEMBERS 16 /* so few are compared each with each */

/* Integers up to here are exact in a double, and no other one rounds to them. */
#define EXACT_INTEGER 9007199254740991.0

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *find_twice_by_pairs(const ds_json *object) {
    for (const ds_json *a = object->child; a; a = a->next) {
        for (const ds_json *b = a->next; b; b = b->next) {
            if (strcmp(a->string, b->string) == 0) {
                return b->string;
            }
        }
    }
    return NULL;
}

static int find_twice_by_sorting(const ds_json *object, size_t count, const char **out) {
    const char **names = sqlite3_malloc64(count * sizeof *names);
    if (names == NULL) {
        return SQLITE_NOMEM;
    }
    size_t n = 0;
    for (const ds_json *member = object->child; member; member = member->next) {
        names[n++] = member->string;
    }
    qsort(names, n, sizeof *names, compare_names);
    for (size_t i = 1; i < n && *out == NULL; i++) {
        if (strcmp(names[i - 1], names[i]) == 0) {
            *out = names[i];
        }
    }
    sqlite3_free(names);
    return SQLITE_OK;
}

/* Refuse what RFC 8259 leaves open: a name twice in one object. */
static int check_names(const ds_json *object, ds_err *err) {
    const char *twice = NULL;
    size_t count = ds_json_count(object);
    if (count <= FEW_MEMBERS) {
        twice = find_twice_by_pairs(object);
    } else if (find_twice_by_sorting(object, count, &twice) != SQLITE_OK) {
        return ds_err_nomem(err);
    }
    return twice == NULL
               ? SQLITE_OK
               : ds_err_set(err, SQLITE_ERROR,
                            "JSON has the member \"%s\" twice in one object", twice);
}

/* What can only be seen in the tree. The depth of the tree was checked before. */
static int check_tree(const ds_json *node, ds_err *err) {
    int rc = SQLITE_OK;
    if (cJSON_IsNumber(node) && isinf(node->valuedouble)) {
        return ds_err_set(err, SQLITE_ERROR,
                          "JSON has a number beyond the range of a double");
    }
    if (cJSON_IsObject(node)) {
        rc = check_names(node, err);
    }
    for (const ds_json *child = node->child; child && rc == SQLITE_OK;
         child = child->next) {
        rc = check_tree(child, err);
    }
    return rc;
}

int ds_json_parse(const char *text, size_t length, ds_json **out, ds_err *err) {
    ds_json *root = NULL;
    *out = NULL;
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3; /* RFC 8259 lets a reader ignore the mark that some editors add */
        length -= 3;
    }
    int rc = ds_json_check(text, length, err);
    if (rc != SQLITE_OK) {
        goto done;
    }
    root = cJSON_ParseWithLength(text, length);
    if (root == NULL) {
        rc = ds_err_nomem(err); /* the text is well-formed */
        goto done;
    }
    rc = check_tree(root, err);
done:
    if (rc == SQLITE_OK) {
        *out = root;
    } else {
        ds_json_free(root);
    }
    return rc;
}

void ds_json_free(ds_json *root) {
    cJSON_Delete(root);
}

ds_json_kind ds_json_type(const ds_json *node) {
    return cJSON_IsBool(node)     ? DS_JSON_BOOLEAN
           : cJSON_IsNumber(node) ? DS_JSON_NUMBER
           : cJSON_IsString(node) ? DS_JSON_STRING
           : cJSON_IsArray(node)  ? DS_JSON_LIST
           : cJSON_IsObject(node) ? DS_JSON_OBJECT
                                  : DS_JSON_NULL;
}

const char *ds_json_type_name(const ds_json *node) {
    static const char *const names[] = {
        [DS_JSON_NULL] = "null",     [DS_JSON_BOOLEAN] = "boolean",
        [DS_JSON_NUMBER] = "number", [DS_JSON_STRING] = "string",
        [DS_JSON_LIST] = "list",     [DS_JSON_OBJECT] = "object",
    };
    return names[ds_json_type(node)];
}

const ds_json *ds_json_get(const ds_json *object, const char *name) {
    return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, name) : NULL;
}

const ds_json *ds_json_child(const ds_json *node) {
    return node->child;
}

const ds_json *ds_json_next(const ds_json *node) {
    return node->next;
}

const char *ds_json_name(const ds_json *node) {
    return node->string;
}

size_t ds_json_count(const ds_json *node) {
    return (size_t)cJSON_GetArraySize(node);
}

const char *ds_json_string(const ds_json *node) {
    return cJSON_GetStringValue(node);
}

bool ds_json_boolean(const ds_json *node) {
    return cJSON_IsTrue(node);
}

double ds_json_number(const ds_json *node) {
    return cJSON_IsNumber(node) ? node->valuedouble : 0.0;
}

bool ds_json_integer(const ds_json *node, int64_t *out) {
    if (!cJSON_IsNumber(node)) {
        return false;
    }
    double number = node->valuedouble;
    if (number > EXACT_INTEGER || number < -EXACT_INTEGER) {
        return false;
    }
    int64_t integer = (int64_t)number;
    if ((double)integer < number || (double)integer > number) {
        return false;
    }
    *out = integer;
    return true;
}

/* The host's locale decides what printf takes for a decimal point; JSON wants a dot. */
static void add_with_dot(ds_buf *out, const char *number) {
    bool dotted = false;
    for (const char *p = number; *p; p++) {
        if (strchr("0123456789+-e", *p)) {
            ds_buf_add_bytes(out, p, 1);
        } else if (!dotted) {
            dotted = true;
            ds_buf_add_bytes(out, ".", 1);
        }
    }
}

/* Not by sqlite3_mprintf, whose last digits are not always right. */
static void print_number(const ds_json *node, ds_buf *out) {
    int64_t integer;
    char text[64];
    if (ds_json_integer(node, &integer)) {
        ds_buf_addf(out, "%lld", (long long)integer);
        return;
    }
    snprintf(text, sizeof text, "%.15g", node->valuedouble);
    double again = strtod(text, NULL);
    if (again < node->valuedouble || again > node->valuedouble) {
        snprintf(text, sizeof text, "%.17g", node->valuedouble);
    }
    add_with_dot(out, text);
}

static void print_children(const ds_json *node, ds_buf *out) {
    bool named = cJSON_IsObject(node);
    ds_buf_add(out, named ? "{" : "[");
    for (const ds_json *child = node->child; child; child = child->next) {
        if (named) {
            ds_buf_add_json(out, child->string, strlen(child->string));
            ds_buf_add(out, ":");
        }
        ds_json_print(child, out);
        if (child->next) {
            ds_buf_add(out, ",");
        }
    }
    ds_buf_add(out, named ? "}" : "]");
}

void ds_json_print(const ds_json *node, ds_buf *out) {
    switch (ds_json_type(node)) {
    case DS_JSON_NULL:
        ds_buf_add(out, "null");
        break;
    case DS_JSON_BOOLEAN:
        ds_buf_add(out, ds_json_boolean(node) ? "true" : "false");
        break;
    case DS_JSON_NUMBER:
        print_number(node, out);
        break;
    case DS_JSON_STRING:
        ds_buf_add_json(out, node->valuestring, strlen(node->valuestring));
        break;
    case DS_JSON_LIST:
    case DS_JSON_OBJECT:
        print_children(node, out);
        break;
    }
}
