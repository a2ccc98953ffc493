// One versioned table: the records with their tombstones in the order of a scan, the log
// of changes that delta syncs read, and the past versions that merges start from. A
// record is never changed in place: each change puts a new object.

const KEPT_VERSIONS = 100;

// DynamoDB scans in the order of a hash: a record that is added during a scan may come
// before the place that the scan has reached. (32-bit FNV-1a)
function hash(text) {
    let value = 0x811c9dc5;
    for (let at = 0; at < text.length; at++) {
        value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
    }
    return (value >>> 0).toString(16).padStart(8, "0");
}

// The first place in a sorted list whose value is not below `wanted`.
function lowerBound(list, wanted, valueOf) {
    let low = 0;
    let high = list.length;
    while (low < high) {
        const middle = (low + high) >>> 1;
        if (valueOf(list[middle]) < wanted) low = middle + 1;
        else high = middle;
    }
    return low;
}

const asIs = (value) => value;

export class Table {
    constructor(model) {
        this.model = model;
        this.clear();
    }

    clear() {
        this.rows = new Map();
        this.places = []; // hash + key of each record, sorted unless `unsorted`
        this.unsorted = false;
        this.changes = []; // { place, at, key, record, replacedAt } in the order of time
        this.lastChange = new Map(); // key -> its newest change
        this.changeCount = 0;
        this.versions = new Map(); // key -> past records, oldest first
    }

    // Two key fields are kept apart; of more, Amplify joins all but the first with "#".
    keyOf(values) {
        const [first, ...rest] = this.model.keys.map((name) => String(values[name]));
        return rest.length === 0 ? first : `${first}\0${rest.join("#")}`;
    }

    // A tombstone whose time is over is gone, as DynamoDB's TTL has it.
    get(key) {
        const record = this.rows.get(key);
        if (!record?._deleted || !(record._ttl * 1000 < Date.now())) return record;
        this.drop(key);
        return undefined;
    }

    put(record) {
        const key = this.keyOf(record);
        if (!this.rows.has(key)) this.#addPlace(hash(key) + key);
        const before = this.rows.get(key);
        if (before) this.#keepVersion(key, before);
        this.rows.set(key, record);
        this.#addChange(key, record);
    }

    #addChange(key, record) {
        const at = record._lastChangedAt;
        const place = ++this.changeCount;
        const change = { place, at, key, record, replacedAt: Infinity };
        const before = this.lastChange.get(key);
        if (before) before.replacedAt = at;
        this.lastChange.set(key, change);
        this.changes.push(change);
    }

    #addPlace(place) {
        const { places } = this;
        if (!this.unsorted && places.length > 0 && place < places.at(-1)) {
            // Sorting at the next read is cheaper than many insertions: seeding does
            // that.
            this.unsorted = true;
        }
        places.push(place);
    }

    #keepVersion(key, record) {
        const past = this.versions.get(key) ?? [];
        past.push(record);
        if (past.length > KEPT_VERSIONS) past.shift();
        this.versions.set(key, past);
    }

    // The record as it was at that version, or null.
    atVersion(key, version) {
        return (
            this.versions.get(key)?.find((record) => record._version === version) ?? null
        );
    }

    // For good, as if its tombstone had never been.
    drop(key) {
        if (!this.rows.delete(key)) return;
        this.#sort();
        this.places.splice(lowerBound(this.places, hash(key) + key, asIs), 1);
        this.changes = this.changes.filter((change) => change.key !== key);
        this.lastChange.delete(key);
        this.versions.delete(key);
    }

    #sort() {
        if (this.unsorted) this.places.sort((a, b) => (a < b ? -1 : 1));
        this.unsorted = false;
    }

    // Up to `limit` visited records after the place `after`: [{ place, record }]. `visit`
    // says which a scan or a query comes across at all.
    scan(after, limit, visit = () => true) {
        this.#sort();
        const result = [];
        let at = after === null ? 0 : lowerBound(this.places, after, asIs);
        if (this.places[at] === after) at++;
        for (; at < this.places.length && result.length < limit; at++) {
            const place = this.places[at];
            const record = this.get(place.slice(8));
            if (record === undefined) at--;
            else if (visit(record)) result.push({ place, record });
        }
        return result;
    }

    // Up to `limit` changes after the place `after`, made from `since` to `until`,
    // inclusive: each record once, as it was last, or every change.
    changed(since, until, after, limit, everyChange) {
        const result = [];
        let at = lowerBound(this.changes, since, (change) => change.at);
        if (after !== null) {
            at = Math.max(
                at,
                lowerBound(this.changes, after + 1, (change) => change.place),
            );
        }
        for (; at < this.changes.length && result.length < limit; at++) {
            const change = this.changes[at];
            if (change.at > until) break;
            if (everyChange || change.replacedAt > until) result.push(change);
        }
        return result;
    }
}
