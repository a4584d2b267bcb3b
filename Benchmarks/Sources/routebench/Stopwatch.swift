import Glibc

/// What the process has used so far.
enum Stopwatch {
    /// Processor time of the whole process, in nanoseconds.
    static var cpuNanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Memory that is resident, in bytes.
    static var residentBytes: Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// The time that each of `count` steps takes in `body`, in nanoseconds.
    ///
    /// - Parameter isWarm: whether it is done once before, so that nothing is measured for the first time.
    static func perStep(_ count: Int, isWarm: Bool = false, _ body: () -> Void) -> Double {
        if isWarm { body() }
        let start = cpuNanoseconds
        body()
        return Double(cpuNanoseconds - start) / Double(count)
    }
}
