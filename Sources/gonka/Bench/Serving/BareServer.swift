import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Primitives
import ServiceLifecycle

/// What nobody can be faster than here: the smallest server on the same library that writes the same bytes. It reads the
/// request and looks at nothing.
struct BareServer: Service {
    /// The answers that it gives, as a host gave them.
    struct Answers: Sendable {
        let plain: ByteBuffer
        /// In pieces, each written by itself.
        let stream: [ByteBuffer]
    }

    let port: Int
    let answers: Answers
    let logger: Logger

    func run() async throws {
        let router = Router()
        // An OpenAI client whose base is one of the two finds the answer below it.
        let plain: @Sendable (Request, BasicRequestContext) async throws -> Response = { [answers] request, context in
            _ = try await request.body.collect(upTo: context.maxUploadSize)
            return Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: ResponseBody(byteBuffer: answers.plain))
        }
        let stream: @Sendable (Request, BasicRequestContext) async throws -> Response = { [answers] request, context in
            _ = try await request.body.collect(upTo: context.maxUploadSize)
            let body = ResponseBody { writer in
                for piece in answers.stream { try await writer.write(piece) }
                try await writer.finish(nil)
            }
            return Response(status: .ok, headers: [.contentType: "text/event-stream"], body: body)
        }
        for path in ["", "/chat/completions"] {
            router.post(RouterPath("plain\(path)"), use: plain)
            router.post(RouterPath("stream\(path)"), use: stream)
        }
        router.get("readyz") { _, _ in Response(status: .ok) }
        try await Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
            logger: logger
        ).run()
    }
}
