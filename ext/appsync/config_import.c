/*
** The files that Amplify's tools write:
**
** amplify_outputs.json:
** {"data":{"url","aws_region","api_key","default_authorization_type",
**   "authorization_types"}}
** amplifyconfiguration.json: {"api":{"plugins":{"awsAPIPlugin":{"<name>":{"endpointType":
**   "GraphQL","endpoint","region","authorizationType","apiKey"}}}}}
** the object of aws-exports.js: {"aws_appsync_graphqlEndpoint","aws_appsync_region",
**   "aws_appsync_apiKey","aws_appsync_authenticationType"}
**
** The rest of them (sign-in, storage, the models) is not ours.
*/
#include "appsync/appsync_int.h"

#include <string.h>

/* Names of members, and the object that has them. */
typedef struct source {
    const ds_json *object;
    const char *url;
    const char *region;
    const char *api_key;
    const char *mode;
    const char *modes;
} source;

static int missing(const char *what, ds_err *err) {
    return ds_err_set(err, SQLITE_ERROR,
                      "configuration: the file names no GraphQL API (%s)", what);
}

/* Set a key of ours if the file has the member. */
static int take(ds_config *config, ds_config_key key, const source *from,
                const char *name, ds_err *err) {
    const ds_json *node = ds_json_get(from->object, name);
    return node != NULL && ds_json_type(node) != DS_JSON_NULL
               ? ds_config_put(config, key, node, err)
               : SQLITE_OK;
}

/* The modes beside the default one, each once. */
static int add_modes(ds_config *config, const ds_json *list, ds_err *err) {
    for (const ds_json *node = list ? ds_json_child(list) : NULL; node != NULL;
         node = ds_json_next(node)) {
        ds_auth_mode mode;
        const char *name = ds_json_string(node);
        if (name == NULL || !ds_auth_mode_find(name, &mode)) {
            return ds_config_fail(err, DS_CONFIG_AUTH_MODES,
                                  "unknown mode in the file: \"%s\"", name ? name : "");
        }
        int i = 0;
        while (i < config->n_modes && config->modes[i] != mode) {
            i++;
        }
        if (i == config->n_modes) {
            config->modes[config->n_modes++] = mode;
        }
    }
    return SQLITE_OK;
}

static int take_all(ds_config *config, const source *from, ds_err *err) {
    int rc = take(config, DS_CONFIG_URL, from, from->url, err);
    rc = rc ? rc : take(config, DS_CONFIG_REGION, from, from->region, err);
    rc = rc ? rc : take(config, DS_CONFIG_API_KEY, from, from->api_key, err);
    rc = rc ? rc : take(config, DS_CONFIG_AUTH_MODE, from, from->mode, err);
    if (rc == SQLITE_OK && from->modes != NULL) {
        rc = add_modes(config, ds_json_get(from->object, from->modes), err);
    }
    return rc;
}

static int import_outputs(ds_config *config, const ds_json *root, ds_err *err) {
    const source from = {ds_json_get(root, "data"),
                         "url",
                         "aws_region",
                         "api_key",
                         "default_authorization_type",
                         "authorization_types"};
    if (ds_json_get(from.object, from.url) == NULL) {
        return missing("data.url is missing", err);
    }
    return take_all(config, &from, err);
}

/* The one GraphQL API among the plugin's. */
static int import_native(ds_config *config, const ds_json *plugin, ds_err *err) {
    source from = {NULL, "endpoint", "region", "apiKey", "authorizationType", NULL};
    for (const ds_json *api = plugin ? ds_json_child(plugin) : NULL; api != NULL;
         api = ds_json_next(api)) {
        const ds_json *type = ds_json_get(api, "endpointType");
        const char *text = type ? ds_json_string(type) : NULL;
        if (text == NULL || strcmp(text, "GraphQL") != 0) {
            continue;
        }
        if (from.object != NULL) {
            return ds_err_set(
                err, SQLITE_ERROR,
                "configuration: the file names several GraphQL APIs (\"%s\" and "
                "\"%s\"): set url, region and the credentials of one",
                ds_json_name(from.object), ds_json_name(api));
        }
        from.object = api;
    }
    if (ds_json_get(from.object, from.url) == NULL) {
        return missing("no endpoint of type GraphQL in api.plugins.awsAPIPlugin", err);
    }
    return take_all(config, &from, err);
}

static int import_exports(ds_config *config, const ds_json *root, ds_err *err) {
    const source from = {root,
                         "aws_appsync_graphqlEndpoint",
                         "aws_appsync_region",
                         "aws_appsync_apiKey",
                         "aws_appsync_authenticationType",
                         NULL};
    if (ds_json_get(root, from.url) == NULL) {
        return missing("aws_appsync_graphqlEndpoint is missing", err);
    }
    return take_all(config, &from, err);
}

static bool has_exports(const ds_json *root) {
    for (const ds_json *member = ds_json_child(root); member != NULL;
         member = ds_json_next(member)) {
        if (strncmp(ds_json_name(member), "aws_", 4) == 0) {
            return true;
        }
    }
    return false;
}

int ds_config_import(ds_config *config, const ds_json *root, bool *is_foreign,
                     ds_err *err) {
    const ds_json *plugins = ds_json_get(ds_json_get(root, "api"), "plugins");
    const ds_json *native = ds_json_get(plugins, "awsAPIPlugin");
    *is_foreign = true;
    if (ds_json_get(root, "data") != NULL || ds_json_get(root, "version") != NULL) {
        return import_outputs(config, root, err);
    }
    if (native != NULL || ds_json_get(root, "UserAgent") != NULL) {
        return import_native(config, native, err);
    }
    if (has_exports(root)) {
        return import_exports(config, root, err);
    }
    *is_foreign = false;
    return SQLITE_OK;
}
