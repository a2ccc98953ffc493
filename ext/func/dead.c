/*
** datastore_retry([entry]), datastore_discard([entry [, options]]): out of the dead letter.
**
** An entry is named by its number in datastore_dead_letter (seq), or by the id of its record, as
** text: then all entries with that id are meant. Without one all of them are, and so they are for a
** NULL that stands before options; a NULL alone is a query that found nothing, not a wish to give
** everything up. Both return how many entries left the dead letter.
*/
#include "func/func_int.h"

typedef struct leaving {
    bool is_retry;
    bool dependants;
    ds_value value;
    ds_dead_choice choice;
} leaving;

static int read_arguments(int argc, sqlite3_value **argv, leaving *l, ds_err *err) {
    if (argc == 1 && sqlite3_value_type(argv[0]) == SQLITE_NULL) {
        const char *name = l->is_retry ? "datastore_retry" : "datastore_discard";
        return ds_err_set(
            err, SQLITE_ERROR,
            "NULL is no entry of datastore_dead_letter: %s() means all of them", name);
    }
    if (argc > 0 && sqlite3_value_type(argv[0]) == SQLITE_INTEGER) {
        l->value =
            (ds_value){.type = SQLITE_INTEGER, .integer = sqlite3_value_int64(argv[0])};
        l->choice.value = &l->value;
    } else if (argc > 0 && sqlite3_value_type(argv[0]) != SQLITE_NULL) {
        const char *text = NULL;
        int rc = ds_func_text(argv[0], &text, err);
        if (rc != SQLITE_OK) {
            return rc;
        }
        l->value = (ds_value){
            .type = SQLITE_TEXT, .text = text, .length = sqlite3_value_bytes(argv[0])};
        l->choice.value = &l->value;
    }
    return argc > 1 ? ds_func_option(argv[1], "dependants", &l->dependants, err)
                    : SQLITE_OK;
}

/* Who names an entry wants to hear that there is none. */
static int refuse_nothing(const leaving *l, ds_err *err) {
    return l->value.type == SQLITE_INTEGER
               ? ds_err_set(err, SQLITE_ERROR, "datastore_dead_letter has no entry %lld",
                            l->value.integer)
               : ds_err_set(err, SQLITE_ERROR,
                            "datastore_dead_letter has no entry of a record '%s'",
                            l->value.text);
}

static int leave(ds_store *store, const leaving *l, int64_t *out_n, ds_err *err) {
    ds_records *records = NULL;
    int rc = ds_records_new(store, &records, err);
    if (rc == SQLITE_OK && l->is_retry) {
        rc = ds_outbox_retry(records, &l->choice, out_n, err);
    } else if (rc == SQLITE_OK) {
        rc = ds_outbox_discard(records, &l->choice, l->dependants, out_n, err);
    }
    ds_records_free(records);
    return rc == SQLITE_OK && *out_n == 0 && l->choice.value ? refuse_nothing(l, err)
                                                             : rc;
}

static void run(sqlite3_context *context, int argc, sqlite3_value **argv, bool is_retry) {
    const char *name = is_retry ? "datastore_retry" : "datastore_discard";
    ds_store *store = ds_func_store(context);
    ds_err err = DS_ERR_INIT;
    ds_work work;
    leaving l = {.is_retry = is_retry};
    int64_t n = 0;
    int rc = read_arguments(argc, argv, &l, &err);
    rc = rc ? rc : ds_work_begin(store, name, true, NULL, &work, &err);
    if (rc == SQLITE_OK) {
        rc = leave(store, &l, &n, &err);
        rc = ds_work_end(&work, rc, true, &err);
    }
    if (rc == SQLITE_OK) {
        sqlite3_result_int64(context, n);
    } else {
        ds_func_fail(context, &err);
    }
}

void ds_func_retry(sqlite3_context *context, int argc, sqlite3_value **argv) {
    run(context, argc, argv, true);
}

void ds_func_discard(sqlite3_context *context, int argc, sqlite3_value **argv) {
    run(context, argc, argv, false);
}
