import HTTPTypes
import Hummingbird
import NIOCore
import OpenAIWire
import Primitives

extension Request {
    /// The whole body of a JSON request, byte for byte as it came.
    ///
    /// - Throws: `OpenAIError`: 415 for any other content type or for a compressed body, 413 over the limit.
    public func collectJSON(bytesMax: Int = EdgeLimits().bodyBytesMax) async throws -> Bytes {
        guard ContentType.isJSON(headers[.contentType]), headers[.contentEncoding] == nil else {
            throw OpenAIError.unsupportedMediaType
        }
        do {
            return Bytes(buffer: try await body.collect(upTo: bytesMax))
        } catch is NIOTooManyBytesError {
            throw OpenAIError.bodyTooLarge(bytesMax: bytesMax)
        }
    }
}
