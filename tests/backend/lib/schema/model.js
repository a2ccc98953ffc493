// The catalog of an API: each model with its fields, keys, relations, timestamps and the
// names of its operations. Everything else of the backend works from this.
import { directive, readSdl, scalarType } from "./sdl.js";
import { inputNames, operationNames } from "./names.js";
import { isModel, readKeys } from "./keys.js";
import { relationV1 } from "./relations_v1.js";
import { addJoinModels, relationV2 } from "./relations_v2.js";
import { ownerFields, readRules } from "./auth_rules.js";

const V1 = ["connection", "key", "versioned"];
const V2 = (
    "hasOne hasMany belongsTo manyToMany primaryKey index default refersTo mapsTo " +
    "validate"
).split(" ");

// The SDL does not say which transformer it was written for; its directives do.
export function guessVersion(text) {
    const { objects } = readSdl(text);
    const used = new Set();
    for (const object of objects.values()) {
        for (const one of [object, ...object.fields]) {
            one.directives.forEach((found) => used.add(found.name));
        }
    }
    if (V1.some((name) => used.has(name))) return "v1";
    return V2.some((name) => used.has(name)) ? "v2" : "v1";
}

// Fields that hold values: scalars, enums, embedded types and lists of them.
function valueFields(object, models, declaredKey) {
    const fields = object.fields
        .filter((field) => !models.has(field.type.base))
        .map((field) => ({ name: field.name, type: field.type, added: false }));
    if (!declaredKey && !fields.some((field) => field.name === "id")) {
        fields.unshift({ name: "id", type: scalarType("ID", true), added: false });
    }
    return fields;
}

// createdAt and updatedAt, under their own names, unless the schema does without.
function readTimestamps(object) {
    const given = directive(object, "model")?.timestamps;
    if (given === null) return [];
    const names = { createdAt: "createdAt", updatedAt: "updatedAt", ...given };
    return ["createdAt", "updatedAt"]
        .filter((kind) => names[kind])
        .map((kind) => {
            const name = names[kind];
            const declared = object.fields.find((field) => field.name === name);
            const filled =
                !declared || ["AWSDateTime", "String"].includes(declared.type.base);
            return { name, kind, declared: Boolean(declared), filled };
        });
}

function newModel(object, version) {
    const { keys, declared, indexes } = readKeys(object, version);
    return {
        name: object.name,
        object,
        keys,
        declaredKey: declared,
        // Every index of the table; those that the schema names may be used by sync
        // filters.
        indexes,
        namedIndexes: [...indexes],
        relations: [],
        // Keys of this model that @hasMany adds to others: a slip of v2 puts them into
        // the subscription filter of this one too.
        keysGiven: [],
        operations: operationNames(object, version),
        inputs: inputNames(object.name, version),
        timestamps: readTimestamps(object),
        rules: readRules(object),
    };
}

// A foreign key that the schema does not declare becomes a field. v1 gives it to inputs
// only.
function addForeignKey(add, version) {
    for (const { name, base } of add.fields) {
        const known = add.to.fields.find((field) => field.name === name);
        if (known) {
            if (known.added && add.required) {
                known.type = scalarType(known.type.base, true);
            }
            continue;
        }
        add.to.fields.push({
            name,
            type: scalarType(base, Boolean(add.required)),
            added: true,
            hidden: version === "v1",
            byHasMany: Boolean(add.byHasMany),
        });
    }
}

function addRelations(model, catalog) {
    const relationOf = catalog.version === "v1" ? relationV1 : relationV2;
    for (const field of model.object.fields) {
        const found = relationOf(model, field, catalog.models, catalog.options);
        if (!found) continue;
        const target = catalog.models.get(field.type.base);
        if (found.add) addForeignKey(found.add, catalog.version);
        if (found.add?.byHasMany) {
            const added = found.add.fields.map(({ name, base }) => ({
                name,
                type: scalarType(base),
            }));
            model.keysGiven.push(...added);
        }
        if (found.index) target.indexes.push(found.index);
        model.relations.push({ name: field.name, type: field.type, target, ...found });
    }
}

export function readCatalog(
    text,
    { transformer = "auto", respectPrimaryKey = true } = {},
) {
    const version = transformer === "auto" ? guessVersion(text) : transformer;
    const options = { respectPrimaryKey };
    const { objects, enums } = readSdl(text);
    if (version === "v2") addJoinModels(objects, options);
    const models = new Map();
    const embedded = new Map();
    for (const object of objects.values()) {
        if (isModel(object)) models.set(object.name, newModel(object, version));
        else embedded.set(object.name, object);
    }
    if (models.size === 0) throw new Error("the schema has no @model type");
    const catalog = { version, options, models, embedded, enums };
    for (const model of models.values()) {
        model.fields = valueFields(model.object, models, model.declaredKey);
    }
    for (const model of models.values()) addRelations(model, catalog);
    for (const model of models.values()) model.owners = ownerFields(model);
    return catalog;
}
