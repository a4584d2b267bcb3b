/// Reads `X-Forwarded-Client-Cert`, which counts only when it comes from a proxy that is trusted.
///
/// Elements are joined by `,` and pairs by `;`; keys have no case; a value in double quotes may hold any of `,;=`, and
/// a backslash in it takes the next byte along. Envoy does not quote `By` and `URI`, so an unquoted value may hold `=`.
/// What is not understood is refused as a whole: half an identity is none. Unknown keys are passed over.
///
/// In `Subject` the escapes are left as they are, being those of the name itself: undoing them would make two
/// attributes of `O=a\,OU=b`. In other quoted values `\"` and `\\` are undone.
public enum XFCCParser {
    /// Reads the elements of a value in Envoy's form, the nearest proxy's last.
    ///
    /// - Throws: ``ForwardedHeaderError`` for the first thing that is wrong.
    public static func parse(
        _ value: Span<UInt8>,
        limits: XFCCLimits = XFCCLimits()
    ) throws(ForwardedHeaderError) -> [XFCCElement] {
        guard value.count <= limits.bytes else {
            throw ForwardedHeaderError(.tooLarge, "the value has more than \(limits.bytes) bytes")
        }
        var elements: [XFCCElement] = []
        var builder = XFCCElementBuilder(limits: limits)
        var scanner = XFCCScanner()
        while true {
            let pair = try scanner.nextPair(of: value)
            try builder.add(pair, of: value)
            if pair.end == .pair { continue }
            guard elements.count < limits.elements else {
                throw ForwardedHeaderError(.tooMany, "there are more than \(limits.elements) elements")
            }
            elements.append(builder.element)
            if pair.end == .value { return elements }
            builder = XFCCElementBuilder(limits: limits)
        }
    }

    /// Reads a value in the raw form: one certificate's DER.
    ///
    /// - Throws: `empty`, `tooLarge` or `invalidBase64`.
    public static func parseRaw(
        _ value: Span<UInt8>,
        limits: XFCCLimits = XFCCLimits()
    ) throws(ForwardedHeaderError) -> [UInt8] {
        guard value.count <= limits.bytes else {
            throw ForwardedHeaderError(.tooLarge, "the value has more than \(limits.bytes) bytes")
        }
        guard !value.isEmpty else { throw ForwardedHeaderError(.empty, "there is no certificate") }
        return try Base64.decode(value)
    }
}
