/*
** graphql: the documents that a client sends to the API of a schema, from its catalog. Floor
** 4, beside store: it knows no tables, no transport and no values, only what the API that
** Amplify's transformer makes of the schema takes and gives.
**
** Everything is appended to a ds_buf and shares its sticky error. Layout is that of the
** GraphQL printers: one field a line, indented by two spaces.
*/
#ifndef DS_GRAPHQL_H
#define DS_GRAPHQL_H

#include "base/base.h"
#include "model/model.h"

typedef enum ds_graphql_operation {
    DS_GRAPHQL_SYNC,
    DS_GRAPHQL_GET,
    DS_GRAPHQL_CREATE,
    DS_GRAPHQL_UPDATE,
    DS_GRAPHQL_DELETE,
    DS_GRAPHQL_ON_CREATE,
    DS_GRAPHQL_ON_UPDATE,
    DS_GRAPHQL_ON_DELETE,
    DS_GRAPHQL_OPERATION_COUNT
} ds_graphql_operation;

/* "sync", "get", "create", "update", "delete", "onCreate", "onUpdate" or "onDelete". */
const char *ds_graphql_name(ds_graphql_operation operation);

/* The root field of the API for it (syncPosts, createPost); NULL when the schema switched
** the operation off. */
const char *ds_graphql_field(const ds_model *model, ds_graphql_operation operation);

/*
** The selection set of a record with its braces. The line it begins on has `indent` levels.
** In this order:
** - scalars, enums and lists of them: columns under their wire names. A foreign key that the
**   schema does not declare is a field of the API only with transformer 2;
** - owner fields that only the API has;
** - embedded types, level by level. A type inside itself is followed DS_MAX_EMBEDDED_CYCLE
**   times, less often where that would take more than DS_MAX_SELECT_FIELDS; the whole goes
**   DS_MAX_EMBEDDED_DEPTH deep. What lies deeper is not read. When each type once is too much
**   the buffer is SQLITE_TOOBIG;
** - _version, _lastChangedAt, _deleted;
** - the key of a related record, where the foreign key on this side cannot be read itself, and
**   in mutations and subscriptions for every belongs-to: `post { id _deleted }`. A subscriber is
**   sent no more than what the mutation of another client selected, and Amplify's own clients
**   select foreign keys in that form only. Queries do without, as the server looks every such
**   record up, and a required one that is gone would take its child along. So whoever reads an
**   answer finds a foreign key in its own field, in the related record's, or in both.
*/
void ds_graphql_select(ds_buf *out, const ds_model *model, ds_graphql_operation operation,
                       int indent);

/*
** The variables of an operation, as they are declared (`$input: CreatePostInput!, …`) and as
** they are passed to its root field (`input: $input, …`), without parentheses; nothing when
** there is none. `suffix` goes behind each variable's name, so that several operations can
** stand in one document ("" for one alone).
**   sync                  limit nextToken lastSync filter
**   get                   the fields of the primary key
**   create                input
**   update, delete        input condition
**   onCreate, …           filter (transformer 2), the owner fields that @auth makes arguments
*/
void ds_graphql_declare(ds_buf *out, const ds_model *model,
                        ds_graphql_operation operation, const char *suffix);
void ds_graphql_pass(ds_buf *out, const ds_model *model, ds_graphql_operation operation,
                     const char *suffix);

/* The whole document of one operation that is not switched off; the operation's name is
** `operation`, as with Amplify's clients. */
void ds_graphql_document(ds_buf *out, const ds_model *model,
                         ds_graphql_operation operation);

#endif
