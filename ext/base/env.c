/*
** What differs from call to call: clock, randomness and the ids made of both.
*/
#include "base/base.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#define MS_PER_DAY   INT64_C(86400000)
#define FIRST_MOMENT INT64_C(-62167219200000) /* 0000-01-01T00:00:00.000Z */
#define LAST_MOMENT  INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

static _Atomic int64_t fixed_clock;

void ds_env_set_clock(int64_t fixed_ms) {
    atomic_store(&fixed_clock, fixed_ms);
}

int64_t ds_env_now_ms(void) {
    int64_t fixed = atomic_load_explicit(&fixed_clock, memory_order_relaxed);
    if (fixed != 0) {
        return fixed;
    }
    struct timespec now;
    timespec_get(&now, TIME_UTC);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void ds_env_random(void *bytes, int n) {
    sqlite3_randomness(n, bytes);
}

/* 16 random bytes, beginning with the time where `timed`, as UUIDv7 and ULID do. */
static void make_bytes(bool timed, unsigned char bytes[16]) {
    ds_env_random(bytes, 16);
    if (timed) {
        uint64_t ms = (uint64_t)ds_env_now_ms();
        for (int i = 0; i < 6; i++) {
            bytes[i] = (unsigned char)(ms >> (40 - 8 * i));
        }
    }
}

/* RFC 9562, section 4. */
static void write_uuid(unsigned char bytes[16], int version, char *out) {
    static const char digits[] = "0123456789abcdef";
    bytes[6] = (unsigned char)(version << 4 | (bytes[6] & 0x0F));
    bytes[8] = (unsigned char)(0x80 | (bytes[8] & 0x3F));
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *out++ = '-';
        }
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = 0;
}

/* 128 bits in Crockford's base 32, five a letter from the right; the first letter holds
** the three bits that remain. */
static void write_ulid(const unsigned char bytes[16], char *out) {
    static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
    unsigned bits = 0; /* not yet written, `count` of them */
    int count = 0;
    int at = DS_ULID_SIZE - 1;
    out[at] = 0;
    for (int i = 15; i >= 0; i--) {
        bits |= (unsigned)bytes[i] << count;
        for (count += 8; count >= 5; count -= 5) {
            out[--at] = letters[bits & 31];
            bits >>= 5;
        }
    }
    out[--at] = letters[bits];
}

void ds_env_id(ds_id_format format, char *out) {
    unsigned char bytes[16];
    make_bytes(format != DS_ID_UUID4, bytes);
    if (format == DS_ID_ULID) {
        write_ulid(bytes, out);
    } else {
        write_uuid(bytes, format == DS_ID_UUID4 ? 4 : 7, out);
    }
}

static bool is_uuid(const char *text) {
    for (int i = 0; i < DS_UUID_SIZE - 1; i++) {
        const char *wanted =
            i == 8 || i == 13 || i == 18 || i == 23 ? "-" : "0123456789abcdefABCDEF";
        if (text[i] == '\0' || strchr(wanted, text[i]) == NULL) {
            return false;
        }
    }
    return true;
}

bool ds_env_is_id(const char *text, int length) {
    if (length == DS_UUID_SIZE - 1) {
        return is_uuid(text);
    }
    const char *letters =
        "0123456789abcdefghjkmnpqrstvwxyzABCDEFGHJKMNPQRSTVWXYZ"; /* Crockford's */
    for (int i = 0; i < length; i++) {
        if (text[i] == '\0' || strchr(letters, text[i]) == NULL) {
            return false;
        }
    }
    return length == DS_ULID_SIZE - 1 && text[0] <= '7';
}

static char *write_digits(char *out, int64_t number, int width) {
    for (int i = width - 1; i >= 0; i--) {
        out[i] = (char)('0' + number % 10);
        number /= 10;
    }
    return out + width;
}

/*
** By arithmetic, since gmtime is not thread-safe and slow. The year is taken to begin in
** March, so that the leap day is its last, and 400 years have a fixed number of days.
*/
static char *write_date(char *out, int64_t days) {
    const int64_t march_0000 = -719468; /* days from 1970-01-01 to 0000-03-01 */
    days -= march_0000;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* 0 is March; 153 days in 5 months */
    int64_t day = day_of_year - (153 * month + 2) / 5 + 1;
    month += month < 10 ? 3 : -9;
    out = write_digits(out, era * 400 + year_of_era + (month <= 2), 4);
    *out++ = '-';
    out = write_digits(out, month, 2);
    *out++ = '-';
    return write_digits(out, day, 2);
}

void ds_env_datetime(int64_t ms, char *out) {
    ms = ms < FIRST_MOMENT ? FIRST_MOMENT : ms > LAST_MOMENT ? LAST_MOMENT : ms;
    int64_t days = ms / MS_PER_DAY;
    int64_t rest = ms % MS_PER_DAY;
    if (rest < 0) {
        days--;
        rest += MS_PER_DAY;
    }
    out = write_date(out, days);
    *out++ = 'T';
    out = write_digits(out, rest / 3600000, 2);
    *out++ = ':';
    out = write_digits(out, rest / 60000 % 60, 2);
    *out++ = ':';
    out = write_digits(out, rest / 1000 % 60, 2);
    *out++ = '.';
    out = write_digits(out, rest % 1000, 3);
    memcpy(out, "Z", 2);
}
