// @auth on models: who may do what, as Amplify's resolvers decide it. A schema without
// any @auth is open to every mode, as in a sandbox. Rules of fields are not looked at.
import { unauthorized } from "../errors.js";

const PROVIDERS = {
    apiKey: ["apiKey"],
    iam: ["iam", "identityPool"],
    token: ["userPools", "oidc", "function"],
};

// An ID token and an access token have the user's name in different claims.
const claimOf = (claims, name) =>
    name === "username" ? (claims.username ?? claims["cognito:username"]) : claims[name];

// The names by which a record may call this caller its owner; the first is what a record
// is given. v2 knows several claims in one rule: what is stored is all of them, and each
// one is taken.
function namesOf({ claims }, rule, version) {
    const isJoined = version === "v2";
    const claim = rule.identityClaim ?? (isJoined ? "sub::username" : "username");
    const values = (isJoined ? claim.split("::") : [claim]).map((name) =>
        claimOf(claims, name),
    );
    if (values.some((value) => value === undefined || value === null)) return [];
    return values.length > 1 ? [values.join("::"), ...values] : values;
}

function inGroups({ claims }, rule, groups) {
    const mine = claims[rule.groupClaim];
    const list = Array.isArray(mine) ? mine : [mine];
    return groups.some((group) => list.includes(group));
}

const asArray = (value) => (Array.isArray(value) ? value : [value]);

// rule => record => is it this caller's, by that rule?
function ownedBy(identity, rule, version) {
    if (rule.allow === "owner") {
        const names = namesOf(identity, rule, version);
        return (record) =>
            asArray(record[rule.ownerField]).some((one) => names.includes(one));
    }
    return (record) => inGroups(identity, rule, asArray(record[rule.groupsField]));
}

export class Permissions {
    constructor(catalog) {
        this.version = catalog.version;
        const models = [...catalog.models.values()];
        this.open = models.every((model) => model.rules.length === 0);
    }

    // True, false, or a list of rules that look at the record.
    #decide(model, action, identity) {
        if (this.open || identity.mode === "admin" || model.rules.length === 0) {
            return true;
        }
        const rules = model.rules.filter(
            (rule) =>
                rule.operations.has(action) &&
                PROVIDERS[identity.mode].includes(rule.provider),
        );
        const isPlain = (rule) =>
            ["public", "private", "custom"].includes(rule.allow) ||
            (rule.allow === "groups" && inGroups(identity, rule, rule.groups));
        if (rules.some(isPlain)) return true;
        const dynamic = rules.filter(
            (rule) => rule.allow === "owner" || rule.groupsField,
        );
        return dynamic.length > 0 ? dynamic : false;
    }

    // Checks a root operation; gives args, with `allowed` for what a page may show, or
    // throws.
    check({ name, type, kind, model, context }, args, table) {
        const { identity } = context;
        const decision = this.#decide(model, kind, identity);
        if (decision === true) return args;
        const refuse = () => unauthorized(name, type);
        if (decision === false) throw refuse();
        const tests = decision.map((rule) => ownedBy(identity, rule, this.version));
        const allowed = (record) => tests.some((test) => test(record));
        if (kind === "list" || kind === "sync") return { ...args, allowed };
        if (kind === "create") {
            const input = this.#withOwner(args.input, decision, identity);
            if (!allowed(input)) throw refuse();
            return { ...args, input };
        }
        const record = table.get(table.keyOf(args.input ?? args));
        if (!record ? kind !== "get" : !allowed(record)) throw refuse();
        return args;
    }

    // The server fills in who creates, where the client does not say.
    #withOwner(input, rules, identity) {
        const rule = rules.find((one) => one.allow === "owner");
        if (!rule || (input[rule.ownerField] ?? null) !== null) return input;
        const [name] = namesOf(identity, rule, this.version);
        return { ...input, [rule.ownerField]: name };
    }

    // payload => may this subscriber see it? Throws if it may not listen at all.
    checkSubscription(name, model, args, identity) {
        if (model.operations.publicLevel) return () => true;
        const decision = this.#decide(model, "listen", identity);
        if (decision === true) return () => true;
        const refuse = () => unauthorized(name, "Subscription");
        if (decision === false) throw refuse();
        const owners = decision.filter((rule) => rule.allow === "owner");
        const given = owners.filter((rule) => args[rule.ownerField]);
        const isOwn = (rule) =>
            namesOf(identity, rule, this.version).includes(args[rule.ownerField]);
        if (this.version === "v1" && owners.length > 0) {
            // The owner that the arguments name; events are chosen by the arguments alone.
            if (!given.some(isOwn)) throw refuse();
            return () => true;
        }
        if (!given.every(isOwn)) throw refuse();
        const tests = decision.map((rule) => ownedBy(identity, rule, this.version));
        return (payload) => tests.some((test) => test(payload));
    }
}
