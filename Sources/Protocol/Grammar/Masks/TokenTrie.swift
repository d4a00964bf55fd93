import Primitives

/// A vocabulary's tokens by their bytes, as a tree that is walked in one pass. Built once for a model.
public struct TokenTrie: Sendable {
    /// [node], parents before children: the byte that leads to it.
    let bytes: [UInt8]
    /// [node]: how many bytes lead to it, from 1.
    let depths: [UInt16]
    /// [node]: the first node behind it that is not below it.
    let ends: [Int32]
    /// [node]: where its tokens begin in `tokens`; one more at the end.
    let tokenStarts: [Int32]
    /// Tokens by node.
    let tokens: [UInt32]
    /// [token]: its bytes; empty for what is in no text.
    public let pieces: [Bytes]
    /// Ascending: the tokens that end a text.
    public let endTokens: [UInt32]
    /// The longest path.
    let depthMax: Int

    public var vocabularySize: Int { pieces.count }

    /// - Parameters:
    ///   - pieces: [token]: its bytes, perhaps a part of a character; empty for a control token. Longer ones than 65,535
    ///     bytes are in no text.
    ///   - endTokens: tokens that end a text, whatever their bytes.
    public init(pieces: [Bytes], endTokens: [UInt32]) {
        let ends = Set(endTokens)
        self.pieces = pieces.enumerated().map { token, piece in
            piece.count > Int(UInt16.max) || ends.contains(UInt32(token)) ? [] : piece
        }
        self.endTokens = Set(endTokens).sorted().filter { Int($0) < pieces.count }
        let spelled = self.pieces
        var builder = Builder()
        let order = spelled.indices.filter { !spelled[$0].isEmpty }.sorted {
            spelled[$0] == spelled[$1] ? $0 < $1 : spelled[$0].lexicographicallyPrecedes(spelled[$1])
        }
        for token in order { builder.add(UInt32(token), spelled[token]) }
        builder.close(to: 0)
        (bytes, depths, self.ends) = (builder.bytes, builder.depths, builder.ends)
        (tokenStarts, tokens) = (builder.tokenStarts + [Int32(builder.tokens.count)], builder.tokens)
        depthMax = Int(builder.depths.max() ?? 0)
    }

    /// Takes pieces in ascending order.
    private struct Builder {
        var bytes: [UInt8] = []
        var depths: [UInt16] = []
        var ends: [Int32] = []
        var tokenStarts: [Int32] = []
        var tokens: [UInt32] = []
        /// The nodes that lead to the last token.
        private var path: [Int] = []

        mutating func add(_ token: UInt32, _ piece: Bytes) {
            var shared = 0
            while shared < path.count, shared < piece.count, bytes[path[shared]] == piece[shared] { shared += 1 }
            close(to: shared)
            for depth in shared..<piece.count {
                path.append(bytes.count)
                bytes.append(piece[depth])
                depths.append(UInt16(depth + 1))
                ends.append(0)
                tokenStarts.append(Int32(tokens.count))
            }
            tokens.append(token)
        }

        /// Ends the nodes that are deeper than `depth`.
        mutating func close(to depth: Int) {
            while path.count > depth { ends[path.removeLast()] = Int32(bytes.count) }
        }
    }
}
