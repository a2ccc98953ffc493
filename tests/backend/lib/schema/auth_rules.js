// @auth, as far as names go and as far as the backend enforces it: see
// server/authorize.js.
import { asList, directive } from "./sdl.js";

const PROVIDERS = { owner: "userPools", groups: "userPools", private: "userPools" };
const READ = ["get", "list", "sync", "listen", "search"];

function operationsOf(given) {
    const named =
        given === undefined ? ["create", "update", "delete", "read"] : asList(given);
    return new Set(named.flatMap((name) => (name === "read" ? READ : [name])));
}

// The rules of a type or of a field.
export function readRules(of) {
    const auth = of.directives.filter((one) => one.name === "auth");
    return auth
        .flatMap((one) => asList(one.args.rules))
        .map((rule) => ({
            allow: rule.allow,
            provider:
                rule.provider ?? PROVIDERS[rule.allow] ?? defaultProvider(rule.allow),
            ownerField: rule.ownerField ?? "owner",
            identityClaim: rule.identityClaim,
            groups: asList(rule.groups),
            groupsField: rule.groupsField ?? defaultGroupsField(rule),
            groupClaim: rule.groupClaim ?? "cognito:groups",
            operations: operationsOf(rule.operations),
        }));
}

function defaultProvider(allow) {
    return allow === "custom" ? "function" : "apiKey";
}

function defaultGroupsField(rule) {
    return rule.allow === "groups" && !rule.groups ? "groups" : undefined;
}

// The owner fields of a model, also those that only rules of its fields name:
// { name, declared, list, read }.
export function ownerFields(model) {
    const owners = new Map();
    for (const rule of [...model.rules, ...model.object.fields.flatMap(readRules)]) {
        if (rule.allow !== "owner") continue;
        const field = model.object.fields.find((one) => one.name === rule.ownerField);
        const owner = owners.get(rule.ownerField) ?? {
            name: rule.ownerField,
            declared: Boolean(field),
            list: Boolean(field?.type.list),
            read: false,
        };
        owner.read ||= READ.some((name) => rule.operations.has(name));
        owners.set(owner.name, owner);
    }
    return [...owners.values()];
}

// The owner arguments of a model's subscriptions, as SDL.
export function subscriptionArguments(model, version) {
    if (model.operations.publicLevel) return [];
    const readable = model.owners.filter((owner) => owner.read);
    if (version === "v2") {
        return readable
            .filter((owner) => !owner.list)
            .map((owner) => `${owner.name}: String`);
    }
    const reading = model.rules.filter((rule) =>
        READ.some((name) => rule.operations.has(name)),
    );
    const anyUser = ({ allow, provider }) =>
        allow === "private" && provider === "userPools";
    if (reading.some(anyUser)) return [];
    const only = reading.length === 1;
    return readable.map((owner) => `${owner.name}: String${only ? "!" : ""}`);
}

export const hasRules = (catalog) =>
    [...catalog.models.values()].some((model) => directive(model.object, "auth"));
