// v2 @hasOne, @hasMany, @belongsTo: which fields of which side hold the key of the other;
// and @manyToMany, which is rewritten to a join model with two of them.
import { asList, directive, scalarType } from "./sdl.js";
import { camel, cap, low } from "./names.js";
import { readKeys } from "./keys.js";

// The fields that are added for the key of `owner`, which `model.field` names. Without
// custom keys the first is called and typed as if every key were `id`.
function addedKeys(model, field, owner, options) {
    return owner.keys.map((key, at) => {
        const plain = at === 0 && !options.respectPrimaryKey;
        const declared = owner.object.fields.find((one) => one.name === key);
        const base = plain || !declared ? "ID" : declared.type.base;
        return { name: camel(model.name, field.name, plain ? "id" : key), base };
    });
}

function hasMany(model, field, args, target, options) {
    if (args.references) return { here: model.keys, there: asList(args.references) };
    if (args.fields) {
        const index = target.indexes.find((one) => one.name === args.indexName);
        const here = asList(args.fields);
        return { here, there: (index?.fields ?? target.keys).slice(0, here.length) };
    }
    const added = addedKeys(model, field, model, options);
    const there = added.map((one) => one.name);
    return {
        here: model.keys,
        there,
        add: {
            to: target,
            fields: added,
            required: field.type.required,
            byHasMany: true,
        },
        index: { name: `gsi-${model.name}.${field.name}`, fields: there },
    };
}

function hasOne(model, field, args, target, options) {
    if (args.references) return { here: model.keys, there: asList(args.references) };
    if (args.fields) return { here: asList(args.fields), there: target.keys };
    const added = addedKeys(model, field, target, options);
    return {
        here: added.map((one) => one.name),
        there: target.keys,
        add: { to: model, fields: added, required: field.type.required },
    };
}

// The field of the parent that a @belongsTo answers: the first that could be meant.
function parentField(model, target) {
    return target.object.fields.find((field) => {
        if (field.type.base !== model.name) return false;
        return directive(field, field.type.list ? "hasMany" : "hasOne") !== null;
    });
}

function belongsTo(model, field, args, target, options) {
    const given = args.references ?? args.fields;
    if (given) return { here: asList(given), there: target.keys };
    const parent = parentField(model, target);
    if (parent?.type.list) {
        const upper = directive(parent, "hasMany");
        return {
            here: hasMany(target, parent, upper, model, options).there,
            there: target.keys,
        };
    }
    return hasOne(model, field, {}, target, options);
}

const KINDS = { hasMany, hasOne, belongsTo };

export function relationV2(model, field, models, options) {
    const found = field.directives.find((one) => one.name in KINDS);
    const target = models.get(field.type.base);
    if (!found || !target) return null;
    return KINDS[found.name](model, field, found.args, target, options);
}

function fieldOf(name, type, ...directives) {
    return { name, type, directives };
}

// The key fields that a join model holds of one side.
function joinKeys(object, options) {
    const { keys } = readKeys(object, "v2");
    const type = (key) =>
        object.fields.find((one) => one.name === key)?.type.base ?? "ID";
    const first = options.respectPrimaryKey
        ? camel(object.name, keys[0])
        : `${low(object.name)}ID`;
    return keys.map((key, at) => ({
        name: at === 0 ? first : low(object.name) + key,
        type: scalarType(type(key), true),
    }));
}

function joinSide(object, options) {
    const keys = joinKeys(object, options);
    const names = keys.map((key) => key.name);
    const index = { name: `by${object.name}`, sortKeyFields: names.slice(1) };
    const fields = keys.map((key, at) =>
        fieldOf(
            key.name,
            key.type,
            ...(at === 0 ? [{ name: "index", args: index }] : []),
        ),
    );
    const link = fieldOf(low(object.name), scalarType(object.name, true), {
        name: "belongsTo",
        args: { fields: names },
    });
    return { fields, link };
}

function authOf(object) {
    return object.directives.filter((one) => one.name === "auth");
}

// Replaces each pair of @manyToMany fields by a join model and two @hasMany.
export function addJoinModels(objects, options) {
    const pairs = new Map();
    for (const object of objects.values()) {
        for (const field of object.fields) {
            const name = directive(field, "manyToMany")?.relationName;
            if (name) pairs.set(name, [...(pairs.get(name) ?? []), { object, field }]);
        }
    }
    for (const [relation, sides] of pairs) {
        const name = cap(
            relation.replace(/[^_0-9A-Za-z]/g, "").replace(/^[^A-Za-z]+/, ""),
        );
        const parts = sides.map((side) => joinSide(side.object, options));
        const rules = sides.flatMap((side) => authOf(side.object));
        objects.set(name, {
            name,
            fields: [
                fieldOf("id", scalarType("ID", true)),
                ...parts.flatMap((part) => part.fields),
                ...parts.map((part) => part.link),
            ],
            directives: [{ name: "model", args: {} }, ...rules],
        });
        for (const { object, field } of sides) {
            const { keys } = readKeys(object, "v2");
            const type = { ...field.type, base: name };
            const args = { indexName: `by${object.name}`, fields: keys };
            Object.assign(field, fieldOf(field.name, type, { name: "hasMany", args }));
        }
    }
}
