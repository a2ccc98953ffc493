/*
** Growable text, files, random numbers.
*/
#include "diff.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void give_up(const char *what, const char *detail) {
    fflush(stdout);
    fprintf(stderr, "diff: %s: %s\n", what, detail);
    exit(2);
}

void *must(void *pointer) {
    if (pointer == NULL) {
        give_up("memory", "none is left");
    }
    return pointer;
}

static void reserve(text *t, size_t n) {
    if (t->length + n + 1 > t->room) {
        t->room = (t->length + n + 1) * 2;
        t->chars = must(realloc(t->chars, t->room));
    }
}

void text_add(text *t, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int n = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    reserve(t, (size_t)n);
    vsnprintf(t->chars + t->length, (size_t)n + 1, format, again);
    va_end(again);
    t->length += (size_t)n;
}

void text_add_bytes(text *t, const char *bytes, size_t n) {
    reserve(t, n);
    memcpy(t->chars + t->length, bytes, n);
    t->length += n;
    t->chars[t->length] = '\0';
}

void text_clear(text *t) {
    t->length = 0;
    if (t->chars != NULL) {
        t->chars[0] = '\0';
    }
}

void text_done(text *t) {
    free(t->chars);
    *t = (text){0};
}

const char *text_of(const text *t) {
    return t->chars ? t->chars : "";
}

char *copy_of(const char *chars) {
    size_t size = strlen(chars) + 1;
    return memcpy(must(malloc(size)), chars, size);
}

char *file_read(const char *path) {
    FILE *file = fopen(path, "rb");
    text content = {0};
    char part[4096];
    size_t n;
    if (file == NULL) {
        give_up(path, "cannot be read");
    }
    while ((n = fread(part, 1, sizeof part, file)) > 0) {
        text_add_bytes(&content, part, n);
    }
    fclose(file);
    return content.chars ? content.chars : copy_of("");
}

/* splitmix64: any seed will do, also a small one. */
uint32_t rng_below(rng *r, uint32_t n) {
    uint64_t z = (r->state += 0x9e3779b97f4a7c15u);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ z >> 31) % n);
}

bool rng_chance(rng *r, uint32_t percent) {
    return rng_below(r, 100) < percent;
}
