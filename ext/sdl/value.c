/*
** The parts that occur all over a schema: values, types and directives.
*/
#include "sdl/sdl_int.h"

#include <string.h>

/* Enter a list or an object; recursion ends at a fixed depth. */
static bool enter(ds_sdl_parser *parser) {
    if (parser->depth == DS_MAX_SDL_DEPTH) {
        ds_sdl_fail_found(parser, "lists and objects are nested deeper than %d",
                          DS_MAX_SDL_DEPTH);
        return false;
    }
    parser->depth++;
    ds_sdl_advance(parser);
    return true;
}

static void parse_list(ds_sdl_parser *parser, ds_sdl_value *list) {
    ds_sdl_value **tail = &list->children;
    list->kind = DS_SDL_LIST;
    if (!enter(parser)) {
        return;
    }
    while (parser->rc == SQLITE_OK && !ds_sdl_accept(parser, ']')) {
        ds_sdl_value *item = ds_sdl_parse_value(parser);
        if (item == NULL) {
            return;
        }
        *tail = item;
        tail = &item->next;
    }
    parser->depth--;
}

/* A member's name, which an object has once (GraphQL, "Input Object Field Uniqueness"). */
static const char *parse_member_name(ds_sdl_parser *parser, const ds_sdl_value *object,
                                     int n_members) {
    ds_sdl_pos pos = parser->token.pos;
    const char *name = ds_sdl_expect_name(parser, "a member's name or \"}\"");
    if (name == NULL || !ds_sdl_expect(parser, ':', "member", name)) {
        return NULL;
    }
    if (n_members == DS_MAX_SDL_MEMBERS) {
        parser->rc = ds_err_at(parser->lexer.err, pos,
                               "an object has more than %d members", DS_MAX_SDL_MEMBERS);
        return NULL;
    }
    for (const ds_sdl_value *m = object->children; m != NULL; m = m->next) {
        if (strcmp(m->name, name) == 0) {
            parser->rc = ds_err_at(parser->lexer.err, pos,
                                   "an object has the member \"%s\" twice", name);
            return NULL;
        }
    }
    return name;
}

static void parse_object(ds_sdl_parser *parser, ds_sdl_value *object) {
    ds_sdl_value **tail = &object->children;
    object->kind = DS_SDL_OBJECT;
    if (!enter(parser)) {
        return;
    }
    for (int n = 0; parser->rc == SQLITE_OK && !ds_sdl_accept(parser, '}'); n++) {
        const char *name = parse_member_name(parser, object, n);
        ds_sdl_value *member = name != NULL ? ds_sdl_parse_value(parser) : NULL;
        if (member == NULL) {
            return;
        }
        member->name = name;
        *tail = member;
        tail = &member->next;
    }
    parser->depth--;
}

static ds_sdl_value_kind kind_of_name(const char *name) {
    if (strcmp(name, "null") == 0) {
        return DS_SDL_NULL;
    }
    bool is_boolean = strcmp(name, "true") == 0 || strcmp(name, "false") == 0;
    return is_boolean ? DS_SDL_BOOLEAN : DS_SDL_ENUM;
}

/* A value of one token. */
static void parse_scalar(ds_sdl_parser *parser, ds_sdl_value *value,
                         ds_sdl_value_kind kind) {
    value->kind = kind;
    value->is_block = parser->token.kind == DS_SDL_TOKEN_BLOCK_STRING;
    value->text = parser->token.text;
    value->length = parser->token.length;
    ds_sdl_advance(parser);
}

static void parse_bracketed(ds_sdl_parser *parser, ds_sdl_value *value) {
    if (ds_sdl_at(parser, '[')) {
        parse_list(parser, value);
    } else if (ds_sdl_at(parser, '{')) {
        parse_object(parser, value);
    } else if (ds_sdl_at(parser, '$')) {
        ds_sdl_fail_found(parser, "expected a value, which cannot be a variable here");
    } else {
        ds_sdl_fail_found(parser, "expected a value");
    }
}

ds_sdl_value *ds_sdl_parse_value(ds_sdl_parser *parser) {
    ds_sdl_value *value = ds_sdl_new(parser, sizeof *value);
    if (value == NULL) {
        return NULL;
    }
    value->pos = parser->token.pos;
    switch (parser->token.kind) {
    case DS_SDL_TOKEN_INT:
        parse_scalar(parser, value, DS_SDL_INT);
        break;
    case DS_SDL_TOKEN_FLOAT:
        parse_scalar(parser, value, DS_SDL_FLOAT);
        break;
    case DS_SDL_TOKEN_STRING:
    case DS_SDL_TOKEN_BLOCK_STRING:
        parse_scalar(parser, value, DS_SDL_STRING);
        break;
    case DS_SDL_TOKEN_NAME:
        parse_scalar(parser, value, kind_of_name(parser->token.text));
        break;
    case DS_SDL_TOKEN_PUNCTUATOR:
    case DS_SDL_TOKEN_END:
        parse_bracketed(parser, value);
        break;
    }
    return parser->rc == SQLITE_OK ? value : NULL;
}

ds_sdl_type *ds_sdl_parse_type(ds_sdl_parser *parser) {
    ds_sdl_type *type = ds_sdl_new(parser, sizeof *type);
    if (type == NULL) {
        return NULL;
    }
    type->pos = parser->token.pos;
    if (ds_sdl_at(parser, '[')) {
        if (!enter(parser)) {
            return NULL;
        }
        type->of = ds_sdl_parse_type(parser);
        if (type->of == NULL || !ds_sdl_expect(parser, ']', "the list's type", NULL)) {
            return NULL;
        }
        parser->depth--;
    } else {
        type->name = ds_sdl_expect_name(parser, "a type");
    }
    type->is_required = ds_sdl_accept(parser, '!');
    return parser->rc == SQLITE_OK ? type : NULL;
}

/* At the opening bracket; there is at least one argument. */
static ds_sdl_argument *parse_arguments(ds_sdl_parser *parser) {
    ds_sdl_argument *list = NULL;
    ds_sdl_argument **tail = &list;
    ds_sdl_advance(parser);
    do {
        ds_sdl_argument *argument = ds_sdl_new(parser, sizeof *argument);
        if (argument == NULL) {
            return NULL;
        }
        argument->pos = parser->token.pos;
        argument->name = ds_sdl_expect_name(parser, "an argument's name");
        if (!argument->name || !ds_sdl_expect(parser, ':', "argument", argument->name)) {
            return NULL;
        }
        argument->value = ds_sdl_parse_value(parser);
        *tail = argument;
        tail = &argument->next;
    } while (parser->rc == SQLITE_OK && !ds_sdl_accept(parser, ')'));
    return list;
}

ds_sdl_directive *ds_sdl_parse_directives(ds_sdl_parser *parser) {
    ds_sdl_directive *list = NULL;
    ds_sdl_directive **tail = &list;
    while (ds_sdl_at(parser, '@')) {
        ds_sdl_directive *directive = ds_sdl_new(parser, sizeof *directive);
        if (directive == NULL) {
            return NULL;
        }
        directive->pos = parser->token.pos;
        ds_sdl_advance(parser);
        directive->name = ds_sdl_expect_name(parser, "a directive's name after \"@\"");
        if (ds_sdl_at(parser, '(')) {
            directive->arguments = parse_arguments(parser);
        }
        *tail = directive;
        tail = &directive->next;
    }
    return list;
}
