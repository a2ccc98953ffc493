// The versioned data source: what AppSync does with the tables of an API that has
// conflict detection on. Everything is in memory; a journal file, if there is one, gets
// each change.
import { conditionFailed, conflictUnhandled } from "../errors.js";
import { compile } from "./condition.js";
import { automerge } from "./merge.js";
import { Table } from "./table.js";
import { decodeToken, encodeToken } from "./token.js";

export const STORE_DEFAULTS = {
    conflict: "AUTOMERGE", // or OPTIMISTIC_CONCURRENCY
    // What AUTOMERGE knows of the version that a mutation names: its record ("version"),
    // or nothing ("none"), so that every field which the server has keeps its value.
    mergeBase: "version",
    conflictData: "full", // what ConflictUnhandled carries: the record, or "null"
    baseTombstones: true, // base syncs return tombstones
    everyChange: false, // delta syncs return each change, not each record once
    deltaTtlMs: 30 * 60 * 1000, // how long a delta sync can look back
    baseTtlMs: 30 * 24 * 60 * 60 * 1000, // how long tombstones are kept
    maxLimit: 1000, // records that one page visits at most
};

export class Store {
    constructor(catalog, options = {}) {
        this.options = { ...STORE_DEFAULTS, ...options };
        this.tables = new Map();
        for (const [name, model] of catalog.models) {
            this.tables.set(name, new Table(model));
        }
        this.lastTime = 0;
        this.epoch = 0;
        this.journal = null;
    }

    table(name) {
        const table = this.tables.get(name);
        if (!table) throw new Error(`no such model: ${name}`);
        return table;
    }

    // Milliseconds that never repeat, so that lastSync tells exactly what came before it.
    now() {
        this.lastTime = Math.max(Date.now(), this.lastTime + 1);
        return this.lastTime;
    }

    clear() {
        for (const table of this.tables.values()) table.clear();
        this.journal?.write({ clear: true });
    }

    // Every change goes through here, also those that the journal gives back.
    put(table, record) {
        table.put(record);
        this.lastTime = Math.max(this.lastTime, record._lastChangedAt);
        this.journal?.write({ model: table.model.name, record });
        return record;
    }

    drop(table, key) {
        table.drop(key);
        this.journal?.write({ model: table.model.name, drop: key });
    }

    // Items of the base table that no client has written: no event, one time for all.
    seed(name, items) {
        const table = this.table(name);
        const at = this.now();
        const meta = { _version: 1, _lastChangedAt: at };
        for (const item of items) this.put(table, { ...item, ...meta });
    }

    create(table, values, condition) {
        const current = table.get(table.keyOf(values));
        if (current || !compile(condition)({})) throw conditionFailed(current);
        return this.put(table, { ...values, _version: 1, _lastChangedAt: this.now() });
    }

    // changes: a value for each field to set, undefined for one to remove.
    update(table, key, changes, version, condition) {
        const current = this.#existing(table, key);
        const stale = version !== current._version;
        if (stale && (this.options.conflict !== "AUTOMERGE" || current._deleted)) {
            throw this.#conflict(current);
        }
        if (!compile(condition)(current)) throw conditionFailed(current);
        const known =
            this.options.mergeBase === "version" ? table.atVersion(key, version) : null;
        const record = stale
            ? automerge(known, current, changes)
            : { ...current, ...changes };
        for (const name of Object.keys(record)) {
            if (record[name] === undefined) delete record[name];
        }
        delete record._deleted;
        delete record._ttl;
        return this.#next(table, current, record);
    }

    // A delete cannot be merged: a stale version is refused by every strategy.
    remove(table, key, version, condition) {
        const current = this.#existing(table, key);
        if (version !== current._version) throw this.#conflict(current);
        if (!compile(condition)(current)) throw conditionFailed(current);
        const ttl = Math.floor((Date.now() + this.options.baseTtlMs) / 1000);
        return this.#next(table, current, { ...current, _deleted: true, _ttl: ttl });
    }

    #existing(table, key) {
        const current = table.get(key);
        if (!current) throw conditionFailed(null);
        return current;
    }

    #conflict(current) {
        return conflictUnhandled(this.options.conflictData === "null" ? null : current);
    }

    #next(table, current, record) {
        const meta = { _version: current._version + 1, _lastChangedAt: this.now() };
        return this.put(table, { ...record, ...meta });
    }

    // One page of records: { items, nextToken }. The filter is applied to what was
    // visited, so that a page can be short or empty and not the last.
    list(table, { visit, filter, allowed, limit, nextToken }) {
        const token = decodeToken(nextToken, this.epoch);
        const size = this.#pageSize(limit);
        const passes = compile(filter);
        const shown = (record) => passes(record) && (!allowed || allowed(record));
        const found = table.scan(token?.after ?? null, size + 1, visit);
        return this.#page(found, size, shown, { epoch: this.epoch });
    }

    // One page of a sync: a base sync, or a delta sync when lastSync is within reach.
    // startedAt is that of the first page on all of its pages.
    sync(table, { visit, filter, allowed, limit, nextToken, lastSync }) {
        const token = decodeToken(nextToken, this.epoch);
        const startedAt = token?.startedAt ?? this.now();
        const delta = token ? token.delta : this.reachesBack(lastSync);
        const since = token?.since ?? lastSync;
        const size = this.#pageSize(limit);
        const passes = compile(filter);
        const after = token?.after ?? null;
        const hidden = (record) =>
            !delta && record._deleted && !this.options.baseTombstones;
        const found = delta
            ? table.changed(since, startedAt, after, size + 1, this.options.everyChange)
            : table.scan(after, size + 1, visit);
        const state = { epoch: this.epoch, startedAt, delta, since };
        const shown = (record) =>
            passes(record) && !hidden(record) && (!allowed || allowed(record));
        return { ...this.#page(found, size, shown, state), startedAt };
    }

    reachesBack(lastSync) {
        return Boolean(lastSync) && lastSync >= Date.now() - this.options.deltaTtlMs;
    }

    #pageSize(limit) {
        const wanted = limit > 0 ? limit : 100;
        return Math.min(wanted, this.options.maxLimit);
    }

    // found holds one record more than the page if there is a next page.
    #page(found, size, passes, state) {
        const visited = found.slice(0, size);
        const more = found.length > size;
        const items = visited.map(({ record }) => record).filter(passes);
        const after = more
            ? encodeToken({ ...state, after: visited.at(-1).place })
            : null;
        return { items, nextToken: after };
    }
}
