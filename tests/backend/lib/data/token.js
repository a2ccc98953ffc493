// nextToken: where a scan goes on. The client sees text without meaning; the tokens of an
// earlier epoch are worthless, as those of the service are after a while.
import { ServiceError } from "../errors.js";

export function encodeToken(content) {
    return Buffer.from(JSON.stringify(content)).toString("base64url");
}

export function decodeToken(text, epoch) {
    if (text === null || text === undefined) return null;
    try {
        const content = JSON.parse(Buffer.from(text, "base64url").toString());
        if (content.epoch === epoch && content.after !== undefined) return content;
    } catch {
        // refused below, like one that has expired
    }
    throw new ServiceError(
        "DynamoDB:UserIllegalArgumentException",
        "com.amazonaws.deepdish.common.pagination.InvalidPaginationTokenException: " +
            "Invalid pagination token given.",
    );
}
