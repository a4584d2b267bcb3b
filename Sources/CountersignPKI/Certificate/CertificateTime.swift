import SwiftASN1

/// The Time of certificates and revocation lists (RFC 5280 section 4.1.2.5).
enum CertificateTime {
    /// Unix seconds of a UTCTime or GeneralizedTime.
    static func unixSeconds(derEncoded node: ASN1Node) throws -> Int64 {
        switch node.identifier {
        case UTCTime.defaultIdentifier:
            let time = try UTCTime(derEncoded: node)
            return CalendarTime.unixSeconds(
                year: time.year,
                month: time.month,
                day: time.day,
                hour: time.hours,
                minute: time.minutes,
                second: time.seconds
            )
        case GeneralizedTime.defaultIdentifier:
            let time = try GeneralizedTime(derEncoded: node)
            guard time.fractionalSeconds == 0, time.year >= 2_050 || time.year < 1_950 else {
                throw EncodingFault("a GeneralizedTime with fractions of a second or within the range of UTCTime")
            }
            return CalendarTime.unixSeconds(
                year: time.year,
                month: time.month,
                day: time.day,
                hour: time.hours,
                minute: time.minutes,
                second: time.seconds
            )
        default:
            throw ASN1Error.unexpectedFieldType(node.identifier)
        }
    }
}
