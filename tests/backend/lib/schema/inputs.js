// The filter and condition inputs of the API, as SDL.

const ORDER = ["ne", "eq", "le", "lt", "ge", "gt"];
const TEXT = [...ORDER, "contains", "notContains"];

// input Name { ne: T … between: [T] … }
function scalarInput(name, type, operators, lists, more = "") {
    const one = operators.map((operator) => `${operator}: ${type}`);
    const many = lists.map((operator) => `${operator}: [${type}]`);
    return `input ${name} { ${[...one, ...many].join(" ")} ${more} }`;
}

const STORED = "attributeExists: Boolean attributeType: ModelAttributeTypes";

function storedInputs() {
    const text = (type) =>
        scalarInput(
            `Model${type}Input`,
            type,
            [...TEXT, "beginsWith"],
            ["between"],
            `${STORED} size: ModelSizeInput`,
        );
    const number = (type) =>
        scalarInput(`Model${type}Input`, type, ORDER, ["between"], STORED);
    return [
        text("String"),
        text("ID"),
        number("Int"),
        number("Float"),
        scalarInput("ModelBooleanInput", "Boolean", ["ne", "eq"], [], STORED),
        scalarInput("ModelSizeInput", "Int", ORDER, ["between"]),
    ];
}

function subscriptionInputs() {
    const sets = ["between", "in", "notIn"];
    const name = (type) => `ModelSubscription${type}Input`;
    return [
        ...["String", "ID"].map((type) =>
            scalarInput(name(type), type, [...TEXT, "beginsWith"], sets),
        ),
        ...["Int", "Float"].map((type) => scalarInput(name(type), type, ORDER, sets)),
        scalarInput(name("Boolean"), "Boolean", ["ne", "eq"], []),
    ];
}

export function sharedInputs(version) {
    return [
        ...storedInputs(),
        ...(version === "v2" ? subscriptionInputs() : []),
        `enum ModelAttributeTypes {
            binary binarySet bool list map number numberSet string stringSet _null
        }`,
        "enum ModelSortDirection { ASC DESC }",
    ];
}

const SCALAR_KINDS = {
    ID: "ID",
    Int: "Int",
    AWSTimestamp: "Int",
    Float: "Float",
    Boolean: "Boolean",
};

function inputOf(type, { enums, version }) {
    if (enums.has(type.base)) {
        // v2 overlooks that a required list is one.
        const list = type.list && !(version === "v2" && type.required);
        return `Model${type.base}${list ? "List" : ""}Input`;
    }
    return `Model${SCALAR_KINDS[type.base] ?? "String"}Input`;
}

function subscriptionInputOf(type, enums) {
    const kind = enums.has(type.base) ? "String" : (SCALAR_KINDS[type.base] ?? "String");
    return `ModelSubscription${kind}Input`;
}

// The inputs of the enums that models use.
export function enumInputs(catalog) {
    const result = new Map();
    for (const model of catalog.models.values()) {
        for (const { type } of filterFields(model, catalog)) {
            if (!catalog.enums.has(type.base)) continue;
            const name = inputOf(type, catalog);
            const list = name.endsWith("ListInput") && type.list;
            const value = list ? `[${type.base}]` : type.base;
            const more = list ? `contains: ${type.base} notContains: ${type.base}` : "";
            result.set(name, `input ${name} { eq: ${value} ne: ${value} ${more} }`);
        }
    }
    return [...result.values()];
}

// The fields of a model that may be filtered by: [{ name, type }].
function filterFields(model, catalog) {
    const fields = model.fields.filter(
        (field) => !field.hidden && !catalog.embedded.has(field.type.base),
    );
    const hasId = model.object.fields.some((field) => field.name === "id");
    // v1 forgets an id that it adds itself; v2 adds one even where a key of another name
    // is.
    if (catalog.version === "v1") {
        return hasId ? fields : fields.filter(({ name }) => name !== "id");
    }
    const more = fields.some((field) => field.name === "id") ? [] : [["id", "ID"]];
    for (const owner of model.owners) {
        if (!owner.declared) more.push([owner.name, "String"]);
    }
    const stamps = model.timestamps.filter((one) => !one.declared);
    more.push(...stamps.map((one) => [one.name, "AWSDateTime"]), ["_deleted", "Boolean"]);
    return [
        ...fields,
        ...more.map(([name, base]) => ({ name, type: { base, list: false } })),
    ];
}

function filterInput(name, fields, groups) {
    const lines = fields.map(([field, type]) => `${field}: ${type}`);
    return `input ${name} { ${[...lines, ...groups].join(" ")} }`;
}

const isOwner = (model, name) => model.owners.some((owner) => owner.name === name);
const isGroups = (model, name) => model.rules.some((rule) => rule.groupsField === name);

function conditionFields(model, catalog, fields) {
    return fields.filter(({ name, type }) => {
        if (model.declaredKey && model.keys.includes(name)) return false;
        if (catalog.version === "v2") return name !== "id" || type.base !== "ID";
        return name !== "id" && !isOwner(model, name) && !isGroups(model, name);
    });
}

// Amplify's slips are kept: the key that a @hasMany adds to the child can be filtered by
// in the subscriptions of the parent, and some fields have the input of queries.
function subscriptionPairs(model, catalog, fields) {
    const own = fields.filter(
        ({ name, byHasMany }) => !byHasMany && !isGroups(model, name),
    );
    return [...own, ...model.keysGiven].map(({ name, type }) => {
        if (name === "_deleted") return [name, "ModelBooleanInput"];
        if (isOwner(model, name)) return [name, "ModelStringInput"];
        return [name, subscriptionInputOf(type, catalog.enums)];
    });
}

export function modelFilters(model, catalog) {
    const { filter, condition, subscriptionFilter } = model.inputs;
    const fields = filterFields(model, catalog);
    const groups = (name) => [`and: [${name}]`, `or: [${name}]`];
    const pairs = (list) => list.map(({ name, type }) => [name, inputOf(type, catalog)]);
    const result = [
        filterInput(filter, pairs(fields), [...groups(filter), `not: ${filter}`]),
        filterInput(condition, pairs(conditionFields(model, catalog, fields)), [
            ...groups(condition),
            `not: ${condition}`,
        ]),
    ];
    if (catalog.version === "v2") {
        const all = subscriptionPairs(model, catalog, fields);
        result.push(filterInput(subscriptionFilter, all, groups(subscriptionFilter)));
    }
    return result;
}
