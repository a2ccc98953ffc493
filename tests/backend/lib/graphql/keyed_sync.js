// What Amplify's sync resolvers make of a filter when the model has named keys or
// indexes: a filter { and: [{ partitionKey: { eq } }, ...] } becomes a query of that key.
// The rest of the filter is copied name by name, so that of two conditions on one field
// only the last one holds, and a condition on the sort key that a query cannot express is
// lost. A client must expect records that its filter excludes.
import { dynamoError } from "../errors.js";
import { OPERATORS } from "../data/condition.js";

const KEY_OPERATORS = ["beginsWith", "eq", "lt", "le", "gt", "ge"];

function keyedIndexes(model) {
    const primary = { name: "dbTable", fields: model.keys };
    return [...model.namedIndexes, ...(model.declaredKey ? [primary] : [])];
}

function isEmpty(value) {
    return value === null || value === undefined || value === "";
}

function partitionOf(indexes, first) {
    for (const [name, operators] of Object.entries(first)) {
        const index = indexes.find(({ fields }) => fields[0] === name);
        if (index && !isEmpty(operators?.eq)) return { index, name, value: operators.eq };
    }
    return null;
}

function sortTests(operators) {
    // The resolver names one value and uses two others: DynamoDB refuses the query.
    if (!isEmpty(operators.between)) {
        throw dynamoError(
            "Invalid KeyConditionExpression: An expression attribute value used in " +
                "expression is not defined; attribute value: :sortKey0",
        );
    }
    return KEY_OPERATORS.filter((name) => !isEmpty(operators[name])).map((name) =>
        OPERATORS[name](operators[name]),
    );
}

// { visit, filter } for a page of a sync; visit is undefined for a scan.
export function planSync(model, filter, inDelta) {
    const indexes = keyedIndexes(model);
    const parts = filter?.and;
    const partition =
        !inDelta && parts?.length > 0 ? partitionOf(indexes, parts[0]) : null;
    if (!partition) return { filter };
    const { index, name, value } = partition;
    const pairs = indexes.filter(
        ({ fields }) => fields.length === 2 && fields[0] === name,
    );
    const tests = [(record) => OPERATORS.eq(value)(record[name])];
    const rest = {};
    parts.slice(1).forEach((part, at) => {
        for (const [field, operators] of Object.entries(part)) {
            const isSort = at === 0 && pairs.some(({ fields }) => fields[1] === field);
            if (!isSort) rest[field] = operators;
            else {
                const sort = sortTests(operators);
                tests.push((record) => sort.every((test) => test(record[field])));
            }
        }
    });
    // A record without one of the index's fields is not in the index.
    tests.push((record) => index.fields.every((field) => !isEmpty(record[field])));
    return { visit: (record) => tests.every((test) => test(record)), filter: rest };
}
