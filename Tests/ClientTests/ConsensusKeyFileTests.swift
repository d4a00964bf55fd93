import Cryptography
import Primitives
import Testing
import Wallet

/// The first key of RFC 8032, section 7.1, in the form of CometBFT 0.38.
private let written = """
    {
      "address": "21FE31DFA154A261626BF854046FD2271B7BED4B",
      "pub_key": {
        "type": "tendermint/PubKeyEd25519",
        "value": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
      },
      "priv_key": {
        "type": "tendermint/PrivKeyEd25519",
        "value": "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg=="
      }
    }
    """

@Suite struct ConsensusKeyFileTests {
    private let folder: TemporaryFolder
    private let file: ConsensusKeyFile

    init() throws {
        folder = try TemporaryFolder()
        file = ConsensusKeyFile(path: folder("priv_validator_key.json"))
    }

    @Test func aFileOfCometBFTIsRead() throws {
        try folder.write(written, to: "priv_validator_key.json")
        let key = try file.load()
        #expect(Hex.encode(key.publicKey.bytes) == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    }

    @Test func theSameMembersAreWritten() throws {
        let seed = try #require(Hex.decode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
        try file.create(try #require(ConsensusPrivateKey(Secret(seed))))
        #expect(try folder.mode("priv_validator_key.json") == 0o600)
        #expect(try folder.text("priv_validator_key.json") == written.filter { !$0.isWhitespace } + "\n")
        #expect(try file.load().secret.copiedBytes() == seed)
        #expect(throws: KeyStoreError.alreadyExists(path: folder("priv_validator_key.json"))) {
            try file.create(ConsensusPrivateKey.random())
        }
    }

    @Test(arguments: [
        ("21FE", "21FF"), ("21FE31DF", "21fe31df"), ("PubKeyEd25519", "PubKeySecp256k1"),
        ("PrivKeyEd25519", "PrivKeySr25519"),
        ("nWGx", "nWGy"), ("11qY", "11qZ"), ("dRGg==", "dRGg="), ("priv_key", "private_key"), ("{", "["),
    ])
    func contradictionsAreRefused(original: String, replacement: String) throws {
        #expect(written.contains(original))
        var text = written
        text.replace(original, with: replacement)
        try folder.write(text, to: "priv_validator_key.json")
        let error = #expect(throws: KeyStoreError.self) { try file.load() }
        guard case .malformed = error else {
            Issue.record("not malformed but \(String(describing: error))")
            return
        }
    }

    @Test func aFileThatOthersMayReadIsRefused() throws {
        try folder.write(written, to: "priv_validator_key.json", mode: 0o644)
        #expect(throws: KeyStoreError.permissions(path: folder("priv_validator_key.json"), mode: 0o644)) {
            try file.load()
        }
    }
}
