import HTTPEdge

/// How long a host may take with one answer, and how much of it is kept before somebody takes it. Tests set their own.
struct AnswerLimits: Sendable {
    var firstTokenTimeout = Limits.firstTokenTimeout
    var requestFirstTokenTimeout = Limits.requestFirstTokenTimeout
    var silenceTimeout = Limits.silenceTimeout
    var answerDuration = Limits.answerDuration
    var preambleBytesMax = Limits.preambleBytesMax
    var clock: any Clock<Duration> = EdgeClock()

    /// For all of a client's request that has just come: by when one of its hosts must have begun to answer, and the answer's end.
    func requestDeadlines() -> AnswerDeadlines {
        AnswerDeadlines(
            firstToken: Deadline(in: requestFirstTokenTimeout, on: clock), end: Deadline(in: answerDuration, on: clock))
    }

    /// For an attempt that begins now, within the request's.
    func deadlines(within request: AnswerDeadlines) -> AnswerDeadlines {
        AnswerDeadlines(
            firstToken: Deadline(in: min(firstTokenTimeout, request.firstToken.remaining), on: clock), end: request.end)
    }

    /// For an attempt that begins now and goes on with an answer, which has its end.
    func deadlines(until end: Deadline) -> AnswerDeadlines {
        AnswerDeadlines(firstToken: Deadline(in: firstTokenTimeout, on: clock), end: end)
    }

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
