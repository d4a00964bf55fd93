import EngineAPI
import LlamaEngine
import Primitives

/// The models that an ML node serves from this process.
struct ModelFiles {
    struct Named: Equatable {
        /// The id on the ledger.
        let model: String
        let path: String
    }

    let files: [Named]

    /// - Throws: `OperatorError` for one of several without an id.
    init(_ settings: Settings) throws {
        let listed = try settings.list(.mlnodeModels)
        let first = try settings.text(.mlnodeModelID)
        guard !listed.isEmpty else {
            files = [Named(model: first, path: try settings.text(.modelFile))]
            return
        }
        files = try listed.map { text in
            // A path may hold the sign, an id may not hold a slash.
            if let sign = text.firstIndex(of: "="), sign > text.startIndex, !text[..<sign].contains("/") {
                return Named(model: String(text[..<sign]), path: String(text[text.index(after: sign)...]))
            }
            guard listed.count == 1 else {
                throw OperatorError(
                    "--model \(text) has no id; of several models give each as ID=FILE, with its id on the ledger.")
            }
            return Named(model: first, path: text)
        }
    }

    /// The one there is.
    var only: Named {
        get throws {
            guard let file = files.first, files.count == 1 else {
                throw OperatorError("a llama-server runs one model; start an ML node for each server.")
            }
            return file
        }
    }

    /// A shelf of all of them; nothing is loaded yet.
    ///
    /// - Throws: `OperatorError` for a bound that is none; `EngineError` for a file that cannot be used or does not fit.
    func shelf(
        _ settings: Settings, observe: @escaping @Sendable (ShelfEvent, Int) -> Void
    ) throws -> ModelShelf {
        let memoryMax = try Self.memoryMax(settings)
        let engines = try settings.number(.mlnodeEngines)
        var configurations: [LlamaConfiguration] = []
        for file in files {
            configurations.append(
                try LlamaConfiguration(
                    path: file.path, model: file.model, fileHash: try DemoModel.hash(of: file.model),
                    enginesAtOnce: engines, settings))
        }
        if files.count > 1, try settings.number(.threads) == 0 {
            let sizes = try configurations.map { try $0.memoryBytes(engines: engines) }
            let atOnce = engines * Self.mostAtOnce(sizes, memoryMax)
            for index in configurations.indices {
                configurations[index].threads = LlamaConfiguration.defaultThreads(enginesOnThisMachine: atOnce)
            }
        }
        return try ModelShelf(
            try configurations.map { try ShelvedModel.llamaCpp($0, engines: engines) }, memoryMax: memoryMax,
            observe: observe)
    }

    /// How many models of these sizes are loaded together at most, at least 1.
    static func mostAtOnce(_ bytes: [Int], _ memoryMax: Int?) -> Int {
        guard let memoryMax else { return max(1, bytes.count) }
        var left = memoryMax
        let fitting = bytes.sorted().prefix { size in
            left -= min(size, left + 1)
            return left >= 0
        }
        return max(1, fitting.count)
    }

    /// In bytes; nil for no bound.
    private static func memoryMax(_ settings: Settings) throws -> Int? {
        let text = try settings.text(.mlnodeMemoryMax)
        guard !text.isEmpty else { return nil }
        guard let bytes = ByteSize.parse(text) else {
            throw OperatorError("--memory-max is \(text.debugDescription); use a size, for example 800MiB or 8GiB.")
        }
        return bytes
    }
}

/// Sizes as people write them.
enum ByteSize {
    private static let units: [(name: String, shift: Int)] = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40)]

    /// A whole number with its unit, KiB to TiB; nil for anything else, and for 0 and beyond 2⁶² bytes.
    static func parse(_ text: String) -> Int? {
        guard let unit = units.first(where: { text.hasSuffix($0.name) }),
            let number = Int(text.dropLast(unit.name.count)), 1...(1 << (62 - unit.shift)) ~= number
        else { return nil }
        return number << unit.shift
    }
}

extension ShelfEvent {
    /// For a log.
    var line: String {
        switch self {
        case .loaded(let model, let duration): "loaded \(model) in \(Int(duration / .milliseconds(1))) ms"
        case .failed(let model, let error): "could not load \(model): \(error)"
        case .unloaded(let model): "unloaded \(model)"
        }
    }
}

extension ModelShelf {
    /// Runs `work` and stops the shelf however that ends: a process that exits before would pull the library from under it.
    func stopping(_ work: () async throws -> Void) async throws {
        do { try await work() } catch {
            await stop()
            throw error
        }
        await stop()
    }
}
