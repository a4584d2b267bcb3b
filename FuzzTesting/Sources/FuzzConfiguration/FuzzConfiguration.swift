import CountersignConfiguration

/// Loads the input as a configuration file: it is taken as a whole or refused with reasons that can be shown.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzConfiguration(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    // SAFETY: the fuzzer passes `size` readable bytes that stay as they are during the call.
    let input = unsafe Array(UnsafeBufferPointer(start: data, count: size))
    let reader = FuzzFileReader(configuration: input)
    let loader = ConfigurationLoader(environment: ["NAME": "value"], fileReader: reader)
    let result = loader.load(path: FuzzFileReader.path)
    precondition((result.configuration == nil) == !result.problems.isEmpty, "neither taken nor refused, or both")
    for problem in result.problems + result.warnings {
        let text = problem.description
        precondition(text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "a problem could end a line")
    }
    for format in [ConfigurationCheck.Format.text, .json] {
        let check = ConfigurationCheck(path: FuzzFileReader.path, format: format, loader: loader)
        precondition((check.exitCode == 0) == (result.configuration != nil), "the check and the loader disagree")
    }
    return 0
}
