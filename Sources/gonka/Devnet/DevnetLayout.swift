/// Where a devnet's files lie in a home, and who is in it.
struct DevnetLayout {
    static let chainID = "gonka-swift-devnet-1"

    let home: Home
    let cast: DevnetCast

    init(home: Home, cast: DevnetCast = .demo) {
        self.home = home
        self.cast = cast
    }

    var genesis: String { home.path + "/genesis.json" }
    var keys: String { home.path + "/keys" }
    /// The one API key, in the clear, for the commands of the same user.
    var apiKeyFile: String { home.path + "/gateway/devnet-api-key" }
    var receipt: String { home.path + "/receipt.json" }
    var node: String { home.path + "/node" }
    var gateway: String { home.path + "/gateway" }
    /// What the cheat serves instead of the model of record.
    var cheapCopy: String { home.path + "/cheap-copy.gguf" }
    /// The home of a network that begins anew each time, inside that of the lasting one.
    static func home(of cast: DevnetCast, in home: Home) -> Home {
        cast.folder.map { Home(home.path + "/" + $0) } ?? home
    }

    func host(_ number: Int) -> String { home.path + "/hosts/host-\(number)" }

    /// What `gonka devnet reset` removes.
    var disposable: [String] {
        [genesis, node, gateway, home.path + "/hosts", receipt]
            + [DevnetCast.cheat, .equals].map { DevnetLayout.home(of: $0, in: home).path }
    }
}
