/// How long a host may take with one answer, and how much of it is kept before somebody takes it. Tests set their own.
struct AnswerLimits: Sendable {
    var firstTokenTimeout = Limits.firstTokenTimeout
    var silenceTimeout = Limits.silenceTimeout
    var answerDuration = Limits.answerDuration
    var preambleBytesMax = Limits.preambleBytesMax
}
