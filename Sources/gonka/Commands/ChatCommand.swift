import ArgumentParser
import Primitives
import Verification
import WireFormat

/// Asks a question.
struct ChatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat", abstract: "Ask a question and see the answer as it is written.")

    @OptionGroup var home: HomeOptions
    @Argument(help: "The question.") var question: String

    @Option(help: Setting.baseURL.help) var baseURL: String?
    @Option(help: "The API key; else OPENAI_API_KEY, else the devnet's.") var key: String?
    @Option(help: "The model.") var model: String = DemoModel.id
    @Option(help: "The longest answer, in tokens.") var maxTokens: UInt64 = 128
    @Option(help: "The same seed gives the same answer.") var seed: Int64?
    @Option(help: "Write the receipt to this file, which holds question and answer too.", completion: .file())
    var receipt: String?

    func run() async throws {
        try await Exit.reporting {
            let settings = try await Settings(home: home.folder, flags: .given((.baseURL, baseURL)))
            let output = try receipt.map { try PrivateFileOutput($0) }
            let client = ChatClient(
                baseURL: try settings.text(.baseURL), key: try APIKeyOption(home.folder, key).value())
            let file: ReceiptFile
            do {
                file = try await client.ask(
                    ChatClient.Question(text: question, model: model, maxTokens: maxTokens, seed: seed)
                ) { StandardOutput.write($0) }
            } catch {
                output?.discard()
                throw error
            }
            StandardOutput.write("\n")
            guard let receipt, let output else { return }
            try output.write(file.json.encoded())
            StandardError.write("receipt in \(receipt); check it with: gonka verify \(receipt)\n")
        }
    }
}
