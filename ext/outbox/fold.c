/*
** Folding: two changes of a record, one behind the other, that are one to the server.
**
**              then create     then update   then delete
**   create     create          create        nothing
**   update     update of all   update        delete
**   delete     update of all   apart         delete
**
** A change with a condition is sent as it was made, so nothing crosses it; the change before it
** has its row kept (payload) and takes over nothing either. What remains stands in the place of the first, but a
** delete in its own: behind those of its children. What has been sent already waits
** for its verdict. In the dead letter an update is dropped by a later delete, and a create
** together with it, unless an attempt had no answer. What was held may not have to wait any more
** after a change.
*/
#include "outbox/outbox_int.h"

static bool is_open(const ds_step *step) {
    return (step->state == DS_STEP_PENDING || step->state == DS_STEP_HELD) &&
           step->request == NULL && step->condition == NULL && step->payload == NULL;
}

/* The row was made anew. */
void ds_fold_mask_all(const ds_store *store, const ds_model *model, ds_step *step,
                      ds_arena *arena) {
    bool *columns = ds_mask_flags(model, arena);
    for (int i = 0; columns != NULL && i < model->n_columns; i++) {
        columns[i] = ds_column_is_sent(&model->columns[i]);
    }
    if (columns != NULL) {
        step->mask = ds_mask_of(store, model, columns, arena);
    }
}

static void mask_union(const ds_store *store, const ds_model *model, ds_step *step,
                       const ds_mask *other, ds_arena *arena) {
    bool *columns = ds_mask_flags(model, arena);
    if (columns != NULL) {
        ds_mask_read(store, model, &step->mask, columns);
        ds_mask_read(store, model, other, columns);
        step->mask = ds_mask_of(store, model, columns, arena);
    }
}

static ds_fold fold_failed(const ds_step *first, const ds_step *second) {
    if (second->op != DS_OP_DELETE || second->condition != NULL) {
        return DS_FOLD_APART;
    }
    if (first->op == DS_OP_CREATE && first->is_unclear) {
        return DS_FOLD_APART; /* the server may have the record all the same */
    }
    return first->op == DS_OP_CREATE ? DS_FOLD_DROP_BOTH : DS_FOLD_DROP_FIRST;
}

ds_fold ds_fold_steps(const ds_store *store, const ds_model *model, ds_step *first,
                      const ds_step *second, ds_arena *arena) {
    if (second->request != NULL || second->state == DS_STEP_FAILED) {
        return DS_FOLD_APART;
    }
    if (first->state == DS_STEP_FAILED) {
        return fold_failed(first, second);
    }
    if (!is_open(first) || second->condition != NULL) {
        return DS_FOLD_APART;
    }
    if (first->op == DS_OP_CREATE && second->op == DS_OP_DELETE) {
        return DS_FOLD_DROP_BOTH;
    }
    if (first->op == DS_OP_DELETE && second->op == DS_OP_UPDATE) {
        return DS_FOLD_APART;
    }
    if (second->op == DS_OP_DELETE) {
        return DS_FOLD_DROP_FIRST;
    }
    if (first->op != DS_OP_CREATE && second->op == DS_OP_CREATE) {
        first->op = DS_OP_UPDATE;
        ds_fold_mask_all(store, model, first, arena);
    } else if (first->op == DS_OP_UPDATE) {
        mask_union(store, model, first, &second->mask, arena);
    }
    first->state = DS_STEP_PENDING;
    first->rid = second->rid;
    first->payload = second->payload;
    return DS_FOLD_INTO;
}
