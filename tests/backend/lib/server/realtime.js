// The realtime endpoint: WebSocket connections in AppSync's graphql-ws protocol, and what
// is published to their subscriptions.
import { WebSocket, WebSocketServer } from "ws";
import { GRAPHQL_PATH } from "./endpoint.js";
import { Refused } from "./auth.js";
import { RealtimeControls } from "./realtime_controls.js";
import { matchesSubscription } from "../graphql/subscription_filter.js";
import { MalformedRequest } from "../graphql/executor.js";
import { ServiceError } from "../errors.js";

const MAX_SUBSCRIPTIONS = 100;

const lowerKeys = (object) =>
    Object.fromEntries(
        Object.entries(object).map(([key, value]) => [key.toLowerCase(), value]),
    );

// The authorization of a connection: in ?header=, in a subprotocol, or in plain headers.
function connectHeaders(request) {
    const protocols = String(request.headers["sec-websocket-protocol"] ?? "").split(
        /, */,
    );
    const inProtocol = protocols.find((one) => one.startsWith("header-"))?.slice(7);
    const inUrl = new URL(request.url, "http://localhost").searchParams.get("header");
    const encoded = inProtocol ?? inUrl;
    if (!encoded) return request.headers;
    return lowerKeys(JSON.parse(Buffer.from(encoded, "base64").toString()));
}

// What an error frame says of a start that cannot be served.
function refusals(error) {
    if (error.errors) return error.errors.map(({ message }) => ({ message }));
    if (error instanceof Refused || error instanceof ServiceError) {
        const { errorType, message } = error;
        return [{ errorType, message }];
    }
    if (error instanceof MalformedRequest || error instanceof SyntaxError) {
        const message = "Unable to parse GraphQL query.";
        return [{ errorType: "BadRequestException", message }];
    }
    throw error;
}

class Connection {
    constructor(id, socket) {
        Object.assign(this, { id, socket, ready: false, subscriptions: new Map() });
    }
}

export class Realtime {
    constructor({ executor, auth, permissions, log, options }) {
        Object.assign(this, { executor, auth, permissions, log, options });
        this.connections = new Map();
        this.count = 0;
        this.controls = new RealtimeControls(this);
        this.server = new WebSocketServer({
            noServer: true,
            handleProtocols: (offered) =>
                offered.has("graphql-ws") ? "graphql-ws" : false,
        });
    }

    upgrade(request, socket, head) {
        socket.on("error", () => socket.destroy());
        if (this.controls.refuses(request, socket)) return;
        this.server.handleUpgrade(request, socket, head, (ws) => this.#open(request, ws));
    }

    #open(request, socket) {
        const connection = new Connection(++this.count, socket);
        this.connections.set(connection.id, connection);
        this.log.counts.connections++;
        const { url, headers } = request;
        this.log.add({
            kind: "ws",
            event: "open",
            connection: connection.id,
            url,
            headers,
        });
        socket.on("message", (data) => this.#receive(connection, data.toString()));
        socket.on("error", () => socket.terminate());
        socket.on("close", (code) => {
            clearInterval(connection.keepAlive);
            this.connections.delete(connection.id);
            this.log.add({ kind: "ws", event: "close", connection: connection.id, code });
        });
        this.#admit(connection, request);
    }

    #admit(connection, request) {
        try {
            const path = `${GRAPHQL_PATH}/connect`;
            this.auth.identify({ path, headers: connectHeaders(request), body: "{}" });
        } catch (error) {
            const { errorType = "BadRequestException", status = 400, message } = error;
            const errors = [{ errorType, message, errorCode: status }];
            this.send(connection, { type: "connection_error", payload: { errors } });
            connection.socket.close(1002);
        }
    }

    send(connection, frame) {
        const text = typeof frame === "string" ? frame : JSON.stringify(frame);
        if (frame.type === "data" && this.controls.holds(connection, text)) return;
        this.sendText(connection, text);
    }

    sendText({ id, socket }, text) {
        if (socket.readyState !== WebSocket.OPEN || this.controls.muted) return;
        this.log.frame("out", id, text);
        this.controls.write(socket, text);
    }

    #receive(connection, text) {
        this.log.frame("in", connection.id, text);
        let frame = null;
        try {
            frame = JSON.parse(text);
        } catch {
            // an unknown frame, like null
        }
        frame ??= {};
        if (this.controls.spoils(connection, frame)) return;
        switch (frame.type) {
            case "connection_init":
                this.#acknowledge(connection);
                break;
            case "start":
                this.#start(connection, frame);
                break;
            case "stop":
                if (!connection.subscriptions.delete(frame.id)) break;
                this.send(connection, { type: "complete", id: frame.id });
                break;
            default:
                this.#fail(connection, undefined, {
                    errorType: "UnsupportedOperation",
                    message: "unknown frame",
                });
        }
    }

    #acknowledge(connection) {
        const connectionTimeoutMs = this.options.ackTimeoutMs;
        connection.ready = true;
        this.send(connection, {
            type: "connection_ack",
            payload: { connectionTimeoutMs },
        });
        this.send(connection, { type: "ka" });
        clearInterval(connection.keepAlive);
        const tick = () => this.send(connection, { type: "ka" });
        if (this.options.kaMs > 0) {
            connection.keepAlive = setInterval(tick, this.options.kaMs);
        }
    }

    #fail(connection, id, ...errors) {
        this.send(connection, { type: "error", id, payload: { errors } });
    }

    #start(connection, frame) {
        const { id } = frame;
        try {
            const subscription = this.#subscribe(connection, frame);
            connection.subscriptions.set(id, subscription);
            this.send(connection, { type: "start_ack", id, payload: {} });
        } catch (error) {
            this.#fail(connection, id, ...refusals(error));
        }
    }

    #subscribe(connection, { id, payload }) {
        if (!connection.ready) {
            throw new ServiceError("BadRequestException", "connection_init comes first");
        }
        if (connection.subscriptions.has(id)) {
            throw new ServiceError(
                "DuplicatedOperationError",
                "Operation already exists.",
            );
        }
        if (connection.subscriptions.size >= MAX_SUBSCRIPTIONS) {
            const message = `Max number of ${MAX_SUBSCRIPTIONS} subscriptions reached`;
            throw new ServiceError("MaxSubscriptionsReachedError", message);
        }
        const body = payload?.data ?? "";
        const headers = lowerKeys(payload?.extensions?.authorization ?? {});
        const identity = this.auth.identify({ path: GRAPHQL_PATH, headers, body });
        const request = JSON.parse(body);
        const { field, model, args } = this.executor.readSubscription(request);
        const allowed = this.permissions.checkSubscription(field, model, args, identity);
        return { request, field, args, allowed };
    }

    // Tells every subscription that a mutation field feeds what the mutation answered.
    publish(mutation, payload) {
        const fields = this.executor.api.subscriptions.get(mutation)?.fields ?? [];
        for (const connection of this.connections.values()) {
            for (const [id, subscription] of connection.subscriptions) {
                const { request, field, args, allowed } = subscription;
                if (!fields.includes(field) || !allowed(payload)) continue;
                if (!matchesSubscription(args, payload)) continue;
                const event = this.executor.event(request, field, payload);
                this.send(connection, { type: "data", id, payload: event });
            }
        }
    }
}
