import CountersignPKI

/// What a bundle endpoint has answered.
struct FetchedBundle: Sendable {
    /// Its authorities that are valid.
    var bundle: SPIFFEBundle
    /// The whole document, which has the keys of tokens, too.
    var document: [UInt8]
}
