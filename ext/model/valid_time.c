/*
** AWSDate, AWSTime and AWSDateTime: the notation that Amplify's clients accept, and that such a
** day and time exist. The zone is optional in all three, as it is there (AppSync itself wants
** one in an AWSDateTime). There are no leap seconds.
*/
#include "model/check_int.h"

#include <limits.h>

#define MAX_OFFSET_HOURS 18 /* up to 18:00, as Java has it; real zones end at 14:00 */

/* Two digits, at most `maximum`. */
static bool take_two(ds_reader *r, int maximum, int *out) {
    return ds_reader_take_number(r, 2, 2, maximum, out);
}

static int days_of_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && is_leap);
}

/* 2020-02-29 */
static bool take_day(ds_reader *r) {
    int year, month, day;
    return ds_reader_take_number(r, 4, 4, 9999, &year) && ds_reader_take(r, '-') &&
           take_two(r, 12, &month) && month >= 1 && ds_reader_take(r, '-') &&
           take_two(r, days_of_month(year, month), &day) && day >= 1;
}

/* 12:30, 12:30:00, 12:30:00.5 */
static bool take_clock(ds_reader *r) {
    int hour, minute, second;
    if (!take_two(r, 23, &hour) || !ds_reader_take(r, ':') || !take_two(r, 59, &minute)) {
        return false;
    }
    if (!ds_reader_take(r, ':')) {
        return true;
    }
    if (!take_two(r, 59, &second)) {
        return false;
    }
    return !ds_reader_take(r, '.') ||
           ds_reader_take_while(r, ds_char_is_digit, INT_MAX) > 0;
}

/* Nothing, Z, +05:30, -05:30:00; and that is the end. */
static bool take_zone_and_end(ds_reader *r) {
    int hours, minutes, seconds = 0;
    if (ds_reader_take(r, 'Z') || r->at == r->end) {
        return r->at == r->end;
    }
    if (!ds_reader_take(r, '+') && !ds_reader_take(r, '-')) {
        return false;
    }
    if (!take_two(r, MAX_OFFSET_HOURS, &hours) || !ds_reader_take(r, ':') ||
        !take_two(r, 59, &minutes)) {
        return false;
    }
    if (ds_reader_take(r, ':') && !take_two(r, 59, &seconds)) {
        return false;
    }
    return r->at == r->end && (hours < MAX_OFFSET_HOURS || minutes + seconds == 0);
}

bool ds_valid_date(const char *text, size_t length) {
    ds_reader r = {text, text + length};
    return take_day(&r) && take_zone_and_end(&r);
}

bool ds_valid_time(const char *text, size_t length) {
    ds_reader r = {text, text + length};
    return take_clock(&r) && take_zone_and_end(&r);
}

bool ds_valid_date_time(const char *text, size_t length) {
    ds_reader r = {text, text + length};
    return take_day(&r) && ds_reader_take(&r, 'T') && take_clock(&r) &&
           take_zone_and_end(&r);
}
