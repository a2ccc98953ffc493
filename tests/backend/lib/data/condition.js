// Filters and conditions, decided as DynamoDB decides the expressions that AppSync makes
// of them: a missing attribute is unequal to everything and contains nothing, and no
// order holds for it; an attribute that was stored as null exists.

const isText = (value) => typeof value === "string";

export function equal(a, b) {
    if (a === b) return a !== undefined;
    if (a === null || b === null || typeof a !== "object" || typeof b !== "object") {
        return false;
    }
    return JSON.stringify(a) === JSON.stringify(b);
}

// < 0, 0 or > 0; NaN where no order holds. Text is ordered by its UTF-8 bytes.
function compare(a, b) {
    if (typeof a === "number" && typeof b === "number") return a - b;
    if (isText(a) && isText(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
    return NaN;
}

function contains(value, wanted) {
    if (isText(value)) return isText(wanted) && value.includes(wanted);
    return Array.isArray(value) && value.some((one) => equal(one, wanted));
}

const ATTRIBUTE_TYPES = {
    binary: () => false,
    binarySet: () => false,
    bool: (value) => typeof value === "boolean",
    list: (value) => Array.isArray(value),
    map: (value) => value !== null && typeof value === "object" && !Array.isArray(value),
    number: (value) => typeof value === "number",
    numberSet: () => false,
    string: isText,
    stringSet: () => false,
    _null: (value) => value === null,
};

function sizeOf(value) {
    if (isText(value) || Array.isArray(value)) return value.length;
    return value !== null && typeof value === "object"
        ? Object.keys(value).length
        : undefined;
}

export const OPERATORS = {
    eq: (wanted) => (value) => equal(value, wanted),
    ne: (wanted) => (value) => !equal(value, wanted),
    lt: (wanted) => (value) => compare(value, wanted) < 0,
    le: (wanted) => (value) => compare(value, wanted) <= 0,
    gt: (wanted) => (value) => compare(value, wanted) > 0,
    ge: (wanted) => (value) => compare(value, wanted) >= 0,
    between: (wanted) => (value) =>
        compare(value, wanted[0]) >= 0 && compare(value, wanted[1]) <= 0,
    contains: (wanted) => (value) => contains(value, wanted),
    notContains: (wanted) => (value) => !contains(value, wanted),
    beginsWith: (wanted) => (value) =>
        isText(value) && isText(wanted) && value.startsWith(wanted),
    in: (wanted) => (value) => wanted.some((one) => equal(value, one)),
    notIn: (wanted) => (value) => !wanted.some((one) => equal(value, one)),
    attributeExists: (wanted) => (value) => (value !== undefined) === wanted,
    attributeType: (wanted) => (value) =>
        value !== undefined && ATTRIBUTE_TYPES[wanted](value),
    size: (wanted) => {
        const decide = compileOperators(wanted);
        return (value) => decide(sizeOf(value));
    },
};

function compileOperators(operators) {
    const tests = Object.entries(operators).map(([name, wanted]) =>
        OPERATORS[name](wanted),
    );
    return (value) => tests.every((test) => test(value));
}

// compile(filter) gives record => boolean. Null and an empty filter let everything pass.
export function compile(filter) {
    const tests = [];
    for (const [name, value] of Object.entries(filter ?? {})) {
        if (value === null || value === undefined) continue;
        if (name === "and" || name === "or") {
            const parts = value.map(compile);
            if (parts.length === 0) continue;
            const all = (record) => parts.every((part) => part(record));
            const any = (record) => parts.some((part) => part(record));
            tests.push(name === "and" ? all : any);
        } else if (name === "not") {
            const part = compile(value);
            tests.push((record) => !part(record));
        } else {
            const decide = compileOperators(value);
            tests.push((record) => decide(record[name]));
        }
    }
    return (record) => tests.every((test) => test(record));
}
