/// Where a devnet's files lie in a home, and who is in it.
struct DevnetLayout {
    static let chainID = "gonka-swift-devnet-1"

    let home: Home
    /// Six hosts, the last of which serves a 4-bit copy, instead of three honest ones.
    let hasCheat: Bool

    init(home: Home, hasCheat: Bool = false) {
        self.home = home
        self.hasCheat = hasCheat
    }

    var hosts: Int { hasCheat ? 6 : 3 }
    /// The number of the host that cheats, from 1.
    var cheat: Int? { hasCheat ? hosts : nil }

    var genesis: String { home.path + "/genesis.json" }
    var keys: String { home.path + "/keys" }
    /// The one API key, in the clear, for the commands of the same user.
    var apiKeyFile: String { home.path + "/gateway/devnet-api-key" }
    var receipt: String { home.path + "/receipt.json" }
    var node: String { home.path + "/node" }
    var gateway: String { home.path + "/gateway" }
    /// What the cheat serves instead of the model of record.
    var cheapCopy: String { home.path + "/cheap-copy.gguf" }
    /// The home of the network with a cheat, inside that of the honest one.
    static func cheatHome(in home: Home) -> Home { Home(home.path + "/cheat") }

    func host(_ number: Int) -> String { home.path + "/hosts/host-\(number)" }

    /// What `gonka devnet reset` removes.
    var disposable: [String] {
        [genesis, node, gateway, home.path + "/hosts", receipt, DevnetLayout.cheatHome(in: home).path]
    }
}
