import CountersignHTTPServer

/// How long caches may keep what anybody may read (RFC 9111 section 5).
struct PublicCaching: Sendable, Hashable {
    /// The seconds after which a cache asks again.
    var seconds: Int64

    /// The fields that say so: `Cache-Control`, and `Expires` for caches that know nothing newer (RFC 5019 section 6.2).
    ///
    /// - Parameter now: the current time in Unix seconds.
    func fields(now: Int64) -> [(name: String, value: String)] {
        [
            ("Cache-Control", "public, max-age=\(seconds), no-transform, must-revalidate"),
            ("Expires", HTTPDate.text(unixSeconds: now + seconds)),
        ]
    }
}
