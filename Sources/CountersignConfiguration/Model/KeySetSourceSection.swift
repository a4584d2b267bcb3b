/// Where the public keys of an issuer of tokens are published: keys beside the one that names their file.
package struct KeySetSourceSection: Hashable, Sendable {
    /// The URL of the key set; its scheme is `https`, or `http` for one of this host.
    package var url: ServiceURL

    /// Who may vouch for the URL's host; empty with `http`.
    package var authorities: [PEMReference]

    /// How often the URL is asked.
    package var refreshInterval = Duration.seconds(300)

    /// Where ``url`` is configured.
    package var place: ConfigurationPlace
}

extension KeySetSourceSection {
    /// Reads the keys beside `keys`, the file.
    ///
    /// ## Configuration keys
    /// - `keys_url` (`https://` URL, or `http://` of a loopback address, optional)
    /// - `keys_ca_certs` (PEM or a list of them, required with `https://`, refused with `http://`)
    /// - `keys_refresh_interval` (1s...1d, default 5m)
    ///
    /// - Returns: nil when there is no `keys_url`, or something is wrong.
    static func read(_ reader: MappingReader) -> KeySetSourceSection? {
        let (url, roots) = (reader.value("keys_url"), reader.value("keys_ca_certs"))
        let interval = reader.value("keys_refresh_interval")
        guard let url else {
            for value in [roots, interval] {
                value?.fail("the key is for keys_url, which is not there; keys is read as it is")
            }
            return nil
        }
        guard let place = url.parsed("a URL", ServiceURL.init(parsing:)) else { return nil }
        guard place.isSecure || place.isLoopback else {
            url.fail("the URL begins with http://; keys of other hosts are taken from https:// only")
            return nil
        }
        if place.isSecure, roots == nil {
            reader.reportMissing("keys_ca_certs", "who may vouch for the host of keys_url")
        }
        if !place.isSecure { roots?.fail("the URL begins with http://, so that nobody vouches for its host") }
        var section = KeySetSourceSection(
            url: place,
            authorities: roots?.pems(.certificates) ?? [],
            place: url.place
        )
        section.refreshInterval =
            interval?.duration(in: .seconds(1) ... .seconds(86_400)) ?? section.refreshInterval
        return section
    }
}
