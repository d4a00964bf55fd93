import CLlama
import Logging

/// llama.cpp's process-wide state.
enum LlamaLibrary {
    /// Starts the library once; its warnings and errors go to our log, its chatter nowhere.
    static let start: Void = {
        llama_log_set({ level, text, _ in LlamaLibrary.log(level, text) }, nil)
        llama_backend_init()
    }()

    private static let logger = Logger(label: "gonka.llama")

    private static func log(_ level: ggml_log_level, _ text: UnsafePointer<CChar>?) {
        guard let text else { return }
        let line = String(cString: text).split(separator: "\n").joined(separator: " ")
        switch level {
        case GGML_LOG_LEVEL_ERROR: logger.error("llama.cpp: \(line)")
        case GGML_LOG_LEVEL_WARN: logger.debug("llama.cpp: \(line)")
        default: break
        }
    }
}
