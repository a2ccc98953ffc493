import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";
import { buildSchema } from "graphql";
import { plural } from "../lib/schema/plural.js";
import { guessVersion, readCatalog } from "../lib/schema/model.js";
import { printApi } from "../lib/schema/api.js";
import { BLOG, BLOG_V2, ROOT } from "./support.js";

const api = (sdl, options) => buildSchema(printApi(readCatalog(sdl, options)));

// The fields of a type as "name: Type", sorted; of a root field its arguments.
function fieldsOf(schema, type) {
    return Object.values(schema.getType(type).getFields())
        .map((field) => `${field.name}: ${field.type}`)
        .sort();
}

function argumentsOf(schema, root, name) {
    const { args } = schema.getType(root).getFields()[name];
    return args.map((arg) => `${arg.name}: ${arg.type}`);
}

test("plurals", () => {
    const known = `Post Posts,
        Country Countries, Person People, BlogPerson BlogPeople, URL URLS,
        UserID UserIDS, UserId UserIds, Data2 Data2s, Money Monies, Human Humans,
        German Germen, Virus Viri, Schema Schemata, Canvas Canvas, Data Data, News
        News, Series Series, Octopus Octopuses, Stomach Stomaches, BlogMouse
        BlogMouses, Trailing_ Trailing_s, A AS, Quiz Quizzes, Hero Heroes, Wife Wives,
        Leaf Leaves, Child Children, Axis Axes, Alias Aliases, Analysis Analyses,
        Criterion Criteria, Cactus Cacti, Sheep Sheep, Echo Echoes, Foot Feet`;
    for (const pair of known.split(/,\s*/)) {
        const [one, many] = pair.split(/\s+/);
        assert.equal(plural(one), many);
    }
});

test("the directives say which version of Amplify a schema is for", () => {
    assert.equal(guessVersion(BLOG), "v1");
    assert.equal(guessVersion(BLOG_V2), "v2");
    assert.equal(guessVersion("type Note @model { id: ID! }"), "v1");
});

test("v1: a generated key is in the inputs and not in the output", () => {
    const schema = api(BLOG);
    assert.ok(!fieldsOf(schema, "Comment").some((field) => /commentPostId/.test(field)));
    assert.deepEqual(fieldsOf(schema, "CreateCommentInput"), [
        "_version: Int",
        "commentPostId: ID",
        "content: String",
        "id: ID",
    ]);
    assert.deepEqual(fieldsOf(schema, "UpdateCommentInput")[3], "id: ID!");
    assert.deepEqual(argumentsOf(schema, "Subscription", "onCreatePost"), []);
    assert.deepEqual(fieldsOf(schema, "ModelPostFilterInput"), [
        "and: [ModelPostFilterInput]",
        "id: ModelIDInput",
        "not: ModelPostFilterInput",
        "or: [ModelPostFilterInput]",
        "rating: ModelIntInput",
        "status: ModelPostStatusInput",
        "title: ModelStringInput",
    ]);
});

test("v2: a generated key is a field, and subscriptions take a filter", () => {
    const schema = api(BLOG_V2);
    assert.ok(fieldsOf(schema, "Comment").includes("postCommentsId: ID"));
    assert.ok(fieldsOf(schema, "CreateCommentInput").includes("postCommentsId: ID"));
    assert.deepEqual(argumentsOf(schema, "Subscription", "onCreatePost"), [
        "filter: ModelSubscriptionPostFilterInput",
    ]);
    const filter = fieldsOf(schema, "ModelSubscriptionPostFilterInput");
    assert.ok(!filter.some((field) => field.startsWith("not:")));
    assert.ok(
        fieldsOf(schema, "ModelPostFilterInput").includes("_deleted: ModelBooleanInput"),
    );
});

test("v2: composite keys", () => {
    const sdl = `
        type Store @model {
            region: String! @primaryKey(sortKeyFields: ["number"])
            number: Int!
            shelves: [Shelf] @hasMany
        }
        type Shelf @model { id: ID! store: Store @belongsTo }`;
    const schema = api(sdl);
    assert.deepEqual(argumentsOf(schema, "Query", "getStore"), [
        "region: String!",
        "number: Int!",
    ]);
    const shelf = fieldsOf(schema, "Shelf");
    assert.ok(shelf.includes("storeShelvesRegion: String"));
    assert.ok(shelf.includes("storeShelvesNumber: Int"));
    assert.ok(!fieldsOf(schema, "Store").includes("id: ID!"));
    const plain = fieldsOf(api(sdl, { respectPrimaryKey: false }), "Shelf");
    assert.ok(plain.includes("storeShelvesId: ID"));
});

test("v2: many to many makes a model", () => {
    const sdl = `
        type Post @model {
            slug: ID! @primaryKey(sortKeyFields: ["lang"])
            lang: String!
            tags: [Tag] @manyToMany(relationName: "post-item tags")
        }
        type Tag @model {
            id: ID!
            posts: [Post] @manyToMany(relationName: "post-item tags")
        }`;
    const schema = api(sdl);
    const join = fieldsOf(schema, "Postitemtags");
    for (const field of [
        "postSlug: ID!",
        "postlang: String!",
        "tagId: ID!",
        "post: Post!",
    ]) {
        assert.ok(join.includes(field), field);
    }
    assert.ok(schema.getQueryType().getFields().syncPostitemtags);
});

test("operations: renamed, none", () => {
    const sdl = `
        type A @model(queries: null) { id: ID! }
        type B @model(mutations: { create: "addB" }) { id: ID! }
        type C @model(subscriptions: null) { id: ID! }
        type D @model(queries: { get: "oneD" }) { id: ID! }`;
    const names = (schema, root) => Object.keys(schema.getType(root).getFields());
    const v1 = api(sdl, { transformer: "v1" });
    const v2 = api(sdl, { transformer: "v2" });
    assert.ok(names(v1, "Query").includes("syncAS"));
    assert.ok(!names(v2, "Query").includes("syncAS"));
    assert.ok(!names(v1, "Mutation").includes("deleteB"));
    assert.ok(names(v2, "Mutation").includes("deleteB"));
    for (const schema of [v1, v2]) {
        assert.ok(names(schema, "Mutation").includes("addB"));
        assert.ok(!names(schema, "Subscription").includes("onCreateC"));
        assert.ok(names(schema, "Query").includes("oneD"));
    }
    assert.ok(!names(v1, "Query").includes("listDS"));
    assert.ok(names(v2, "Query").includes("listDS"));
});

test("owners: fields and arguments", () => {
    const rules = "@auth(rules: [{ allow: owner }])";
    const sdl = `type Note @model ${rules} { id: ID! text: String }`;
    for (const [transformer, type] of [
        ["v1", "String!"],
        ["v2", "String"],
    ]) {
        const schema = api(sdl, { transformer });
        assert.ok(fieldsOf(schema, "Note").includes("owner: String"));
        assert.ok(
            !fieldsOf(schema, "CreateNoteInput").some((field) => /owner/.test(field)),
        );
        const args = argumentsOf(schema, "Subscription", "onCreateNote");
        assert.equal(args.at(-1), `owner: ${type}`);
    }
});

// The documents that the extension is expected to write (tests/golden/graphql) are valid.
test("the documents of datastore are valid in this API", async () => {
    const { Executor } = await import("../lib/graphql/executor.js");
    const { buildApi } = await import("../lib/graphql/api_schema.js");
    const { Store } = await import("../lib/data/store.js");
    const folder = `${ROOT}tests/golden/graphql/`;
    let documents = 0;
    for (const file of fs
        .readdirSync(folder)
        .filter((name) => name.endsWith(".graphql"))) {
        const transformer = /v1/.test(file) ? "v1" : "v2";
        const options = { transformer, respectPrimaryKey: !file.startsWith("nocpk") };
        const catalog = readCatalog(fs.readFileSync(folder + file, "utf8"), options);
        const store = new Store(catalog);
        const executor = new Executor(buildApi(catalog, store, null), store);
        const golden = fs.readFileSync(folder + file.replace(".graphql", ".out"), "utf8");
        for (const text of documentsOf(golden)) {
            assert.deepEqual(
                executor.read({ query: text }).errors,
                [],
                `${file}: ${text}`,
            );
            documents++;
        }
    }
    assert.ok(documents > 100);
});

// Whole documents from the short form of the golden files.
function* documentsOf(golden) {
    const models = golden.split(/^(?=\S)/m).filter((part) => part.trim() !== "");
    for (const part of models) {
        const lines = part.split("\n").map((line) => /^ {2}(\w+) +(.*)$/.exec(line));
        const known = new Map(
            lines.filter(Boolean).map(([, name, rest]) => [name, rest]),
        );
        for (const [name, rest] of known) {
            const call = /^(\w+)\((.*)\)$/.exec(rest);
            if (!call) continue;
            const [, field, variables] = call;
            const isQuery = name === "sync" || name === "get";
            const kind = isQuery
                ? "query"
                : name.startsWith("on")
                  ? "subscription"
                  : "mutation";
            const names = [...variables.matchAll(/\$(\w+):/g)].map(
                ([, one]) => `${one}: $${one}`,
            );
            const selection = known.get(isQuery ? "queries" : "others");
            const inside =
                name === "sync"
                    ? `{ items ${selection} nextToken startedAt }`
                    : selection;
            const head = variables ? `(${variables})` : "";
            const args = names.length > 0 ? `(${names.join(", ")})` : "";
            yield `${kind} operation${head} { ${field}${args} ${inside} }`;
        }
    }
}
