import Cryptography
import Primitives
import Wallet

/// The random keys of a network on this machine, marked as a devnet's.
struct LocalKeys {
    let developer: PrivateKey
    /// Signs vouchers for the gateway.
    let session: PrivateKey
    let faucet: PrivateKey
    /// Per host: the account (cold) and the operator (warm).
    let hosts: [PrivateKey]
    let operators: [PrivateKey]

    /// Reads the keys, making those that are missing.
    ///
    /// - Parameter count: hosts; nil for as many as the layout has.
    init(_ layout: DevnetLayout, hosts count: Int? = nil) throws {
        try self.init(folder: layout.keys, hosts: count ?? layout.cast.hosts)
    }

    /// - Parameter folder: of the keyring.
    init(folder: String, hosts count: Int) throws {
        let keyring = try Keyring(folder: folder)
        func key(_ name: String) throws -> PrivateKey {
            let name = try keyName(name)
            if try keyring.list().contains(where: { $0.name == name }) { return try keyring.privateKey(name) }
            let key = PrivateKey.random()
            try keyring.add(key, as: name, isDevnet: true)
            return key
        }
        developer = try key("developer")
        session = try key("gateway-session")
        faucet = try key("faucet")
        hosts = try (1...count).map { try key("host-\($0)") }
        operators = try (1...count).map { try key("operator-\($0)") }
    }
}
