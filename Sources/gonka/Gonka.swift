import ArgumentParser

/// The one executable. Each subcommand builds a graph of services from its configuration and runs it; all logic lives below.
@main
struct Gonka: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gonka",
        abstract: "A network of machines that run language models, prove it, and are paid for it.",
        discussion: """
            Start here:  gonka devnet          a whole network on this machine, with a real model
                         gonka chat "Hello"    ask it something
                         gonka verify FILE     check an answer yourself

            An independent implementation; its coins have no value.
            """,
        version: Version.text,
        subcommands: [
            DevnetCommand.self, NodeCommand.self, HostCommand.self, MLNodeCommand.self, GatewayCommand.self,
            ChatCommand.self, ExplainCommand.self,
            VerifyCommand.self, QueryCommand.self, TransactionCommand.self, KeysCommand.self, APIKeysCommand.self,
            ConfigCommand.self, ReplayCommand.self, StateCommand.self, NetworkCommand.self, BenchCommand.self,
            BenchServeCommand.self,
            CalibrateCommand.self, StatementCommand.self, TradeCommand.self,
        ])
}
