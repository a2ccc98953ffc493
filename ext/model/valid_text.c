/*
** AWSEmail, AWSPhone and AWSJSON, by the rules of Amplify's clients.
*/
#include "model/check_int.h"

#include <string.h>

#define MAX_LABEL 63 /* one part of a domain */

static bool is_alphanumeric(char c) {
    return ds_char_is_digit(c) || ds_char_is_letter(c);
}

static bool is_local(char c) {
    return is_alphanumeric(c) || (c != '\0' && strchr(".!#$%&'*+/=?^_`{|}~-", c) != NULL);
}

/* A part of a domain: letters, digits and hyphens, the latter only inside. */
static bool take_label(ds_reader *r) {
    const char *begin = r->at;
    while (r->at < r->end && (is_alphanumeric(*r->at) || *r->at == '-')) {
        r->at++;
    }
    return r->at > begin && r->at - begin <= MAX_LABEL && *begin != '-' &&
           r->at[-1] != '-';
}

/* The expression of HTML's <input type=email>: the domain needs no dot. */
bool ds_valid_email(const char *text, size_t length) {
    ds_reader r = {text, text + length};
    while (r.at < r.end && is_local(*r.at)) {
        r.at++;
    }
    if (r.at == text || !ds_reader_take(&r, '@')) {
        return false;
    }
    do {
        if (!take_label(&r)) {
            return false;
        }
    } while (ds_reader_take(&r, '.'));
    return r.at == r.end;
}

/* Perhaps a +, a digit, then at least one of digits, white space and hyphens. */
bool ds_valid_phone(const char *text, size_t length) {
    size_t first = length > 0 && text[0] == '+';
    if (length < first + 2 || !ds_char_is_digit(text[first])) {
        return false;
    }
    for (size_t i = first + 1; i < length; i++) {
        if (!ds_char_is_digit(text[i]) && memchr(" -\t\n\v\f\r", text[i], 7) == NULL) {
            return false;
        }
    }
    return true;
}

bool ds_valid_json(const char *text, size_t length) {
    return ds_json_check(text, length, NULL) == SQLITE_OK;
}
