import HTTPTypes
import Hummingbird
import NIOCore
import OpenAIWire
import Primitives

extension Request {
    /// The whole body of a JSON request, byte for byte as it came.
    ///
    /// - Parameter share: pays for every byte before it is kept; nil for a body that nothing but `bytesMax` bounds.
    /// - Throws: `OpenAIError`: 415 for any other content type or for a compressed body, 413 over the limit, 503 where all
    ///   bodies together would be too much.
    public func collectJSON(
        bytesMax: Int = EdgeLimits().bodyBytesMax, share: BodyBudget.Share? = nil
    ) async throws -> Bytes {
        guard ContentType.isJSON(headers[.contentType]), headers[.contentEncoding] == nil else {
            throw OpenAIError.unsupportedMediaType
        }
        var bytes = Bytes()
        for try await part in body {
            guard part.readableBytes <= bytesMax - bytes.count else {
                throw OpenAIError.bodyTooLarge(bytesMax: bytesMax)
            }
            if let share, !share.grow(by: part.readableBytes) {
                throw OpenAIError.overloaded(retryAfterSeconds: EdgeLimits.retryAfterSeconds)
            }
            bytes.append(contentsOf: part.readableBytesView)
        }
        return bytes
    }
}
