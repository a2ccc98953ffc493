/*
** What stands inside definitions: fields, arguments, enum values, lists of names. Every
** list read here has at least one member, as the grammar demands.
*/
#include "sdl/sdl_int.h"

#include <string.h>

const char *ds_sdl_parse_description(ds_sdl_parser *parser) {
    const ds_sdl_token *token = &parser->token;
    if (token->kind != DS_SDL_TOKEN_STRING && token->kind != DS_SDL_TOKEN_BLOCK_STRING) {
        return NULL;
    }
    const char *text = token->text;
    if (strlen(text) < token->length) {
        ds_sdl_fail_found(parser, "expected a description without U+0000");
    }
    ds_sdl_advance(parser);
    return text;
}

ds_sdl_input *ds_sdl_parse_inputs(ds_sdl_parser *parser, char close) {
    bool is_argument = close == ')';
    ds_sdl_input *list = NULL;
    ds_sdl_input **tail = &list;
    do {
        ds_sdl_input *input = ds_sdl_new(parser, sizeof *input);
        if (input == NULL) {
            break;
        }
        input->description = ds_sdl_parse_description(parser);
        input->pos = parser->token.pos;
        input->name = ds_sdl_expect_name(parser, is_argument ? "an argument's name"
                                                             : "a field name");
        if (!input->name ||
            !ds_sdl_expect(parser, ':', is_argument ? "argument" : "field name",
                           input->name)) {
            break;
        }
        input->type = ds_sdl_parse_type(parser);
        if (ds_sdl_accept(parser, '=')) {
            input->default_value = ds_sdl_parse_value(parser);
        }
        input->directives = ds_sdl_parse_directives(parser);
        *tail = input;
        tail = &input->next;
    } while (parser->rc == SQLITE_OK && !ds_sdl_accept(parser, close));
    return list;
}

ds_sdl_field *ds_sdl_parse_fields(ds_sdl_parser *parser) {
    ds_sdl_field *list = NULL;
    ds_sdl_field **tail = &list;
    do {
        ds_sdl_field *field = ds_sdl_new(parser, sizeof *field);
        if (field == NULL) {
            break;
        }
        field->description = ds_sdl_parse_description(parser);
        field->pos = parser->token.pos;
        field->name = ds_sdl_expect_name(parser, "a field name");
        if (ds_sdl_accept(parser, '(')) {
            field->arguments = ds_sdl_parse_inputs(parser, ')');
        }
        if (!field->name || !ds_sdl_expect(parser, ':', "field name", field->name)) {
            break;
        }
        field->type = ds_sdl_parse_type(parser);
        field->directives = ds_sdl_parse_directives(parser);
        *tail = field;
        tail = &field->next;
    } while (parser->rc == SQLITE_OK && !ds_sdl_accept(parser, '}'));
    return list;
}

/* graphql-js 15 takes true, false and null for enum values, and so does the service. */
ds_sdl_enum_value *ds_sdl_parse_enum_values(ds_sdl_parser *parser) {
    ds_sdl_enum_value *list = NULL;
    ds_sdl_enum_value **tail = &list;
    do {
        ds_sdl_enum_value *value = ds_sdl_new(parser, sizeof *value);
        if (value == NULL) {
            break;
        }
        value->description = ds_sdl_parse_description(parser);
        value->pos = parser->token.pos;
        value->name = ds_sdl_expect_name(parser, "an enum value");
        value->directives = ds_sdl_parse_directives(parser);
        *tail = value;
        tail = &value->next;
    } while (parser->rc == SQLITE_OK && !ds_sdl_accept(parser, '}'));
    return list;
}

ds_sdl_operation *ds_sdl_parse_operations(ds_sdl_parser *parser) {
    static const char *const known[] = {"query", "mutation", "subscription"};
    ds_sdl_operation *list = NULL;
    ds_sdl_operation **tail = &list;
    do {
        ds_sdl_operation *operation = ds_sdl_new(parser, sizeof *operation);
        if (operation == NULL) {
            break;
        }
        operation->pos = parser->token.pos;
        if (!ds_sdl_at_word(parser, known[0]) && !ds_sdl_at_word(parser, known[1]) &&
            !ds_sdl_at_word(parser, known[2])) {
            ds_sdl_fail_word(parser, "expected query, mutation or subscription, found",
                             known, DS_COUNT(known));
            break;
        }
        operation->operation = ds_sdl_expect_name(parser, "an operation");
        ds_sdl_expect(parser, ':', "operation", operation->operation);
        operation->type = ds_sdl_expect_name(parser, "a type");
        *tail = operation;
        tail = &operation->next;
    } while (parser->rc == SQLITE_OK && !ds_sdl_accept(parser, '}'));
    return list;
}

ds_sdl_name *ds_sdl_parse_names(ds_sdl_parser *parser, char between, const char *what) {
    ds_sdl_name *list = NULL;
    ds_sdl_name **tail = &list;
    ds_sdl_accept(parser, between); /* one may lead, for lists of one name a line */
    do {
        ds_sdl_name *name = ds_sdl_new(parser, sizeof *name);
        if (name == NULL) {
            break;
        }
        name->pos = parser->token.pos;
        name->text = ds_sdl_expect_name(parser, what);
        *tail = name;
        tail = &name->next;
    } while (ds_sdl_accept(parser, between));
    return list;
}

/* Is the present token the name of a location? */
static bool check_location(ds_sdl_parser *parser) {
    static const char *const known[] = {"QUERY",
                                        "MUTATION",
                                        "SUBSCRIPTION",
                                        "FIELD",
                                        "FRAGMENT_DEFINITION",
                                        "FRAGMENT_SPREAD",
                                        "INLINE_FRAGMENT",
                                        "VARIABLE_DEFINITION",
                                        "SCHEMA",
                                        "SCALAR",
                                        "OBJECT",
                                        "FIELD_DEFINITION",
                                        "ARGUMENT_DEFINITION",
                                        "INTERFACE",
                                        "UNION",
                                        "ENUM",
                                        "ENUM_VALUE",
                                        "INPUT_OBJECT",
                                        "INPUT_FIELD_DEFINITION"};
    for (size_t i = 0; i < DS_COUNT(known); i++) {
        if (ds_sdl_at_word(parser, known[i])) {
            return true;
        }
    }
    ds_sdl_fail_word(parser, "expected a directive's location, found", known,
                     DS_COUNT(known));
    return false;
}

ds_sdl_name *ds_sdl_parse_locations(ds_sdl_parser *parser) {
    ds_sdl_name *list = NULL;
    ds_sdl_name **tail = &list;
    ds_sdl_accept(parser, '|');
    do {
        ds_sdl_name *name = ds_sdl_new(parser, sizeof *name);
        if (name == NULL || !check_location(parser)) {
            break;
        }
        name->pos = parser->token.pos;
        name->text = ds_sdl_expect_name(parser, "a location");
        *tail = name;
        tail = &name->next;
    } while (ds_sdl_accept(parser, '|'));
    return list;
}
