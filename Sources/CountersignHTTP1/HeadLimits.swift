/// How much of a message head is taken before it is refused.
///
/// Every bound is checked while the bytes arrive, so that a head over one of them is refused as soon as it is over it
/// and never buffered further.
package struct HeadLimits: Equatable, Sendable {
    /// The longest request line or status line, in bytes without its CRLF; a longer request line is answered with 414.
    package var maxRequestLineBytes: Int

    /// The longest field line, in bytes from the name through the end of the value; a longer one is answered with 431.
    package var maxHeaderLineBytes: Int

    /// The largest whole head, in bytes with the blank line that ends it; a larger one is answered with 431.
    package var maxHeadBytes: Int

    /// The most field lines in a head; a head with more is answered with 431.
    package var maxHeaderCount: Int

    /// Makes limits; what is not named gets the default of 8 KiB, 16 KiB, 64 KiB and 100 fields.
    package init(
        maxRequestLineBytes: Int = 8192,
        maxHeaderLineBytes: Int = 16_384,
        maxHeadBytes: Int = 65_536,
        maxHeaderCount: Int = 100
    ) {
        self.maxRequestLineBytes = maxRequestLineBytes
        self.maxHeaderLineBytes = maxHeaderLineBytes
        self.maxHeadBytes = maxHeadBytes
        self.maxHeaderCount = maxHeaderCount
    }
}
