/// Where a devnet's files lie in a home.
struct DevnetLayout {
    static let chainID = "gonka-swift-devnet-1"
    /// Hosts of a devnet.
    static let hosts = 3

    let home: Home

    var genesis: String { home.path + "/genesis.json" }
    var keys: String { home.path + "/keys" }
    /// The one API key, in the clear, for the commands of the same user.
    var apiKeyFile: String { home.path + "/gateway/devnet-api-key" }
    var receipt: String { home.path + "/receipt.json" }
    var node: String { home.path + "/node" }
    var gateway: String { home.path + "/gateway" }

    func host(_ number: Int) -> String { home.path + "/hosts/host-\(number)" }

    /// What `gonka devnet reset` removes.
    var disposable: [String] { [genesis, node, gateway, home.path + "/hosts", receipt] }
}
