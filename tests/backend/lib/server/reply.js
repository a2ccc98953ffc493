// One HTTP answer in the hands of the endpoint and of its faults.
import { brotliCompressSync, gzipSync } from "node:zlib";

function hardReset(socket) {
    // A TLS socket stands on a TCP socket, which is the one that can send RST.
    const tcp = socket._parent ?? socket;
    tcp.resetAndDestroy?.();
    socket.destroy();
}

export { hardReset };

const PACKERS = { gzip: gzipSync, br: brotliCompressSync };
const LEAST_PACKED = 1000; // bytes; as the service

// By `pack`, if the client takes it: the head and the body that are sent.
function packed(pack, request, headers, body) {
    const accepted = String(request.headers["accept-encoding"] ?? "").split(/, */);
    const isPacked = "content-encoding" in headers;
    if (!accepted.includes(pack) || isPacked || body.length < LEAST_PACKED) {
        return { headers, body };
    }
    return {
        headers: { ...headers, "content-encoding": pack },
        body: PACKERS[pack](body),
    };
}

export class Reply {
    constructor(response, pack = null) {
        Object.assign(this, { response, pack });
    }

    // Gives how the body was packed, if it was.
    send({ status, headers: given, text }) {
        const { response } = this;
        if (response.destroyed) return undefined;
        const { headers, body } = packed(
            this.pack,
            response.req,
            given,
            Buffer.from(text),
        );
        response.writeHead(status, { ...headers, "content-length": body.length });
        response.end(body);
        return headers["content-encoding"];
    }

    json(status, value) {
        const headers = { "content-type": "application/json;charset=UTF-8" };
        this.send({ status, headers, text: JSON.stringify(value) });
    }

    head(status, headers) {
        this.response.writeHead(status, headers);
    }

    // Resolves when the bytes have left, so that a reset cannot overtake them.
    write(bytes) {
        return new Promise((resolve) => {
            this.response.write(bytes, () => resolve());
        });
    }

    end() {
        this.response.end();
    }

    reset() {
        if (this.response.socket) hardReset(this.response.socket);
    }
}

export async function readBody(request) {
    const parts = [];
    for await (const part of request) parts.push(part);
    return Buffer.concat(parts).toString();
}
