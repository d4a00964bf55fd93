import Messages
import ProtocolRules
import SoloOrdering

/// Who is in a devnet, and how fast its time goes.
struct DevnetCast {
    let hosts: Int
    /// The number of the host that serves a 4-bit copy, from 1.
    let cheat: Int?
    /// Inside the devnet's home, for those that begin anew each time.
    let folder: String?
    let parameters: ProtocolParameters
    /// Always the interval, and no sooner where a transaction waits: work windows are counted in blocks, and hosts send something in
    /// nearly every one.
    let pace: BlockPace

    private init(
        hosts: Int, cheat: Int? = nil, folder: String? = nil, parameters: ProtocolParameters = .devnet
    ) {
        let interval = Duration.milliseconds(Int64(clamping: parameters.chain.blockTimeMilliseconds))
        self.hosts = hosts
        self.cheat = cheat
        self.folder = folder
        self.parameters = parameters
        pace = BlockPace(interval: interval, minimumInterval: interval)
    }

    /// Three honest hosts.
    static let demo = DevnetCast(hosts: 3)

    /// Six hosts, the last of which cheats. Panels look at everything that it does, on the same two cores.
    static let cheat: DevnetCast = {
        var parameters = shared
        parameters.chain.epochBlocks = 168
        parameters.rounds.appealBlocks = 24
        // As many as enter the score of one round.
        parameters.rounds.sprintSamples = 4
        return DevnetCast(hosts: 6, cheat: 6, folder: "cheat", parameters: parameters)
    }()

    /// Five equal hosts, and epochs of 78 s in which each finishes twenty items or so.
    static let equals = DevnetCast(hosts: 5, folder: "equals", parameters: shared)

    /// Many hosts on one engine of two cores: windows in which each gets something done. Blocks of half a second, as windows are
    /// counted in blocks and duties take one or two.
    private static let shared: ProtocolParameters = {
        var parameters = ProtocolParameters.devnet
        parameters.chain.blockTimeMilliseconds = 500
        parameters.chain.epochBlocks = 156
        parameters.chain.beaconIntervalBlocks = 4
        parameters.rounds.servingWorkBlocks = 30
        parameters.rounds.sprintWorkBlocks = 64
        // Half of a network's length: two cores make twenty items for each of five hosts in time.
        parameters.rounds.sprintOutputTokens = 16
        parameters.rounds.confirmationWorkBlocks = 24
        parameters.rounds.commitBlocks = 4
        parameters.rounds.auditBlocks = 32
        parameters.rounds.openBlocks = 6
        parameters.rounds.appealBlocks = 12
        parameters.rounds.appealOpenBlocks = 6
        return parameters
    }()
}
