import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Primitives
import ServiceLifecycle

/// Hands out signed vouchers to programs on this machine that load a host themselves. For benches: it pays for whoever asks.
struct VoucherDesk: Service {
    /// Vouchers of one call.
    private static let countMax = 1 << 20

    let port: Int
    let payer: DirectPayer
    let logger: Logger

    /// `POST /vouchers/COUNT` answers with so many vouchers for the body that was posted, one a line.
    func run() async throws {
        let router = Router()
        router.post("vouchers/:count") { [payer] request, context in
            let count = try context.parameters.require("count", as: Int.self)
            guard (0...Self.countMax).contains(count) else { throw HTTPError(.badRequest) }
            let body = try await request.body.collect(upTo: context.maxUploadSize)
            let vouchers = try await payer.vouchers(count, for: Bytes(buffer: body))
            return Response(
                status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: vouchers.joined(separator: "\n"))))
        }
        try await Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
            logger: logger
        ).run()
    }
}
