/*
** Texts that another client has stored and that ours cannot hold. Refusing them would
** refuse the whole page they stand on, for ever.
*/
#include "appsync/appsync_int.h"

#include <string.h>

#define ESCAPE 6 /* bytes of \uXXXX */

/* The code of the escape at `text`, or -1. */
static int code_at(const char *text, size_t left) {
    int code = 0;
    if (left < ESCAPE || text[0] != '\\' || text[1] != 'u') {
        return -1;
    }
    for (int i = 2; i < ESCAPE; i++) {
        const char *digits = "0123456789abcdef0123456789ABCDEF";
        const char *digit = text[i] ? strchr(digits, text[i]) : NULL;
        if (digit == NULL) {
            return -1;
        }
        code = code * 16 + (int)(digit - digits) % 16;
    }
    return code;
}

static bool is_high(int code) {
    return code >= 0xD800 && code <= 0xDBFF;
}

static bool is_low(int code) {
    return code >= 0xDC00 && code <= 0xDFFF;
}

bool ds_mend_escapes(char *text, size_t length) {
    bool mended = false;
    size_t at = 0;
    while (at < length) {
        int code = code_at(text + at, length - at);
        if (is_high(code) && is_low(code_at(text + at + ESCAPE, length - at - ESCAPE))) {
            at += 2 * ESCAPE;
        } else if (code == 0 || is_high(code) || is_low(code)) {
            memcpy(text + at, "\\ufffd", ESCAPE);
            mended = true;
            at += ESCAPE;
        } else {
            at += text[at] == '\\' ? 2 : 1; /* also over an escaped backslash */
        }
    }
    return mended;
}
