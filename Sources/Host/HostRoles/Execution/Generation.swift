import Cryptography
import EngineAPI
import Logging
import Messages
import OpenAIWire
import Primitives
import ProtocolRules

/// One answer on its way through the engine: reads tokens, gives out pieces, and ends in an item for each choice or in nothing.
///
/// - A choice is complete: an item with the reason.
/// - Its client goes after the first token: an item `cancelled`, charged for what was made; the client finds it under the
///   same sequence. Before the first token: nothing.
/// - The engine fails, or is silent for too long: nothing, and nothing is owed. The other choices are cut off then.
struct Generation: Sendable {
    let plan: AnswerPlan
    let reservation: Reservation
    let executor: Executor

    /// Starts the engine and returns with its first token.
    ///
    /// - Throws: what the engine failed with before.
    func begin() async throws(OpenAIError) -> LiveAnswer {
        let (events, sink) = AnswerEvents.make()
        let (gate, opening) = AnswerOutput.Gate.makeStream()
        let pulse = Pulse()
        let output = AnswerOutput(sink: sink, opening: opening)
        let work = Task {
            await withTaskGroup(of: Bool.self) { group in
                for choice in 0..<plan.request.choices {
                    group.addTask {
                        defer { executor.load.leave() }
                        return await run(choice, output, pulse)
                    }
                }
                for await succeeded in group where !succeeded { group.cancelAll() }
            }
            output.end()
        }
        let watch = Task { [limits = executor.limits, clock = executor.clock] in
            if await pulse.waitForSilence(limits: limits, clock: clock) { work.cancel() }
        }
        sink.onEnd { wasLeft in
            watch.cancel()
            if wasLeft { work.cancel() }
        }
        for await refusal in gate {
            if let refusal { throw refusal }
            return LiveAnswer(
                plan: plan, fingerprint: executor.systemFingerprint, events: events, giveUp: { work.cancel() })
        }
        // Only a cancelled task leaves the gate without a word.
        work.cancel()
        throw .internalError
    }

    /// Makes one choice. Returns whether it came to an item.
    private func run(_ choice: UInt32, _ output: AnswerOutput, _ pulse: Pulse) async -> Bool {
        let mayCall = plan.request.form.mayCall
        let logprobs = plan.request.topLogprobs.map { _ in LogprobQueue(executor.engine) }
        guard
            var transcript = Transcript(
                stops: plan.request.stops, shaper: AnswerShaper(id: plan.id, choice: choice, mayCall: mayCall),
                logprobs: logprobs)
        else { return await giveUp(.internalError, output) }
        do {
            let vector = try await embedding()
            for try await token in executor.engine.generate(plan.generateRequest(choice)) {
                pulse.beat()
                let step = transcript.append(vector.map { token.with(text: $0) } ?? token)
                // Where another choice was refused before, the whole answer was, and nothing is owed.
                if transcript.tokens.count == 1, !output.open() { return await giveUp(.internalError, output) }
                output.give(step.piece, choice)
                if let reason = step.finish { return await complete(transcript, choice, reason, output) }
            }
            let error = Task.isCancelled ? EngineError.cancelled : .failed(reason: "it ended early")
            return await end(transcript, choice, error, output, pulse)
        } catch {
            let error = error as? EngineError ?? .failed(reason: "\(error)")
            return await end(transcript, choice, error, output, pulse)
        }
    }

    /// The text of the vector that was asked for: little-endian single precision in base64; nil for other requests.
    private func embedding() async throws(EngineError) -> String? {
        guard case .embedding = plan.request.prompt else { return nil }
        let vector = try await executor.engine.embed(plan.prompt)
        return Base64.encode(
            vector.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Bytes($0) } })
    }

    /// An end that the engine did not announce with a last token.
    private func end(
        _ transcript: Transcript, _ choice: UInt32, _ error: EngineError, _ output: AnswerOutput, _ pulse: Pulse
    ) async -> Bool {
        if pulse.hasStopped {
            let seconds = executor.limits.retryAfterSeconds
            return await giveUp(
                transcript.tokens.isEmpty ? .overloaded(retryAfterSeconds: seconds) : .engineFailed, output)
        }
        if Task.isCancelled {
            if transcript.tokens.isEmpty { return await giveUp(.internalError, output) }
            var transcript = transcript
            output.give(transcript.cutOff(), choice)
            return await complete(transcript, choice, .cancelled, output)
        }
        executor.note(error)
        return await giveUp(
            .engine(
                error, outputTokens: UInt64(plan.outputTokensMax), retryAfterSeconds: executor.limits.retryAfterSeconds),
            output)
    }

    private func giveUp(_ error: OpenAIError, _ output: AnswerOutput) async -> Bool {
        await executor.store.release(reservation)
        output.fail(error)
        return false
    }

    private func complete(
        _ transcript: Transcript, _ choice: UInt32, _ reason: FinishReason, _ output: AnswerOutput
    ) async -> Bool {
        guard let draft = draft(transcript, choice, reason) else { return await giveUp(.internalError, output) }
        do {
            let finished = try await executor.store.finish(draft)
            executor.metrics.generated(finished.item)
            output.finish(finished, ChatFinishReason(reason, calls: transcript.calls))
            return true
        } catch {
            executor.logger.critical("item log failed", metadata: ["error": "\(error)"])
            output.fail(.internalError)
            return false
        }
    }

    private func draft(_ transcript: Transcript, _ choice: UInt32, _ reason: FinishReason) -> ItemDraft? {
        let salt = Secret.random(count: Fingerprint.saltLength).copiedBytes()
        let cached = UInt64(max(0, min(transcript.cachedTokens, plan.prompt.count)))
        let usage = TokenUsage(
            prompt: UInt64(plan.prompt.count), cached: cached, output: UInt64(transcript.tokens.count))
        guard let fingerprint = transcript.fingerprint(promptDigest: plan.promptDigest),
            let commitment = fingerprint.commitment(salt: salt),
            let fee = try? Charge.fee(plan.session.prices, usage: usage, maximum: plan.maximumPerChoice)
        else { return nil }
        return ItemDraft(
            reservation: reservation, choice: choice, model: plan.request.model, promptDigest: plan.promptDigest,
            sampling: plan.request.sampling, seed: plan.seeds[Int(choice)], finishReason: reason, fee: fee,
            fingerprintCommitment: commitment, isUnproven: plan.session.isUnproven, body: plan.body,
            answer: FinishedItem.Answer(
                id: plan.id, created: plan.created, text: transcript.text, promptTokens: plan.prompt,
                outputTokens: transcript.tokens, fingerprint: fingerprint.bytes, salt: salt, extra: transcript.extra),
            cachedTokens: cached, answerDigest: transcript.answerDigest)
    }
}

extension GeneratedToken {
    /// The same token, standing for another text.
    fileprivate func with(text: String) -> GeneratedToken {
        GeneratedToken(
            token: token, text: text, logProbabilities: logProbabilities, end: end, top: top, cachedTokens: cachedTokens
        )
    }
}
