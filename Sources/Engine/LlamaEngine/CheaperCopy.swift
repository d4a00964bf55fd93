import CLlama
import EngineAPI

/// What a host would run that wants to be paid for a model without running it: the same weights in fewer bits, or fewer of
/// them. Written by llama.cpp's own quantiser; calibration measures how far such answers are from honest ones.
public enum CheaperCopy {
    /// How weights are stored.
    public enum Weights: Sendable {
        /// 16 bits, as the models of record have them.
        case f16
        /// 8 and 4 bits, in blocks with a scale (and, in Q4_1, a least value).
        case q8_0, q4_1, q4_0
    }

    /// Writes the copy; the bytes depend on nothing but the arguments and the library. Takes a second or two for 271 MB.
    ///
    /// - Parameters:
    ///   - source: a GGUF file.
    ///   - target: is overwritten.
    ///   - layersCut: layers that are left out, at even distances from each other; fewer than the model has.
    /// - Throws: `.unusableModel` where the source cannot be read or the target not written.
    public static func write(
        from source: String, to target: String, weights: Weights, layersCut: Int = 0
    ) throws(EngineError) {
        var parameters = llama_model_quantize_default_params()
        parameters.ftype = weights.type
        parameters.allow_requantize = true
        // Ends with -1.
        let layers = try layers(layersCut, of: source).map(Int32.init) + [-1]
        let status = layers.withUnsafeBufferPointer { layers in
            if layers.count > 1 { parameters.prune_layers = layers.baseAddress }
            return llama_model_quantize(source, target, &parameters)
        }
        guard status == 0 else { throw .unusableModel(path: source, reason: "no copy of it could be written") }
    }

    /// Which layers go, ascending.
    private static func layers(_ count: Int, of source: String) throws(EngineError) -> [Int] {
        let model = try LlamaModel(path: source)
        guard count > 0 else { return [] }
        let all = Int(llama_model_n_layer(model.pointer))
        guard count < all else { throw .unusableModel(path: source, reason: "it has \(all) layers") }
        return (1...count).map { all * $0 / (count + 1) }
    }
}

extension CheaperCopy.Weights {
    fileprivate var type: llama_ftype {
        switch self {
        case .f16: LLAMA_FTYPE_MOSTLY_F16
        case .q8_0: LLAMA_FTYPE_MOSTLY_Q8_0
        case .q4_1: LLAMA_FTYPE_MOSTLY_Q4_1
        case .q4_0: LLAMA_FTYPE_MOSTLY_Q4_0
        }
    }
}
