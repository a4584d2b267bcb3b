/// Takes apart encodings that stand one after the other, as the Workload API sends certificates.
enum DERSequence {
    /// The elements, each whole.
    ///
    /// - Throws: ``WorkloadError`` when one is cut off, not a SEQUENCE, of more than 64 KiB, or there are more than `limit`.
    static func split(_ bytes: [UInt8], atMost limit: Int) throws(WorkloadError) -> [[UInt8]] {
        var rest = bytes[...]
        var elements: [[UInt8]] = []
        while !rest.isEmpty {
            guard elements.count < limit else { throw WorkloadError("more than \(limit) certificates") }
            guard let length = length(of: rest), length <= rest.count else {
                throw WorkloadError("certificate \(elements.count + 1) is malformed or cut off")
            }
            elements.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return elements
    }

    /// The length of the first element with its header (ITU-T X.690 section 8.1.3).
    private static func length(of bytes: ArraySlice<UInt8>) -> Int? {
        let header = Array(bytes.prefix(5))
        guard header.count >= 2, header[0] == 0x30 else { return nil }
        switch header[1] {
        case 0..<0x80: return 2 + Int(header[1])
        case 0x81 where header.count >= 3: return 3 + Int(header[2])
        case 0x82 where header.count >= 4: return 4 + Int(header[2]) << 8 + Int(header[3])
        default: return nil
        }
    }
}
