/*
** The body of a GraphQL request.
*/
#include "appsync/appsync_int.h"

#include <string.h>

void ds_envelope_print(const char *document, const char *variables, ds_buf *out) {
    ds_buf_add(out, "{\"query\":");
    ds_buf_add_json(out, document, strlen(document));
    ds_buf_add(out, ",\"variables\":");
    ds_buf_add(out, variables);
    ds_buf_add(out, "}");
}
