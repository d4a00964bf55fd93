import ArgumentParser
import Gateway

/// The keys that applications show to a gateway.
struct APIKeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api-keys", abstract: "Make, list, change and remove the API keys of this home's gateway.",
        discussion: """
            A key is shown once, when it is made; the file holds its hash. A running gateway follows the file within seconds. \
            The same as `gonka gateway keys`.
            """,
        subcommands: KeyCommands.all)
}

/// The same below `gonka gateway`.
struct GatewayKeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make, list, change and remove API keys.",
        discussion: APIKeysCommand.configuration.discussion,
        subcommands: KeyCommands.all)
}
