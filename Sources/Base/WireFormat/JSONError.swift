/// Why a text is not JSON as this network reads it, and where.
public struct JSONError: Error, Equatable, Sendable {
    public enum Reason: Equatable, Sendable {
        case tooLong(bytesMax: Int)
        case tooDeep(depthMax: Int)
        case tooManyValues(valuesMax: Int)
        case numberTooLong(lengthMax: Int)
        case byteOrderMark
        case unexpectedEnd
        case unexpectedByte(UInt8)
        case bytesAfterValue
        case invalidNumber
        case invalidUTF8
        case invalidEscape
        case loneSurrogate
        case rawControlCharacter
        case duplicateKey(String)
    }

    public let reason: Reason
    /// Where reading stopped, in bytes from 0. For `invalidUTF8` where the string begins, for `duplicateKey` the second key.
    public let offset: Int

    public init(_ reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

extension JSONError: CustomStringConvertible {
    /// One sentence without a full stop, fit to be sent back to whoever wrote the text.
    public var description: String { "\(sentence) (at byte \(offset))" }

    private var sentence: String {
        switch reason {
        case .tooLong(let most): "the text is longer than \(most) bytes"
        case .tooDeep(let most): "arrays and objects are nested more than \(most) deep"
        case .tooManyValues(let most): "there are more than \(most) values"
        case .numberTooLong(let most): "a number is longer than \(most) characters"
        case .byteOrderMark: "the text begins with a byte order mark; send plain UTF-8"
        case .unexpectedEnd: "the text ends in the middle of a value"
        case .unexpectedByte(let byte): "byte \(byte) does not belong here"
        case .bytesAfterValue: "something follows the value"
        case .invalidNumber: "a number is not written as JSON numbers are"
        case .invalidUTF8: "a string is not UTF-8"
        case .invalidEscape: "a string has an unknown escape"
        case .loneSurrogate: "a string escapes half of a surrogate pair"
        case .rawControlCharacter: "a string has a control character that is not escaped"
        case .duplicateKey(let key): "the key \"\(String(key.unicodeScalars.prefix(64)))\" is written twice"
        }
    }
}
