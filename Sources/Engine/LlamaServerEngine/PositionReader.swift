import EngineAPI
import ProtocolRules

/// Asks a server for one position after the other, on one of its slots.
struct PositionReader {
    /// The model's view of one position.
    struct View {
        /// [token]: raw log-probabilities, which are raw logits less one number; −∞ for those that the server did not name. All
        /// tokens that any choice could fall on are named.
        var row: [Float]
        let logProbabilities: [TokenID: Double]
        /// How many tokens the server had already.
        let cachedTokens: Int
    }

    private let connection: ServerConnection
    private let vocabulary: any ModelVocabulary
    private let slot: Int
    /// A token that is whole characters: forced where the one that is asked about is not.
    private let plainToken: TokenID

    init(
        _ connection: ServerConnection, vocabulary: any ModelVocabulary, slot: Int, plainToken: TokenID
    ) {
        (self.connection, self.vocabulary, self.slot, self.plainToken) = (connection, vocabulary, slot, plainToken)
    }

    /// What follows `tokens`.
    ///
    /// - Parameters:
    ///   - asked: tokens whose log-probabilities have to be among those of the view.
    ///   - count: how many of the most probable have to be.
    ///   - reuses: whether the server may go on from what the slot read last.
    func view(
        after tokens: [TokenID], of asked: [TokenID], count: Int, reuses: Bool
    ) async throws(EngineError) -> View {
        let first = asked.first ?? plainToken
        // A server tells nothing about a token that ends in the middle of a character, but in a list of all.
        let isTold = Self.isWhole(vocabulary.bytes(of: first))
        var view = try await ask(
            after: tokens, forcing: isTold ? first : plainToken, count: isTold ? count : Int(vocabulary.size),
            reuses: reuses)
        if asked.contains(where: { view.logProbabilities[$0] == nil }) {
            let cached = view.cachedTokens
            let whole = try await ask(after: tokens, forcing: plainToken, count: Int(vocabulary.size), reuses: true)
            view = View(row: whole.row, logProbabilities: whole.logProbabilities, cachedTokens: cached)
        }
        return view
    }

    private func ask(
        after tokens: [TokenID], forcing forced: TokenID, count: Int, reuses: Bool
    ) async throws(EngineError) -> View {
        let question = PositionQuestion(
            prompt: tokens, forced: forced, count: min(count, Int(vocabulary.size)), slot: slot, reuses: reuses)
        let answer = try await connection.post("completion", question, PositionAnswer.self)
        guard let position = answer.positions?.first, position.id == forced, position.top.count == question.count else {
            throw .failed(reason: "\(connection.url): it does not tell the probabilities that were asked for")
        }
        var row = [Float](repeating: -.infinity, count: Int(vocabulary.size))
        var numbers: [TokenID: Double] = [:]
        let own = PositionAnswer.Entry(id: position.id, logProbability: position.logProbability)
        for entry in position.top + [own] {
            let number = entry.logProbability ?? -.infinity
            guard entry.id < vocabulary.size, number <= Self.logProbabilityMax else {
                throw .failed(reason: "\(connection.url): a probability that is none")
            }
            row[Int(entry.id)] = Float(number)
            numbers[entry.id] = number
        }
        return View(
            row: row, logProbabilities: numbers,
            cachedTokens: min(max(0, answer.timings.cachedTokens), tokens.count - 1))
    }

    static func isWhole(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

    /// 0, and what a server's sum in single precision may be off by.
    private static let logProbabilityMax = 1e-3
}
