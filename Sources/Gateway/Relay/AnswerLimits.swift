/// How long a host may take with one answer, and how much of it is kept before somebody takes it. Tests set their own.
struct AnswerLimits: Sendable {
    var firstTokenTimeout = Limits.firstTokenTimeout
    var silenceTimeout = Limits.silenceTimeout
    var answerDuration = Limits.answerDuration
    var preambleBytesMax = Limits.preambleBytesMax
    var clock: any Clock<Duration> = ContinuousClock()

    /// For a request that is sent now.
    func deadlines() -> AnswerDeadlines {
        AnswerDeadlines(
            firstToken: Deadline(in: firstTokenTimeout, on: clock), end: Deadline(in: answerDuration, on: clock))
    }
}

/// By when one answer must have got how far.
struct AnswerDeadlines: Sendable {
    let firstToken: Deadline
    let end: Deadline
}
