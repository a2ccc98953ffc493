// Names that the API gives to the operations and inputs of a model.
import { createHash } from "node:crypto";
import { asList, directive } from "./sdl.js";
import { plural } from "./plural.js";

export const cap = (text) => text.charAt(0).toUpperCase() + text.slice(1);
export const low = (text) => text.charAt(0).toLowerCase() + text.slice(1);

// The one rule by which foreign keys get their names: Comment, post, id -> commentPostId.
export const camel = (first, ...rest) => low(first) + rest.map(cap).join("");

export function inputNames(type, version) {
    const middle = version === "v1" ? type : cap(type);
    return {
        filter: `Model${middle}FilterInput`,
        condition: `Model${middle}ConditionInput`,
        connection: `Model${middle}Connection`,
        subscriptionFilter: `ModelSubscription${middle}FilterInput`,
        create: `Create${cap(type)}Input`,
        update: `Update${cap(type)}Input`,
        delete: `Delete${cap(type)}Input`,
    };
}

// Longer subscription names are cut and told apart by a hash (v2).
function subscriptionName(name, version) {
    if (version === "v1" || name.length <= 50) return name;
    return name.slice(0, 45) + createHash("md5").update(name).digest("hex").slice(0, 5);
}

// What a group of operations is called. `given` is the group's argument of @model:
// absent, null (none), or names. v1 drops what is not named, v2 keeps its default.
function group(defaults, given, version) {
    if (given === null) return {};
    if (given === undefined) return defaults;
    return version === "v1" ? { ...given } : { ...defaults, ...given };
}

// { get, list, sync, create, update, delete: name or undefined; onCreate ...: list of
// names }
export function operationNames(object, version) {
    const model = directive(object, "model") ?? {};
    const name = cap(object.name);
    const many = cap(plural(object.name));
    const queries = group(
        { get: `get${name}`, list: `list${many}` },
        model.queries,
        version,
    );
    const sync =
        version === "v2" && model.queries === null ? {} : { sync: `sync${many}` };
    const mutations = group(
        { create: `create${name}`, update: `update${name}`, delete: `delete${name}` },
        model.mutations,
        version,
    );
    const level = model.subscriptions?.level ?? "on";
    const { level: ignored, ...given } = model.subscriptions ?? {};
    const custom = Object.keys(given).length > 0 || version === "v2" ? given : undefined;
    const defaults = {};
    for (const verb of ["Create", "Update", "Delete"]) {
        defaults[`on${verb}`] = subscriptionName(`on${verb}${name}`, version);
    }
    const off = model.subscriptions === null || level === "off";
    const subscriptions = off ? {} : group(defaults, custom, version);
    const result = { ...queries, ...sync, ...mutations, publicLevel: level === "public" };
    for (const verb of ["create", "update", "delete"]) {
        const on = `on${cap(verb)}`;
        result[on] = mutations[verb] ? asList(subscriptions[on]) : [];
    }
    return result;
}
