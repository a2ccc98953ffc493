/*
** A whole document as text, in canonical form.
*/
#include "sdl/sdl_int.h"

#define STEP 2 /* columns of one level */

static void print_input(const ds_sdl_input *input, int indent, ds_buf *out) {
    ds_buf_add(out, input->name);
    ds_buf_add(out, ": ");
    ds_sdl_print_type(input->type, out);
    if (input->default_value) {
        ds_buf_add(out, " = ");
        ds_sdl_print_value(input->default_value, indent, out);
    }
    ds_sdl_print_directives(input->directives, indent, out);
}

/* One a line. */
static void print_input_lines(const ds_sdl_input *list, int indent, ds_buf *out) {
    for (; list; list = list->next) {
        ds_sdl_print_description(list->description, indent, out);
        ds_sdl_print_indent(indent, out);
        print_input(list, indent, out);
        ds_buf_add(out, "\n");
    }
}

static bool any_described(const ds_sdl_input *list) {
    while (list && !list->description) {
        list = list->next;
    }
    return list != NULL;
}

/* In brackets: side by side, unless one has a description. */
static void print_arguments(const ds_sdl_input *list, int indent, ds_buf *out) {
    if (list == NULL) {
        return;
    }
    ds_buf_add(out, "(");
    if (any_described(list)) {
        ds_buf_add(out, "\n");
        print_input_lines(list, indent + STEP, out);
        ds_sdl_print_indent(indent, out);
    } else {
        for (; list; list = list->next) {
            print_input(list, indent, out);
            ds_buf_add(out, list->next ? ", " : "");
        }
    }
    ds_buf_add(out, ")");
}

static void print_fields(const ds_sdl_field *list, ds_buf *out) {
    for (; list; list = list->next) {
        ds_sdl_print_description(list->description, STEP, out);
        ds_sdl_print_indent(STEP, out);
        ds_buf_add(out, list->name);
        print_arguments(list->arguments, STEP, out);
        ds_buf_add(out, ": ");
        ds_sdl_print_type(list->type, out);
        ds_sdl_print_directives(list->directives, STEP, out);
        ds_buf_add(out, "\n");
    }
}

static void print_enum_values(const ds_sdl_enum_value *list, ds_buf *out) {
    for (; list; list = list->next) {
        ds_sdl_print_description(list->description, STEP, out);
        ds_sdl_print_indent(STEP, out);
        ds_buf_add(out, list->name);
        ds_sdl_print_directives(list->directives, STEP, out);
        ds_buf_add(out, "\n");
    }
}

static void print_operations(const ds_sdl_operation *list, ds_buf *out) {
    for (; list; list = list->next) {
        ds_sdl_print_indent(STEP, out);
        ds_buf_add(out, list->operation);
        ds_buf_add(out, ": ");
        ds_buf_add(out, list->type);
        ds_buf_add(out, "\n");
    }
}

static void print_names(const char *before, const char *between, const ds_sdl_name *list,
                        ds_buf *out) {
    ds_buf_add(out, list ? before : "");
    for (; list; list = list->next) {
        ds_buf_add(out, list->text);
        ds_buf_add(out, list->next ? between : "");
    }
}

static void print_head(const ds_sdl_definition *definition, ds_buf *out) {
    static const char *const keywords[] = {
        [DS_SDL_OBJECT_TYPE] = "type ",
        [DS_SDL_INTERFACE_TYPE] = "interface ",
        [DS_SDL_ENUM_TYPE] = "enum ",
        [DS_SDL_INPUT_TYPE] = "input ",
        [DS_SDL_UNION_TYPE] = "union ",
        [DS_SDL_SCALAR_TYPE] = "scalar ",
        [DS_SDL_DIRECTIVE_DEFINITION] = "directive @",
        [DS_SDL_SCHEMA_DEFINITION] = "schema",
    };
    ds_sdl_print_description(definition->description, 0, out);
    ds_buf_add(out, definition->is_extension ? "extend " : "");
    ds_buf_add(out, keywords[definition->kind]);
    ds_buf_add(out, definition->name ? definition->name : "");
}

static void print_directive_definition(const ds_sdl_definition *definition, ds_buf *out) {
    print_head(definition, out);
    print_arguments(definition->inputs, 0, out);
    ds_buf_add(out, definition->is_repeatable ? " repeatable" : "");
    print_names(" on ", " | ", definition->members, out);
    ds_buf_add(out, "\n");
}

static void print_type_definition(const ds_sdl_definition *definition, ds_buf *out) {
    bool has_block = definition->fields || definition->values || definition->inputs ||
                     definition->operations;
    print_head(definition, out);
    print_names(" implements ", " & ", definition->interfaces, out);
    ds_sdl_print_directives(definition->directives, 0, out);
    print_names(" = ", " | ", definition->members, out);
    ds_buf_add(out, has_block ? " {\n" : "\n");
    print_fields(definition->fields, out);
    print_enum_values(definition->values, out);
    print_input_lines(definition->inputs, STEP, out);
    print_operations(definition->operations, out);
    ds_buf_add(out, has_block ? "}\n" : "");
}

void ds_sdl_print(const ds_sdl_document *document, ds_buf *out) {
    const ds_sdl_definition *definition = document->definitions;
    for (; definition; definition = definition->next) {
        if (definition->kind == DS_SDL_DIRECTIVE_DEFINITION) {
            print_directive_definition(definition, out);
        } else {
            print_type_definition(definition, out);
        }
        ds_buf_add(out, definition->next ? "\n" : "");
    }
}
