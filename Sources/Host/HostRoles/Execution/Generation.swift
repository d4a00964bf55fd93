import Cryptography
import EngineAPI
import Logging
import Messages
import OpenAIWire
import Primitives
import ProtocolRules

/// One answer on its way through the engine: reads tokens, gives out text, and ends in an item or in nothing.
///
/// - It is complete: an item with the reason.
/// - Its client goes after the first token: an item `cancelled`, charged for what was made; the client finds it under the
///   same sequence. Before the first token: nothing.
/// - The engine fails, or is silent for too long: nothing, and nothing is owed.
struct Generation: Sendable {
    let plan: AnswerPlan
    let reservation: Reservation
    let executor: Executor

    private typealias Events = AsyncThrowingStream<LiveAnswer.Event, any Error>
    private typealias Gate = AsyncStream<OpenAIError?>

    /// Starts the engine and returns with its first token.
    ///
    /// - Throws: what the engine failed with before.
    func begin() async throws(OpenAIError) -> LiveAnswer {
        let (events, sink) = Events.makeStream()
        let (gate, opening) = Gate.makeStream()
        let pulse = Pulse()
        let work = Task {
            await run(Output(sink: sink, opening: opening), pulse)
            executor.load.leave()
        }
        let watch = Task { [limits = executor.limits, clock = executor.clock] in
            if await pulse.waitForSilence(limits: limits, clock: clock) { work.cancel() }
        }
        sink.onTermination = { reason in
            watch.cancel()
            if case .cancelled = reason { work.cancel() }
        }
        for await refusal in gate {
            if let refusal { throw refusal }
            return LiveAnswer(plan: plan, events: events, giveUp: { work.cancel() })
        }
        // Only a cancelled task leaves the gate without a word.
        work.cancel()
        throw .internalError
    }

    /// Where an answer goes: the gate opens with the first token or a refusal, the sink takes what follows.
    private struct Output: Sendable {
        let sink: Events.Continuation
        let opening: Gate.Continuation

        func open() {
            opening.yield(nil)
            opening.finish()
        }

        func give(_ piece: String) { if !piece.isEmpty { sink.yield(.text(piece)) } }

        func finish(_ item: FinishedItem) {
            sink.yield(.finished(item))
            sink.finish()
        }

        func fail(_ error: OpenAIError) {
            opening.yield(error)
            opening.finish()
            sink.finish(throwing: error)
        }
    }

    private func run(_ output: Output, _ pulse: Pulse) async {
        guard var transcript = Transcript(stops: plan.request.stops) else {
            return await giveUp(.internalError, output)
        }
        do {
            for try await token in executor.engine.generate(plan.generateRequest) {
                pulse.beat()
                let step = transcript.append(token)
                if transcript.tokens.count == 1 { output.open() }
                output.give(step.piece)
                if let reason = step.finish { return await complete(transcript, reason, output) }
            }
            await end(transcript, Task.isCancelled ? .cancelled : .failed(reason: "it ended early"), output, pulse)
        } catch {
            await end(transcript, error as? EngineError ?? .failed(reason: "\(error)"), output, pulse)
        }
    }

    /// An end that the engine did not announce with a last token.
    private func end(_ transcript: Transcript, _ error: EngineError, _ output: Output, _ pulse: Pulse) async {
        if pulse.hasStopped {
            let isWaiting = transcript.tokens.isEmpty
            let seconds = executor.limits.retryAfterSeconds
            return await giveUp(isWaiting ? .overloaded(retryAfterSeconds: seconds) : .engineFailed, output)
        }
        if Task.isCancelled {
            if transcript.tokens.isEmpty { return await giveUp(.internalError, output) }
            return await complete(transcript, .cancelled, output)
        }
        executor.note(error)
        await giveUp(
            .engine(
                error, outputTokens: UInt64(plan.outputTokensMax), retryAfterSeconds: executor.limits.retryAfterSeconds),
            output)
    }

    private func giveUp(_ error: OpenAIError, _ output: Output) async {
        await executor.store.release(reservation)
        output.fail(error)
    }

    private func complete(_ transcript: Transcript, _ reason: FinishReason, _ output: Output) async {
        guard let draft = draft(transcript, reason) else { return await giveUp(.internalError, output) }
        do {
            let finished = try await executor.store.finish(draft)
            executor.metrics.generated(finished.item)
            output.finish(finished)
        } catch {
            executor.logger.critical("item log failed", metadata: ["error": "\(error)"])
            output.fail(.internalError)
        }
    }

    private func draft(_ transcript: Transcript, _ reason: FinishReason) -> ItemDraft? {
        let salt = Secret.random(count: Fingerprint.saltLength).copiedBytes()
        let usage = TokenUsage(prompt: UInt64(plan.prompt.count), cached: 0, output: UInt64(transcript.tokens.count))
        guard let fingerprint = transcript.fingerprint(promptDigest: plan.promptDigest),
            let commitment = fingerprint.commitment(salt: salt),
            let fee = try? Charge.fee(plan.session.prices, usage: usage, maximum: plan.maximum)
        else { return nil }
        return ItemDraft(
            reservation: reservation, model: plan.request.model, promptDigest: plan.promptDigest,
            sampling: plan.request.sampling, seed: plan.seed, finishReason: reason, fee: fee,
            fingerprintCommitment: commitment, isUnproven: plan.session.isUnproven, body: plan.body,
            answer: FinishedItem.Answer(
                id: plan.id, created: plan.created, text: transcript.text, promptTokens: plan.prompt,
                outputTokens: transcript.tokens, fingerprint: fingerprint.bytes, salt: salt))
    }
}
