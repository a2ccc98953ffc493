/*
** outbox: the journal of local changes beyond what triggers write. Floor 5.
*/
#ifndef DS_OUTBOX_H
#define DS_OUTBOX_H

#include "base/base.h"
#include "store/store.h"

/* The record of a journal entry: its model, and its key as datastore_journal.key has it
** (borrowed). */
typedef struct ds_record {
    const ds_model *model;
    sqlite3_value *key;
} ds_record;

/* The highest sequence number, 0 when the journal is empty. */
DS_MUST_USE int ds_outbox_last(ds_store *store, int64_t *out, ds_err *err);

/*
** Before a write with a condition: keep `payload` (the whole row as JSON, before the write) in
** the record's last pending entry, if there is one that has none.
*/
DS_MUST_USE int ds_outbox_freeze(ds_store *store, const ds_record *record,
                                 const char *payload, ds_err *err);

/*
** After a write with a condition: put `condition` (filter JSON) and `payload` (the row as
** written, NULL for a delete) into the record's entry that is younger than `after`. A write
** that changed nothing has no entry; that is fine.
*/
DS_MUST_USE int ds_outbox_stamp(ds_store *store, const ds_record *record, int64_t after,
                                const char *condition, const char *payload, ds_err *err);

#endif
