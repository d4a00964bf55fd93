import Messages
import OpenAIWire

extension ChatFinishReason {
    /// OpenAI's word for why an item ended. An answer whose client went away was cut, like one that reached its limit.
    init(_ reason: FinishReason) {
        switch reason {
        case .stop: self = .stop
        case .length, .cancelled: self = .length
        }
    }
}

extension ChatCompletionUsage {
    init(_ item: WorkItem) {
        self.init(
            promptTokens: item.promptTokens, cachedTokens: item.cachedTokens, completionTokens: item.outputTokens)
    }
}
