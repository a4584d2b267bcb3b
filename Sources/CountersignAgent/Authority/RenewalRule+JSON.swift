import CountersignIssuance
import CountersignJSON

extension RenewalRule {
    /// Reads `{"at_fraction":0.5}` or `{"before_seconds":86400}`; nil when it is neither, or no time within a lifetime.
    init?(json: JSONValue) {
        guard let object = try? JSONObject(json, known: nil) else { return nil }
        switch (object["at_fraction"], object["before_seconds"]) {
        case (.fraction(let fraction), nil) where fraction > 0 && fraction < 1: self = .fraction(fraction)
        case (nil, .number(let seconds)) where seconds > 0: self = .before(seconds: seconds)
        default: return nil
        }
    }

    /// The rule as an object.
    var json: JSONValue {
        switch self {
        case .fraction(let fraction): .object([.init("at_fraction", .fraction(fraction))])
        case .before(let seconds): .object([.init("before_seconds", .number(seconds))])
        }
    }
}
