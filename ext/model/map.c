/*
** A map from names to things: open addressing, in an arena, nothing is ever removed. A schema
** may have 100 000 types, so looking through a list for each of them is out of the question.
*/
#include "model/model_int.h"

#include <string.h>

void ds_map_init(ds_map *map, ds_arena *arena, bool ignores_case) {
    *map = (ds_map){.arena = arena, .ignores_case = ignores_case};
}

static unsigned char folded(const ds_map *map, char c) {
    bool is_upper = c >= 'A' && c <= 'Z';
    return (unsigned char)(map->ignores_case && is_upper ? c - 'A' + 'a' : c);
}

/* FNV-1a. */
static size_t hash(const ds_map *map, const char *name) {
    uint32_t h = 2166136261u;
    for (const char *p = name; *p; p++) {
        h = (h ^ folded(map, *p)) * 16777619u;
    }
    return h;
}

static bool is_same(const ds_map *map, const char *a, const char *b) {
    return map->ignores_case ? ds_text_iequal(a, b) : strcmp(a, b) == 0;
}

/* The slot of the name, or the free one where it belongs. There always is a free one. */
static ds_map_slot *slot_of(const ds_map *map, const char *name) {
    size_t at = hash(map, name) & (map->capacity - 1);
    while (map->slots[at].name != NULL && !is_same(map, map->slots[at].name, name)) {
        at = (at + 1) & (map->capacity - 1);
    }
    return &map->slots[at];
}

void *ds_map_get(const ds_map *map, const char *name) {
    return map->capacity ? slot_of(map, name)->value : NULL;
}

static bool grow(ds_map *map) {
    ds_map larger = *map;
    larger.capacity = map->capacity ? map->capacity * 2 : 16;
    larger.slots = ds_arena_alloc(map->arena, larger.capacity * sizeof *larger.slots);
    if (larger.slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < map->capacity; i++) {
        if (map->slots[i].name != NULL) {
            *slot_of(&larger, map->slots[i].name) = map->slots[i];
        }
    }
    *map = larger;
    return true;
}

void ds_map_put(ds_map *map, const char *name, void *value) {
    if (map->count * 2 >= map->capacity && !grow(map)) {
        return;
    }
    ds_map_slot *slot = slot_of(map, name);
    if (slot->name == NULL) {
        *slot = (ds_map_slot){name, value};
        map->count++;
    }
}
