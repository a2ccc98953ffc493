/*
** Strings and block strings: from what is written to what it stands for.
*/
#include "sdl/sdl_int.h"

#include <string.h>

static bool is_line_end(int c) {
    return c == '\n' || c == '\r';
}

static int refuse(ds_sdl_lexer *lexer, const char *what) {
    return ds_err_at(lexer->err, lexer->pos, "%s", what);
}

/* A control character in a string of either kind; line ends have been dealt with. */
static int check_character(ds_sdl_lexer *lexer) {
    int c = ds_sdl_lex_peek(lexer, 0);
    if (c >= 0x20 || c == '\t') {
        return SQLITE_OK;
    }
    return ds_err_at(lexer->err, lexer->pos, "control character U+%04X in a string", c);
}

/* ---- "..." ------------------------------------------------------------------------ */

/* The four digits of the \u escape `ahead` bytes further on; -1 when it is none. */
static int peek_unicode(const ds_sdl_lexer *lexer, size_t ahead) {
    if (ds_sdl_lex_peek(lexer, ahead) != '\\' ||
        ds_sdl_lex_peek(lexer, ahead + 1) != 'u') {
        return -1;
    }
    int code = 0;
    for (size_t i = 2; i < 6; i++) {
        int c = ds_sdl_lex_peek(lexer, ahead + i);
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) {
            return -1;
        }
        code = code * 16 + digit;
    }
    return code;
}

static char *write_utf8(int code, char *to) {
    if (code < 0x80) {
        *to++ = (char)code;
        return to;
    }
    if (code < 0x800) {
        *to++ = (char)(0xC0 | code >> 6);
    } else {
        if (code < 0x10000) {
            *to++ = (char)(0xE0 | code >> 12);
        } else {
            *to++ = (char)(0xF0 | code >> 18);
            *to++ = (char)(0x80 | (code >> 12 & 0x3F));
        }
        *to++ = (char)(0x80 | (code >> 6 & 0x3F));
    }
    *to++ = (char)(0x80 | (code & 0x3F));
    return to;
}

/* Such an escape is a UTF-16 code unit: beyond U+FFFF a character takes two of them. */
static int decode_unicode(ds_sdl_lexer *lexer, char **to) {
    int code = peek_unicode(lexer, 0);
    if (code < 0) {
        return refuse(lexer, "four hexadecimal digits must follow \"\\u\"");
    }
    size_t size = 6;
    if (code >= 0xD800 && code <= 0xDFFF) {
        int low = peek_unicode(lexer, 6);
        if (code >= 0xDC00 || low < 0xDC00 || low > 0xDFFF) {
            return refuse(lexer, "half of a surrogate pair in a string");
        }
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        size = 12;
    }
    *to = write_utf8(code, *to);
    ds_sdl_lex_skip(lexer, size);
    return SQLITE_OK;
}

static int decode_escape(ds_sdl_lexer *lexer, char **to) {
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    int c = ds_sdl_lex_peek(lexer, 1);
    if (c == 'u') {
        return decode_unicode(lexer, to);
    }
    const char *found = memchr(letters, c, sizeof letters - 1);
    if (found == NULL) {
        return c > 0x20 && c < 0x7F ? ds_err_at(lexer->err, lexer->pos,
                                                "unknown escape \"\\%c\" in a string", c)
                                    : refuse(lexer, "unknown escape in a string");
    }
    *(*to)++ = meanings[found - letters];
    ds_sdl_lex_skip(lexer, 2);
    return SQLITE_OK;
}

/* Bytes up to the closing quote, which must be on the same line; 0 without one. */
static size_t find_quote(const ds_sdl_lexer *lexer) {
    size_t size = 1;
    int c;
    while ((c = ds_sdl_lex_peek(lexer, size)) != '"') {
        if (c < 0 || is_line_end(c)) {
            return 0;
        }
        size++;
        if (c == '\\' && !is_line_end(ds_sdl_lex_peek(lexer, size))) {
            size++;
        }
    }
    return size;
}

static int lex_quoted(ds_sdl_lexer *lexer, ds_sdl_token *out) {
    size_t size = find_quote(lexer);
    if (size == 0) {
        return refuse(lexer, "unterminated string");
    }
    char *text = ds_arena_alloc(lexer->arena, size); /* escapes only shrink */
    if (text == NULL) {
        return ds_err_nomem(lexer->err);
    }
    char *to = text;
    int rc = SQLITE_OK;
    size_t end = lexer->at + size;
    ds_sdl_lex_skip(lexer, 1);
    while (lexer->at < end && rc == SQLITE_OK) {
        if (ds_sdl_lex_peek(lexer, 0) == '\\') {
            rc = decode_escape(lexer, &to);
        } else if ((rc = check_character(lexer)) == SQLITE_OK) {
            *to++ = lexer->text[lexer->at];
            ds_sdl_lex_skip(lexer, 1);
        }
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    ds_sdl_lex_skip(lexer, 1);
    out->kind = DS_SDL_TOKEN_STRING;
    out->text = text;
    out->length = (size_t)(to - text);
    return SQLITE_OK;
}

/* ---- """...""" -------------------------------------------------------------------- */

static bool at_three_quotes(const ds_sdl_lexer *lexer, size_t ahead) {
    return ds_sdl_lex_peek(lexer, ahead) == '"' &&
           ds_sdl_lex_peek(lexer, ahead + 1) == '"' &&
           ds_sdl_lex_peek(lexer, ahead + 2) == '"';
}

/* Bytes up to the closing quotes; 0 without any. */
static size_t find_three_quotes(const ds_sdl_lexer *lexer) {
    size_t size = 3;
    while (!at_three_quotes(lexer, size)) {
        int c = ds_sdl_lex_peek(lexer, size);
        if (c < 0) {
            return 0;
        }
        size += c == '\\' && at_three_quotes(lexer, size + 1) ? 4 : 1;
    }
    return size;
}

/* The text as it stands, up to byte `end`, with LF for every line end. */
static int copy_raw(ds_sdl_lexer *lexer, size_t end, char **to) {
    while (lexer->at < end) {
        if (is_line_end(ds_sdl_lex_peek(lexer, 0))) {
            ds_sdl_lex_skip_line_end(lexer);
            *(*to)++ = '\n';
            continue;
        }
        int rc = check_character(lexer);
        if (rc != SQLITE_OK) {
            return rc;
        }
        if (ds_sdl_lex_peek(lexer, 0) == '\\' && at_three_quotes(lexer, 1)) {
            memcpy(*to, "\"\"\"", 3);
            *to += 3;
            ds_sdl_lex_skip(lexer, 4);
        } else {
            *(*to)++ = lexer->text[lexer->at];
            ds_sdl_lex_skip(lexer, 1);
        }
    }
    return SQLITE_OK;
}

static const char *line_end(const char *line, const char *end) {
    const char *found = memchr(line, '\n', (size_t)(end - line));
    return found ? found : end;
}

/* Spaces and tabs at the start of the line. */
static size_t indent_of(const char *line, const char *end) {
    const char *p = line;
    while (p < end && (*p == ' ' || *p == '\t')) {
        p++;
    }
    return (size_t)(p - line);
}

/*
** BlockStringValue() of the GraphQL specification, in place: take off the indent that all
** lines but the first have in common, and blank lines at both ends. Returns the length.
*/
static size_t dedent(char *text, size_t length) {
    const char *end = text + length;
    const char *first = NULL; /* the first line that is not blank, */
    const char *last = NULL;  /* and the end of the last one */
    size_t common = SIZE_MAX;
    for (const char *line = text, *stop; line <= end; line = stop + 1) {
        stop = line_end(line, end);
        size_t indent = indent_of(line, stop);
        if (indent == (size_t)(stop - line)) {
            continue;
        }
        first = first ? first : line;
        last = stop;
        if (line > text && indent < common) {
            common = indent;
        }
    }
    char *to = text;
    for (const char *line = first, *stop; line && line <= last; line = stop + 1) {
        stop = line_end(line, last);
        size_t size = (size_t)(stop - line);
        size_t drop = line == text ? 0 : size < common ? size : common;
        memmove(to, line + drop, size - drop);
        to += size - drop;
        if (stop < last) {
            *to++ = '\n';
        }
    }
    *to = 0;
    return (size_t)(to - text);
}

static int lex_block(ds_sdl_lexer *lexer, ds_sdl_token *out) {
    size_t size = find_three_quotes(lexer);
    if (size == 0) {
        return refuse(lexer, "unterminated block string");
    }
    char *text = ds_arena_alloc(lexer->arena, size);
    if (text == NULL) {
        return ds_err_nomem(lexer->err);
    }
    char *to = text;
    size_t end = lexer->at + size;
    ds_sdl_lex_skip(lexer, 3);
    int rc = copy_raw(lexer, end, &to);
    if (rc != SQLITE_OK) {
        return rc;
    }
    ds_sdl_lex_skip(lexer, 3);
    out->kind = DS_SDL_TOKEN_BLOCK_STRING;
    out->text = text;
    out->length = dedent(text, (size_t)(to - text));
    return SQLITE_OK;
}

int ds_sdl_lex_string(ds_sdl_lexer *lexer, ds_sdl_token *out) {
    return at_three_quotes(lexer, 0) ? lex_block(lexer, out) : lex_quoted(lexer, out);
}
