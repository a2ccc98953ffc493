// One HTTP answer in the hands of the endpoint and of its faults.

function hardReset(socket) {
    // A TLS socket stands on a TCP socket, which is the one that can send RST.
    const tcp = socket._parent ?? socket;
    tcp.resetAndDestroy?.();
    socket.destroy();
}

export { hardReset };

export class Reply {
    constructor(response) {
        this.response = response;
    }

    send({ status, headers, text }) {
        if (this.response.destroyed) return;
        const body = Buffer.from(text);
        this.response.writeHead(status, { ...headers, "content-length": body.length });
        this.response.end(body);
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
