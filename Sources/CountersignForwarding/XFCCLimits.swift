/// How much of an `X-Forwarded-Client-Cert` value is read before it is refused.
public struct XFCCLimits: Sendable, Hashable {
    /// Bytes of the whole value; 65,536 by default, room for a few chains in percent-coded PEM.
    public var bytes: Int
    /// Elements, that is proxies passed; 16 by default.
    public var elements: Int
    /// Pairs of one element; 128 by default.
    public var pairs: Int
    /// Certificates of one `Chain`; 10 by default.
    public var certificates: Int

    /// Makes limits; each has its default.
    public init(bytes: Int = 65_536, elements: Int = 16, pairs: Int = 128, certificates: Int = 10) {
        self.bytes = bytes
        self.elements = elements
        self.pairs = pairs
        self.certificates = certificates
    }
}
