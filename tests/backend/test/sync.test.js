import assert from "node:assert/strict";
import test from "node:test";
import { BLOG, POST, errorOf, start } from "./support.js";

const post = (id, more = {}) => ({
    id,
    title: "t",
    rating: 1,
    status: "ACTIVE",
    ...more,
});

// Every page of a sync: { ids, sizes, starts }.
async function pages(sync, variables, select = "id") {
    const ids = [];
    const sizes = [];
    const starts = new Set();
    let nextToken = null;
    do {
        const page = await sync("Post", { ...variables, nextToken }, select);
        ids.push(...page.items.map(({ id }) => id));
        sizes.push(page.items.length);
        starts.add(page.startedAt);
        nextToken = page.nextToken;
    } while (nextToken);
    return { ids: ids.sort(), sizes, starts: [...starts] };
}

async function tenPosts(client) {
    for (let at = 0; at < 10; at++) {
        await client.create("Post", post(`p${at}`, { rating: at }));
    }
    await client.remove("Post", { id: "p9", _version: 1 });
}

test("base sync: every record once, tombstones too, one startedAt", async (t) => {
    const client = await start(t);
    await tenPosts(client);
    const { ids, sizes, starts } = await pages(client.sync, { limit: 3, lastSync: 0 });
    assert.deepEqual(
        ids,
        [...Array(10).keys()].map((at) => `p${at}`),
    );
    assert.deepEqual(sizes, [3, 3, 3, 1]);
    assert.equal(starts.length, 1);
    await client.admin("POST config", { store: { baseTombstones: false } });
    assert.equal((await pages(client.sync, { limit: 3 })).ids.length, 9);
});

test("a record that is added during a base sync is not lost to its delta", async (t) => {
    const { create, sync, admin } = await start(t);
    await admin("POST seed", { model: "Post", count: 100 });
    const first = await sync("Post", { limit: 50 });
    const added = [];
    for (let at = 0; at < 20; at++) {
        await create("Post", post(`new${at}`));
        added.push(`new${at}`);
    }
    const rest = await sync("Post", { limit: 1000, nextToken: first.nextToken });
    const found = [...first.items, ...rest.items].map(({ id }) => id);
    assert.equal(new Set(found).size, found.length);
    assert.ok(
        found.length >= 100 && found.length < 120,
        "some came before the scan's place",
    );
    const delta = await sync("Post", { limit: 1000, lastSync: first.startedAt });
    assert.deepEqual(delta.items.map(({ id }) => id).sort(), added.sort());
});

test("delta sync: each changed record once and as it is, or every change", async (t) => {
    const client = await start(t);
    await tenPosts(client);
    const { startedAt } = await client.sync("Post", { limit: 1 });
    await client.update("Post", { id: "p1", title: "x", _version: 1 });
    await client.update("Post", { id: "p1", title: "y", _version: 2 });
    await client.remove("Post", { id: "p2", _version: 1 });
    await client.create("Post", post("new"));
    const select = "id title _version _deleted";
    const { items } = await client.sync("Post", { lastSync: startedAt }, select);
    assert.deepEqual(items, [
        { id: "p1", title: "y", _version: 3, _deleted: null },
        { id: "p2", title: "t", _version: 2, _deleted: true },
        { id: "new", title: "t", _version: 1, _deleted: null },
    ]);
    const { ids, sizes } = await pages(client.sync, { limit: 2, lastSync: startedAt });
    assert.deepEqual(
        [ids, sizes],
        [
            ["new", "p1", "p2"],
            [2, 1],
        ],
    );
    await client.admin("POST config", { store: { everyChange: true } });
    const log = await client.sync("Post", { lastSync: startedAt }, "id _version");
    assert.deepEqual(
        log.items.filter(({ id }) => id === "p1").map(({ _version }) => _version),
        [2, 3],
    );
});

test("a delta of many pages sees what was true when it started", async (t) => {
    const client = await start(t);
    const { startedAt } = await client.sync("Post");
    await tenPosts(client);
    const select = "id title";
    const first = await client.sync("Post", { limit: 4, lastSync: startedAt }, select);
    await client.update("Post", { id: "p8", title: "later", _version: 1 });
    const variables = { limit: 100, lastSync: startedAt, nextToken: first.nextToken };
    const rest = await client.sync("Post", variables, select);
    assert.equal(first.items.length + rest.items.length, 10);
    assert.equal(rest.items.find(({ id }) => id === "p8").title, "t");
    const next = await client.sync("Post", { lastSync: first.startedAt }, select);
    assert.deepEqual(next.items, [{ id: "p8", title: "later" }]);
});

test("lastSync beyond the delta table's reach gives a base sync", async (t) => {
    const client = await start(t);
    await tenPosts(client);
    const { startedAt } = await client.sync("Post");
    assert.equal((await client.sync("Post", { lastSync: startedAt })).items.length, 0);
    await client.admin("POST config", { store: { deltaTtlMs: 0 } });
    const late = await client.sync("Post", { lastSync: startedAt - 10 });
    assert.equal(late.items.length, 10);
});

test("a filter applies after the limit: pages may be short or empty", async (t) => {
    const client = await start(t);
    await tenPosts(client);
    const filter = { and: [{ rating: { ge: 3 } }, { rating: { lt: 5 } }] };
    const { ids, sizes } = await pages(client.sync, { limit: 2, filter });
    assert.deepEqual(ids, ["p3", "p4"]);
    assert.equal(sizes.length, 5);
    assert.ok(sizes.includes(0));
});

test("limits: 100 by default, never more than the maximum", async (t) => {
    const { sync, admin } = await start(t, BLOG, { store: { maxLimit: 150 } });
    await admin("POST seed", { model: "Post", count: 200 });
    assert.equal((await sync("Post")).items.length, 100);
    assert.equal((await sync("Post", { limit: 1000 })).items.length, 150);
});

test("tokens: rubbish and expired ones are refused", async (t) => {
    const { sync, admin } = await start(t);
    await admin("POST seed", { model: "Post", count: 5 });
    const { nextToken } = await sync("Post", { limit: 2 });
    assert.equal((await sync("Post", { limit: 2, nextToken })).items.length, 2);
    await admin("POST tokens/expire");
    for (const token of [nextToken, "rubbish"]) {
        const error = errorOf(await sync("Post", { nextToken: token }));
        assert.equal(error.errorType, "DynamoDB:UserIllegalArgumentException");
        assert.match(error.message, /Invalid pagination token given/);
    }
});

test("the time of a tombstone ends, and purge is for good", async (t) => {
    const client = await start(t, BLOG, { store: { baseTtlMs: -2000 } });
    await tenPosts(client);
    assert.equal((await client.sync("Post")).items.length, 9);
    await client.admin("POST purge", { model: "Post", key: { id: "p1" } });
    const { items } = await client.sync("Post");
    assert.equal(items.length, 8);
    assert.ok(!items.some(({ id }) => id === "p1"));
});

test("list shows tombstones and has no startedAt", async (t) => {
    const client = await start(t);
    await tenPosts(client);
    const text = "{ listPosts(limit: 20) { items { id _deleted } nextToken startedAt } }";
    const { listPosts } = (await client.query(text)).data;
    assert.equal(listPosts.items.filter(({ _deleted }) => _deleted).length, 1);
    assert.equal(listPosts.items.length, 10);
    assert.equal(listPosts.startedAt, null);
});

// Amplify's resolvers turn some filters into a query of a key, and lose parts of them.
const KEYED = {
    v1: `type O @model @key(name: "byWho", fields: ["who", "day"]) {
        id: ID! who: String! day: String! total: Int!
    }`,
    v2: `type O @model {
        id: ID! who: String! @index(name: "byWho", sortKeyFields: ["day"]) day: String!
        total: Int!
    }`,
};

// [filter, the totals that it gives]. Lost are: what a query of a key cannot say (the third),
// and the first of two conditions on one field (the fifth).
const KEY_FILTERS = [
    [{ and: [{ who: { eq: "a" } }] }, [0, 2, 4]],
    [{ and: [{ who: { eq: "a" } }, { day: { gt: "1" } }] }, [2, 4]],
    [{ and: [{ who: { eq: "a" } }, { day: { ne: "2" } }] }, [0, 2, 4]],
    [{ and: [{ who: { eq: "a" } }, { total: { lt: 4 } }] }, [0, 2]],
    [{ and: [{ who: { eq: "a" } }, { total: { gt: 0 } }, { total: { lt: 4 } }] }, [0, 2]],
    [{ and: [{ total: { gt: 0 } }, { who: { eq: "a" } }, { total: { lt: 4 } }] }, [2]],
    [{ who: { eq: "a" }, total: { lt: 4 } }, [0, 2]],
];

for (const [version, sdl] of Object.entries(KEYED)) {
    test(`${version}: filters that become a query of a key`, async (t) => {
        const { create, query } = await start(t, sdl);
        for (let at = 0; at < 6; at++) {
            const who = at % 2 === 0 ? "a" : "b";
            await create("O", { id: `${at}`, who, day: `${at}`, total: at });
        }
        const text = `query ($filter: ModelOFilterInput, $lastSync: AWSTimestamp) {
            syncOS(filter: $filter, lastSync: $lastSync) { items { total } startedAt }
        }`;
        const totals = async (variables) => {
            const { syncOS } = (await query(text, variables)).data;
            return syncOS.items.map(({ total }) => total).sort();
        };
        for (const [filter, expected] of KEY_FILTERS) {
            assert.deepEqual(await totals({ filter }), expected, JSON.stringify(filter));
        }
        const between = { and: [{ who: { eq: "a" } }, { day: { between: ["1", "3"] } }] };
        const refused = await query(text, { filter: between });
        assert.match(errorOf(refused).message, /attribute value: :sortKey0/);
        // A delta sync applies the filter as it is.
        const lastSync = Date.now() - 60000;
        const filter = KEY_FILTERS[4][0];
        assert.deepEqual(await totals({ filter, lastSync }), [2]);
    });
}

test("a page by the short way is a page by the long way", async (t) => {
    const sdl = `
        type P @model {
            id: ID! name: String! tags: [String!] at: AWSDateTime json: AWSJSON
            place: Place places: [Place!]! mood: Mood children: [C] @hasMany }
        type C @model { id: ID! p: P @belongsTo }
        type Place { city: String! geo: [Float] }
        enum Mood { HAPPY SAD }`;
    const client = await start(t, sdl);
    const good = { name: "n", places: [], tags: ["a"], json: { a: 1 }, mood: "SAD" };
    const place = { city: "c", geo: [1, null] };
    const items = [
        { ...good, id: "1", place, places: [place] },
        { ...good, id: "2", at: "2024-02-29T00:00:00.000Z", tags: null, mood: null },
    ];
    const bad = [
        { ...good, id: "3", name: null },
        { ...good, id: "4", mood: "ANGRY" },
        { ...good, id: "5", tags: ["a", null] },
        { ...good, id: "6", at: "yesterday" },
        { ...good, id: "7", places: [{ geo: [] }] },
        { ...good, id: "8", tags: "a" },
    ];
    await client.admin("POST seed", { model: "P", items });
    await client.admin("POST seed", {
        model: "C",
        items: [
            { id: "c", pChildrenId: "1" },
            { id: "d", pChildrenId: "none" },
            { id: "e" },
        ],
    });
    const select =
        "id name tags at json place { city geo } places { city } mood createdAt _version";
    const text = (model, fields) => `{ sync${model}S { items { ${fields} } } }`;
    const page = async (model, fields) => {
        const { data, errors } = await client.query(text(model, fields));
        return { items: data[`sync${model}S`].items, errors };
    };
    const isQuick = (model, fields) => {
        const read = client.backend.executor.read({ query: text(model, fields) });
        return read.page({}, { identity: { mode: "admin" } }) !== null;
    };
    // __typename makes a selection go the long way.
    const compare = async (model, fields) => {
        const { items, errors } = await page(model, fields);
        const long = await page(model, `__typename ${fields}`);
        const withName = (item) => item && { __typename: model, ...item };
        assert.deepEqual(items.map(withName), long.items);
        assert.deepEqual(
            errors?.map(({ path }) => path),
            long.errors?.map(({ path }) => path),
        );
        return errors;
    };
    await compare("P", select);
    await compare("C", "id p { id name }");
    await compare("C", "id p { id } p { name }");
    assert.ok(isQuick("P", select) && isQuick("C", "id p { id name }"));
    await client.admin("POST seed", { model: "P", items: bad });
    const errors = await compare("P", select);
    const paths = errors.map(({ path }) => path.slice(3).join("."));
    assert.deepEqual(paths.sort(), [
        "at",
        "mood",
        "name",
        "places.0.city",
        "tags",
        "tags.1",
    ]);
    const [error] = errors.filter(({ path }) => path.includes("name"));
    const place0 = /\(\/syncPS\/items\[\d\]\/name\)$/;
    assert.match(
        error.message,
        /^Cannot return null for non-nullable type: 'String' within/,
    );
    assert.match(error.message, place0);
});

test("seeded records are what the model asks for", async (t) => {
    const { admin, sync } = await start(t);
    const template = { title: "post {i}", rating: 7 };
    await admin("POST seed", { model: "Post", count: 2, from: 5, prefix: "x", template });
    const { items } = await sync("Post", {}, POST);
    const found = items.map(({ id, title, rating, _version }) => [
        id,
        title,
        rating,
        _version,
    ]);
    assert.deepEqual(found.sort(), [
        ["x0000005", "post 0000005", 7, 1],
        ["x0000006", "post 0000006", 7, 1],
    ]);
});
