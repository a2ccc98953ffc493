/*
** The document: how it begins, how it ends, and how one looks something up in it.
*/
#include "sdl/sdl_int.h"

#include <string.h>

int ds_sdl_parse(const char *text, size_t length, ds_sdl_document **out, ds_err *err) {
    ds_sdl_parser parser = {0};
    ds_sdl_document *document = NULL;
    int rc = SQLITE_OK;
    *out = NULL;
    ds_arena *arena = ds_arena_new();
    if (arena) {
        document = ds_arena_alloc(arena, sizeof *document);
    }
    if (document == NULL) {
        rc = ds_err_nomem(err);
        goto done;
    }
    document->arena = arena;
    rc = ds_sdl_lex_start(&parser.lexer, text, length, arena, err);
    if (rc == SQLITE_OK) {
        rc = ds_sdl_parse_definitions(&parser, &document->definitions);
    }
done:
    if (rc == SQLITE_OK) {
        *out = document;
    } else {
        ds_arena_free(arena);
    }
    return rc;
}

void ds_sdl_free(ds_sdl_document *document) {
    if (document) {
        ds_arena_free(document->arena);
    }
}

const ds_sdl_directive *ds_sdl_directive_find(const ds_sdl_directive *list,
                                              const char *name) {
    while (list && strcmp(list->name, name) != 0) {
        list = list->next;
    }
    return list;
}

const ds_sdl_value *ds_sdl_argument_find(const ds_sdl_directive *directive,
                                         const char *name) {
    const ds_sdl_argument *argument = directive ? directive->arguments : NULL;
    while (argument && strcmp(argument->name, name) != 0) {
        argument = argument->next;
    }
    return argument ? argument->value : NULL;
}
