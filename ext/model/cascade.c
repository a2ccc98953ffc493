/*
** The cascade graph: which models reach each other by deletes. Strongly connected components
** after Tarjan, over has-one and has-many relations.
*/
#include "model/model_int.h"

/* One model while it is being searched. */
typedef struct node {
    int order; /* when it was met, from 1; 0: not yet */
    int low;   /* the earliest model that is reached from here */
    bool is_open;
} node;

typedef struct search {
    ds_model *models;
    node *nodes;
    int *stack; /* met models whose component is not settled */
    int n_stack;
    int n_met;
} search;

static bool cascades(const ds_relation *relation) {
    return relation->kind != DS_BELONGS_TO;
}

/* Everything above `at` on the stack is its component. It is called by its first model, so
** that its number says the same in every order of search. */
static void close_component(search *s, int at) {
    int from = s->n_stack;
    int first = at;
    do {
        from--;
        first = s->stack[from] < first ? s->stack[from] : first;
    } while (s->stack[from] != at);
    bool is_cyclic = s->n_stack - from > 1;
    for (int i = from; i < s->n_stack; i++) {
        ds_model *model = &s->models[s->stack[i]];
        model->component = first;
        model->is_cyclic = model->is_cyclic || is_cyclic;
        s->nodes[s->stack[i]].is_open = false;
    }
    s->n_stack = from;
}

/* Recursion is as deep as there are models: DS_MAX_MODELS. */
static void visit(search *s, int at) {
    ds_model *model = &s->models[at];
    node *here = &s->nodes[at];
    here->order = here->low = ++s->n_met;
    here->is_open = true;
    s->stack[s->n_stack++] = at;
    for (int i = 0; i < model->n_relations; i++) {
        int to = model->relations[i].target->index;
        const node *there = &s->nodes[to];
        if (!cascades(&model->relations[i])) {
            continue;
        }
        model->is_cyclic = model->is_cyclic || to == at;
        if (there->order == 0) {
            visit(s, to);
            here->low = there->low < here->low ? there->low : here->low;
        } else if (there->is_open && there->order < here->low) {
            here->low = there->order;
        }
    }
    if (here->low == here->order) {
        close_component(s, at);
    }
}

int ds_cascade_fill(ds_build *build) {
    size_t n = (size_t)build->n_models;
    search s = {.models = build->models};
    s.nodes = ds_arena_alloc(build->arena, n * sizeof *s.nodes);
    s.stack = ds_arena_alloc(build->arena, n * sizeof *s.stack);
    int rc = ds_build_memory(build);
    for (int i = 0; rc == SQLITE_OK && i < build->n_models; i++) {
        if (s.nodes[i].order == 0) {
            visit(&s, i);
        }
    }
    return rc;
}
