/*
** filter: AppSync's filter JSON, the one predicate language of observe, conditions, sync
** expressions and delete. Floor 3: parse, print as SQL, print as GraphQL variables.
**
** Local and remote evaluation agree: `ne`, `notContains`, `notIn` include NULL, the ordering
** operators exclude it. Strings compare by code point, case-sensitive; % and _ are letters.
*/
#ifndef DS_FILTER_H
#define DS_FILTER_H

#include "base/base.h"
#include "model/model.h"

typedef struct ds_filter ds_filter;

/*
** Parse and check a filter of `model`: unknown fields and operators (with the nearest name),
** operands of the wrong type, `between` without two values in order, groups of the wrong
** shape are SQLITE_ERROR with the path ("filter and[1].rating.gt: …").
** Fields are named by visible name, wire name or alias. An empty object matches every row.
** `model` must outlive the filter.
*/
DS_MUST_USE int ds_filter_parse(const ds_model *model, const char *json, size_t length,
                                ds_filter **out, ds_err *err);
void ds_filter_free(ds_filter *filter);

/*
** Append the filter as a SQL condition on the columns of the row called `row` (an
** identifier; columns as "row"."column"), with numbered parameters from `first` on. The condition
** is never NULL, so NOT is true negation. Bind with ds_filter_bind.
*/
void ds_filter_to_sql(const ds_filter *filter, const char *row, int first, ds_buf *out);
/* How many parameters that condition has. */
int ds_filter_parameters(const ds_filter *filter);
/* Bind them; the filter must outlive the statement's run. */
DS_MUST_USE int ds_filter_bind(const ds_filter *filter, sqlite3_stmt *statement, int first);

/* Append the filter as the JSON value of a GraphQL variable (wire names; `in`, `notIn`
** expanded to or/and of eq/ne; one condition per object). */
void ds_filter_to_graphql(const ds_filter *filter, ds_buf *out);

#endif
