// What tests may do to the realtime connections: refuse, cut, silence, delay, garble.
import { hardReset } from "./reply.js";

export class RealtimeControls {
    constructor(realtime) {
        this.realtime = realtime;
        this.reset();
    }

    reset() {
        this.refusal = null; // { times, how: "reset", "hang" or a status }
        this.muted = false;
        this.held = null; // events kept back: [{ connection, text }]
        this.fragmentSize = 0;
        this.faults = [];
    }

    refuses(request, socket) {
        if (!this.refusal || this.refusal.times <= 0) return false;
        this.refusal.times--;
        const { how } = this.refusal;
        this.realtime.log.add({ kind: "ws", event: "refused", url: request.url, how });
        if (how === "reset") hardReset(socket);
        else if (how !== "hang") {
            const headers = "Connection: close\r\nContent-Length: 0\r\n";
            socket.end(`HTTP/1.1 ${how} Refused\r\n${headers}\r\n`);
        }
        return true;
    }

    holds(connection, text) {
        this.held?.push({ connection, text });
        return this.held !== null;
    }

    write(socket, text) {
        const whole = Buffer.from(text);
        const size = this.fragmentSize;
        if (size <= 0) {
            socket.send(text);
            return;
        }
        for (let at = 0; at < whole.length; at += size) {
            const part = whole.subarray(at, at + size);
            socket.send(part, { binary: false, fin: at + size >= whole.length });
        }
    }

    // A frame that meets a fault is answered by it: error, connection_error, close,
    // terminate or drop (no answer).
    spoils(connection, frame) {
        const fault = this.faults.find(({ times, match = {} }) => {
            if (times === 0 || (match.type && match.type !== frame.type)) return false;
            return !match.field || match.field === this.#fieldOf(frame);
        });
        if (!fault) return false;
        if (fault.times !== null) fault.times--;
        this.realtime.log.counts.faults++;
        const { kind, errorType = "InternalFailure", errorCode = 500, message } = fault;
        const { socket } = connection;
        const errors = fault.errors ?? [
            { errorType, errorCode, message: message ?? "injected fault" },
        ];
        const payload = fault.payload ?? { errors };
        if (kind === "error") {
            this.realtime.send(connection, { type: "error", id: frame.id, payload });
        }
        if (kind === "connection_error") {
            this.realtime.send(connection, { type: kind, payload });
        }
        if (kind === "close") socket.close(fault.code ?? 1011, fault.reason ?? "");
        if (kind === "terminate") socket.terminate();
        return true;
    }

    #fieldOf(frame) {
        try {
            return this.realtime.executor.readSubscription(JSON.parse(frame.payload.data))
                .field;
        } catch {
            return null;
        }
    }

    addFault(fault) {
        const kinds = ["error", "connection_error", "close", "terminate", "drop"];
        if (!kinds.includes(fault.kind)) {
            throw new Error(`no such kind of fault: ${fault.kind}`);
        }
        this.faults.push({ times: 1, ...fault });
    }

    // Cuts every connection: without a word, or with a close frame.
    drop({ mode = "terminate", code = 1001, reason = "" }) {
        const { connections } = this.realtime;
        for (const { socket } of connections.values()) {
            if (mode === "close") socket.close(code, reason);
            else socket.terminate();
        }
        return connections.size;
    }

    hold({ on = true, order = "forward", copies = 1 }) {
        if (on) {
            this.held ??= [];
            return this.held.length;
        }
        const held = this.held ?? [];
        this.held = null;
        if (order === "reverse") held.reverse();
        for (const { connection, text } of held) {
            for (let copy = 0; copy < copies; copy++) {
                this.realtime.sendText(connection, text);
            }
        }
        return held.length;
    }

    // Any text to every connection, or a made-up event to the subscriptions of a field.
    inject({ frame, field, data, payload }) {
        for (const connection of this.realtime.connections.values()) {
            if (!field) {
                const text = typeof frame === "string" ? frame : JSON.stringify(frame);
                this.realtime.sendText(connection, text);
                continue;
            }
            for (const [id, subscription] of connection.subscriptions) {
                if (subscription.field !== field) continue;
                const event = payload ?? { data: { [field]: data } };
                this.realtime.send(connection, { type: "data", id, payload: event });
            }
        }
    }

    ping({ data = "" }) {
        for (const { socket } of this.realtime.connections.values()) socket.ping(data);
    }
}
