/*
** Text to tokens: white space, punctuators, names and numbers. Strings are in string.c.
*/
#include "sdl/sdl_int.h"

#include <string.h>

int ds_sdl_lex_peek(const ds_sdl_lexer *lexer, size_t ahead) {
    return ahead < lexer->length - lexer->at
               ? (unsigned char)lexer->text[lexer->at + ahead]
               : -1;
}

void ds_sdl_lex_skip(ds_sdl_lexer *lexer, size_t count) {
    for (size_t i = 0; i < count; i++) {
        bool is_tail = ((unsigned char)lexer->text[lexer->at++] & 0xC0) == 0x80;
        lexer->pos.column += !is_tail;
    }
}

void ds_sdl_lex_skip_line_end(ds_sdl_lexer *lexer) {
    bool crlf = ds_sdl_lex_peek(lexer, 0) == '\r' && ds_sdl_lex_peek(lexer, 1) == '\n';
    lexer->at += crlf ? 2 : 1;
    lexer->pos.line++;
    lexer->pos.column = 1;
}

/* Bytes of the character the lexer stands at; 0 when it is not UTF-8. */
static size_t character_size(const ds_sdl_lexer *lexer) {
    size_t left = lexer->length - lexer->at;
    for (size_t size = 1; size <= 4 && size <= left; size++) {
        if (ds_text_is_utf8(lexer->text + lexer->at, size)) {
            return size;
        }
    }
    return 0;
}

static bool is_line_end(int c) {
    return c == '\n' || c == '\r';
}

/* Find the place of the first byte that is not UTF-8. */
static int refuse_encoding(ds_sdl_lexer *lexer) {
    size_t size;
    while ((size = character_size(lexer)) > 0) {
        if (is_line_end(ds_sdl_lex_peek(lexer, 0))) {
            ds_sdl_lex_skip_line_end(lexer);
        } else {
            ds_sdl_lex_skip(lexer, size);
        }
    }
    return ds_err_at(lexer->err, lexer->pos, "the byte 0x%02x is not UTF-8",
                     ds_sdl_lex_peek(lexer, 0));
}

int ds_sdl_lex_start(ds_sdl_lexer *lexer, const char *text, size_t length,
                     ds_arena *arena, ds_err *err) {
    static const char mark[] = "\xEF\xBB\xBF";
    *lexer = (ds_sdl_lexer){.text = text,
                            .length = length,
                            .pos = {.line = 1, .column = 1},
                            .arena = arena,
                            .err = err};
    if (length > DS_MAX_SDL_BYTES) {
        return ds_err_set(err, SQLITE_ERROR, "schema is longer than %d bytes",
                          DS_MAX_SDL_BYTES);
    }
    if (length >= 3 && memcmp(text, mark, 3) == 0) {
        lexer->at = 3;
    }
    return ds_text_is_utf8(text, length) ? SQLITE_OK : refuse_encoding(lexer);
}

static bool is_digit(int c) {
    return c >= '0' && c <= '9';
}

static bool is_name_start(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* In a comment too, graphql-js takes no control character but the tab. */
static void skip_comment(ds_sdl_lexer *lexer) {
    int c = ds_sdl_lex_peek(lexer, 0);
    while (c >= 0x20 || c == '\t') {
        ds_sdl_lex_skip(lexer, 1);
        c = ds_sdl_lex_peek(lexer, 0);
    }
}

static void skip_ignored(ds_sdl_lexer *lexer) {
    for (;;) {
        int c = ds_sdl_lex_peek(lexer, 0);
        if (is_line_end(c)) {
            ds_sdl_lex_skip_line_end(lexer);
        } else if (c == ' ' || c == '\t' || c == ',') {
            ds_sdl_lex_skip(lexer, 1);
        } else if (c == '#') {
            skip_comment(lexer);
        } else {
            return;
        }
    }
}

/* Take `size` bytes as a token that stands for itself. */
static int take(ds_sdl_lexer *lexer, ds_sdl_token_kind kind, size_t size,
                ds_sdl_token *out) {
    out->kind = kind;
    out->length = size;
    out->text = ds_arena_text(lexer->arena, lexer->text + lexer->at, size);
    ds_sdl_lex_skip(lexer, size);
    return out->text ? SQLITE_OK : ds_err_nomem(lexer->err);
}

static int lex_name(ds_sdl_lexer *lexer, ds_sdl_token *out) {
    size_t size = 1;
    int c;
    while (is_name_start(c = ds_sdl_lex_peek(lexer, size)) || is_digit(c)) {
        size++;
    }
    if (size > DS_MAX_NAME_BYTES) {
        return ds_err_at(lexer->err, out->pos, "a name is longer than %d bytes",
                         DS_MAX_NAME_BYTES);
    }
    return take(lexer, DS_SDL_TOKEN_NAME, size, out);
}

/* An error at the byte `ahead`. */
static int refuse_number(ds_sdl_lexer *lexer, size_t ahead, const char *why) {
    ds_sdl_lex_skip(lexer, ahead);
    return ds_err_at(lexer->err, lexer->pos, "malformed number: %s", why);
}

static size_t skip_digits(const ds_sdl_lexer *lexer, size_t ahead) {
    while (is_digit(ds_sdl_lex_peek(lexer, ahead))) {
        ahead++;
    }
    return ahead;
}

/* Digits from `ahead` on, at least one, else *out is left at `ahead`. */
static bool read_digits(const ds_sdl_lexer *lexer, size_t ahead, size_t *out) {
    *out = skip_digits(lexer, ahead);
    return *out > ahead;
}

static int lex_number(ds_sdl_lexer *lexer, ds_sdl_token *out) {
    ds_sdl_token_kind kind = DS_SDL_TOKEN_INT;
    size_t start = ds_sdl_lex_peek(lexer, 0) == '-';
    size_t size;
    if (!read_digits(lexer, start, &size)) {
        return refuse_number(lexer, size, "a digit must follow \"-\"");
    }
    if (size > start + 1 && ds_sdl_lex_peek(lexer, start) == '0') {
        return refuse_number(lexer, start, "it begins with 0");
    }
    if (ds_sdl_lex_peek(lexer, size) == '.') {
        kind = DS_SDL_TOKEN_FLOAT;
        if (!read_digits(lexer, size + 1, &size)) {
            return refuse_number(lexer, size, "a digit must follow the point");
        }
    }
    int c = ds_sdl_lex_peek(lexer, size);
    if (c == 'e' || c == 'E') {
        kind = DS_SDL_TOKEN_FLOAT;
        c = ds_sdl_lex_peek(lexer, size + 1);
        if (!read_digits(lexer, size + 1 + (c == '+' || c == '-'), &size)) {
            return refuse_number(lexer, size, "a digit must follow the exponent sign");
        }
    }
    c = ds_sdl_lex_peek(lexer, size);
    if (is_name_start(c) || c == '.') {
        return refuse_number(lexer, size, "letters or a second point follow it");
    }
    return take(lexer, kind, size, out);
}

static int refuse_character(ds_sdl_lexer *lexer) {
    int c = ds_sdl_lex_peek(lexer, 0);
    if (c < 0x20 || c == 0x7F) {
        return ds_err_at(lexer->err, lexer->pos, "unexpected control character U+%04X",
                         c);
    }
    return ds_err_at(lexer->err, lexer->pos, "unexpected character \"%.*s\"%s",
                     (int)character_size(lexer), lexer->text + lexer->at,
                     c == '\'' ? " (strings are written with double quotes)" : "");
}

int ds_sdl_lex_next(ds_sdl_lexer *lexer, ds_sdl_token *out) {
    skip_ignored(lexer);
    *out = (ds_sdl_token){.kind = DS_SDL_TOKEN_END, .text = "", .pos = lexer->pos};
    int c = ds_sdl_lex_peek(lexer, 0);
    if (c < 0) {
        return SQLITE_OK;
    }
    if (is_name_start(c)) {
        return lex_name(lexer, out);
    }
    if (is_digit(c) || c == '-') {
        return lex_number(lexer, out);
    }
    if (c == '"') {
        return ds_sdl_lex_string(lexer, out);
    }
    if (c != 0 && strchr("!$&():=@[]{|}", c)) {
        return take(lexer, DS_SDL_TOKEN_PUNCTUATOR, 1, out);
    }
    return refuse_character(lexer);
}
