/*
** datastore_events(subscription): the events since the last read, as a table.
**
** An unnamed subscription moves on with each row that is read; a named one shows everything that has
** not been confirmed. Never waits: a statement sees the file as it was when it began.
*/
#include "feed/feed_int.h"

#include <string.h>

enum {
    SEQ,
    MODEL,
    OP,
    ID,
    ELEMENT,
    OLD,
    CHANGED,
    CONDITION,
    ORIGIN,
    AT,
    LEFT_FILTER,
    SUBSCRIPTION
};

static const char declaration[] =
    "CREATE TABLE x(seq INTEGER, model TEXT, op TEXT, id, element TEXT, old TEXT,"
    " changed TEXT, condition TEXT, origin TEXT, at INTEGER, left_filter INTEGER,"
    " subscription HIDDEN)";

typedef struct events_table {
    sqlite3_vtab base;
    ds_feed *feed;
} events_table;

typedef struct events_cursor {
    sqlite3_vtab_cursor base;
    ds_feed *feed;
    ds_sub sub;
    ds_stream *stream;
    const ds_event *event;
    int64_t rowid;
} events_cursor;

/* ---- the table ------------------------------------------------------------------------------------------ */

static int events_connect(sqlite3 *db, void *feed, int argc, const char *const *argv,
                          sqlite3_vtab **out, char **out_error) {
    (void)argc;
    (void)argv;
    (void)out_error;
    int rc = sqlite3_declare_vtab(db, declaration);
    events_table *table = rc == SQLITE_OK ? sqlite3_malloc64(sizeof *table) : NULL;
    if (table == NULL) {
        return rc ? rc : SQLITE_NOMEM;
    }
    memset(table, 0, sizeof *table);
    table->feed = feed;
    *out = &table->base;
    return sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
}

static int events_disconnect(sqlite3_vtab *vtab) {
    sqlite3_free(vtab);
    return SQLITE_OK;
}

static int events_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info) {
    (void)vtab;
    bool is_told = false, is_given = false;
    for (int i = 0; i < info->nConstraint; i++) {
        if (info->aConstraint[i].iColumn != SUBSCRIPTION ||
            info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ) {
            continue;
        }
        is_told = true;
        if (info->aConstraint[i].usable && !is_given) {
            is_given = true;
            info->aConstraintUsage[i].argvIndex = 1;
            info->aConstraintUsage[i].omit = 1;
        }
    }
    info->estimatedCost = 1000;
    info->estimatedRows = 1000;
    /* In order of seq, which is the only order that it has. */
    info->orderByConsumed = info->nOrderBy == 1 && info->aOrderBy[0].iColumn == SEQ &&
                            !info->aOrderBy[0].desc;
    return is_told && !is_given ? SQLITE_CONSTRAINT : SQLITE_OK;
}

static int events_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out) {
    events_cursor *cursor = sqlite3_malloc64(sizeof *cursor);
    if (cursor == NULL) {
        return SQLITE_NOMEM;
    }
    memset(cursor, 0, sizeof *cursor);
    cursor->feed = ((events_table *)vtab)->feed;
    *out = &cursor->base;
    return SQLITE_OK;
}

/* ---- reading --------------------------------------------------------------------------------------------- */

static int fail(events_cursor *cursor, const ds_err *err) {
    sqlite3_vtab *vtab = cursor->base.pVtab;
    sqlite3_free(vtab->zErrMsg);
    vtab->zErrMsg = sqlite3_mprintf("datastore: %s", err->text);
    return vtab->zErrMsg ? err->code : SQLITE_NOMEM;
}

/* Events that nobody has looked at keep the descriptor readable. */
static void stop(events_cursor *cursor) {
    if (cursor->event != NULL && cursor->feed->notified != NULL) {
        ds_ear_ring(cursor->feed->notified);
    }
    ds_stream_close(cursor->stream);
    ds_sub_done(&cursor->sub);
    cursor->stream = NULL;
    cursor->event = NULL;
}

static int events_close(sqlite3_vtab_cursor *base) {
    stop((events_cursor *)base);
    sqlite3_free(base);
    return SQLITE_OK;
}

/* The row that is reached has been read. */
static int move(events_cursor *cursor, ds_err *err) {
    int64_t number = cursor->sub.number;
    int rc = ds_stream_next(cursor->stream, &cursor->event, err);
    cursor->rowid++;
    if (rc == SQLITE_OK && cursor->event == NULL) {
        ds_sub_move(cursor->feed, number, ds_stream_position(cursor->stream));
    } else if (rc == SQLITE_OK) {
        ds_sub_move_to(cursor->feed, number, cursor->event);
    }
    return rc;
}

static int find(events_cursor *cursor, sqlite3_value *which, ds_err *err) {
    ds_feed_id id = {0, NULL};
    if (which != NULL && sqlite3_value_type(which) == SQLITE_TEXT) {
        id.name = (const char *)sqlite3_value_text(which);
        if (id.name == NULL) {
            return ds_err_nomem(err);
        }
    } else if (which == NULL || !ds_feed_integer(which, &id.number)) {
        return ds_err_set(err, SQLITE_ERROR,
                          "datastore_events needs the number or the name of a "
                          "subscription: datastore_events(1)");
    }
    return ds_sub_read(cursor->feed, id, &cursor->sub, err);
}

static int start(events_cursor *cursor, sqlite3_value *which, ds_err *err) {
    ds_feed *feed = cursor->feed;
    if (sqlite3_txn_state(feed->store->db, "main") == SQLITE_TXN_WRITE) {
        return ds_err_set(err, SQLITE_ERROR,
                          "datastore_events cannot run inside a transaction that writes: "
                          "its changes may be rolled back yet");
    }
    ds_sub_store(feed);
    if (feed->notified != NULL) {
        ds_ear_hear(feed->notified);
    }
    int rc = find(cursor, which, err);
    rc = rc ? rc : ds_stream_open(feed->store, &cursor->sub, &cursor->stream, err);
    return rc ? rc : move(cursor, err);
}

static int events_filter(sqlite3_vtab_cursor *base, int number, const char *text,
                         int argc, sqlite3_value **argv) {
    events_cursor *cursor = (events_cursor *)base;
    ds_err err = DS_ERR_INIT;
    (void)number;
    (void)text;
    stop(cursor);
    int rc = start(cursor, argc > 0 ? argv[0] : NULL, &err);
    return rc == SQLITE_OK ? rc : fail(cursor, &err);
}

static int events_next(sqlite3_vtab_cursor *base) {
    events_cursor *cursor = (events_cursor *)base;
    ds_err err = DS_ERR_INIT;
    int rc = move(cursor, &err);
    return rc == SQLITE_OK ? rc : fail(cursor, &err);
}

static int events_eof(sqlite3_vtab_cursor *base) {
    return ((events_cursor *)base)->event == NULL;
}

static int events_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out) {
    *out = ((events_cursor *)base)->rowid;
    return SQLITE_OK;
}

/* ---- columns ----------------------------------------------------------------------------------------------- */

static void put_value(sqlite3_context *context, const ds_value *value) {
    switch (value->type) {
    case SQLITE_INTEGER:
        sqlite3_result_int64(context, value->integer);
        break;
    case SQLITE_FLOAT:
        sqlite3_result_double(context, value->real);
        break;
    case SQLITE_TEXT:
        sqlite3_result_text64(context, value->text, (sqlite3_uint64)value->length,
                              SQLITE_TRANSIENT, SQLITE_UTF8);
        break;
    default:
        break;
    }
}

static void put_json(sqlite3_context *context, ds_buf *json) {
    char *text = NULL;
    size_t length = json->length;
    int rc = ds_buf_take(json, &text);
    if (rc == SQLITE_OK) {
        sqlite3_result_text64(context, text, length, sqlite3_free, SQLITE_UTF8);
        sqlite3_result_subtype(context, 'J');
    } else {
        sqlite3_result_error_code(context, rc);
    }
    ds_buf_done(json);
}

static void put_element(sqlite3_context *context, const ds_event *event) {
    ds_buf json;
    if (event->row != NULL) {
        ds_buf_init(&json, DS_MAX_OUTPUT_BYTES);
        ds_codec_add_row(event->model, event->row, &json);
        put_json(context, &json);
    }
}

/* What an update changed of what users write: their names, and with `values` what was there. */
static void put_changes(sqlite3_context *context, const ds_event *event, bool values) {
    ds_buf json;
    const ds_entry *entry = event->entry;
    if (!event->has_old) {
        return;
    }
    ds_buf_init(&json, DS_MAX_OUTPUT_BYTES);
    const char *comma = values ? "{" : "[";
    for (int i = 0; i < event->model->n_columns; i++) {
        const ds_column *column = &event->model->columns[i];
        if (entry->is_changed[i] && ds_column_is_sent(column)) {
            ds_buf_add(&json, comma);
            ds_buf_add_json(&json, column->name, strlen(column->name));
            comma = ",";
            if (values) {
                ds_buf_add(&json, ":");
                ds_codec_add_value(column, &entry->before[i], &json);
            }
        }
    }
    ds_buf_add(&json, comma[0] == ',' ? "" : comma);
    ds_buf_add(&json, values ? "}" : "]");
    put_json(context, &json);
}

static void put_text(sqlite3_context *context, const char *text) {
    sqlite3_result_text(context, text, -1, SQLITE_STATIC);
}

static void put_name(sqlite3_context *context, const ds_event *event) {
    if (event->model != NULL) {
        sqlite3_result_text(context, event->model->name, -1, SQLITE_TRANSIENT);
    }
}

/* Of a resync there is only where and when. */
static void put_column(sqlite3_context *context, const ds_event *event, int column) {
    static const char *const ops[] = {"INSERT", "UPDATE", "DELETE", "RESYNC"};
    const ds_entry *entry = event->entry;
    bool is_change = event->op != DS_EVENT_RESYNC;
    switch (column) {
    case SEQ:
        sqlite3_result_int64(context, event->seq);
        break;
    case MODEL:
        put_name(context, event);
        break;
    case OP:
        put_text(context, ops[event->op]);
        break;
    case ID:
        if (is_change) {
            put_value(context, event->key);
        }
        break;
    case ELEMENT:
        put_element(context, event);
        break;
    case OLD:
    case CHANGED:
        put_changes(context, event, column == OLD);
        break;
    case CONDITION:
        put_value(context, &entry->condition);
        break;
    case ORIGIN:
        if (is_change) {
            put_text(context, entry->is_remote ? "remote" : "local");
        }
        break;
    case AT:
        if (entry->at != 0) {
            sqlite3_result_int64(context, entry->at);
        }
        break;
    case LEFT_FILTER:
        sqlite3_result_int(context, event->left_filter);
        break;
    default:
        break;
    }
}

static int events_column(sqlite3_vtab_cursor *base, sqlite3_context *context,
                         int column) {
    const events_cursor *cursor = (const events_cursor *)base;
    if (column == SUBSCRIPTION) {
        sqlite3_result_int64(context, cursor->sub.number);
    } else {
        put_column(context, cursor->event, column);
    }
    return SQLITE_OK;
}

/* No xCreate: the module's name is its only table. */
const sqlite3_module ds_events_module = {
    .xConnect = events_connect,
    .xBestIndex = events_best_index,
    .xDisconnect = events_disconnect,
    .xOpen = events_open,
    .xClose = events_close,
    .xFilter = events_filter,
    .xNext = events_next,
    .xEof = events_eof,
    .xColumn = events_column,
    .xRowid = events_rowid,
};
