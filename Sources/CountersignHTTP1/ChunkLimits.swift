/// How much of a chunked body may be something other than content.
package struct ChunkLimits: Equatable, Sendable {
    /// The longest extensions of one chunk, in bytes from the first `;` up to the CRLF.
    package var maxExtensionBytesPerChunk: Int

    /// The most bytes of extensions in one body, over all of its chunks.
    package var maxExtensionBytesTotal: Int

    /// The largest trailer section, in bytes with the CRLF of its fields and without the blank line that ends it.
    package var maxTrailerBytes: Int

    /// The most fields in a trailer section.
    package var maxTrailerCount: Int

    /// Makes limits; what is not named gets the default of 256 bytes, 16 KiB, 8 KiB and 32 fields.
    package init(
        maxExtensionBytesPerChunk: Int = 256,
        maxExtensionBytesTotal: Int = 16_384,
        maxTrailerBytes: Int = 8192,
        maxTrailerCount: Int = 32
    ) {
        self.maxExtensionBytesPerChunk = maxExtensionBytesPerChunk
        self.maxExtensionBytesTotal = maxExtensionBytesTotal
        self.maxTrailerBytes = maxTrailerBytes
        self.maxTrailerCount = maxTrailerCount
    }
}
