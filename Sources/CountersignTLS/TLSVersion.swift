/// A protocol version that a listener may accept; older ones are not offered (RFC 8996).
package enum TLSVersion: UInt16, Sendable, Comparable {
    case tls12 = 0x0303
    case tls13 = 0x0304

    package static func < (left: TLSVersion, right: TLSVersion) -> Bool {
        left.rawValue < right.rawValue
    }
}
