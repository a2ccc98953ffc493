/*
** The relations that a filter tests, and the filters of their rows.
*/
#include "filter/filter_int.h"

int ds_filter_n_related(const ds_filter *filter) {
    return filter->n_related;
}

static const ds_filter_node *related_at(const ds_filter *filter, int i) {
    const ds_filter_node *node = filter->related;
    while (node->related_index != i) {
        node = node->next_related;
    }
    return node;
}

const ds_relation *ds_filter_relation(const ds_filter *filter, int i) {
    return related_at(filter, i)->relation;
}

const ds_filter *ds_filter_of_related(const ds_filter *filter, int i) {
    return related_at(filter, i)->related;
}
