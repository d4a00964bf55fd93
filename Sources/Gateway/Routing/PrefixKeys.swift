import Cryptography
import OpenAIWire
import Primitives

/// Names for the beginning of a conversation, by which requests find the host that has it in its prefix cache. Digests, from
/// which no text can be read back.
struct PrefixKeys: Equatable, Sendable {
    /// What many conversations may share: the messages of system and developer where they are long enough, else the same as
    /// `conversation`.
    let shared: Hash32
    /// Up to the first message of the user, which every later turn repeats.
    let conversation: Hash32

    /// nil where the beginning is shorter than a cache is worth.
    init?(_ request: ChatCompletionRequest) {
        var hasher = SHA256Hasher()
        hasher.update(Bytes(request.model.utf8))
        var (bytes, sharedBytes) = (0, 0)
        var shared: Hash32?
        for turn in request.turns {
            if turn.role != .system, shared == nil {
                (sharedBytes, shared) = (bytes, hasher.finalize())
            }
            let text = turn.text.utf8.prefix(Limits.prefixBytesMax - bytes)
            hasher.update([0, turn.role.mark, 0] + Bytes(text))
            bytes += text.count
            if turn.role == .user || bytes >= Limits.prefixBytesMax { break }
        }
        guard bytes >= Limits.prefixBytesMin else { return nil }
        conversation = hasher.finalize()
        self.shared = shared.flatMap { sharedBytes >= Limits.prefixBytesMin ? $0 : nil } ?? conversation
    }
}

/// Which host answered a conversation last. Bounded: of two generations the older goes when the newer is full.
struct PrefixMemory: Sendable {
    private var newer: [Hash32: Address] = [:]
    private var older: [Hash32: Address] = [:]
    private let generationMax: Int

    /// - Parameter countMax: conversations that are remembered at most, at least two.
    init(countMax: Int = Limits.prefixesRememberedMax) { generationMax = max(1, countMax / 2) }

    var count: Int { newer.count + older.count }

    subscript(key: Hash32) -> Address? { newer[key] ?? older[key] }

    mutating func note(_ host: Address, for key: Hash32) {
        if newer[key] == nil, newer.count >= generationMax { (older, newer) = (newer, [:]) }
        newer[key] = host
        older[key] = nil
    }
}

extension ChatCompletionRequest {
    /// What the prompt shows, as turns.
    fileprivate var turns: [ConversationTurn] {
        switch prompt {
        case .conversation(let turns): turns
        case .text(let text), .embedding(let text): [ConversationTurn(role: .user, text: text)]
        }
    }
}

extension ConversationTurn.Role {
    fileprivate var mark: UInt8 {
        switch self {
        case .system: 1
        case .user: 2
        case .assistant: 3
        }
    }
}
