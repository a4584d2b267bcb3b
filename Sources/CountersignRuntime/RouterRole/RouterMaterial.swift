import CountersignConfiguration
import CountersignPKI

/// Reads what PEM texts of a configuration hold, and says what is wrong with it at the place that names them.
extension RouterSettings {
    /// Material that cannot be used: what is wrong with it, or nothing when the loader has already told.
    struct MaterialFault: Error {
        let problems: [ConfigurationProblem]
    }

    static func parse<Value>(
        _ reference: PEMReference,
        _ pems: PEMMaterial,
        _ read: (String) throws(PKIError) -> Value
    ) throws(MaterialFault) -> Value {
        guard let text = pems[reference] else { throw MaterialFault(problems: []) }
        do throws(PKIError) {
            return try read(text)
        } catch {
            throw problem(reference, error.description)
        }
    }

    static func problem(_ reference: PEMReference, _ message: String) -> MaterialFault {
        problem(reference.place, "\(reference.source): \(message)")
    }

    static func problem(_ place: ConfigurationPlace, _ message: String) -> MaterialFault {
        MaterialFault(problems: [ConfigurationProblem(place: place, message: message)])
    }
}
