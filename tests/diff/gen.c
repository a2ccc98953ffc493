/*
** What all generators use: writing in two versions, and choosing.
*/
#include "gen.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MAX_DEPTH 4

void gen_start(gen *g, rng *r, step *s, both *out) {
    memset(g, 0, sizeof *g);
    g->rng = r;
    g->step = s;
    g->out = out;
    g->self = -1;
}

void gen_finish(gen *g) {
    g->step->sql = copy_of(text_of(&g->out->model));
    if (strcmp(text_of(&g->out->model), text_of(&g->out->native)) != 0) {
        g->step->native = copy_of(text_of(&g->out->native));
    }
    text_done(&g->out->model);
    text_done(&g->out->native);
}

void emit(gen *g, const char *format, ...) {
    char part[400];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(part, sizeof part, format, arguments);
    va_end(arguments);
    if (n < 0 || (size_t)n >= sizeof part) {
        give_up("a part of a statement is too long", part);
    }
    text_add_bytes(&g->out->model, part, (size_t)n);
    text_add_bytes(&g->out->native, part, (size_t)n);
}

void both_append(both *out, both *more) {
    text_add_bytes(&out->model, text_of(&more->model), more->model.length);
    text_add_bytes(&out->native, text_of(&more->native), more->native.length);
    text_done(&more->model);
    text_done(&more->native);
}

bool chance(gen *g, uint32_t percent) {
    return rng_chance(g->rng, percent);
}

uint32_t below(gen *g, uint32_t n) {
    return rng_below(g->rng, n);
}

const char *one_of(gen *g, const char *const *words) {
    return pool_pick(words, g->rng);
}

void choose(gen *g, const production *productions, size_t n) {
    bool leaves = g->depth >= MAX_DEPTH;
    uint32_t total = 0;
    size_t i = 0;
    for (size_t k = 0; k < n; k++) {
        total += leaves && !productions[k].is_leaf ? 0 : productions[k].weight;
    }
    uint32_t left = below(g, total);
    for (;; i++) {
        uint32_t weight = leaves && !productions[i].is_leaf ? 0 : productions[i].weight;
        if (left < weight) {
            break;
        }
        left -= weight;
    }
    g->depth++;
    productions[i].write(g);
    g->depth--;
}
