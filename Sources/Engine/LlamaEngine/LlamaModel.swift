import CLlama
import EngineAPI
import Primitives
import ProtocolRules

/// A loaded model and its vocabulary. Nothing changes after loading, and llama.cpp's tokeniser may be called from any
/// thread: that is why it is Sendable.
final class LlamaModel: @unchecked Sendable {
    let pointer: OpaquePointer
    private let vocabulary: OpaquePointer
    /// The bytes of each token, [token]; empty for control tokens.
    let pieces: [Bytes]
    /// Ascending.
    let endTokens: [TokenID]
    /// The most bytes that one token stands for, control tokens' names included.
    let longestPiece: Int

    /// - Parameter loadsWeights: false for the vocabulary alone.
    init(path: String, loadsWeights: Bool = true) throws(EngineError) {
        LlamaLibrary.start
        var parameters = llama_model_default_params()
        parameters.vocab_only = !loadsWeights
        guard let pointer = llama_model_load_from_file(path, parameters) else {
            throw .unusableModel(path: path, reason: "llama.cpp cannot load it")
        }
        guard let vocabulary = llama_model_get_vocab(pointer), llama_vocab_n_tokens(vocabulary) > 0 else {
            llama_model_free(pointer)
            throw .unusableModel(path: path, reason: "it has no vocabulary")
        }
        self.pointer = pointer
        self.vocabulary = vocabulary
        let tokens = 0..<llama_vocab_n_tokens(vocabulary)
        let pieces = tokens.map { Self.piece($0, vocabulary, withControl: false) }
        endTokens = tokens.filter { llama_vocab_is_eog(vocabulary, $0) }.map(TokenID.init)
        // A control token has no piece, but its name in a text is a token's worth of bytes at most.
        let names = tokens.filter { pieces[Int($0)].isEmpty }.map { Self.piece($0, vocabulary, withControl: true) }
        self.pieces = pieces
        longestPiece = (pieces + names).reduce(1) { max($0, $1.count) }
    }

    deinit { llama_model_free(pointer) }

    /// The number of logits.
    var vocabularySize: UInt32 { UInt32(pieces.count) }

    /// What the model's texts begin with: its token for that, or nothing.
    var beginning: [TokenID] {
        let token = llama_vocab_bos(vocabulary)
        return llama_vocab_get_add_bos(vocabulary) && token >= 0 ? [TokenID(token)] : []
    }

    /// The tokens of plain text; control tokens' names in it stay text.
    func tokenize(_ text: String) -> [TokenID] { tokenize(text, parsingControl: false) }

    /// The id of the control token of this name, or nil where the vocabulary has none.
    func controlToken(_ name: String) -> TokenID? {
        let tokens = tokenize(name, parsingControl: true)
        guard let token = tokens.first, tokens.count == 1, llama_vocab_is_control(vocabulary, Int32(token)) else {
            return nil
        }
        return token
    }

    func tokenize(_ text: String, parsingControl: Bool) -> [TokenID] {
        var text = text
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                // A token is at least a byte, so this is always room enough.
                let tokens = [Int32](unsafeUninitializedCapacity: characters.count + 1) { buffer, count in
                    count = Int(
                        max(
                            0,
                            llama_tokenize(
                                vocabulary, characters.baseAddress, Int32(characters.count), buffer.baseAddress,
                                Int32(buffer.count), false, parsingControl)))
                }
                return tokens.map(TokenID.init)
            }
        }
    }

    private static func piece(_ token: Int32, _ vocabulary: OpaquePointer, withControl: Bool) -> Bytes {
        func write(_ buffer: UnsafeMutableBufferPointer<CChar>) -> Int32 {
            llama_token_to_piece(vocabulary, token, buffer.baseAddress, Int32(buffer.count), 0, withControl)
        }
        let usualLength = 64
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: usualLength) { buffer in
            let length = write(buffer)
            if length >= 0 { return buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) } }
            return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(-length)) { larger in
                larger.prefix(Int(max(0, write(larger)))).map { UInt8(bitPattern: $0) }
            }
        }
    }
}
