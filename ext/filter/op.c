/*
** The operators: one table of what each is called and what it can be applied to. The
** texts, numbers, Booleans and enums have those of AppSync's filter inputs
** (ModelStringInput, ModelIntInput, …), and `in` and `notIn`, which the printer to
** GraphQL expands.
*/
#include "filter/filter_int.h"

#include <string.h>

#define BIT(class) (1u << DS_FILTER_##class)
#define SINGLE     (BIT(TEXT) | BIT(NUMBER) | BIT(BOOLEAN) | BIT(ENUM))
#define ORDERED    (BIT(TEXT) | BIT(NUMBER) | BIT(LENGTH))
#define SIZED      (BIT(TEXT) | BIT(LIST))
#define COLUMN     (SINGLE | BIT(LIST))
#define ALL        (COLUMN | BIT(LENGTH))

static const struct {
    const char *name;
    unsigned classes;
    ds_filter_op positive;
} operators[DS_FILTER_OP_COUNT] = {
    [DS_FILTER_EQ] = {"eq", ALL, DS_FILTER_EQ},
    [DS_FILTER_NE] = {"ne", ALL, DS_FILTER_EQ},
    [DS_FILTER_GT] = {"gt", ORDERED, DS_FILTER_GT},
    [DS_FILTER_GE] = {"ge", ORDERED, DS_FILTER_GE},
    [DS_FILTER_LT] = {"lt", ORDERED, DS_FILTER_LT},
    [DS_FILTER_LE] = {"le", ORDERED, DS_FILTER_LE},
    [DS_FILTER_BETWEEN] = {"between", ORDERED, DS_FILTER_BETWEEN},
    [DS_FILTER_IN] = {"in", SINGLE, DS_FILTER_IN},
    [DS_FILTER_NOT_IN] = {"notIn", SINGLE, DS_FILTER_IN},
    [DS_FILTER_CONTAINS] = {"contains", SIZED, DS_FILTER_CONTAINS},
    [DS_FILTER_NOT_CONTAINS] = {"notContains", SIZED, DS_FILTER_CONTAINS},
    [DS_FILTER_BEGINS_WITH] = {"beginsWith", BIT(TEXT), DS_FILTER_BEGINS_WITH},
    [DS_FILTER_ATTRIBUTE_EXISTS] = {"attributeExists", COLUMN,
                                    DS_FILTER_ATTRIBUTE_EXISTS},
    [DS_FILTER_SIZE] = {"size", SIZED, DS_FILTER_SIZE},
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

ds_filter_op ds_filter_op_positive(ds_filter_op op) {
    return operators[op].positive;
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
