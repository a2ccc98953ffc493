/*
** AWSDate, AWSTime and AWSDateTime as what they mean: 12:30Z, 12:30:00.000Z and 14:30+02:00 are
** one time of day. For texts that are valid; see valid_time.c.
*/
#include "model/check_int.h"

#include <limits.h>
#include <string.h>

/* Seconds of the notation less its offset, and the digits of the fraction without zeros at their
** end. A moment without a zone equals none that has one. */
typedef struct moment {
    int64_t seconds;
    const char *fraction;
    size_t n_fraction;
    bool has_zone;
} moment;

/* Days from a day long ago: leap days come at the end of years that begin in March, and 400 of
** them more keep divisions off negative numbers. */
static int64_t day_number(int year, int month, int day) {
    int64_t y = (month > 2 ? year : year - 1) + 400;
    int64_t m = month > 2 ? month - 3 : month + 9;
    return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day;
}

static bool read_day(ds_reader *r, moment *out) {
    int year, month, day;
    if (!ds_reader_take_number(r, 4, 4, 9999, &year) || !ds_reader_take(r, '-') ||
        !ds_reader_take_number(r, 2, 2, 12, &month) || !ds_reader_take(r, '-') ||
        !ds_reader_take_number(r, 2, 2, 31, &day) || month == 0) {
        return false;
    }
    out->seconds = day_number(year, month, day) * 86400;
    return true;
}

/* 12:30 or 12:30:05 */
static bool read_clock(ds_reader *r, int *out) {
    int hours, minutes, seconds = 0;
    if (!ds_reader_take_number(r, 2, 2, 99, &hours) || !ds_reader_take(r, ':') ||
        !ds_reader_take_number(r, 2, 2, 59, &minutes) ||
        (ds_reader_take(r, ':') && !ds_reader_take_number(r, 2, 2, 59, &seconds))) {
        return false;
    }
    *out = (hours * 60 + minutes) * 60 + seconds;
    return true;
}

static bool read_time(ds_reader *r, moment *out) {
    int seconds;
    if (!read_clock(r, &seconds)) {
        return false;
    }
    out->seconds += seconds;
    if (ds_reader_take(r, '.')) {
        out->fraction = r->at;
        (void)ds_reader_take_while(r, ds_char_is_digit, INT_MAX);
        out->n_fraction = (size_t)(r->at - out->fraction);
        while (out->n_fraction > 0 && out->fraction[out->n_fraction - 1] == '0') {
            out->n_fraction--;
        }
    }
    return true;
}

static bool read_zone(ds_reader *r, moment *out) {
    int offset = 0;
    out->has_zone = r->at < r->end;
    if (ds_reader_take(r, '+')) {
        if (!read_clock(r, &offset)) {
            return false;
        }
        out->seconds -= offset;
    } else if (ds_reader_take(r, '-')) {
        if (!read_clock(r, &offset)) {
            return false;
        }
        out->seconds += offset;
    } else {
        (void)ds_reader_take(r, 'Z');
    }
    return r->at == r->end;
}

static bool read_moment(ds_scalar scalar, const char *text, size_t length, moment *out) {
    ds_reader r = {text, text + length};
    *out = (moment){0, "", 0, false};
    if (scalar != DS_AWS_TIME && !read_day(&r, out)) {
        return false;
    }
    if (scalar == DS_AWS_DATE_TIME && !ds_reader_take(&r, 'T')) {
        return false;
    }
    return (scalar == DS_AWS_DATE || read_time(&r, out)) && read_zone(&r, out);
}

bool ds_moment_same(ds_scalar scalar, const char *a, size_t a_length, const char *b,
                    size_t b_length) {
    moment x, y;
    if (!read_moment(scalar, a, a_length, &x) || !read_moment(scalar, b, b_length, &y)) {
        return a_length == b_length && memcmp(a, b, a_length) == 0;
    }
    return x.seconds == y.seconds && x.has_zone == y.has_zone &&
           x.n_fraction == y.n_fraction &&
           memcmp(x.fraction, y.fraction, x.n_fraction) == 0;
}
