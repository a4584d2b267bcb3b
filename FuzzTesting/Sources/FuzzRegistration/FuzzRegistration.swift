import CountersignJSON
import CountersignRegistration
import CountersignRouting

/// Takes the input as a registration, and compares what the scanner takes for JSON with what the strict reader does.
///
/// A trap is a finding: one in the product, or one of the checks below, which hold for every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRegistration(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    // SAFETY: the fuzzer passes `size` readable bytes that stay as they are during the call.
    let input = unsafe Array(UnsafeBufferPointer(start: data, count: size))
    let isDocument = (try? JSONValue(parsing: input)) != nil
    if isDocument { precondition(isScanned(input), "the scanner refuses a document") }
    register(input)
    return 0
}

/// Whether the scanner finds one value and nothing behind it; it looks at no text, so it takes more than the reader.
private func isScanned(_ input: [UInt8]) -> Bool {
    var scanner = JSONScanner(0..<input.count)
    do {
        try scanner.skip(input.span)
        try scanner.finish(input.span)
        return true
    } catch {
        return false
    }
}

/// Registers, repeats and unregisters, and expects nothing to be left.
private func register(_ input: [UInt8]) {
    var registry = RouteRegistry(seed: 1)
    var desk = RegistrationDesk()
    let range = 0..<input.count
    guard let first = try? desk.register(input.span, range, in: &registry, now: 1) else {
        precondition(registry.endpointCount == 0, "a refused message registered something")
        return
    }
    guard first.added > 0 else {
        precondition(registry.endpointCount == 0, "a message without a route registered something")
        return
    }
    precondition(first.added + first.replaced + first.repeated >= registry.endpointCount, "endpoints from nowhere")
    guard let again = try? desk.register(input.span, range, in: &registry, now: 2) else {
        preconditionFailure("what was taken is refused the second time")
    }
    precondition(!again.isChange, "a repetition is a change")
    precondition((try? desk.unregister(input.span, range, in: &registry)) != nil, "it cannot be taken back")
    precondition(registry.endpointCount == 0, "something is left")
    _ = registry.takeChanges()
    precondition(registry.routeCount == 0, "a route is left")
}
