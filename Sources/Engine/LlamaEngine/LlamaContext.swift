import CLlama
import EngineAPI
import Primitives
import ProtocolRules

/// llama.cpp's context: the memory of all sequences, and the one batch that is fed to it.
///
/// Not thread-safe: made on one thread, then used by the engine's own thread only. That hand-over is why it is Sendable.
final class LlamaContext: @unchecked Sendable {
    let pointer: OpaquePointer
    private let model: LlamaModel
    private var batch: llama_batch
    private var isOpen = true

    init(model: LlamaModel, configuration: LlamaConfiguration) throws(EngineError) {
        self.model = model
        guard let pointer = llama_init_from_model(model.pointer, Self.parameters(configuration)) else {
            throw .unusableModel(path: configuration.modelPath, reason: "no memory for its context")
        }
        self.pointer = pointer
        batch = llama_batch_init(Int32(Limits.batchTokens + configuration.parallelSequences), 0, 1)
    }

    deinit { close() }

    /// Frees llama.cpp's memory at once; nothing may be called afterwards.
    func close() {
        guard isOpen else { return }
        isOpen = false
        llama_batch_free(batch)
        llama_free(pointer)
    }

    private static func parameters(_ configuration: LlamaConfiguration) -> llama_context_params {
        var parameters = llama_context_default_params()
        let sequences = configuration.parallelSequences
        parameters.n_seq_max = UInt32(sequences)
        parameters.n_ctx = UInt32(sequences * configuration.contextTokens)
        parameters.n_batch = UInt32(Limits.batchTokens + sequences)
        parameters.n_ubatch = parameters.n_batch
        parameters.n_outputs_max = UInt32(Limits.scoredRows + sequences)
        parameters.n_threads = Int32(configuration.threads)
        parameters.n_threads_batch = Int32(configuration.threads)
        // A quantised cache is another model in effect (calibration: ten times the honest noise).
        parameters.type_k = GGML_TYPE_F16
        parameters.type_v = GGML_TYPE_F16
        // Each sequence has its own stretch of memory, so a sequence's cost does not depend on its neighbours' lengths.
        parameters.kv_unified = false
        parameters.no_perf = true
        return parameters
    }

    /// What one token of a step is: where it stands, and whether its row of logits is wanted.
    struct Feed {
        let token: TokenID
        let position: Int
        let sequence: Int
        let wantsRow: Bool
    }

    /// Computes one step. Returns llama.cpp's status, 0 for success.
    ///
    /// - Parameter feeds: at most `Limits.batchTokens` + sequences; each sequence's in ascending positions.
    func decode(_ feeds: [Feed]) -> Int32 {
        batch.n_tokens = Int32(feeds.count)
        for (index, feed) in feeds.enumerated() {
            batch.token[index] = Int32(feed.token)
            batch.pos[index] = Int32(feed.position)
            batch.n_seq_id[index] = 1
            batch.seq_id[index]?[0] = Int32(feed.sequence)
            batch.logits[index] = feed.wantsRow ? 1 : 0
        }
        return llama_decode(pointer, batch)
    }

    /// The row of logits of the last step's token `index`, [token]; nil where none was wanted. Valid until the next step.
    func row(_ index: Int) -> UnsafeMutableBufferPointer<Float>? {
        llama_get_logits_ith(pointer, Int32(index)).map {
            UnsafeMutableBufferPointer(start: $0, count: Int(model.vocabularySize))
        }
    }

    /// A copy of what the context holds of a sequence; empty where there is none, or no memory for it.
    func state(of sequence: Int) -> Bytes {
        let size = llama_state_seq_get_size(pointer, Int32(sequence))
        return Bytes(unsafeUninitializedCapacity: size) { buffer, count in
            count = llama_state_seq_get_data(pointer, buffer.baseAddress, size, Int32(sequence))
        }
    }

    /// Puts a copy into a sequence that is free. Returns whether it worked; nothing is there otherwise.
    func restore(_ state: Bytes, to sequence: Int) -> Bool {
        guard !state.isEmpty else { return false }
        return state.withUnsafeBufferPointer {
            llama_state_seq_set_data(pointer, $0.baseAddress, $0.count, Int32(sequence)) > 0
        }
    }

    /// Forgets all but a sequence's first `count` tokens. Returns false for a model that cannot forget parts.
    func cut(sequence: Int, to count: Int) -> Bool {
        llama_memory_seq_rm(llama_get_memory(pointer), Int32(sequence), Int32(count), -1)
    }

    /// Forgets a sequence's tokens.
    func clear(sequence: Int) { _ = llama_memory_seq_rm(llama_get_memory(pointer), Int32(sequence), -1, -1) }
}
