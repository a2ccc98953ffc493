/*
** A text that is read from left to right, and classes of ASCII characters: for the scalars'
** notations. The language's own classes depend on the host's locale.
*/
#include "model/check_int.h"

bool ds_char_is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool ds_char_is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

int ds_char_hex(char c) {
    return ds_char_is_digit(c)    ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool ds_reader_take(ds_reader *reader, char c) {
    bool found = reader->at < reader->end && *reader->at == c;
    reader->at += found;
    return found;
}

int ds_reader_take_while(ds_reader *reader, bool (*is_one)(char c), int maximum) {
    int n = 0;
    while (n < maximum && reader->at < reader->end && is_one(*reader->at)) {
        reader->at++;
        n++;
    }
    return n;
}

bool ds_reader_take_number(ds_reader *reader, int fewest, int most, int maximum,
                           int *out) {
    const char *begin = reader->at;
    *out = 0;
    if (ds_reader_take_while(reader, ds_char_is_digit, most) < fewest) {
        return false;
    }
    for (const char *p = begin; p < reader->at; p++) {
        *out = *out * 10 + (*p - '0');
    }
    return *out <= maximum;
}
