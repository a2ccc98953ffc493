// Puts the parts of the backend together. start() gives the addresses.
import { readCatalog } from "./schema/model.js";
import { buildApi } from "./graphql/api_schema.js";
import { Executor } from "./graphql/executor.js";
import { Store } from "./data/store.js";
import { openJournal } from "./data/journal.js";
import { Auth } from "./server/auth.js";
import { Permissions } from "./server/permissions.js";
import { Log } from "./server/log.js";
import { Faults, failsField, fieldError } from "./server/faults.js";
import { Endpoint } from "./server/endpoint.js";
import { Realtime } from "./server/realtime.js";
import { Admin } from "./server/admin.js";
import { Front } from "./server/front.js";

export const DEFAULT_API_KEY = "da2-fakeApiId123456";

const DEFAULTS = {
    port: 0,
    tlsPort: 0,
    adminPort: 0,
    tls: false,
    http2: false, // with tls
    pack: null, // or "gzip", "br"
    transformer: "auto",
    respectPrimaryKey: true,
    delayMs: 0, // before every answer
    kaMs: 60000, // between keep-alive frames
    ackTimeoutMs: 300000, // what connection_ack says
    store: {},
    auth: { apiKeys: [DEFAULT_API_KEY], tokens: [], iam: [] },
    journal: null,
};

export class Backend {
    constructor(sdl, options = {}) {
        this.options = { ...DEFAULTS, ...options };
        this.catalog = readCatalog(sdl, this.options);
        this.store = new Store(this.catalog, this.options.store);
        this.auth = new Auth(this.options.auth);
        this.permissions = new Permissions(this.catalog);
        this.log = new Log();
        this.faults = new Faults();
        this.api = buildApi(this.catalog, this.store, this.#guard.bind(this));
        this.executor = new Executor(this.api, this.store);
        this.realtime = new Realtime(this);
        this.controls = this.realtime.controls;
        this.endpoint = new Endpoint(this);
        this.admin = new Admin(this);
        this.front = new Front(this);
    }

    // Around every root operation: may the caller, and does a fault make it fail?
    #guard(operation, args) {
        const { fault } = operation.context;
        const fails = failsField(fault, operation, args);
        if (fails && !fault.after) throw fieldError(fault);
        const table = this.store.table(operation.model.name);
        const result = operation.run(this.permissions.check(operation, args, table));
        if (fails) throw fieldError(fault);
        return result;
    }

    async start() {
        if (this.options.journal) openJournal(this.store, this.options.journal);
        const addresses = await this.front.start();
        const { conflict } = this.store.options;
        const [apiKey = null] = this.auth.apiKeys;
        const transformer = this.catalog.version;
        return {
            ready: true,
            pid: process.pid,
            ...addresses,
            apiKey,
            conflict,
            transformer,
        };
    }

    stop() {
        this.front.stop();
        this.store.journal?.close();
    }
}
