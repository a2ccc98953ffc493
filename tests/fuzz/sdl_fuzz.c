/*
** Any text: what parses must print, and its print must parse to the same print.
*/
#include "fuzz.h"

#include <string.h>

#include "sdl/sdl.h"

/* The canonical text, or NULL when it does not parse. */
static char *print(const char *text, size_t size) {
    ds_sdl_document *document = NULL;
    ds_err err = DS_ERR_INIT;
    if (ds_sdl_parse(text, size, &document, &err) != SQLITE_OK) {
        NEED(err.text[0] != 0);
        return NULL;
    }
    char *printed = NULL;
    ds_buf buf;
    /* Indents make the print longer than what was read. */
    ds_buf_init(&buf, DS_MAX_OUTPUT_BYTES);
    ds_sdl_print(document, &buf);
    NEED(ds_buf_take(&buf, &printed) == SQLITE_OK);
    ds_sdl_free(document);
    return printed;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *once = print((const char *)data, size);
    if (once) {
        char *twice = print(once, strlen(once));
        NEED(twice != NULL);
        NEED_SAME(once, twice);
        sqlite3_free(twice);
        sqlite3_free(once);
    }
    return 0;
}
