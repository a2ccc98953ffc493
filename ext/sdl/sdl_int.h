/*
** What the files of sdl share: tokens, and the parser's state.
*/
#ifndef DS_SDL_INT_H
#define DS_SDL_INT_H

#include "sdl/sdl.h"

/* ---- lexer.c, string.c: text to tokens -------------------------------------------- */

typedef enum ds_sdl_token_kind {
    DS_SDL_TOKEN_END,
    DS_SDL_TOKEN_PUNCTUATOR, /* one character */
    DS_SDL_TOKEN_NAME,
    DS_SDL_TOKEN_INT,
    DS_SDL_TOKEN_FLOAT,
    DS_SDL_TOKEN_STRING,
    DS_SDL_TOKEN_BLOCK_STRING
} ds_sdl_token_kind;

typedef struct ds_sdl_token {
    ds_sdl_token_kind kind;
    const char *text; /* NUL-terminated, in the arena; of a string what it stands for */
    size_t length;
    ds_sdl_pos pos;
} ds_sdl_token;

typedef struct ds_sdl_lexer {
    const char *text;
    size_t length;
    size_t at;      /* the next byte */
    ds_sdl_pos pos; /* of that byte */
    ds_arena *arena;
    ds_err *err;
} ds_sdl_lexer;

/* Begin at the start of `text`, after a byte order mark. Refuses what is too long and
** what is not UTF-8. */
DS_MUST_USE int ds_sdl_lex_start(ds_sdl_lexer *lexer, const char *text, size_t length,
                                 ds_arena *arena, ds_err *err);

/* Read the next token; at the end of the text always DS_SDL_TOKEN_END. */
DS_MUST_USE int ds_sdl_lex_next(ds_sdl_lexer *lexer, ds_sdl_token *out);

/* Read a string of either kind; the lexer stands at its first quote. */
DS_MUST_USE int ds_sdl_lex_string(ds_sdl_lexer *lexer, ds_sdl_token *out);

/* The byte `ahead` of the next one, or -1 behind the end. */
int ds_sdl_lex_peek(const ds_sdl_lexer *lexer, size_t ahead);

/* Step over `count` bytes without a line end. */
void ds_sdl_lex_skip(ds_sdl_lexer *lexer, size_t count);

/* Step over the line end the lexer stands at: LF, CRLF or CR. */
void ds_sdl_lex_skip_line_end(ds_sdl_lexer *lexer);

/* ---- cursor.c: over the tokens ---------------------------------------------------- */

/*
** The parser is sticky: at the first error `rc` is set and `token` becomes the end of the
** text, so that every function finds nothing more to do and returns.
*/
typedef struct ds_sdl_parser {
    ds_sdl_lexer lexer;
    ds_sdl_token token; /* the one not yet taken */
    int depth;          /* of lists and objects */
    int rc;
} ds_sdl_parser;

/* Go on to the next token. */
void ds_sdl_advance(ds_sdl_parser *parser);

/* An error at the present token: "<what>, found <the token>", `what` being formatted. */
void ds_sdl_fail_found(ds_sdl_parser *parser, const char *format, ...);

/* An error at the present token about the word it is: "<what> "word"", and the nearest of
** `known` when there is one near enough. */
void ds_sdl_fail_word(ds_sdl_parser *parser, const char *what, const char *const *known,
                      size_t count);

/* `size` zeroed bytes of the arena, or NULL (then the parser has failed). */
void *ds_sdl_new(ds_sdl_parser *parser, size_t size);

/* Is the present token this punctuator, or this keyword? */
bool ds_sdl_at(const ds_sdl_parser *parser, char punctuator);
bool ds_sdl_at_word(const ds_sdl_parser *parser, const char *word);

/* Take the punctuator if it is there. */
bool ds_sdl_accept(ds_sdl_parser *parser, char punctuator);

/* Take the punctuator or fail; the message says what it comes after: a kind of thing and
** its name (NULL when it has none). */
bool ds_sdl_expect(ds_sdl_parser *parser, char punctuator, const char *after,
                   const char *name);

/* Take a name or fail with "expected <what>"; NULL on failure. */
const char *ds_sdl_expect_name(ds_sdl_parser *parser, const char *what);

/* ---- parser.c, body.c, value.c: tokens to tree ------------------------------------ */

/* Read the definitions of the whole text into *out, at least one. The lexer has been
** started. */
DS_MUST_USE int ds_sdl_parse_definitions(ds_sdl_parser *parser, ds_sdl_definition **out);

/* Each of the following reads what it is named after. The result is only worth something
** while `parser->rc` is SQLITE_OK. */

/* A string where a definition, field … may have one; NULL when there is none. */
const char *ds_sdl_parse_description(ds_sdl_parser *parser);
/* These begin after the opening bracket and take the closing one. */
ds_sdl_field *ds_sdl_parse_fields(ds_sdl_parser *parser);
ds_sdl_input *ds_sdl_parse_inputs(ds_sdl_parser *parser, char close);
ds_sdl_enum_value *ds_sdl_parse_enum_values(ds_sdl_parser *parser);
ds_sdl_operation *ds_sdl_parse_operations(ds_sdl_parser *parser);
/* Names with a punctuator between them, which may also lead. */
ds_sdl_name *ds_sdl_parse_names(ds_sdl_parser *parser, char between, const char *what);
ds_sdl_name *ds_sdl_parse_locations(ds_sdl_parser *parser);
/* NULL on failure; directives may also be none. */
ds_sdl_value *ds_sdl_parse_value(ds_sdl_parser *parser);
ds_sdl_type *ds_sdl_parse_type(ds_sdl_parser *parser);
ds_sdl_directive *ds_sdl_parse_directives(ds_sdl_parser *parser);

/* ---- print_value.c ---------------------------------------------------------------- */

/* `indent` is where further lines of a block string begin. */
void ds_sdl_print_value(const ds_sdl_value *value, int indent, ds_buf *out);
void ds_sdl_print_type(const ds_sdl_type *type, ds_buf *out);
/* Each with a space before it. */
void ds_sdl_print_directives(const ds_sdl_directive *list, int indent, ds_buf *out);
/* A description on lines of its own, or nothing. */
void ds_sdl_print_description(const char *text, int indent, ds_buf *out);
void ds_sdl_print_indent(int indent, ds_buf *out);

#endif
