import ArgumentParser
import Messages
import TestSupport

/// Writes what `make replay` replays.
@main
struct WriteChain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ChainFile", abstract: "Write a block file of random blocks, and say what is in it.",
        discussion: """
            Transfers, hosts, sessions, claims and settlements, and transactions that are refused for every reason that \
            comes up; all of it follows from the seed, and the same seed gives the same bytes in every process and build.
            """)

    private static let people = 24
    /// How many transactions the largest block has beyond the smallest.
    private static let spread: UInt64 = 8

    @Argument(help: "The file to write.") var file: String
    @Option(help: "Blocks.") var blocks = 200
    @Option(help: "Transactions that every block has at least.") var transactions: UInt64 = 20
    @Option(help: "What everything follows from.") var seed: UInt64 = 1

    func validate() throws {
        guard blocks > 0, transactions > 0, transactions <= 1_000 else {
            throw ValidationError("a chain has at least one block, and a block between 1 and 1000 transactions.")
        }
    }

    func run() throws {
        var simulation = try Simulation(
            seed: seed, accounts: WriteChain.people, blockSizes: transactions...transactions + WriteChain.spread)
        let recorder = try ChainRecorder(simulation.ledger, path: file)
        for _ in 0..<blocks { try simulation.step() }
        report(simulation, recorder)
        try checkVariety(simulation, recorder)
    }

    private func report(_ simulation: Simulation, _ recorder: ChainRecorder) {
        let refused = simulation.refusals.values.reduce(0, +)
        print(
            "\(blocks) blocks, \(recorder.transactionCount) transactions, at least \(recorder.smallestBlock) in each; "
                + "\(refused) refused for \(simulation.refusals.count) reasons")
        show("accepted messages", simulation.acceptedTypes)
        show("refusals by codespace and code", simulation.refusals)
        show("what blocks did", recorder.blockEvents)
        print("app hash when written: \(simulation.ledger.appHash)")
    }

    private func show(_ title: String, _ counts: [String: Int]) {
        print(title)
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) { print("  \(count)  \(name)") }
    }

    /// A replay of a chain in which nothing happens would show nothing.
    private func checkVariety(_ simulation: Simulation, _ recorder: ChainRecorder) throws {
        let messages = [
            MsgSend.typeURL, MsgRegisterHost.typeURL, MsgOpenSession.typeURL, MsgTopUpSession.typeURL,
            MsgCloseSession.typeURL, MsgCommitClaim.typeURL,
        ]
        for message in messages where simulation.acceptedTypes[message] == nil { throw ChainFileError.lacks(message) }
        for event in ["claim_settled", "session_closed"] where recorder.blockEvents[event] == nil {
            throw ChainFileError.lacks(event)
        }
        if simulation.refusals.isEmpty { throw ChainFileError.lacks("refused transaction") }
    }
}
