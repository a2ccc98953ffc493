/*
** func: the datastore_… SQL functions, one topic a file, one registration table. Floor 8.
*/
#ifndef DS_FUNC_H
#define DS_FUNC_H

#include "base/base.h"
#include "store/store.h"

/* Register every function on the store's connection. They hold a reference to the store. */
DS_MUST_USE int ds_func_register(ds_store *store, ds_err *err);

#endif
