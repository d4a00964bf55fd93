import Messages
import OpenAIWire
import Primitives
import WireFormat

/// Reads the header `X-Gonka-Voucher`.
public enum VoucherHeader {
    public static let name = "X-Gonka-Voucher"

    /// The signed voucher that `text`, base64url without padding, spells.
    ///
    /// - Throws: `.voucherRequired` where there is none, `.voucherInvalid` for anything that is not canonical.
    public static func parse(_ text: String?) throws(OpenAIError) -> Signed<Voucher> {
        guard let text else { throw .voucherRequired }
        guard text.utf8.count <= Limits.voucherHeaderMax, let bytes = Base64.decode(text, .urlSafe) else {
            throw .voucherInvalid("it is not base64url")
        }
        do throws(WireError) { return try Signed<Voucher>.decode(bytes) } catch {
            throw .voucherInvalid("it is not a canonical signed voucher")
        }
    }

    /// The header's text for a voucher.
    public static func text(_ voucher: Signed<Voucher>) -> String { Base64.encode(voucher.encoded(), .urlSafe) }
}
