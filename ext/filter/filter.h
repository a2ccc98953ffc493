/*
** filter: AppSync's filter JSON, the one predicate language of observe, conditions, sync
** expressions and delete. Floor 3: parse, print as SQL, print as GraphQL variables.
**
** A filter is an object. Its members are fields, {"rating":{"gt":4,"le":9}}, and the
** groups `and`, `or` (lists of filters) and `not` (a filter); all members and all
** operators of a field must hold.
**
**   text (also dates, ids, AWSJSON)  eq ne gt ge lt le between in notIn contains notContains
**                                    beginsWith size attributeExists
**   Int, Float, AWSTimestamp         eq ne gt ge lt le between in notIn attributeExists
**   Boolean, enum                    eq ne in notIn attributeExists
**   list                             eq ne contains notContains size attributeExists
**
** Local and remote evaluation agree: `ne`, `notContains`, `notIn` are the negations of
** `eq`, `contains`, `in` and so include NULL, the others exclude it; `eq` and `ne` take
** null and mean the absence of a value. Strings compare by code point, case-sensitive; %
** and _ are letters. `size` counts code points or elements and has the operators of an
** Int except `in`. A list equals a list, element by element, and never a single element,
** and contains elements. An empty list of values is in nothing: `in` matches no row,
** `notIn` every row. An empty filter or `and` matches every row, in an `or` too, and cannot be
** negated; an empty `or` is refused.
**
** A relation is tested by a filter of the related model, {"post":{"rating":{"gt":4}}}, where that is
** asked for (ds_filter_parse_related): it holds when any related row matches.
**
** Not testable otherwise: relations, embedded types, lists of lists (AppSync's inputs lack them),
** and the metadata. The inputs of the API lack a few things that are tested here:
** `contains` and `size` of lists of numbers, Booleans and (size) enums, and `eq` of a
** list with a list unless it is one of an enum; the server refuses those.
*/
#ifndef DS_FILTER_H
#define DS_FILTER_H

#include "base/base.h"
#include "model/model.h"

typedef struct ds_filter ds_filter;

/*
** Parse and check a filter of `model`. SQLITE_ERROR with the path in the message,
** "filter and[1].rating.gt: expected ...", for unknown fields and operators (with the
** nearest name), operands of the wrong type, an Int beyond 32 bits, a value that the enum
** lacks, null where it means nothing, `between` without two values in order, groups of
** the wrong shape, more than DS_MAX_FILTER_TERMS conditions, negations and values in
** lists, and groups nested deeper than DS_MAX_FILTER_DEPTH (a group directly in one of
** its own kind is not deeper). Whether a text is a date, an e-mail address, ... is not
** judged: a filter may ask for a part. Fields are named by visible name, wire name or
** alias. An empty object matches every row. `model` must outlive the filter; `json` need
** not.
*/
DS_MUST_USE int ds_filter_parse(const ds_model *model, const char *json, size_t length,
                                ds_filter **out, ds_err *err);
/* The same for a filter that may test relations, one step away: their own filters may not. */
DS_MUST_USE int ds_filter_parse_related(const ds_model *model, const char *json,
                                        size_t length, ds_filter **out, ds_err *err);
/* NULL is fine. */
void ds_filter_free(ds_filter *filter);

/*
** Append the filter as a SQL condition on the columns of the row called `row` (an
** identifier; columns as "row"."column"), with numbered parameters from `first` on. The
** condition is 0 or 1, never NULL, so NOT is true negation, and raises no error whatever
** is stored; an index serves eq, in, beginsWith and the ordering operators. It may stand
** beside AND and OR and after NOT without parentheses. Bind with ds_filter_bind.
*/
void ds_filter_to_sql(const ds_filter *filter, const char *row, int first, ds_buf *out);
/* How many parameters that condition has. Behind these comes, for each relation that is tested, one
** that the caller binds: whether (1 or 0) any related row matches. */
int ds_filter_parameters(const ds_filter *filter);
/* The relations that are tested, in the order of those parameters, each with the filter of its rows,
** which belongs to `filter`. */
int ds_filter_n_related(const ds_filter *filter);
const ds_relation *ds_filter_relation(const ds_filter *filter, int i);
const ds_filter *ds_filter_of_related(const ds_filter *filter, int i);
/* Bind them; the filter must outlive the statement's run. */
DS_MUST_USE int ds_filter_bind(const ds_filter *filter, sqlite3_stmt *statement,
                               int first);

/*
** Append the filter as the JSON value of a GraphQL variable: wire names, one condition
** per object, always a group at the root, `in` and `notIn` expanded to or/and of eq/ne,
** attributeExists of an enum as ne/eq null. A filter that matches every row is {}. It must
** not test relations.
*/
void ds_filter_to_graphql(const ds_filter *filter, ds_buf *out);

#endif
