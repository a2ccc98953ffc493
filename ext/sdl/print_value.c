/*
** Values, types, directives and descriptions as text.
*/
#include "sdl/sdl_int.h"

#include <string.h>

void ds_sdl_print_indent(int indent, ds_buf *out) {
    for (int i = 0; i < indent; i++) {
        ds_buf_add(out, " ");
    }
}

static const char *line_end(const char *line, const char *end) {
    const char *found = memchr(line, '\n', (size_t)(end - line));
    return found ? found : end;
}

static bool is_blank(const char *line, const char *end) {
    while (line < end && (*line == ' ' || *line == '\t')) {
        line++;
    }
    return line == end;
}

static bool needs_escape(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < 0x20 && text[i] != '\n' && text[i] != '\t') {
            return true;
        }
    }
    return false;
}

/*
** Would this text, written as a block string, be read as the same text? Reading takes off
** blank lines at both ends and the indent that all lines have in common.
*/
static bool fits_block(const char *text, size_t length) {
    const char *end = text + length;
    bool any_at_margin = length == 0;
    for (const char *line = text, *stop; line < end; line = stop + 1) {
        stop = line_end(line, end);
        bool blank = is_blank(line, stop);
        if (blank && (line == text || stop == end)) {
            return false;
        }
        any_at_margin = any_at_margin || (!blank && *line != ' ' && *line != '\t');
    }
    bool ends_blank = length > 0 && end[-1] == '\n';
    return any_at_margin && !ends_blank && !needs_escape(text, length);
}

/* On one line with its quotes, where the text's own last character does not forbid it. */
static bool fits_one_line(const char *text, size_t length) {
    return length == 0 || (!memchr(text, '\n', length) && text[length - 1] != '"' &&
                           text[length - 1] != '\\');
}

/* One line of a block string. */
static void print_block_line(const char *line, size_t length, ds_buf *out) {
    for (size_t i = 0; i < length; i++) {
        if (length - i >= 3 && memcmp(line + i, "\"\"\"", 3) == 0) {
            ds_buf_add(out, "\\\"\"\"");
            i += 2;
        } else {
            ds_buf_add_bytes(out, line + i, 1);
        }
    }
}

static void print_block(const char *text, size_t length, int indent, ds_buf *out) {
    const char *end = text + length;
    ds_buf_add(out, "\"\"\"");
    if (fits_one_line(text, length)) {
        print_block_line(text, length, out);
        ds_buf_add(out, "\"\"\"");
        return;
    }
    for (const char *line = text, *stop; line <= end; line = stop + 1) {
        stop = line_end(line, end);
        ds_buf_add(out, "\n");
        if (stop > line) {
            ds_sdl_print_indent(indent, out);
            print_block_line(line, (size_t)(stop - line), out);
        }
    }
    ds_buf_add(out, "\n");
    ds_sdl_print_indent(indent, out);
    ds_buf_add(out, "\"\"\"");
}

static void print_string(const char *text, size_t length, bool as_block, int indent,
                         ds_buf *out) {
    if (as_block && fits_block(text, length)) {
        print_block(text, length, indent, out);
    } else {
        ds_buf_add_json(out, text, length); /* GraphQL has all escapes of JSON */
    }
}

void ds_sdl_print_description(const char *text, int indent, ds_buf *out) {
    if (text) {
        ds_sdl_print_indent(indent, out);
        print_string(text, strlen(text), true, indent, out);
        ds_buf_add(out, "\n");
    }
}

static void print_children(const ds_sdl_value *value, int indent, ds_buf *out) {
    for (const ds_sdl_value *child = value->children; child; child = child->next) {
        if (child->name) {
            ds_buf_add(out, child->name);
            ds_buf_add(out, ": ");
        }
        ds_sdl_print_value(child, indent, out);
        if (child->next) {
            ds_buf_add(out, ", ");
        }
    }
}

void ds_sdl_print_value(const ds_sdl_value *value, int indent, ds_buf *out) {
    switch (value->kind) {
    case DS_SDL_INT:
    case DS_SDL_FLOAT:
    case DS_SDL_BOOLEAN:
    case DS_SDL_NULL:
    case DS_SDL_ENUM:
        ds_buf_add(out, value->text);
        break;
    case DS_SDL_STRING:
        print_string(value->text, value->length, value->is_block, indent, out);
        break;
    case DS_SDL_LIST:
        ds_buf_add(out, "[");
        print_children(value, indent, out);
        ds_buf_add(out, "]");
        break;
    case DS_SDL_OBJECT:
        ds_buf_add(out, "{");
        print_children(value, indent, out);
        ds_buf_add(out, "}");
        break;
    }
}

void ds_sdl_print_type(const ds_sdl_type *type, ds_buf *out) {
    if (type->of) {
        ds_buf_add(out, "[");
        ds_sdl_print_type(type->of, out);
        ds_buf_add(out, "]");
    } else {
        ds_buf_add(out, type->name);
    }
    if (type->is_required) {
        ds_buf_add(out, "!");
    }
}

void ds_sdl_print_directives(const ds_sdl_directive *list, int indent, ds_buf *out) {
    for (; list; list = list->next) {
        ds_buf_add(out, " @");
        ds_buf_add(out, list->name);
        const ds_sdl_argument *argument = list->arguments;
        for (; argument; argument = argument->next) {
            ds_buf_add(out, argument == list->arguments ? "(" : ", ");
            ds_buf_add(out, argument->name);
            ds_buf_add(out, ": ");
            ds_sdl_print_value(argument->value, indent, out);
        }
        ds_buf_add(out, list->arguments ? ")" : "");
    }
}
