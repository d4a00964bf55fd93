import Messages
import Primitives
import StateStore

/// The models that the network serves. Records come from genesis; governance adds to them.
enum ModelsModule {
    static func model(_ id: String, in context: ExecutionContext) throws(LedgerError) -> ModelRecord {
        guard ModelRules.isValid(id: id), let model = try context.read(ModelRecord.self, at: StateKey.model(id)) else {
            throw ModelsRejection.unknownModel(id).error
        }
        return model
    }

    /// All models, ascending by id; genesis and governance keep them within `Limits.modelsMax`.
    static func all(in context: ExecutionContext) throws(LedgerError) -> [ModelRecord] {
        var models: [ModelRecord] = []
        for entry in context.state.scan(prefix: StateTable.models.prefix, limit: Limits.modelsMax) {
            models.append(try context.decode(ModelRecord.self, entry))
        }
        return models
    }

    /// The model, where new sessions may be opened for it.
    static func openModel(_ id: String, in context: ExecutionContext) throws(LedgerError) -> ModelRecord {
        let model = try model(id, in: context)
        guard model.state == .active else { throw ModelsRejection.retiredModel(id).error }
        return model
    }
}

/// What a model id may be.
enum ModelRules {
    /// The longest id, in bytes: the keys that it is part of can be proven (`StateLimits.keyBytesMax`).
    static let idBytesMax = 128

    /// 1 to 128 visible ASCII characters: an id is a key, and is compared as bytes.
    static func isValid(id: String) -> Bool {
        (1...idBytesMax).contains(id.utf8.count) && id.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
}

enum ModelsRejection: RejectionReason {
    case unknownModel(String)
    case retiredModel(String)

    static let codespace = "models"

    var code: UInt32 {
        switch self {
        case .unknownModel: 1
        case .retiredModel: 2
        }
    }

    var sentence: String {
        switch self {
        case .unknownModel(let id): "no model has the id \(id.prefix(128).debugDescription)"
        case .retiredModel(let id): "the model \(id) is retired: no new sessions"
        }
    }
}
