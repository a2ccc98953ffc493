/*
** Sets of columns as the journal has them, by the columns' permanent numbers.
*/
#include "outbox/outbox_int.h"

#include <string.h>

#define MASK_BITS 62 /* as in store/trigger.c: the others stand beside it */

bool ds_mask_has(const ds_store *store, const ds_model *model, const ds_mask *mask,
                 int column) {
    int number = ds_store_column_number(store, model, column);
    if (number < MASK_BITS) {
        return (mask->low >> number & 1) != 0;
    }
    size_t at = (size_t)(number - MASK_BITS);
    return mask->more != NULL && strlen(mask->more) > at && mask->more[at] == '1';
}

ds_mask ds_mask_of(const ds_store *store, const ds_model *model, const bool *columns,
                   ds_arena *arena) {
    ds_mask mask = {0, NULL};
    int last = -1;
    for (int i = 0; i < model->n_columns; i++) {
        int number = ds_store_column_number(store, model, i);
        if (columns[i] && number < MASK_BITS) {
            mask.low |= (int64_t)1 << number;
        } else if (columns[i] && number > last) {
            last = number;
        }
    }
    if (last < 0) {
        return mask;
    }
    size_t length = (size_t)(last - MASK_BITS + 1);
    char *more = ds_arena_alloc(arena, length + 1);
    if (more == NULL) {
        return mask;
    }
    memset(more, '0', length);
    for (int i = 0; i < model->n_columns; i++) {
        int number = ds_store_column_number(store, model, i);
        if (columns[i] && number >= MASK_BITS) {
            more[number - MASK_BITS] = '1';
        }
    }
    mask.more = more;
    return mask;
}

bool *ds_mask_flags(const ds_model *model, ds_arena *arena) {
    return ds_arena_alloc(arena, (size_t)model->n_columns * sizeof(bool));
}

void ds_mask_read(const ds_store *store, const ds_model *model, const ds_mask *mask,
                  bool *columns) {
    for (int i = 0; i < model->n_columns; i++) {
        columns[i] = columns[i] || ds_mask_has(store, model, mask, i);
    }
}
