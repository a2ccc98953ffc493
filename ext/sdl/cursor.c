/*
** How the parser moves over tokens, and its error messages.
*/
#include "sdl/sdl_int.h"

#include <string.h>

/* Room for one token in a message; a longer one is cut. */
#define FOUND_MAX 64

static void stop(ds_sdl_parser *parser, int rc) {
    parser->rc = rc;
    parser->token.kind = DS_SDL_TOKEN_END;
}

void ds_sdl_advance(ds_sdl_parser *parser) {
    if (parser->rc == SQLITE_OK) {
        int rc = ds_sdl_lex_next(&parser->lexer, &parser->token);
        if (rc != SQLITE_OK) {
            stop(parser, rc);
        }
    }
}

static void describe(const ds_sdl_token *token, char *out) {
    switch (token->kind) {
    case DS_SDL_TOKEN_END:
        sqlite3_snprintf(FOUND_MAX, out, "the end of the schema");
        break;
    case DS_SDL_TOKEN_STRING:
    case DS_SDL_TOKEN_BLOCK_STRING:
        sqlite3_snprintf(FOUND_MAX, out, "a string");
        break;
    case DS_SDL_TOKEN_NAME:
    case DS_SDL_TOKEN_INT:
    case DS_SDL_TOKEN_FLOAT:
    case DS_SDL_TOKEN_PUNCTUATOR:
        sqlite3_snprintf(FOUND_MAX, out, "\"%.*s\"%s", FOUND_MAX - 8, token->text,
                         token->length > FOUND_MAX - 8 ? "..." : "");
        break;
    }
}

void ds_sdl_fail_found(ds_sdl_parser *parser, const char *format, ...) {
    char found[FOUND_MAX];
    if (parser->rc != SQLITE_OK) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    char *what = sqlite3_vmprintf(format, arguments);
    va_end(arguments);
    if (what == NULL) {
        stop(parser, ds_err_nomem(parser->lexer.err));
        return;
    }
    describe(&parser->token, found);
    stop(parser,
         ds_err_at(parser->lexer.err, parser->token.pos, "%s, found %s", what, found));
    sqlite3_free(what);
}

void ds_sdl_fail_word(ds_sdl_parser *parser, const char *what, const char *const *known,
                      size_t count) {
    if (parser->rc != SQLITE_OK) {
        return;
    }
    char found[FOUND_MAX];
    const ds_sdl_token *token = &parser->token;
    const char *nearest = token->kind == DS_SDL_TOKEN_NAME
                              ? ds_text_nearest(token->text, known, count)
                              : NULL;
    describe(token, found);
    stop(parser, nearest
                     ? ds_err_at(parser->lexer.err, token->pos,
                                 "%s %s (did you mean \"%s\"?)", what, found, nearest)
                     : ds_err_at(parser->lexer.err, token->pos, "%s %s", what, found));
}

void *ds_sdl_new(ds_sdl_parser *parser, size_t size) {
    if (parser->rc != SQLITE_OK) {
        return NULL;
    }
    void *memory = ds_arena_alloc(parser->lexer.arena, size);
    if (memory == NULL) {
        stop(parser, ds_err_nomem(parser->lexer.err));
    }
    return memory;
}

bool ds_sdl_at(const ds_sdl_parser *parser, char punctuator) {
    return parser->token.kind == DS_SDL_TOKEN_PUNCTUATOR &&
           parser->token.text[0] == punctuator;
}

bool ds_sdl_at_word(const ds_sdl_parser *parser, const char *word) {
    return parser->token.kind == DS_SDL_TOKEN_NAME &&
           strcmp(parser->token.text, word) == 0;
}

bool ds_sdl_accept(ds_sdl_parser *parser, char punctuator) {
    if (!ds_sdl_at(parser, punctuator)) {
        return false;
    }
    ds_sdl_advance(parser);
    return true;
}

bool ds_sdl_expect(ds_sdl_parser *parser, char punctuator, const char *after,
                   const char *name) {
    if (ds_sdl_accept(parser, punctuator)) {
        return true;
    }
    if (name) {
        ds_sdl_fail_found(parser, "expected \"%c\" after %s \"%s\"", punctuator, after,
                          name);
    } else {
        ds_sdl_fail_found(parser, "expected \"%c\" after %s", punctuator, after);
    }
    return false;
}

const char *ds_sdl_expect_name(ds_sdl_parser *parser, const char *what) {
    if (parser->token.kind != DS_SDL_TOKEN_NAME) {
        ds_sdl_fail_found(parser, "expected %s", what);
        return NULL;
    }
    const char *name = parser->token.text;
    ds_sdl_advance(parser);
    return name;
}
