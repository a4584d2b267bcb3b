extension String {
    /// The text with each occurrence of a scalar replaced, also where combining scalars follow it.
    ///
    /// Programs that read a quote take its bytes for one, and a `Character` of a quote and an accent is no quote.
    func replacingScalar(_ scalar: Unicode.Scalar, by replacement: String) -> String {
        unicodeScalars.reduce(into: "") { result, next in
            if next == scalar { result += replacement } else { result.unicodeScalars.append(next) }
        }
    }
}
