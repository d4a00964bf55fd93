import Cryptography
import Foundation
import Primitives
import Testing
import Wallet
import WireFormat

@testable import gonka

@Suite struct NetworkFilesTests {
    private static func scratch(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "gn-\(UUID().uuidString.prefix(8))").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try body(folder)
    }

    private static func json(_ path: String) throws -> JSONValue {
        try JSONParser.parse(Bytes(try Data(contentsOf: URL(fileURLWithPath: path))))
    }

    @Test func everyValidatorHasWhatCometBFTStartsFrom() throws {
        try Self.scratch { folder in
            let layout = NetworkLayout(folder: folder, basePort: 27_000)
            try NetworkFiles(layout: layout, validators: 3).write()
            let own = try Self.json(layout.genesis)
            var geneses: Set<Data> = []
            for number in 1...3 {
                let validator = layout.validator(number)
                let home = validator.consensusHome
                geneses.insert(try Data(contentsOf: URL(fileURLWithPath: home + "/config/genesis.json")))
                let genesis = try Self.json(home + "/config/genesis.json")
                #expect(genesis["chain_id"]?.string == NetworkLayout.chainID)
                #expect(genesis["app_state"]?.string == own["app_state"]?.string)
                let validators = try #require(genesis["validators"]?.array)
                #expect(
                    validators.compactMap { $0["power"]?.string.flatMap { UInt64($0) } }.reduce(0, +) == 1_000_000_000)
                let key = try ConsensusKeyFile(path: home + "/config/priv_validator_key.json").load()
                let listed = validators.compactMap { $0["pub_key"]?["value"]?.string }
                #expect(listed.contains(Base64.encode(key.publicKey.bytes)))
                #expect(try Self.json(home + "/data/priv_validator_state.json")["height"]?.string == "0")
                let text = try String(contentsOfFile: home + "/config/config.toml", encoding: .utf8)
                #expect(text.contains("proxy_app = \"unix://\(validator.folder)/app.sock\""))
                #expect(text.contains("laddr = \"tcp://127.0.0.1:\(27_001 + 10 * (number - 1))\""))
                // Everybody but itself.
                #expect(text.split(separator: "@127.0.0.1:").count == 3)
                #expect(!text.contains("@127.0.0.1:\(validator.peerPort)"))
            }
            #expect(geneses.count == 1)
        }
    }

    @Test func whoeverHasNoCometBFTReadsHowToGetIt() throws {
        try Self.scratch { folder in
            func refusal() -> String? {
                do {
                    _ = try NetworkProcesses.consensusProgram(["PATH": folder])
                    return nil
                } catch { return "\(error)" }
            }
            #expect(refusal()?.contains("there is no cometbft on the PATH") == true)
            for (version, isRight) in [("0.37.2", false), ("v0.38.25", true), ("0.38.0+abc", true), ("1.0.0", false)] {
                let program = folder + "/cometbft"
                try? FileManager.default.removeItem(atPath: program)
                _ = FileManager.default.createFile(
                    atPath: program, contents: Data("#!/bin/sh\necho \(version)\n".utf8),
                    attributes: [.posixPermissions: 0o755])
                #expect((refusal() == nil) == isRight, "\(version)")
            }
        }
    }
}
