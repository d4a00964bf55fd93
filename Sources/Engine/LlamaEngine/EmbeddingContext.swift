import CLlama
import EngineAPI
import ProtocolRules

/// A small context of its own for embeddings: one sequence, hidden states instead of choices. Who generates is not in its way.
///
/// Used by the engine's own thread only.
final class EmbeddingContext {
    private let pointer: OpaquePointer
    private let size: Int
    private var batch: llama_batch

    init(model: LlamaModel, configuration: LlamaConfiguration) throws(EngineError) {
        var parameters = llama_context_default_params()
        parameters.n_seq_max = 1
        parameters.n_ctx = UInt32(configuration.contextTokens)
        // Every token is an output, with a row of logits that nobody reads.
        parameters.n_batch = UInt32(Limits.embeddedTokens)
        parameters.n_ubatch = parameters.n_batch
        parameters.n_outputs_max = parameters.n_batch
        parameters.n_threads = Int32(configuration.threads)
        parameters.n_threads_batch = Int32(configuration.threads)
        parameters.embeddings = true
        // llama.cpp's own mean is of one batch; a text may have many.
        parameters.pooling_type = LLAMA_POOLING_TYPE_NONE
        parameters.no_perf = true
        guard let pointer = llama_init_from_model(model.pointer, parameters) else {
            throw .failed(reason: "no memory for embeddings")
        }
        self.pointer = pointer
        size = Int(llama_model_n_embd_out(model.pointer))
        batch = llama_batch_init(Int32(Limits.embeddedTokens), 0, 1)
    }

    deinit {
        llama_batch_free(batch)
        llama_free(pointer)
    }

    /// The sum of the hidden states of `tokens`, at most `Limits.embeddedTokens`, which follow `position` others.
    func sum(of tokens: ArraySlice<TokenID>, at position: Int) throws(EngineError) -> [Double] {
        batch.n_tokens = Int32(tokens.count)
        for (index, token) in tokens.enumerated() {
            batch.token[index] = Int32(token)
            batch.pos[index] = Int32(position + index)
            batch.n_seq_id[index] = 1
            batch.seq_id[index]?[0] = 0
            batch.logits[index] = 1
        }
        let status = llama_decode(pointer, batch)
        guard status == 0 else { throw .failed(reason: "llama_decode returned \(status)") }
        var sum = [Double](repeating: 0, count: size)
        for index in 0..<tokens.count {
            guard let state = llama_get_embeddings_ith(pointer, Int32(index)) else {
                throw .failed(reason: "a hidden state is missing")
            }
            for dimension in 0..<size { sum[dimension] += Double(state[dimension]) }
        }
        return sum
    }

    /// Forgets the text.
    func clear() { _ = llama_memory_seq_rm(llama_get_memory(pointer), 0, -1, -1) }
}
