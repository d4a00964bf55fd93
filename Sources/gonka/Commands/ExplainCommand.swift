import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Primitives
import WireFormat

/// Tells why a request went where it went.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Show which way a request took through the gateway, and why.",
        discussion: """
            The gateway remembers the last thousand or so, and nothing of their content. The id is that of the answer \
            (chatcmpl-…), of the header X-Gonka-Route (rt_…), or the request's own X-Request-Id.
            """)

    /// An answer's bound, in bytes: three attempts of sixteen hosts each.
    private static let bytesMax = 1 << 20

    @OptionGroup var home: HomeOptions
    @Argument(help: "The id of the request or its answer.") var id: String
    @Option(help: Setting.baseURL.help) var baseURL: String?
    @Option(help: "The API key; else OPENAI_API_KEY, else the devnet's.") var key: String?
    @Flag(help: "For programs.") var json = false

    func run() async throws {
        try await Exit.reporting {
            let settings = try await Settings(home: home.folder, flags: .given((.baseURL, baseURL)))
            let route = try await route(
                at: try settings.text(.baseURL), key: try APIKeyOption(home.folder, key).value())
            if json { Output.json(route) } else { StandardOutput.write(RouteText(route).text) }
        }
    }

    private func route(at baseURL: String, key: String) async throws -> JSONValue {
        let name = id.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        var request = HTTPClientRequest(url: "\(baseURL)/gonka/routes/\(name)")
        request.headers.add(name: "authorization", value: "Bearer \(key)")
        let (status, body): (HTTPResponseStatus, ByteBuffer)
        do {
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
            (status, body) = (response.status, try await response.body.collect(upTo: Self.bytesMax))
        } catch {
            throw OperatorError("no gateway answers at \(baseURL); start one with `gonka devnet`.")
        }
        switch status {
        case .ok: break
        case .unauthorized: throw OperatorError("the gateway does not know this API key; give one with --key.")
        case .notFound: throw OperatorError("the gateway remembers no request \(id.debugDescription).")
        default: throw OperatorError("the gateway answers with status \(status.code).")
        }
        return try JSONParser.parse(Bytes(buffer: body))
    }
}

/// The API key of a command that asks a gateway.
struct APIKeyOption {
    private let home: Home
    private let given: String?

    init(_ home: Home, _ given: String?) { (self.home, self.given) = (home, given) }

    /// - Throws: `OperatorError` where none is known.
    func value() throws -> String {
        if let key = given ?? ProcessInfo.processInfo.environment["OPENAI_API_KEY"] { return key }
        guard let data = FileManager.default.contents(atPath: DevnetLayout(home: home).apiKeyFile) else {
            throw OperatorError("no API key is known; give one with --key.")
        }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
