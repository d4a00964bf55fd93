/// A text's place among others, as one vector of length 1.
public enum Embedding {
    /// The most numbers of one; the widest models of today have a quarter of it.
    public static let sizeMax = 65_536

    /// The direction of `sum`, or nil where it has none: a sum of 0, or of what is no number.
    public static func normalised(_ sum: [Double]) -> [Float]? {
        let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length.isFinite, length > 0 else { return nil }
        return sum.map { Float($0 / length) }
    }

    /// Whether `vector` can be one: in its bounds, and of length 1 within what single precision loses.
    public static func isNormalised(_ vector: [Float]) -> Bool {
        let square = vector.reduce(0) { $0 + Double($1) * Double($1) }
        return 1...sizeMax ~= vector.count && abs(square - 1) < 1e-3
    }
}
