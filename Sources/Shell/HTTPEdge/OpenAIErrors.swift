import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import OpenAIWire

/// Gives every failure OpenAI's shape, unknown paths included. What is not one of ours is logged and answered without
/// details: an error body never tells about the inside.
public struct OpenAIErrors: RouterMiddleware {
    public init() {}

    public func handle(
        _ request: Request, context: EdgeContext, next: (Request, EdgeContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as OpenAIError {
            return .error(error)
        } catch let error as HTTPError {
            return .error(Self.openAI(error))
        } catch is NIOTooManyBytesError {
            return .error(.bodyTooLarge(bytesMax: EdgeLimits().bodyBytesMax))
        } catch let error as CancellationError {
            throw error
        } catch {
            context.logger.error("request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            return .error(.internalError)
        }
    }

    private static func openAI(_ error: HTTPError) -> OpenAIError {
        switch error.status {
        case .notFound: .unknownURL
        case .methodNotAllowed: .methodNotAllowed(error.headers[.allow] ?? "another method")
        case .contentTooLarge: .bodyTooLarge(bytesMax: EdgeLimits().bodyBytesMax)
        case .requestTimeout: .requestTimeout
        default: .internalError
        }
    }
}
