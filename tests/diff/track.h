/*
** What the entries of the journal did to each record; between track.c and journal.c.
*/
#ifndef DIFF_TRACK_H
#define DIFF_TRACK_H

#include "diff.h"

/* Columns of a dump: the key as in the journal, then the table's own. */
#define KEY   0
#define FIRST 1

/* before: its row at first, NULL without. exists: after the entries so far. changed: names of the
** columns of all updates, each between semicolons. deleted_at: seq of the delete, 0 without. */
typedef struct track {
    int table;
    char *key;
    const char *before;
    bool exists;
    bool was_created;
    int entries;
    int64_t deleted_at;
    text changed;
} track;

typedef struct tracks {
    track *items;
    int n;
} tracks;

void tracks_done(tracks *t);
/* Follow the entries after *seq, and move it on; `before` are the rows of all models then.
** False, with the reason, when an entry cannot have happened. */
bool tracks_follow(tracks *t, const rows *before, side *model, int64_t *seq, text *why);
/* NULL when no entry speaks of the record. */
track *track_find(tracks *t, int index, const char *key);

/* The row of a dump with that key; NULL when there is none. */
const char *row_of(const rows *dump, const char *key);
/* The key of a row; the caller frees it. */
char *key_of(const char *row);

#endif
