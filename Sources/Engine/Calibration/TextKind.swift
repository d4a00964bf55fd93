import EngineAPI
import ProtocolRules

/// What is generated. How much two runs differ depends on it.
public enum TextKind: String, CaseIterable, Sendable {
    /// A sprint's items: 24 random ordinary tokens, then 32 more at temperature 1 whatever they are.
    case sprint
    /// The same with an answer as long as a chat's.
    case longSprint
    /// Questions in English, temperature 0.7.
    case chat
    /// The same at temperature 0.
    case greedyChat
    /// Text that follows from its beginning, at temperature 0: alphabets, rows of numbers.
    case predictable

    public var name: String {
        switch self {
        case .sprint: "sprint"
        case .longSprint: "long sprint"
        case .chat: "chat, T 0.7"
        case .greedyChat: "chat, T 0"
        case .predictable: "predictable, T 0"
        }
    }

    /// Whether prompts are random tokens and end tokens count as any other.
    var isSprint: Bool { self == .sprint || self == .longSprint }

    var sampling: SamplingParameters {
        switch self {
        case .sprint, .longSprint: .plain
        case .chat: (try? SamplingParameters(temperature: 700_000)) ?? .plain
        case .greedyChat, .predictable: .greedy
        }
    }

    /// The question of item `index`; every text repeats after some, with other seeds.
    func question(_ index: Int) -> String {
        self == .predictable ? Self.predictableQuestion(index) : Self.chatQuestion(index)
    }

    /// 128 different ones.
    private static func chatQuestion(_ index: Int) -> String {
        let form = forms[index % forms.count]
        // Odd steps reach every subject with every form.
        let subject = subjects[(index / forms.count + 3 * index) % subjects.count]
        return form.before + subject + form.after
    }

    /// 64 different ones.
    private static func predictableQuestion(_ index: Int) -> String {
        let number = index / 4 % 16
        let word = subjects[number]
        return switch index % 4 {
        case 0: "Count from \(10 * number + 1) to \(10 * number + 100), separated by commas."
        case 1: "Repeat the words \"\(word)\" forty times."
        case 2: "Write the letters of the alphabet in order, \(number + 2) times, one letter a line."
        default: "List the multiples of \(number + 2) up to \(50 * (number + 2))."
        }
    }

    private static let forms = [
        (before: "Explain ", after: " to a child."), (before: "Write a short poem about ", after: "."),
        (before: "What is the history of ", after: "?"), (before: "Give me five facts about ", after: "."),
        (before: "Tell a long story in which ", after: " matters."), (before: "How would you teach ", after: "?"),
        (before: "What are the advantages and disadvantages of ", after: "?"),
        (before: "Write an e-mail to a colleague about ", after: "."),
    ]

    private static let subjects = [
        "the sea", "bread", "electricity", "friendship", "the moon", "a bicycle", "music", "winter", "money", "chess",
        "a garden", "the railway", "mathematics", "tea", "a lighthouse", "writing",
    ]
}
