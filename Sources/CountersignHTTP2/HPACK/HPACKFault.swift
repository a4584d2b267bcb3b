/// Why a header block cannot be decoded (RFC 7541); the connection ends with COMPRESSION_ERROR, as its tables disagree.
enum HPACKFault: Error, Equatable {
    /// The block ends within a field.
    case truncated
    /// A number is longer than any that there is use for.
    case integerOverflow
    /// An index points to no entry.
    case unknownIndex
    /// A string is not in the Huffman code.
    case malformedString
    /// A table size update is larger than what was offered, comes behind a field, or comes too often.
    case unexpectedSizeUpdate
    /// The fields come to several times what is accepted: small blocks are made to cost much memory or time.
    case excessiveExpansion
}
