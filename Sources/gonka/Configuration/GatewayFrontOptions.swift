import ArgumentParser
import Cryptography
import Foundation
import Gateway
import HTTPEdge
import Primitives
import Wallet

/// How a gateway meets those who ask it; the same flags for `gonka gateway` and `gonka devnet`.
struct GatewayFrontOptions: ParsableArguments {
    @Option(help: Setting.gatewaySignedRequests.help, completion: Setting.gatewaySignedRequests.completion)
    var signedRequests: String?
    @Option(help: Setting.gatewaySignedBudget.help) var signedBudget: String?
    @Option(help: Setting.gatewayTransferAgent.help) var transferAgent: String?
    @Option(help: Setting.gatewayPublicURL.help) var publicURL: String?
    @Option(help: Setting.gatewayCORSOrigins.help) var corsOrigin: [String] = []
    @Option(help: Setting.gatewayAccessLog.help) var accessLog: String?
    @Option(help: Setting.gatewayAdminListen.help) var adminListen: String?
    @Option(help: Setting.gatewayAdminPort.help) var adminPort: Int?

    var flags: [Setting: String] {
        .given(
            (.gatewaySignedRequests, signedRequests), (.gatewaySignedBudget, signedBudget),
            (.gatewayTransferAgent, transferAgent), (.gatewayPublicURL, publicURL),
            (.gatewayCORSOrigins, corsOrigin.isEmpty ? nil : corsOrigin.joined(separator: ",")),
            (.gatewayAccessLog, accessLog), (.gatewayAdminListen, adminListen), (.gatewayAdminPort, adminPort))
    }
}

extension Settings {
    /// - Parameters:
    ///   - directory: the gateway's own, for the token that whoever administers it shows.
    ///   - isDevnet: whether coins are worth nothing, so that any address may ask unless somebody said otherwise.
    func gatewayFront(directory: String, isDevnet: Bool = false) throws -> GatewayFront {
        var signed = SignedRequests(dayBudget: try AmountText.parse(try text(.gatewaySignedBudget)))
        signed.mode = SignedRequests.Mode(rawValue: try text(.gatewaySignedRequests)) ?? .off
        if isDevnet, value(.gatewaySignedRequests)?.origin == .fallback { signed.mode = .any }
        let agent = try text(.gatewayTransferAgent)
        if !agent.isEmpty {
            guard let address = Address(bech32: agent) else {
                throw OperatorError("\(agent.debugDescription) is no address; write gonka1….")
            }
            signed.transferAgent = address
        }
        guard let origins = CORSPolicy.origins(try list(.gatewayCORSOrigins)) else {
            throw OperatorError("--cors-origin takes origins such as https://app.example:8443, without a path, or *.")
        }
        return GatewayFront(
            signedRequests: signed, publicURL: try baseURL(.gatewayPublicURL), corsOrigins: origins,
            accessLog: try accessLog(), admin: try adminDoor(directory), version: Version.number)
    }

    private func accessLog() throws -> AccessLog.Destination? {
        switch try text(.gatewayAccessLog) {
        case "off", "": nil
        case "on": .standardError
        case let path: .file(path)
        }
    }

    /// The first start that has a port for it makes the token.
    private func adminDoor(_ directory: String) throws -> AdminDoor? {
        let port = try number(.gatewayAdminPort)
        if port == 0 { return nil }
        let path = directory + "/admin-token"
        let file = SecretTextFile(path: path)
        if !FileManager.default.fileExists(atPath: path) { try file.create(AdminToken.random().text) }
        guard let token = AdminToken(try file.load()) else {
            throw OperatorError("\(path) is no token; remove it, and the next start makes another.")
        }
        return AdminDoor(address: EdgeServer.Address(host: try text(.gatewayAdminListen), port: port), token: token)
    }

    /// A URL without a slash at its end; nil where none was given.
    private func baseURL(_ setting: Setting) throws -> String? {
        var url = try text(setting)
        while url.hasSuffix("/") { url.removeLast() }
        if url.isEmpty { return nil }
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw OperatorError("\(setting.key) is \(url.debugDescription); write http:// or https:// before the name.")
        }
        return url
    }
}
