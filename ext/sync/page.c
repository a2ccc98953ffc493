/*
** Where in the body of an answer things stand.
*/
#include "sync/engine_int.h"

#include <string.h>

/* Find a member of the object that the scan stands before. */
static bool find_member(ds_scan *scan, const char *name) {
    ds_token found, skipped;
    if (!ds_scan_open(scan, '{')) {
        return false;
    }
    while (ds_scan_next(scan, '}') && ds_scan_name(scan, &found)) {
        if (ds_token_is(&found, name)) {
            return true;
        }
        if (!ds_scan_value(scan, &skipped)) {
            return false;
        }
    }
    return false;
}

static int64_t count_items(const ds_token *list) {
    ds_scan scan = ds_scan_begin(list->text, list->length);
    ds_token item;
    int64_t n = 0;
    if (ds_scan_open(&scan, '[')) {
        while (ds_scan_next(&scan, ']') && ds_scan_value(&scan, &item)) {
            n++;
        }
    }
    return n;
}

static int read_token(const ds_token *token, char **out, ds_err *err) {
    const char *text = NULL;
    size_t length = 0;
    char *copy = sqlite3_malloc64(2 * token->length + 2);
    if (copy == NULL) {
        return ds_err_nomem(err);
    }
    char *room = copy + token->length + 1;
    if (token->kind == '"' && ds_token_text(token, &room, &text, &length)) {
        memmove(copy, text, length);
        copy[length] = '\0';
        *out = copy;
    } else {
        sqlite3_free(copy);
    }
    return SQLITE_OK;
}

/* Read the members of the page that the scan stands in; *out_next is its nextToken. False without items. */
static bool read_members(ds_scan *scan, ds_found_page *out, ds_token *out_next) {
    ds_token name, value;
    bool has_items = false;
    *out_next = (ds_token){.kind = 'n'};
    while (ds_scan_next(scan, '}') && ds_scan_name(scan, &name) &&
           ds_scan_value(scan, &value)) {
        if (ds_token_is(&name, "items") && value.kind == '[') {
            out->items = value;
            has_items = true;
        } else if (ds_token_is(&name, "nextToken")) {
            *out_next = value;
        } else if (ds_token_is(&name, "startedAt")) {
            (void)ds_token_integer(&value, &out->started_at);
        }
    }
    return has_items && !scan->is_broken;
}

int ds_page_read(const ds_buf *body, const char *field, ds_found_page *out,
                 bool *out_is_there, ds_err *err) {
    ds_token next;
    ds_scan scan = ds_scan_begin(ds_buf_text(body), body->length);
    *out = (ds_found_page){.next_token = NULL};
    *out_is_there = false;
    if (!find_member(&scan, "data") || !find_member(&scan, field) ||
        !ds_scan_open(&scan, '{') || !read_members(&scan, out, &next)) {
        return SQLITE_OK;
    }
    if (next.kind != '"' && next.kind != 'n') {
        return SQLITE_OK; /* nobody knows whether it is the last one */
    }
    *out_is_there = true;
    out->n_items = count_items(&out->items);
    return next.kind == '"' ? read_token(&next, &out->next_token, err) : SQLITE_OK;
}

void ds_page_done(ds_found_page *page) {
    sqlite3_free(page->next_token);
    *page = (ds_found_page){.next_token = NULL};
}

void ds_page_fields(const ds_buf *body, const char *const *names, int n,
                    ds_token *tokens) {
    ds_token name, value;
    ds_scan scan = ds_scan_begin(ds_buf_text(body), body->length);
    if (!find_member(&scan, "data") || !ds_scan_open(&scan, '{')) {
        return;
    }
    while (ds_scan_next(&scan, '}') && ds_scan_name(&scan, &name) &&
           ds_scan_value(&scan, &value)) {
        for (int i = 0; i < n; i++) {
            if (value.kind != 'n' && ds_token_is(&name, names[i])) {
                tokens[i] = value;
            }
        }
    }
}
