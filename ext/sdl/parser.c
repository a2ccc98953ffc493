/*
** The definitions of a schema. What a body consists of is in body.c, the small parts are
** in value.c.
*/
#include "sdl/sdl_int.h"

#include <string.h>

/* Read what follows the definition's name. */
typedef void (*rest_parser)(ds_sdl_parser *parser, ds_sdl_definition *definition);

static void parse_interfaces(ds_sdl_parser *parser, ds_sdl_definition *definition);

static void parse_fields_rest(ds_sdl_parser *parser, ds_sdl_definition *definition) {
    parse_interfaces(parser, definition);
    definition->directives = ds_sdl_parse_directives(parser);
    if (ds_sdl_accept(parser, '{')) {
        definition->fields = ds_sdl_parse_fields(parser);
    }
}

static void parse_enum_rest(ds_sdl_parser *parser, ds_sdl_definition *definition) {
    definition->directives = ds_sdl_parse_directives(parser);
    if (ds_sdl_accept(parser, '{')) {
        definition->values = ds_sdl_parse_enum_values(parser);
    }
}

static void parse_input_rest(ds_sdl_parser *parser, ds_sdl_definition *definition) {
    definition->directives = ds_sdl_parse_directives(parser);
    if (ds_sdl_accept(parser, '{')) {
        definition->inputs = ds_sdl_parse_inputs(parser, '}');
    }
}

static void parse_union_rest(ds_sdl_parser *parser, ds_sdl_definition *definition) {
    definition->directives = ds_sdl_parse_directives(parser);
    if (ds_sdl_accept(parser, '=')) {
        definition->members =
            ds_sdl_parse_names(parser, '|', "a member type of the union");
    }
}

static void parse_scalar_rest(ds_sdl_parser *parser, ds_sdl_definition *definition) {
    definition->directives = ds_sdl_parse_directives(parser);
}

static void parse_schema_rest(ds_sdl_parser *parser, ds_sdl_definition *definition) {
    definition->directives = ds_sdl_parse_directives(parser);
    if (definition->is_extension ? ds_sdl_accept(parser, '{')
                                 : ds_sdl_expect(parser, '{', "\"schema\"", NULL)) {
        definition->operations = ds_sdl_parse_operations(parser);
    }
}

static void parse_directive_rest(ds_sdl_parser *parser, ds_sdl_definition *definition) {
    if (ds_sdl_accept(parser, '(')) {
        definition->inputs = ds_sdl_parse_inputs(parser, ')');
    }
    if (ds_sdl_at_word(parser, "repeatable")) {
        definition->is_repeatable = true;
        ds_sdl_advance(parser);
    }
    if (!ds_sdl_at_word(parser, "on")) {
        ds_sdl_fail_found(parser,
                          "expected \"on\" and the locations of directive \"@%s\"",
                          definition->name ? definition->name : "");
        return;
    }
    ds_sdl_advance(parser);
    definition->members = ds_sdl_parse_locations(parser);
}

static const struct keyword {
    const char *word;
    ds_sdl_kind kind;
    rest_parser parse_rest;
    const char *name; /* what the name is called in messages; NULL when there is none */
} keywords[] = {
    {"type", DS_SDL_OBJECT_TYPE, parse_fields_rest, "a name after \"type\""},
    {"interface", DS_SDL_INTERFACE_TYPE, parse_fields_rest, "a name after \"interface\""},
    {"enum", DS_SDL_ENUM_TYPE, parse_enum_rest, "a name after \"enum\""},
    {"input", DS_SDL_INPUT_TYPE, parse_input_rest, "a name after \"input\""},
    {"union", DS_SDL_UNION_TYPE, parse_union_rest, "a name after \"union\""},
    {"scalar", DS_SDL_SCALAR_TYPE, parse_scalar_rest, "a name after \"scalar\""},
    {"directive", DS_SDL_DIRECTIVE_DEFINITION, parse_directive_rest,
     "a name after \"@\""},
    {"schema", DS_SDL_SCHEMA_DEFINITION, parse_schema_rest, NULL},
};

/* The keyword the parser stands at, or NULL. */
static const struct keyword *find_keyword(const ds_sdl_parser *parser) {
    for (size_t i = 0; i < DS_COUNT(keywords); i++) {
        if (ds_sdl_at_word(parser, keywords[i].word)) {
            return &keywords[i];
        }
    }
    return NULL;
}

/*
** `implements A & B`. A type may end here, so that the word after it begins a definition;
** any other word is a name that lacks its "&" (as it was written before 2018).
*/
static void parse_interfaces(ds_sdl_parser *parser, ds_sdl_definition *definition) {
    if (!ds_sdl_at_word(parser, "implements")) {
        return;
    }
    ds_sdl_advance(parser);
    definition->interfaces = ds_sdl_parse_names(parser, '&', "the name of an interface");
    if (parser->token.kind == DS_SDL_TOKEN_NAME && !find_keyword(parser) &&
        !ds_sdl_at_word(parser, "extend")) {
        ds_sdl_fail_found(parser, "expected \"&\" between interfaces");
    }
}

/* Operations belong into another document, and who puts one here wants to know that. */
static bool is_operation(const ds_sdl_parser *parser) {
    return ds_sdl_at(parser, '{') || ds_sdl_at_word(parser, "query") ||
           ds_sdl_at_word(parser, "mutation") || ds_sdl_at_word(parser, "subscription") ||
           ds_sdl_at_word(parser, "fragment");
}

static void fail_keyword(ds_sdl_parser *parser, bool is_extension) {
    const char *words[DS_COUNT(keywords) + 1];
    size_t count = 0;
    for (size_t i = 0; i < DS_COUNT(keywords); i++) {
        if (!is_extension || keywords[i].kind != DS_SDL_DIRECTIVE_DEFINITION) {
            words[count++] = keywords[i].word;
        }
    }
    if (!is_extension) {
        words[count++] = "extend";
    }
    if (is_operation(parser)) {
        ds_sdl_fail_found(parser, "a schema holds definitions such as \"type\" and "
                                  "\"enum\", no operations or fragments");
    } else if (parser->token.kind != DS_SDL_TOKEN_NAME) {
        ds_sdl_fail_found(parser, "expected a definition such as \"type\" or \"enum\"");
    } else {
        ds_sdl_fail_word(parser, is_extension ? "cannot extend" : "unexpected", words,
                         count);
    }
}

static bool is_empty_extension(const ds_sdl_definition *definition) {
    return definition->is_extension && !definition->directives &&
           !definition->interfaces && !definition->fields && !definition->values &&
           !definition->inputs && !definition->members && !definition->operations;
}

/* `extend`, before which no description may stand. */
static bool parse_extend(ds_sdl_parser *parser, const char *description) {
    if (!ds_sdl_at_word(parser, "extend")) {
        return false;
    }
    if (description) {
        ds_sdl_fail_found(parser, "expected a definition after a description");
    }
    ds_sdl_advance(parser);
    return true;
}

static ds_sdl_definition *parse_definition(ds_sdl_parser *parser) {
    ds_sdl_definition *definition = ds_sdl_new(parser, sizeof *definition);
    if (definition == NULL) {
        return NULL;
    }
    definition->description = ds_sdl_parse_description(parser);
    definition->is_extension = parse_extend(parser, definition->description);
    const struct keyword *keyword = find_keyword(parser);
    if (!keyword ||
        (definition->is_extension && keyword->kind == DS_SDL_DIRECTIVE_DEFINITION)) {
        fail_keyword(parser, definition->is_extension);
        return NULL;
    }
    definition->kind = keyword->kind;
    definition->pos = parser->token.pos;
    ds_sdl_advance(parser);
    if (keyword->kind == DS_SDL_DIRECTIVE_DEFINITION) {
        ds_sdl_expect(parser, '@', "\"directive\"", NULL);
    }
    if (keyword->name) {
        definition->pos = parser->token.pos;
        definition->name = ds_sdl_expect_name(parser, keyword->name);
    }
    keyword->parse_rest(parser, definition);
    if (is_empty_extension(definition)) {
        ds_sdl_fail_found(parser, "expected something to add by \"extend %s\"",
                          keyword->word);
    }
    return parser->rc == SQLITE_OK ? definition : NULL;
}

int ds_sdl_parse_definitions(ds_sdl_parser *parser, ds_sdl_definition **out) {
    ds_sdl_definition **tail = out;
    *out = NULL;
    ds_sdl_advance(parser);
    do {
        ds_sdl_definition *definition = parse_definition(parser);
        if (definition == NULL) {
            break;
        }
        *tail = definition;
        tail = &definition->next;
    } while (parser->token.kind != DS_SDL_TOKEN_END);
    return parser->rc;
}
