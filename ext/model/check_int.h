/*
** What the files of model share that judge values: type.c, reader.c, valid_*.c, refuse.c,
** check.c and check_json.c. They know types and columns, and nothing of how they were built.
*/
#ifndef DS_MODEL_CHECK_INT_H
#define DS_MODEL_CHECK_INT_H

#include "model/model.h"

/* ---- type.c ------------------------------------------------------------------------------------ */

bool ds_enum_has(const ds_enum *enumeration, const char *value);

/* ---- reader.c: a text from left to right -------------------------------------------------------- */

typedef struct ds_reader {
    const char *at;
    const char *end;
} ds_reader;

/* ASCII, whatever the locale. */
bool ds_char_is_digit(char c);
bool ds_char_is_letter(char c);
/* The value of a hexadecimal digit, or -1. */
int ds_char_hex(char c);

/* Take `c` if it is next. */
bool ds_reader_take(ds_reader *reader, char c);
/* Take characters of a class, at most `maximum`; returns how many. */
int ds_reader_take_while(ds_reader *reader, bool (*is_one)(char c), int maximum);
/* Take a decimal number of `fewest` to `most` (9) digits, leading zeros allowed; false when there
** are fewer or it is larger than `maximum`. A digit more is left where it is. */
bool ds_reader_take_number(ds_reader *reader, int fewest, int most, int maximum,
                           int *out);

/* ---- valid_*.c: the rules of AppSync's text scalars ---------------------------------------------- */

/* What ds_scalar_info.valid points to. `text` is UTF-8 without NUL characters and needs no NUL
** at its end. */
bool ds_valid_date(const char *text, size_t length);
bool ds_valid_time(const char *text, size_t length);
bool ds_valid_date_time(const char *text, size_t length);
bool ds_valid_email(const char *text, size_t length);
bool ds_valid_phone(const char *text, size_t length);
bool ds_valid_json(const char *text, size_t length);
bool ds_valid_url(const char *text, size_t length);
bool ds_valid_ip_address(const char *text, size_t length);
/* An IPv6 address alone (RFC 4291, 2.2). */
bool ds_valid_ipv6(const char *text, size_t length);

/* ---- moment.c ------------------------------------------------------------------------------------ */

/* Do two texts of AWSDate, AWSTime or AWSDateTime mean the same? Texts that are not valid are
** compared as they are. */
bool ds_moment_same(ds_scalar scalar, const char *a, size_t a_length, const char *b,
                    size_t b_length);

/* ---- refuse.c: why a value is refused ------------------------------------------------------------ */

/* Where a value stands. Places are linked on the stack, from the value up to the model. */
typedef struct ds_path {
    const struct ds_path *up; /* NULL: the model */
    const char *name;         /* of the model, column or member; NULL: an element */
    size_t index;             /* of an element, from 0 */
} ds_path;

#define DS_SHOWN_SIZE 96 /* what is shown of a value, with NUL */

/* Print a value for a message into `out` of DS_SHOWN_SIZE bytes: a text (UTF-8) in quotes and
** shortened, or a number. */
void ds_shown_text(char *out, const char *text, size_t length);
void ds_shown_integer(char *out, int64_t integer);
void ds_shown_real(char *out, double real);

/* Each fills *err, once, and returns its code. */

/* SQLITE_CONSTRAINT_NOTNULL: NOT NULL constraint failed: Post.title */
DS_MUST_USE int ds_refuse_null(const ds_path *place, ds_err *err);
/* SQLITE_CONSTRAINT_DATATYPE: cannot store 'x' as Int in Post.rating: expected an integer. The
** value stands inside `level` of the type's lists. */
DS_MUST_USE int ds_refuse_type(const ds_path *place, const ds_type *type, int level,
                               const char *shown, const char *expects, ds_err *err);
/* The same for a text that is no JSON: cannot store '[1' as [Int] in Post.marks: malformed … */
DS_MUST_USE int ds_refuse_malformed(const ds_path *place, const ds_type *type,
                                    const char *text, size_t length, const char *why,
                                    ds_err *err);
/* The same for a member that its embedded type does not have, with the nearest name. */
DS_MUST_USE int ds_refuse_member(const ds_path *place, const ds_embedded *embedded,
                                 const char *name, ds_err *err);
/* SQLITE_CONSTRAINT_CHECK: CHECK constraint failed: Post.id = '': a key cannot be empty */
DS_MUST_USE int ds_refuse_check(const ds_path *place, const char *shown, const char *why,
                                ds_err *err);
/* The same for a text that the scalar's `valid` refuses. */
DS_MUST_USE int ds_refuse_scalar(const ds_path *place, ds_scalar scalar, const char *text,
                                 size_t length, ds_err *err);
/* The same for a text that is no value of the enum, with its values and the nearest one. */
DS_MUST_USE int ds_refuse_enum(const ds_path *place, const ds_enum *enumeration,
                               const char *text, ds_err *err);

/* ---- check_json.c -------------------------------------------------------------------------------- */

/* Judge the JSON text of a list or of an embedded type; `text` is UTF-8 without NUL characters.
** *out_is_null becomes true when it is the JSON null, and the type allows that. Errors as
** ds_check_value. */
DS_MUST_USE int ds_check_json(const ds_path *place, const ds_type *type, const char *text,
                              size_t length, bool *out_is_null, ds_err *err);

#endif
