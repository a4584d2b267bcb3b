/// Looks for the server name in the input, whole and cut: what was said of a part stays true of the whole.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzClientHello(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    // SAFETY: the fuzzer passes `size` readable bytes that stay as they are during the call.
    let input = unsafe Array(UnsafeBufferPointer(start: data, count: size))
    let whole = ClientHelloPeek.inspect(input.span)
    if case .clientHello(let name?) = whole {
        precondition(!name.isEmpty && name.count <= 255, "a name out of bounds")
        precondition(
            name.allSatisfy { $0 > 0x20 && $0 < 0x7F && !(0x41...0x5A).contains($0) },
            "a name out of alphabet"
        )
    }
    for cut in [size / 2, size == 0 ? 0 : Int(input[size - 1]) * size / 256, max(0, size - 1)] {
        let part = Array(input[..<cut])
        let said = ClientHelloPeek.inspect(part.span)
        precondition(said == .needMore || said == whole, "\(said) became \(whole)")
    }
    return 0
}
