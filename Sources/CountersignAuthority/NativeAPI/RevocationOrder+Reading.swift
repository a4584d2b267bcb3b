import CountersignJSON
import CountersignPKI

extension RevocationOrder {
    /// Reads `serial` or `service`, and `reason`.
    ///
    /// - Throws: ``JSONError`` that names the member.
    init(reading object: JSONObject) throws(JSONError) {
        let target: Target
        switch (try object.string("serial"), try object.string("service")) {
        case (let serial?, nil): target = .serial(try Self.serial(serial, object))
        case (nil, let service?): target = .service(service)
        default: throw JSONError(at: "$", "give either serial or service")
        }
        self.init(target, reason: try Self.reason(object))
    }

    /// Reads `reason`, by default `unspecified`.
    static func reason(_ object: JSONObject) throws(JSONError) -> RevocationReason {
        guard let name = try object.string("reason") else { return .unspecified }
        guard let reason = RevocationReason(named: name) else {
            throw object.wrong("reason", "one of \(RevocationReason.allCases.map(\.name).joined(separator: ", "))")
        }
        return reason
    }

    /// A serial number in hexadecimal, with or without colons, in the inventory's form.
    static func serial(_ text: String, _ object: JSONObject) throws(JSONError) -> String {
        let digits = text.lowercased().filter { $0 != ":" && $0 != "-" }
        guard !digits.isEmpty, digits.utf8.count <= 64, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
            throw object.wrong("serial", "a serial number in hexadecimal")
        }
        return digits.utf8.count.isMultiple(of: 2) ? digits : "0" + digits
    }
}
