// Errors as the service says them: errorType, message and, for conflicts, the server's
// record.
import { randomBytes } from "node:crypto";

export class ServiceError extends Error {
    constructor(errorType, message, data = null) {
        super(message);
        this.errorType = errorType;
        this.data = data;
    }
}

function requestId() {
    const id = randomBytes(26).toString("hex").toUpperCase();
    return `(Service: DynamoDb, Status Code: 400, Request ID: ${id})`;
}

export function conditionFailed(record) {
    const missing = record ? "" : "No existing item found in the data source : ";
    const message = `${missing}The conditional request failed ${requestId()}`;
    return new ServiceError("ConditionalCheckFailedException", message, record ?? null);
}

export function conflictUnhandled(record) {
    return new ServiceError(
        "ConflictUnhandled",
        "Conflict resolver rejects mutation.",
        record,
    );
}

export function dynamoError(message) {
    return new ServiceError("DynamoDB:DynamoDbException", `${message} ${requestId()}`);
}

export function unauthorized(field, type) {
    return new ServiceError(
        "Unauthorized",
        `Not Authorized to access ${field} on type ${type}`,
    );
}
