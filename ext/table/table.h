/*
** table: one virtual table per model, the door to its rows. Floor 5. It checks what comes
** in, hands constraints, order and projection down to SQLite's own planner over the rows
** table, and writes through one inner statement per row; journal and cascade are the
** triggers' business. It never calls sync/ and sync/ never calls it.
*/
#ifndef DS_TABLE_H
#define DS_TABLE_H

#include "base/base.h"
#include "store/store.h"

/*
** Register the generic module `datastore` and the modules of the catalog's models. A model
** whose name is already a module of somebody else's keeps that module untouched.
*/
DS_MUST_USE int ds_table_register(ds_store *store, ds_err *err);

/* Take all of them away again, as long as no table has been used. */
void ds_table_unregister(ds_store *store);

/* Register the modules of models that are new since the last time. Call after a refresh that
** changed the catalog. */
DS_MUST_USE int ds_table_modules(ds_store *store, ds_err *err);

/* Drop the virtual tables of the installed schema, while it is being replaced. */
DS_MUST_USE int ds_table_drop(ds_store *store, ds_err *err);

/* Are the virtual tables of the installed schema all there? */
DS_MUST_USE int ds_table_are_declared(ds_store *store, bool *out, ds_err *err);

/* Create the virtual tables of the installed schema that are not there. */
DS_MUST_USE int ds_table_declare(ds_store *store, ds_err *err);

#endif
