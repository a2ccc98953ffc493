/*
** The operators: one table of what each is called and what it can be applied to. The texts,
** numbers, Booleans and enums have those of AppSync's filter inputs (ModelStringInput,
** ModelIntInput, …), and `in` and `notIn`, which the printer to GraphQL expands.
*/
#include "filter/filter_int.h"

#include <string.h>

#define BIT(class) (1u << DS_FILTER_##class)

static const struct {
    const char *name;
    unsigned classes;
} operators[DS_FILTER_OP_COUNT] = {
    [DS_FILTER_EQ] = {"eq", BIT(CLASS_COUNT) - 1},
    [DS_FILTER_NE] = {"ne", BIT(CLASS_COUNT) - 1},
    [DS_FILTER_GT] = {"gt", BIT(TEXT) | BIT(NUMBER) | BIT(LENGTH)},
    [DS_FILTER_GE] = {"ge", BIT(TEXT) | BIT(NUMBER) | BIT(LENGTH)},
    [DS_FILTER_LT] = {"lt", BIT(TEXT) | BIT(NUMBER) | BIT(LENGTH)},
    [DS_FILTER_LE] = {"le", BIT(TEXT) | BIT(NUMBER) | BIT(LENGTH)},
    [DS_FILTER_BETWEEN] = {"between", BIT(TEXT) | BIT(NUMBER) | BIT(LENGTH)},
    [DS_FILTER_IN] = {"in", BIT(TEXT) | BIT(NUMBER) | BIT(BOOLEAN) | BIT(ENUM)},
    [DS_FILTER_NOT_IN] = {"notIn", BIT(TEXT) | BIT(NUMBER) | BIT(BOOLEAN) | BIT(ENUM)},
    [DS_FILTER_CONTAINS] = {"contains", BIT(TEXT) | BIT(LIST)},
    [DS_FILTER_NOT_CONTAINS] = {"notContains", BIT(TEXT) | BIT(LIST)},
    [DS_FILTER_BEGINS_WITH] = {"beginsWith", BIT(TEXT)},
    [DS_FILTER_ATTRIBUTE_EXISTS] = {"attributeExists", BIT(LENGTH) - 1},
    [DS_FILTER_SIZE] = {"size", BIT(TEXT) | BIT(LIST)},
};

ds_filter_class ds_filter_class_of(const ds_type *type) {
    if (type->kind == DS_KIND_ENUM) {
        return DS_FILTER_ENUM;
    }
    if (type->scalar == DS_BOOLEAN) {
        return DS_FILTER_BOOLEAN;
    }
    return ds_scalar_get(type->scalar)->affinity == DS_TEXT_AFFINITY ? DS_FILTER_TEXT
                                                                      : DS_FILTER_NUMBER;
}

const char *ds_filter_op_name(ds_filter_op op) {
    return operators[op].name;
}

bool ds_filter_op_fits(ds_filter_op op, ds_filter_class class) {
    return (operators[op].classes & (1u << class)) != 0;
}

ds_filter_op ds_filter_op_find(const char *name) {
    ds_filter_op op = 0;
    while (op < DS_FILTER_OP_COUNT && strcmp(operators[op].name, name) != 0) {
        op++;
    }
    return op;
}
