/*
** Names that are made of other names. GraphQL's names are ASCII, so are the letters here.
*/
#include "model/model_int.h"

#include <string.h>

static char upper(char c) {
    return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

static char lower(char c) {
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

char *ds_name_capital(ds_arena *arena, const char *name) {
    char *copy = ds_arena_text(arena, name, strlen(name));
    if (copy != NULL) {
        copy[0] = upper(copy[0]);
    }
    return copy;
}

char *ds_name_lower(ds_arena *arena, const char *name) {
    char *copy = ds_arena_text(arena, name, strlen(name));
    if (copy != NULL) {
        copy[0] = lower(copy[0]);
    }
    return copy;
}

char *ds_name_camel(ds_arena *arena, const char *a, const char *b, const char *c) {
    char *name = ds_arena_printf(arena, "%s%s%s", a, b, c);
    if (name == NULL) {
        return NULL;
    }
    /* Where a part is empty, its place is that of the next one or of the NUL. */
    size_t at_b = strlen(a);
    size_t at_c = at_b + strlen(b);
    name[at_b] = upper(name[at_b]);
    name[at_c] = upper(name[at_c]);
    name[0] = lower(name[0]);
    return name;
}
