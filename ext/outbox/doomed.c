/*
** A set of records: those whose delete must wait for that of a child.
*/
#include "outbox/outbox_int.h"

#include <string.h>

#define N_BUCKETS 1024

typedef struct entry {
    uint32_t hash;
    const ds_model *model;
    ds_value form;
    struct entry *next;
} entry;

struct ds_doomed {
    ds_arena *arena;
    entry *buckets[N_BUCKETS];
};

ds_doomed *ds_doomed_new(ds_arena *arena) {
    ds_doomed *doomed = ds_arena_alloc(arena, sizeof *doomed);
    if (doomed != NULL) {
        doomed->arena = arena;
    }
    return doomed;
}

/* FNV-1a. */
static uint32_t mix(uint32_t h, const void *bytes, size_t n) {
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++) {
        h = (h ^ p[i]) * 16777619u;
    }
    return h;
}

static uint32_t hash_of(const ds_key *key) {
    uint32_t h = mix(2166136261u, &key->model->index, sizeof key->model->index);
    return key->form.type == SQLITE_TEXT
               ? mix(h, key->form.text, (size_t)key->form.length)
               : mix(h, &key->form.integer, sizeof key->form.integer);
}

static bool same_form(const ds_value *a, const ds_value *b) {
    if (a->type != b->type) {
        return false;
    }
    return a->type == SQLITE_TEXT
               ? a->length == b->length &&
                     memcmp(a->text, b->text, (size_t)a->length) == 0
               : a->integer == b->integer && a->real <= b->real && a->real >= b->real;
}

bool ds_outbox_same_record(const ds_key *a, const ds_key *b) {
    return a->model == b->model && same_form(&a->form, &b->form);
}

bool ds_doomed_has(const ds_doomed *doomed, const ds_key *key) {
    uint32_t hash = hash_of(key);
    for (const entry *e = doomed->buckets[hash % N_BUCKETS]; e != NULL; e = e->next) {
        if (e->hash == hash && e->model == key->model &&
            same_form(&e->form, &key->form)) {
            return true;
        }
    }
    return false;
}

int ds_doomed_add(ds_doomed *doomed, const ds_key *key, ds_err *err) {
    if (ds_doomed_has(doomed, key)) {
        return SQLITE_OK;
    }
    uint32_t hash = hash_of(key);
    entry *e = ds_arena_alloc(doomed->arena, sizeof *e);
    if (e != NULL) {
        *e = (entry){hash, key->model, ds_value_copy(doomed->arena, &key->form),
                     doomed->buckets[hash % N_BUCKETS]};
        doomed->buckets[hash % N_BUCKETS] = e;
    }
    return ds_arena_failed(doomed->arena) ? ds_err_nomem(err) : SQLITE_OK;
}
