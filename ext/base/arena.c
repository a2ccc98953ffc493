/*
** A bump allocator: a list of blocks that are freed together. Nothing is freed singly.
*/
#include "base/base.h"

#include <stdalign.h>
#include <string.h>

#define FIRST_BLOCK ((size_t)2048)
#define LAST_BLOCK  ((size_t)(256 * 1024)) /* blocks double up to this size */
#define ALIGNMENT   alignof(max_align_t)

typedef struct block {
    struct block *next;
} block;

struct ds_arena {
    block *blocks;
    unsigned char *free; /* the rest of the newest block */
    size_t left;
    size_t block_size; /* of the next one */
    bool failed;
};

ds_arena *ds_arena_new(void) {
    ds_arena *arena = sqlite3_malloc64(sizeof *arena);
    if (arena == NULL) {
        return NULL;
    }
    *arena = (ds_arena){.block_size = FIRST_BLOCK};
    return arena;
}

void ds_arena_free(ds_arena *arena) {
    if (arena == NULL) {
        return;
    }
    for (block *next, *b = arena->blocks; b; b = next) {
        next = b->next;
        sqlite3_free(b);
    }
    sqlite3_free(arena);
}

/* A new block with at least `size` aligned bytes. What is left of the old one is given
** up, unless the request is so large that it gets a block of its own. */
static unsigned char *add_block(ds_arena *arena, size_t size) {
    bool own = size > arena->block_size / 4;
    size_t usable = own ? size : arena->block_size;
    block *b = sqlite3_malloc64(sizeof *b + ALIGNMENT + usable);
    if (b == NULL) {
        arena->failed = true;
        return NULL;
    }
    b->next = arena->blocks;
    arena->blocks = b;
    unsigned char *start = (unsigned char *)(b + 1);
    /* SQLite aligns to 8 bytes only. */
    start += (ALIGNMENT - (uintptr_t)start % ALIGNMENT) % ALIGNMENT;
    if (!own) {
        arena->free = start + size;
        arena->left = usable - size;
        if (arena->block_size < LAST_BLOCK) {
            arena->block_size *= 2;
        }
    }
    return start;
}

void *ds_arena_alloc(ds_arena *arena, size_t size) {
    if (arena->failed || size > SIZE_MAX / 2) {
        arena->failed = true;
        return NULL;
    }
    size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    rounded = rounded ? rounded : ALIGNMENT;
    unsigned char *memory;
    if (rounded <= arena->left) {
        memory = arena->free;
        arena->free += rounded;
        arena->left -= rounded;
    } else {
        memory = add_block(arena, rounded);
    }
    return memory ? memset(memory, 0, rounded) : NULL;
}

char *ds_arena_text(ds_arena *arena, const char *text, size_t length) {
    char *copy = ds_arena_alloc(arena, length + 1);
    if (copy && length > 0) {
        memcpy(copy, text, length);
    }
    return copy;
}

char *ds_arena_printf(ds_arena *arena, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = sqlite3_vmprintf(format, arguments);
    va_end(arguments);
    if (text == NULL) {
        arena->failed = true;
        return NULL;
    }
    char *copy = ds_arena_text(arena, text, strlen(text));
    sqlite3_free(text);
    return copy;
}

bool ds_arena_failed(const ds_arena *arena) {
    return arena->failed;
}
