/* Private to the files of the cursor. */
#ifndef DS_CURSOR_INT_H
#define DS_CURSOR_INT_H

#include "table/table_int.h"

/*
** inner: taken from plan while rows are read, given back at the end. rows_left counts down a
** counted plan, `position` is the number of rows passed (then and with a limit). `hint` is
** the limit inside, -1 without. texts: copies of the arguments' texts, which are bound without
** another copy. last: the plan before this one; when a unique plan comes again, it goes on by
** keys: key_inner runs until the cursor is closed, taken from key_plan.
** Made by open, freed by close or kept as a spare.
*/
struct ds_cursor {
    sqlite3_vtab_cursor base;
    ds_plan *plan;
    ds_inner *inner;
    sqlite3_stmt *statement;
    bool is_eof;
    bool is_counting;
    int64_t rows_left;
    int64_t position;
    int64_t hint;
    char *texts;
    size_t texts_size;
    ds_plan *last;
    ds_plan *key_plan;
    ds_inner *key_inner;
    ds_keys keys;
    ds_cursor *next_spare;
};

/* ---- arguments.c: the arguments of xFilter for the inner statement ----------------------------- */

/* Bind those of the plan's terms, and LIMIT and OFFSET as a hint. Texts are copied into the
** cursor, where they stay until the next call. SQLITE_NOMEM and what binding says. */
DS_MUST_USE int ds_arguments_bind(ds_cursor *cursor, int argc, sqlite3_value **argv);
/* Bind other LIMIT and OFFSET. */
DS_MUST_USE int ds_arguments_limit(ds_cursor *cursor, int64_t limit, int64_t offset);

#endif
