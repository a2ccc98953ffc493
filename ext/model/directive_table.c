/*
** The directives that an Amplify schema may carry, as data. What is not read by a client is
** listed too: a misspelt @connection must not pass as a directive of somebody else's.
*/
#include "model/model_int.h"

#include <string.h>

#define OBJECT DS_ON_OBJECT
#define FIELD  DS_ON_FIELD
#define ANY    (DS_ON_OBJECT | DS_ON_FIELD | DS_ON_ENUM | DS_ON_ENUM_VALUE | DS_ON_OTHER)

static const ds_directive_rule rules[] = {
    {"model", 0, OBJECT, false,
     "queries:ModelQueryMap mutations:ModelMutationMap "
     "subscriptions:ModelSubscriptionMap timestamps:TimestampConfiguration"},
    {"connection", 1, FIELD, false,
     "name:String keyField:String sortField:String keyName:String limit:Int "
     "fields:[String!]"},
    {"key", 1, OBJECT, true, "name:String fields:[String!]! queryField:String"},
    {"versioned", 1, OBJECT, false, "versionField:String versionInput:String"},
    {"hasOne", 2, FIELD, false, "fields:[String!] references:[String!]"},
    {"hasMany", 2, FIELD, false,
     "indexName:String fields:[String!] references:[String!] limit:Int"},
    {"belongsTo", 2, FIELD, false, "fields:[String!] references:[String!]"},
    {"manyToMany", 2, FIELD, false, "relationName:String! limit:Int"},
    {"primaryKey", 2, FIELD, false, "sortKeyFields:[String]"},
    {"index", 2, FIELD, true,
     "name:String sortKeyFields:[String] queryField:String projection:ProjectionInput"},
    {"default", 2, FIELD, false, "value:String"},
    {"mapsTo", 2, OBJECT, false, "name:String!"},
    {"refersTo", 2, OBJECT | FIELD, false, "name:String!"},
    {"validate", 2, FIELD, true, NULL},
    {"auth", 0, OBJECT | FIELD, false, "rules:[AuthRule!]!"},
    {"searchable", 0, OBJECT, false, NULL},
    {"function", 0, FIELD, true, NULL},
    {"http", 0, FIELD, false, NULL},
    {"predictions", 0, FIELD, false, NULL},
    {"sql", 0, FIELD, false, NULL},
    {"conversation", 0, FIELD, false, NULL},
    {"generation", 0, FIELD, false, NULL},
    {"deprecated", 0, ANY, false, NULL},
    {"specifiedBy", 0, ANY, false, NULL},
};

const ds_directive_rule *ds_directive_rule_find(const char *name) {
    for (size_t i = 0; i < DS_COUNT(rules); i++) {
        if (strcmp(rules[i].name, name) == 0) {
            return &rules[i];
        }
    }
    return NULL;
}

const char *ds_directive_hint(const ds_build *build, const char *name) {
    const char *names[DS_COUNT(rules)];
    for (size_t i = 0; i < DS_COUNT(rules); i++) {
        names[i] = rules[i].name;
    }
    const char *nearest = ds_text_nearest(name, names, DS_COUNT(rules));
    const char *hint = NULL;
    if (nearest != NULL) {
        hint = ds_arena_printf(build->arena, " (did you mean @%s?)", nearest);
    }
    return hint ? hint : "";
}

/* The next "name:Type" of a rule's arguments: its two parts, and what follows. */
static const char *next_argument(const char *p, size_t *name, const char **type,
                                 size_t *type_length) {
    *name = strcspn(p, ":");
    *type = p + *name + 1;
    *type_length = strcspn(*type, " ");
    p = *type + *type_length;
    return p + strspn(p, " ");
}

bool ds_directive_rule_takes(const ds_directive_rule *rule, const char *name,
                             const char *type) {
    for (const char *p = rule->arguments; p != NULL && *p;) {
        size_t n, type_n;
        const char *of = NULL;
        const char *rest = next_argument(p, &n, &of, &type_n);
        if (strlen(name) == n && memcmp(p, name, n) == 0) {
            return type == NULL || (strlen(type) == type_n && !memcmp(of, type, type_n));
        }
        p = rest;
    }
    return rule->arguments == NULL;
}

ds_words ds_directive_rule_arguments(const ds_build *build,
                                     const ds_directive_rule *rule) {
    const char **names = ds_words_new(build->arena, 8);
    int count = 0;
    for (const char *p = rule->arguments;
         names != NULL && p != NULL && *p && count < 8;) {
        size_t n, type_n;
        const char *of = NULL;
        const char *rest = next_argument(p, &n, &of, &type_n);
        const char *name = ds_arena_text(build->arena, p, n);
        if (name != NULL) {
            names[count++] = name;
        }
        p = rest;
    }
    return (ds_words){names, count};
}
